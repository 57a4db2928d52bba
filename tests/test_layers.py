"""Imports point down only, the checker stands alone, and modules stay small."""

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "stability"
LONGEST = 400

BELOW_EVERYTHING = {"errors", "version", "arrays"}
FLOORS: dict[str, set[str]] = {
    "errors": set(),
    "version": set(),
    "arrays": set(),
    "checker": set(),
    "io": set(),
    "exact": set(),
    "logic": {"io", "exact", "checker.checker"},
    "compute": {"io", "exact"},
    "model": {"io", "exact"},
    "initialisation": {"exact", "model"},
    "symbolic": {"io", "exact", "model"},
    "geometry": {"io", "exact", "logic", "compute", "model", "symbolic"},
    "dynamics": {
        "io",
        "exact",
        "logic",
        "compute",
        "model",
        "initialisation",
        "symbolic",
        "geometry",
        "checker.checker",
    },
}
FLOORS["dynamics"] |= {"checker.checker"}
FLOORS["landscapes"] = set(FLOORS) - {"checker", "io", "logic"}
FLOORS["training"] = {"io", "exact", "compute", "model", "initialisation"}
FLOORS["dead_units"] = {"io", "checker.checker", "logic", "training"}
FLOORS["integrations"] = {"training"}
FLOORS["audit"] = set(FLOORS) - {"checker"}
FLOORS["studies"] = FLOORS["audit"] | {"audit"}
FLOORS["report"] = FLOORS["studies"] | {"studies"}
FLOORS["plot"] = {"io", "exact.numbers"}
FLOORS["cli"] = {*FLOORS}
FLOORS["__main__"] = {"cli"}
MAY_IMPORT = FLOORS
"""For every floor, what it may import besides itself and what is below everything."""

LAZY_UPWARD = {
    ("audit/run.py", "plot.statuses"),
    ("dynamics/basins/basins.py", "plot.end_states"),
    ("dynamics/basins/loss_levels.py", "plot.end_states"),
    ("dynamics/bifurcation/angular.py", "plot.angular_bifurcation"),
    ("dynamics/bifurcation/bifurcation.py", "plot.bifurcation"),
    ("dynamics/bifurcation/stationary_angles.py", "plot.stationary_angles"),
    ("dynamics/flow/batch.py", "plot.end_states"),
    ("dynamics/flow/solutions.py", "plot.trajectory"),
    ("dynamics/maps/fixed_point_types.py", "plot.multipliers"),
    ("dynamics/maps/stability_regions.py", "plot.stability_regions"),
    ("dynamics/maps/stability_regions.py", "plot.step_limits"),
    ("dynamics/phase_plane/phase_plane.py", "plot.phase_portrait"),
    ("geometry/atlas/atlas.py", "plot.atlas"),
    ("geometry/atlas/atlas.py", "plot.loss_levels"),
    ("geometry/stationary/classification.py", "plot.loss_along"),
    ("geometry/stationary/layer_classification.py", "plot.loss_along"),
    ("geometry/stationary/sets.py", "plot.loss_levels"),
    ("landscapes.py", "plot.plane"),
    ("model/datasets.py", "plot.datasets"),
    ("model/networks.py", "plot.units"),
    ("studies/crosscheck.py", "plot.agreement"),
    ("symbolic/angle_cases.py", "plot.angle_cases"),
    ("symbolic/angular.py", "plot.angular"),
    ("symbolic/phase_diagram.py", "plot.phase_diagram"),
    ("training/deep/results.py", "plot.deep"),
    ("training/ensembles/ensemble.py", "plot.end_states"),
    ("training/introspection/layer_geometry.py", "plot.layers"),
    ("training/monitoring/describing.py", "plot.monitor"),
}
"""The only imports that may point up, and only inside a function: those of a method that draws."""


def python_files(*folders):
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path.relative_to(ROOT).as_posix() for path in paths]


@cache
def tree_of(relative):
    """Return the syntax tree of a file of the project, read once."""
    return ast.parse((ROOT / relative).read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def no_trees_stay():
    """Forget the trees at the end: they are millions of objects, among which garbage is searched for."""
    yield
    tree_of.cache_clear()


def is_type_checking(node):
    test = node.test if isinstance(node, ast.If) else None
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def imports(tree, lazy=False):
    """Yield (import node, is it inside a function), leaving out what only type checkers run."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, lazy
        elif is_type_checking(node):
            for other in node.orelse:
                yield from imports(ast.Module([other], []), lazy)
        else:
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from imports(node, lazy or inside)


def origin(node, module):
    """Return the absolute name that a `from` import starts from."""
    if not node.level:
        return node.module or ""
    base = module.split(".")[: -node.level]
    return ".".join([*base, *([node.module] if node.module else [])])


def targets(node, module):
    """Return the dotted names that an import may load: the modules themselves, and names that are modules."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    source = origin(node, module)
    return [f"{source}.{a.name}" if is_module(f"{source}.{a.name}") else source for a in node.names]


def is_module(dotted):
    path = ROOT.joinpath(*dotted.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def allowed(floor, target):
    """Return whether a floor may import a name, given relative to the package."""
    rules = MAY_IMPORT[floor] | {floor} | BELOW_EVERYTHING
    return any(target == rule or target.startswith(f"{rule}.") for rule in rules)


def upward(tree, relative):
    """Return the imports of a module of the package that do not point down."""
    path = Path(relative)
    floor, dotted = path.with_suffix("").parts[0], ".".join(["stability", *path.with_suffix("").parts])
    found = []
    for node, lazy in imports(tree):
        for name in targets(node, dotted):
            head, _, target = name.partition(".")
            excused = lazy and (relative, target) in LAZY_UPWARD
            if head == "stability" and not allowed(floor, target) and not excused:
                found.append(f"{relative}:{node.lineno} imports {name}")
    return found


def private(tree):
    """Return the imported names that start with an underscore."""
    found = []
    for node, _ in imports(tree):
        names = [alias.name for alias in node.names]
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        parts = [part for name in names for part in name.split(".")]
        found += [part for part in parts if part.startswith("_") and part != "__future__"]
    return found


OURS = python_files("stability", "proofs", "figures", "benchmarks", "tests")
READERS = python_files("proofs", "figures")
MODULES = [path.removeprefix("stability/") for path in python_files("stability") if path != "stability/__init__.py"]


def test_every_floor_is_known():
    floors = {Path(m).with_suffix("").parts[0] for m in MODULES}
    assert floors <= set(MAY_IMPORT), "add the new floor, and what it may import, to MAY_IMPORT"


def test_imports_point_down():
    assert [fault for m in MODULES for fault in upward(tree_of(f"stability/{m}"), m)] == []


def named(tree, relative):
    """Return what a module imports anywhere that its floor may not, type checkers' imports included."""
    path = Path(relative)
    floor, dotted = path.parts[0], ".".join(["stability", *path.with_suffix("").parts])
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [name.partition(".") for node in nodes for name in targets(node, dotted)]
    return [target for head, _, target in names if head == "stability" and not allowed(floor, target)]


def test_drawings_name_results_by_protocols_only():
    found = {m: named(tree_of(f"stability/{m}"), m) for m in MODULES if m.startswith("plot/")}
    assert len(found) > 10
    assert {m: names for m, names in found.items() if names} == {}


def test_a_drawing_that_names_a_class_is_seen():
    source = "from stability.io.printable import printable\n"
    hidden = "if TYPE_CHECKING:\n    from stability.geometry.atlas.atlas import Atlas"
    assert named(ast.parse(source + hidden), "plot/a.py") == ["geometry.atlas.atlas"]


def test_no_module_is_long():
    lines = {p: len((ROOT / p).read_text(encoding="utf-8").splitlines()) for p in OURS if not p.startswith("tests/")}
    assert {p: count for p, count in lines.items() if count > LONGEST} == {}


STAR = re.compile(r"\bimport[\s\\]*\*")


def stars(path):
    """Return the lines of star imports; a file is parsed where its text may have any."""
    if not STAR.search((ROOT / path).read_text(encoding="utf-8")):
        return []
    return [node.lineno for node, _ in imports(tree_of(path)) for each in node.names if each.name == "*"]


def test_there_are_no_star_imports():
    assert [(path, line) for path in OURS for line in stars(path)] == []


@pytest.mark.parametrize("text", ["from os import *", "def f():\n    from os import \\\n  *", "from os import  *"])
def test_a_star_is_seen(text):
    assert STAR.search(text)
    assert not STAR.search("from os import path\nimport re\na = 2 * 3")


def test_proofs_and_figures_use_public_names():
    found = {relative: private(tree_of(relative)) for relative in READERS}
    assert {relative: names for relative, names in found.items() if names} == {}


CHECKER = sorted(path.stem for path in (PACKAGE / "checker").glob("*.py"))


@pytest.mark.parametrize("name", CHECKER)
def test_the_checker_stands_alone(name):
    source = (PACKAGE / "checker" / f"{name}.py").read_text()
    assert len(source.splitlines()) <= LONGEST
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert not getattr(node, "level", 0), f"line {node.lineno}: relative import"
            for target in targets(node, f"stability.checker.{name}"):
                assert target.partition(".")[0] in sys.stdlib_module_names, f"line {node.lineno}: {target}"


def test_lazy_exceptions_are_still_needed():
    for relative, target in LAZY_UPWARD:
        module = ".".join(["stability", *Path(relative).with_suffix("").parts])
        found = [t for n, lazy in imports(tree_of(f"stability/{relative}")) if lazy for t in targets(n, module)]
        assert f"stability.{target}" in found


@pytest.mark.parametrize(
    ("relative", "source"),
    [
        ("exact/a.py", "from stability.model import Unit"),
        ("exact/a.py", "import stability"),
        ("exact/a.py", "from stability import Unit"),
        ("model/a.py", "from stability import geometry"),
        ("model/a.py", "from ..geometry import cells"),
        ("model/a.py", "from .. import geometry"),
        ("model/a.py", "def f():\n    import stability.geometry.stationary.classification"),
        ("model/landscapes.py", "import stability.geometry.stationary.classification"),
        ("model/landscapes.py", "class A:\n    from stability.geometry.stationary.classification import classify"),
        ("model/a.py", "try:\n    import stability.cli\nexcept ImportError:\n    pass"),
        ("symbolic/a.py", "import stability.geometry"),
        ("training/a.py", "from stability.geometry import cells"),
        ("training/a.py", "from stability.checker.checker import check"),
        ("training/a.py", "import stability.model, stability.dynamics"),
        ("audit/a.py", "from stability.plot import plots"),
        ("plot/a.py", "import stability.cli"),
        ("errors.py", "from stability.exact.numbers import rational"),
        ("model/a.py", "if TYPE_CHECKING:\n    pass\nelse:\n    import stability.plot"),
    ],
)
def test_an_import_that_points_up_is_seen(relative, source):
    assert len(upward(ast.parse(source), relative)) == 1


@pytest.mark.parametrize(
    ("relative", "source"),
    [
        ("model/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import stability.plot"),
        ("model/a.py", "from . import units\nfrom ..errors import StabilityError\nimport numpy, stabilityx"),
        ("geometry/atlas/atlas.py", "def f():\n    from stability.plot.atlas import draw_atlas"),
        ("training/a.py", "from stability.exact.numbers import rational\nfrom stability.model import Unit"),
        ("cli/a.py", "from stability.version import __version__\nimport stability.plot"),
    ],
)
def test_imports_that_point_down_pass(relative, source):
    assert upward(ast.parse(source), relative) == []


def test_private_names_are_seen():
    assert private(ast.parse("from stability.model import _x, y")) == ["_x"]
    assert private(ast.parse("import stability._a.b\nfrom stability._c import d")) == ["_a", "_c"]
    assert private(ast.parse("from __future__ import annotations\nimport os")) == []


LARGEST_CIRCLE = 3
UNCOUNTED = "stability"
"""The public list, which names what it loads on demand, is left out; so is what a method draws with."""


def graph():
    """Return for every module what it imports: inside functions, for type checkers, and the packages on the way too."""
    found = {}
    for relative in python_files("stability"):
        module = ".".join(Path(relative).with_suffix("").parts).removesuffix(".__init__")
        nodes = [n for n in ast.walk(tree_of(relative)) if isinstance(n, ast.Import | ast.ImportFrom)]
        names = [t for n in nodes for t in targets(n, module)]
        ways = {".".join(name.split(".")[:k]) for name in names for k in range(1, name.count(".") + 2)}
        found[module] = {way for way in ways if way.startswith(f"{UNCOUNTED}.") and is_module(way)}
    found.pop(UNCOUNTED)
    draws = "stability.plot"
    return {m: {w for w in ways if m.startswith(draws) or not w.startswith(draws)} for m, ways in found.items()}


def circles(edges):
    """Return the strongly connected parts of a graph that have more than one member (Tarjan, without recursion)."""
    reach = {m: set() for m in edges}
    for start in edges:
        waiting = [start]
        while waiting:
            for way in edges[waiting.pop()]:
                if way not in reach[start]:
                    reach[start].add(way)
                    waiting.append(way)
    parts = {frozenset({m} | {w for w in reach[m] if m in reach[w]}) for m in edges}
    return sorted((sorted(part) for part in parts if len(part) > 1), key=len, reverse=True)


def test_no_circle_of_imports_has_more_than_three_files():
    assert [circle for circle in circles(graph()) if len(circle) > LARGEST_CIRCLE] == []


def test_a_circle_is_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [["a", "b", "c"]]


SHOWS = {"training/monitoring/live.py"}
"""What shows something below the command line: the table of a monitor in a terminal, for which a user asks."""
BELOW_THE_COMMANDS = [m for m in MODULES if not m.startswith(("cli/", "checker/", "__main__"))]


def shows(tree):
    """Return where a module prints, and what it imports for the terminal."""
    names = [t for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for t in targets(n, "stability")]
    shown = [name for name in names if name.partition(".")[0] == "rich"]
    return shown + [
        n.lineno for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "print"
    ]


def test_only_commands_print():
    assert {m for m in BELOW_THE_COMMANDS if shows(tree_of(f"stability/{m}"))} == SHOWS


def test_what_prints_is_seen():
    assert shows(ast.parse("def f():\n    print(1)")) == [2]
    assert shows(ast.parse("from rich.table import Table")) == ["rich.table"]
    assert shows(ast.parse("blueprint(1)\nimport richer")) == []
