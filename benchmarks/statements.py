"""How fast are statements settled and checked, next to an SMT solver asked the same? One table, one run.

The peer is z3 (`make benchmarks` installs it), which answers without a certificate that a small checker could verify.
Where it is not installed its columns say so.
"""

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from stability.audit.landscape_statements import global_minimum_at, landscapes, on
from stability.checker import checker
from stability.geometry.arrangement.feasibility import active_set
from stability.logic.records import prove
from stability.logic.statements import ForAll, Statement

LIMIT = 60_000
DATA = [((1, -1), 1), ((-1, 1), 1), ((1, 1), 0), ((-1, -1), 0)]


def clocked(action: Callable[[], Any]) -> tuple[Any, float]:
    """Return the answer and the seconds it took, the best of three."""
    best, answer = float("inf"), None
    for _ in range(3):
        begin = time.perf_counter()
        answer = action()
        best = min(best, time.perf_counter() - begin)
    return answer, best


def losses(z3: Any, variables: list[Any]) -> tuple[Any, Any, list[Any]]:
    """Return the losses of abs1 and relu1 and the pre-activations, as z3 terms."""
    u, v, b = variables
    z = [u * x + v * y + b for (x, y), _ in DATA]
    absolute = sum((z3.If(t > 0, t, -t) - label) ** 2 for t, (_, label) in zip(z, DATA, strict=True))
    relu = sum((z3.If(t > 0, t, 0) - label) ** 2 for t, (_, label) in zip(z, DATA, strict=True))
    return absolute, relu, z


def peer(refutes: Callable[[Any, Any, Any, list[Any]], Any]) -> Callable[[], str] | None:
    """Return a run of z3 on the negated statement, or None where z3 is missing."""
    try:
        import z3
    except ImportError:
        return None

    def run() -> str:
        variables = [z3.Real(name) for name in ("u", "v", "b")]
        absolute, relu, z = losses(z3, variables)
        solver = z3.Solver()
        solver.set("timeout", LIMIT)
        solver.add(refutes(z3, absolute, relu, z))
        return str(solver.check())

    return run


def cases() -> list[tuple[str, Statement, Callable[[], str] | None]]:
    """Return the statements, each with the peer's question."""
    zero_bias = ForAll(
        "u v",
        [],
        ["abs1.loss([u, v, 0]) == 2*relu1.loss([u, v, 0]) - 2"],
        landscapes(abs1="abs1", relu1="relu1"),
    )
    return [
        (
            "no line separates XOR",
            active_set(on("abs1"), [(0, 0), (0, 1)], [(0, 2), (0, 3)]),
            peer(lambda z3, a, r, z: z3.And(z[0] > 0, z[1] > 0, z[2] < 0, z[3] < 0)),
        ),
        (
            "abs1 = 2 relu1 - 2 at zero bias",
            zero_bias,
            peer(lambda z3, a, r, z: z3.And(z3.Real("b") == 0, a != 2 * r - 2)),
        ),
        (
            "relu1 on XOR has loss >= 1",
            global_minimum_at(on("relu1"), [["1/2", "-1/2", 0]]),
            peer(lambda z3, a, r, z: r < 1),
        ),
    ]


def main() -> None:
    """Print the table."""
    table = Table(title="Seconds to settle a statement (best of three)")
    for column in ("statement", "ours", "checker alone", "z3", "z3 / ours"):
        table.add_column(column)
    for name, statement, other in cases():
        judged, ours = clocked(lambda statement=statement: prove(statement))
        _, checking = clocked(lambda judged=judged: checker.check(judged.record))
        answer, theirs = clocked(other) if other is not None else ("not installed", float("nan"))
        table.add_row(
            name, f"{ours:.4f} {judged.conclusion}", f"{checking:.4f}", f"{theirs:.4f} {answer}", f"{theirs / ours:.1f}"
        )
    Console().print(table)


if __name__ == "__main__":
    main()
