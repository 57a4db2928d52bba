"""The loop over epochs in C++, written from a trace of one epoch, so that its formulas stand once in Python.

Every operation of the trace becomes one statement on vectors of restarts, in the same order; the compiler may not join
or reorder roundings, so the loop has the bits of the epochs that torch takes step by step.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import torch
from torch.fx import Graph, Node, Proxy
from torch.fx.proxy import GraphAppendingTracer

from stability.errors import StabilityError
from stability.model.update_rules import RULES
from stability.training.ensembles.epochs import unrolled_block
from stability.training.ensembles.problem import Task

COUNTERS = 4
"""How many tensors of `pack` hold whole numbers: epochs waited, whether a run is alive, epochs taken, the reason."""

TYPES = {"real": "Reals", "whole": "Wholes", "mask": "Wholes", "scalar": "double"}
"""Kinds of values and their types in C++; the first kind among its operands is that of an operation."""


@dataclass(frozen=True)
class CppOperation:
    """An operation in C++.

    Attributes
    ----------
    text : str
        With a place for each operand.
    result : str or None
        The kind of what comes out; that of the operands if None.
    """

    text: str
    result: str | None = None


OPERATIONS = {
    "add": CppOperation("{0} + {1}"),
    "sub": CppOperation("{0} - {1}"),
    "mul": CppOperation("{0} * {1}"),
    "truediv": CppOperation("{0} / {1}"),
    "neg": CppOperation("-{0}"),
    "sqrt": CppOperation("root({0})"),
    "relu": CppOperation("{0} < Reals{{}} ? Reals{{}} : {0}"),
    "abs": CppOperation("(Reals)((Wholes){0} & LARGEST)"),
    "sign": CppOperation("({0} > Reals{{}} ? reals(1) : Reals{{}}) - ({0} < Reals{{}} ? reals(1) : Reals{{}})"),
    "zeros_like": CppOperation("{type}{{}}"),
    "gt": CppOperation("{0} > {1}", "mask"),
    "ge": CppOperation("{0} >= {1}", "mask"),
    "lt": CppOperation("{0} < {1}", "mask"),
    "eq": CppOperation("{0} == {1}", "mask"),
    "ne": CppOperation("{0} != {1}", "mask"),
    "and_": CppOperation("{0} & {1}", "mask"),
    "isfinite": CppOperation("{0} - {0} == Reals{{}}", "mask"),
    "where": CppOperation("{0} ? {1} : {2}"),
    "to": CppOperation("-{0}", "whole"),
    "getitem": CppOperation("{0}[t]", "scalar"),
}
"""Those of torch and of Python that epochs are made of, by name; NaN and signed zeros come out as with torch."""

SOURCE = """
typedef {real} Real;
typedef {whole} Whole;
#if defined(__AVX512F__)
enum {{ BYTES = 64 }};
#elif defined(__AVX__)
enum {{ BYTES = 32 }};
#else
enum {{ BYTES = 16 }};
#endif
enum {{ LANES = BYTES / sizeof(Real) }};
typedef Real Reals __attribute__((vector_size(BYTES)));
typedef decltype(Reals{{}} == Reals{{}}) Wholes;
typedef Reals StoredReals __attribute__((aligned(sizeof(Real)), may_alias));
typedef Wholes StoredWholes __attribute__((aligned(sizeof(Whole)), may_alias));
static const Whole LARGEST = (Whole)(~0ull >> (65 - 8 * sizeof(Whole)));
static inline Reals reals(double x) {{ return (Real)x - Reals{{}}; }}
static inline Wholes wholes(double x) {{ return (Whole)x - Wholes{{}}; }}
static inline Reals root(Reals x) {{
    Reals y;
    for (int i = 0; i < LANES; i++) y[i] = __builtin_{root}(x[i]);
    return y;
}}
extern "C" void run(long long first, long long last, long long epochs, const double *rates, const double *scales,
                    const double *given, double limit, double patience, Real **all_reals, Whole **all_wholes) {{
    {constants}
    for (long long k = first; k < last; k += LANES) {{
        {loads}
        for (long long t = 0; t < epochs; t++) {{
            {epoch}
        }}
        {stores}
    }}
}}
"""


def cpp_source(task: Task, rule: str, waits: bool, looks: bool, dtype: torch.dtype) -> str:
    """Return the C++ of a loop over restarts and, for each vector of them, over epochs.

    The parameters of the rule, Adam's corrections, and when runs stop are arguments of the loop, so one loop serves all
    steps of a rule. Its data are the rows of `pack`, with whole numbers of the size of the dtype, changed in place.

    Parameters
    ----------
    task : Task
    rule : str
        A key of `RULES`.
    waits, looks : bool
        Whether there is a patience, and whether a finite loss can stop a run.
    dtype : torch.dtype
        float32 or float64.

    Raises
    ------
    StabilityError
        If an epoch takes an operation that is not in `OPERATIONS`.

    Examples
    --------
    >>> from stability.training.ensembles.problem import task
    >>> source = cpp_source(task("abs1", "xor"), "gd", False, False, torch.float32)
    >>> [line.strip() for line in source.splitlines() if "mul" in line][0]
    'Reals mul = real0 * reals(0x1.0000000000000p+0);'
    """
    graph = _trace(task, rule, waits, looks)
    names = [node.name for node in graph.nodes if node.op == "placeholder"]
    vectors = [(name, kind, k) for kind in ("real", "whole") for k, name in enumerate(_of_kind(names, kind))]
    stored = [(name, f"*(Stored{TYPES[kind]} *)(all_{kind}s[{k}] + k)", TYPES[kind]) for name, kind, k in vectors]
    double = dtype == torch.float64
    return SOURCE.format(
        real="double" if double else "float",
        whole="long long" if double else "int",
        root="sqrt" if double else "sqrtf",
        constants="\n    ".join(f"const double {name} = given[{k}];" for k, name in enumerate(_of_kind(names, "c_"))),
        loads="\n        ".join(f"{kind} {name} = {place};" for name, place, kind in stored),
        epoch="\n            ".join(_statements(graph)),
        stores="\n        ".join(f"{place} = {name};" for name, place, _ in stored),
    )


def _of_kind(names: list[str], start: str) -> list[str]:
    return [name for name in names if name.startswith(start)]


def _trace(task: Task, rule: str, waits: bool, looks: bool) -> Graph:
    """Return what one epoch computes; the inputs are named by their kind."""
    graph = Graph()
    tracer = GraphAppendingTracer(graph)

    def symbol(name: str) -> Any:
        return Proxy(graph.placeholder(name), tracer)

    family = RULES[rule]
    rates, scales, limit, patience = map(symbol, ("rates", "scales", "limit", "patience"))
    constants = SimpleNamespace(**{name: symbol(f"c_{name}") for name in family.ranges})
    reals = task.parameters * (1 + len(family.buffers)) + 1
    lanes = [symbol(f"real{k}") for k in range(reals)] + [symbol(f"whole{k}") for k in range(COUNTERS)]
    unrolled_block(task, family, constants, patience if waits else None, looks, 1)(rates, scales, limit, lanes)
    return graph


def _statements(graph: Graph) -> list[str]:
    """Return a statement for each operation of a trace."""
    kinds: dict[Node, str] = {}
    found = []
    for node in graph.nodes:
        name = node.target if isinstance(node.target, str) else node.target.__name__
        if node.op == "placeholder":
            kinds[node] = next((kind for kind in ("real", "whole") if name.startswith(kind)), "scalar")
        elif name == "copy_":
            found.append(f"{node.args[0].name} = {node.args[1].name};")
        elif name != "getattr":
            kinds[node], text = _expression(name, node.args, kinds)
            found.append(f"{TYPES[kinds[node]]} {node.name} = {text};")
    return found


def _expression(name: str, operands: tuple[Any, ...], kinds: dict[Node, str]) -> tuple[str, str]:
    """Return kind and text of an operation."""
    if name not in OPERATIONS:
        raise StabilityError(
            f"Expected an epoch made of {', '.join(OPERATIONS)}; got {name}.",
            "Use the mode eager, or add the operation to OPERATIONS.",
        )
    met = {kinds[x] for x in operands if x in kinds}
    kind = next(kind for kind in TYPES if kind in met)
    operation = OPERATIONS[name]
    text = operation.text.format(*(_operand(x, kind, kinds) for x in operands), type=TYPES[kind])
    return operation.result or kind, text


def _operand(x: Any, kind: str, kinds: dict[Node, str]) -> str:
    """Return an operand; one number becomes a vector where the others are vectors, as torch casts it."""
    if x in kinds and kinds[x] != "scalar":
        return str(x.name)
    text = x.name if isinstance(x, Node) else float(x).hex()
    return text if kind == "scalar" else f"{kind}s({text})"
