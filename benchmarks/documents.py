"""How long `stability audit notes.md` takes on a document of ten analytic claims, from the start of Python. One table.

Wall time depends on what else the machine does; the time of the processor shows what the command itself costs.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

LIMIT = 2.0
"""Seconds that the whole command may take on an idle machine."""

RUNS = 5
COMMAND = "from stability.cli.main import main; main()"
CLAIMS = (
    'sets where kind = "global minimum": number = 2',
    'at [0, 0, 1/2]: kind = "local minimum", strict = yes, loss = 1/4',
    "minima are [[1/2, -1/2, 0], [-1/2, 1/2, 0], [0, 0, 1/2], [0, 0, -1/2]]",
    "for all w1 w2 b u1 u2 c given differentiable([w1, w2, b])\n"
    "then curvature([w1, w2, b], [u1, u2, c]) == 2*(u1^2 + u2^2 + c^2)",
    "for all w, b given w > 0 and b = 0 then loss([w, -w, b]) = 4*w^2 - 4*w + 1",
    "numbers 43/50 = 85%",
    "loss([1/2, -1/2, 0]) = 0",
    "exists set where correct of class 1 = 1, correct of class 0 = 1",
    "at [1, 2, 3]: stationary = no",
    'every set where kind = "saddle" has loss > 1/4',
)


def document() -> str:
    """Return ten claims on one absolute value on XOR."""
    blocks = (f"```stability\n:id: claim-{k}\n:on: abs1 xor mean\n{text}\n```\n" for k, text in enumerate(CLAIMS))
    return "# Ten claims\n\n" + "\n".join(blocks)


def timed(arguments: list[str]) -> tuple[float, float]:
    """Return wall and processor seconds of a command, the best of some runs."""
    walls, used = [], []
    for _ in range(RUNS):
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, "-c", *arguments], check=True, stdout=subprocess.DEVNULL)
        walls.append(time.perf_counter() - begin)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(walls), min(used)


def main() -> None:
    """Print what the parts of an audit take."""
    table = Table("what", "wall s", "processor s", title=f"An audit of {len(CLAIMS)} analytic claims")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notes.md"
        path.write_text(document(), encoding="utf-8")
        rows = {
            "python": ["pass"],
            "import of the reader": ["import stability.audit.readers.documents"],
            "import of the command": ["import stability.cli.audit"],
            "stability audit notes.md": [COMMAND, "audit", str(path)],
        }
        found = {name: timed(arguments) for name, arguments in rows.items()}
    for name, (wall, used) in found.items():
        table.add_row(name, f"{wall:.2f}", f"{used:.2f}")
    Console().print(table)
    wall, used = found["stability audit notes.md"]
    Console().print(
        f"{'within' if used < LIMIT else 'beyond'} {LIMIT:g} s of processor time; {wall:.2f} s on the clock"
    )


if __name__ == "__main__":
    main()
