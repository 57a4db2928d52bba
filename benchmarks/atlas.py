"""The time of an atlas per choice of faces, next to z3 and sympy asked the same, and whether their answers agree.

    .venv/bin/python benchmarks/atlas.py          # one table, in some minutes
    .venv/bin/python benchmarks/atlas.py --quick  # a small part of it, in seconds
    .venv/bin/python benchmarks/atlas.py --large  # one unit on 200 points too, with two workers

The first rows are whole runs, each in a process of its own, with its peak memory and that of its largest worker.
The other rows compare answers, for every choice of faces, one a unit, up to their order:

ours    Is it stationary? The time is that of the arrangement with its certificates and of all fits, directions
        and balances, the best of three, divided by the number of choices: milliseconds for one.
z3      Is there a stationary point on it? One exact query a choice, in a form that stays linear; the time is that of
        building and solving it. Once a dataset z3 is also asked whether one unit can take signs beyond the arrangement.
sympy   On open cells only: does the solution of the normal equations lie in the cell? Undecided where it is not unique.

No peer finds the faces or leaves a certificate. A time-out is unknown, no answer. Exit status 1 if one disagrees.
"""

import argparse
import importlib
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement
from multiprocessing import get_context
from types import ModuleType
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from stability import Dataset, Landscape, dataset, landscape
from stability.checker import checker
from stability.geometry.arrangement.enumerate import arrange
from stability.geometry.arrangement.integer_problem import integers
from stability.geometry.atlas.atlas import Atlas
from stability.geometry.atlas.size import choices_of
from stability.geometry.atlas.statements import complete_list
from stability.geometry.stationary.search import parts, search
from stability.logic.records import build

LIMIT = 20_000  # milliseconds for one query of z3
MISSING = "not installed"
WIDTH = 150
COLUMNS = "what|choices|seconds|target|peak MB|ours: ms|z3: ms|same / differs / unknown|z3 / ours"
SYMPY = "sympy: ms|same / differs / undecided"

Signs = tuple[int, ...]
Kinks = dict[tuple[Fraction, ...], list[int]]
"""The rows at whose kinks a unit is, each with the points that have it."""


def random_points(count: int, seed: int, steps: int = 1000) -> Dataset:
    """Return points of the square [-1, 1]^2 whose coordinates are multiples of 1/steps, with labels 0 and 1."""
    dice = random.Random(seed)
    points = tuple(tuple(Fraction(dice.randint(-steps, steps), steps) for _ in "xy") for _ in range(count))
    return Dataset(f"random:{count}:{seed}", points, tuple(Fraction(dice.randint(0, 1)) for _ in points))


def random_sets(quick: bool) -> list[Dataset]:
    """Return data in general position, and two sets on a coarse grid: points repeat, and three lie on a line."""
    chosen = ((3, 1), (3, 2)) if quick else ((4, 1), (4, 2), (5, 3), (5, 4, 1), (5, 5, 1))
    return [random_points(*each) for each in chosen]


@contextmanager
def bar(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show progress on a terminal, and nothing elsewhere."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(title, total=None)

        def report(stage: str, done: int, total: int) -> None:
            progress.update(task, description=f"{title}: {stage}", completed=done, total=total)

        yield report


def optional(name: str) -> ModuleType | None:
    """Return a module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def find_stationary(problem: Landscape) -> None:
    """Answer for every choice of faces whether there is a stationary point on it, with certificates."""
    whole = integers(problem)
    place = arrange(whole.rows)
    for part in parts(whole, place.faces, place.cells, 1):
        search(part)


@dataclass(frozen=True)
class Run:
    """An atlas to be timed: its target in seconds, and whether its record is part of it and is checked afterwards."""

    model: str
    data: Dataset
    target: float
    workers: int = 1
    recorded: bool = False

    @property
    def name(self) -> str:
        """What the table calls it."""
        where = "xor" if self.data.name == "xor" else f"{len(self.data.points)} random points"
        return f"{self.model} on {where}" + (f", {self.workers} workers" if self.workers > 1 else "")


def runs(quick: bool, large: bool) -> list[Run]:
    """Return the whole runs."""
    xor = dataset("xor")
    more = [] if quick else [Run("relu3", xor, 20), Run("relu2", random_points(8, 8), 30)]
    most = [Run("relu1", random_points(200, 200), 60, workers=2, recorded=True)] if large else []
    short = [("relu2", xor, 1), ("relu[+,-]", xor, 0.2), ("relu2-out+c", xor, 1)]
    longer = [("relu3-out+c", xor, 10), ("relu2-out+c", random_points(6, 6), 10)]
    return [*(Run(*each, recorded=True) for each in (short if quick else short + longer)), *more, *most]


def peak_memory(run: Run) -> str:
    """Return the peak memory of this process, and of the largest process that it started, in MB."""
    unit = 1 if sys.platform == "darwin" else 2**10
    processes = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    own, worker = (resource.getrusage(each).ru_maxrss * unit / 1e6 for each in processes)
    return f"{own:.0f}" + (f" + {worker:.0f} a worker" if run.workers > 1 else "")


def measure(run: Run) -> list[list[str]]:
    """Compute an atlas in this process and return its rows: the run, and the check of its record."""
    problem = landscape(run.model, run.data)
    with bar(run.name) as report:
        begin = time.perf_counter()
        atlas = problem.atlas(workers=run.workers, progress=report)
        statement = complete_list(atlas)
        record = build(statement, statement.settle()) if run.recorded else None
        seconds = time.perf_counter() - begin
    choices = f"{choices_of(len(atlas.arrangement.faces), atlas.problem):,}"
    row = [run.name, choices, f"{seconds:.2f}", str(run.target), peak_memory(run)]
    if not run.recorded:
        return [row]
    text = json.dumps(record, separators=(",", ":"))
    row[0] += ", with record"
    begin = time.perf_counter()
    checker.check(json.loads(text))
    name = f"check of that record, {len(text) / 1e3:,.0f} kB"
    return [row, [name, choices, f"{time.perf_counter() - begin:.2f}", row[2]]]


def measure_apart(run: Run) -> list[list[str]]:
    """Compute an atlas in a fresh process, so that the peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        try:
            return executor.submit(measure, run).result()
        except BrokenProcessPool:
            return [[run.name, "", "killed", str(run.target)]]


class Z3:
    """The question whether a choice of faces has a stationary point, for z3.

    Unknowns are the parameters, the errors e_i = f(x_i) - y_i, and for each unit what makes its gradients 0: where the
    kinks' rows are independent, the subgradient of each kink, which keeps the query linear (with the slope itself it is
    not, and z3 times out); else the weights of the cells around the face.
    """

    def __init__(self, z3: ModuleType, problem: Landscape, faces: Sequence[Signs]) -> None:
        self.z3 = z3
        self.problem = problem
        self.faces = faces
        self.errors = [z3.Real(f"e{i}") for i in range(len(problem.rows))]
        self.unit = cache(self._unit)
        self.number: Callable[[Fraction], Any] = lambda value: z3.RealVal(str(value))

    def ask(self, choice: tuple[int, ...]) -> tuple[bool | None, float]:
        """Return whether there is a stationary point, None if unknown, and the seconds that the query took."""
        begin = time.perf_counter()
        parts = [self.unit(j, f) for j, f in enumerate(choice)]
        rules = [rule for own, _ in parts for rule in own]
        for i, (error, label) in enumerate(zip(self.errors, self.problem.data.labels, strict=True)):
            rules.append(error == sum(outputs[i] for _, outputs in parts) - self.number(label))
        answer = self._solve(rules)
        return answer, time.perf_counter() - begin

    def ask_others(self) -> bool | None:
        """Return whether one unit can take signs that are none of the faces, None if unknown."""
        levels = self._levels(0)
        return self._solve([self.z3.Not(self.z3.And(self._on(levels, signs))) for signs in self.faces])

    def _solve(self, rules: list[Any]) -> bool | None:
        solver = self.z3.Solver()
        solver.set("timeout", LIMIT)
        solver.add(*rules)
        answer = solver.check()
        return None if answer == self.z3.unknown else answer == self.z3.sat

    def _combine(self, numbers: Sequence[Fraction], terms: Sequence[Any]) -> Any:
        """Return a sum of products as a term, even if it is empty."""
        return sum((self.number(x) * t for x, t in zip(numbers, terms, strict=True) if x), self.number(Fraction(0)))

    def _levels(self, j: int) -> list[Any]:
        """Return the pre-activations of unit j."""
        parameters = [self.z3.Real(f"v{j}_{c}") for c in range(self.problem.width)]
        return [self._combine(row, parameters) for row in self.problem.rows]

    def _on(self, levels: Sequence[Any], signs: Signs) -> list[Any]:
        return [t > 0 if s > 0 else t < 0 if s < 0 else t == 0 for t, s in zip(levels, signs, strict=True)]

    def _unit(self, j: int, f: int) -> tuple[list[Any], list[Any]]:
        """Return what must hold for unit j on face f, and its outputs."""
        signs, levels = self.faces[f], self._levels(j)
        outputs = [self._combine([x], [t]) for x, t in zip(self._slopes(signs), levels, strict=True)]
        kinks: Kinks = {}
        for i, s in enumerate(signs):
            if s == 0:
                kinks.setdefault(tuple(self.problem.rows[i]), []).append(i)
        rules = self._free(j, signs, kinks) if are_independent(list(kinks)) else self._hull(j, signs)
        return self._on(levels, signs) + rules, outputs

    def _free(self, j: int, signs: Signs, kinks: Kinks) -> list[Any]:
        """Balance the unit by one subgradient a kink: the error there times a slope between low and high."""
        unit, z3 = self.problem.network.unit, self.z3
        low, high = (self.number(x) for x in sorted((unit.negative, unit.positive)))
        forces = [sum(self.errors[i] for i in points) for points in kinks.values()]
        subgradients = [z3.Real(f"s{j}_{k}") for k in range(len(kinks))]
        pairs = zip(forces, subgradients, strict=True)
        rules = [z3.Or(z3.And(low * e <= p, p <= high * e), z3.And(high * e <= p, p <= low * e)) for e, p in pairs]
        columns = zip(*kinks, strict=True) if kinks else [()] * self.problem.width
        return rules + [
            g + self._combine(x, subgradients) == 0 for g, x in zip(self._gradient(signs), columns, strict=True)
        ]

    def _hull(self, j: int, signs: Signs) -> list[Any]:
        """Balance the unit by weights of the cells around the face."""
        cells = [cell for cell in self.faces if all(t if s == 0 else t == s for s, t in zip(signs, cell, strict=True))]
        weights = [self.z3.Real(f"w{j}_{k}") for k in range(len(cells))]
        columns = zip(*map(self._gradient, cells), strict=True)
        balance = [sum(w * g for w, g in zip(weights, column, strict=True)) == 0 for column in columns]
        return [w >= 0 for w in weights] + [sum(weights) == 1, *balance]

    def _gradient(self, signs: Signs) -> list[Any]:
        """Return half the gradient of a unit from the points that are not on its kinks."""
        slopes, columns = self._slopes(signs), zip(*self.problem.rows, strict=True)
        return [self._combine([s * x for s, x in zip(slopes, column, strict=True)], self.errors) for column in columns]

    def _slopes(self, signs: Signs) -> list[Fraction]:
        return [self.problem.network.unit.slope(s) if s else Fraction(0) for s in signs]


def are_independent(rows: Sequence[Sequence[Fraction]]) -> bool:
    """Return whether rows are linearly independent, by elimination."""
    left = [list(row) for row in rows]
    while left:
        row = left.pop()
        lead = next((c for c, x in enumerate(row) if x), None)
        if lead is None:
            return False
        left = [[x - other[lead] / row[lead] * y for x, y in zip(other, row, strict=True)] for other in left]
    return True


def ask_sympy(sympy: ModuleType, problem: Landscape, cells: Sequence[Signs]) -> bool | None:
    """Return whether the solution of the normal equations lies in the cells; None if it is not unique."""
    slope, rows = problem.network.unit.slope, sympy.Matrix(problem.rows)
    table = sympy.Matrix.hstack(*(sympy.diag(*(sympy.Rational(slope(s)) for s in signs)) * rows for signs in cells))
    names = sympy.symbols(f"p:{problem.parameters}")
    (found,) = sympy.linsolve((table.T * table, table.T * sympy.Matrix(problem.data.labels)), *names)
    if found.free_symbols:
        return None
    levels = [rows * sympy.Matrix(found[k : k + problem.width]) for k in range(0, len(found), problem.width)]
    return all(s * z > 0 for signs, own in zip(cells, levels, strict=True) for s, z in zip(signs, own, strict=True))


@dataclass
class Count:
    """How often a peer answered as the atlas, otherwise, and not at all, and the seconds it took."""

    same: int = 0
    differs: int = 0
    unknown: int = 0
    seconds: float = 0.0

    def add(self, ours: bool, theirs: bool | None, seconds: float = 0.0) -> bool:
        """Count an answer and return whether it differs."""
        self.same += theirs is ours
        self.differs += theirs is (not ours)
        self.unknown += theirs is None
        self.seconds += seconds
        return theirs is (not ours)

    def row(self) -> list[str]:
        """Return the milliseconds that one answer took, and the counts."""
        answers = self.same, self.differs, self.unknown
        return [f"{1000 * self.seconds / max(1, sum(answers)):.3g}", " / ".join(f"{x:,}" for x in answers)]


class Comparison:
    """The answers of the atlas next to those of the peers, for one model on some datasets."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.choices, self.seconds = 0, 0.0
        self.z3, self.sympy = Count(), Count()
        self.peers = optional("z3"), optional("sympy")
        self.disagreements: list[str] = []

    def row(self, name: str) -> list[str]:
        """Return the row of the table."""
        ours = [name, f"{self.choices:,}", f"{self.seconds:.2f}", "", "", f"{1000 * self.seconds / self.choices:.3g}"]
        z3 = [*self.z3.row(), f"{self.z3.seconds / self.seconds:.0f}"] if self.peers[0] else [MISSING, "", ""]
        return [*ours, *z3, *(self.sympy.row() if self.peers[1] else [MISSING])]

    def add(self, data: Dataset) -> None:
        """Ask the peers about every choice of faces on a dataset."""
        problem = landscape(self.model, data)
        atlas = self._atlas(problem)
        faces = [tuple(face.signs(len(data.points))) for face in atlas.arrangement.faces]
        z3 = Z3(self.peers[0], problem, faces) if self.peers[0] else None
        others = z3.ask_others() if z3 else False
        self.z3.unknown += others is None
        if others:
            self._note(f"z3: one unit has more faces than {faces}", problem)
        stationary, begin = set(atlas.found.stationary), self.choices
        total = choices_of(len(faces), atlas.problem)
        with bar(f"{self.model} on {data.name}") as report:
            for choice in combinations_with_replacement(range(len(faces)), problem.units):
                self._ask(z3, problem, choice, [faces[f] for f in choice], choice in stationary)
                self.choices += 1
                report("choices", self.choices - begin, total)

    def _atlas(self, problem: Landscape) -> Atlas:
        """Return the atlas, and add the seconds for answering every choice of faces, the best of three."""
        best = float("inf")
        for _ in range(3):
            begin = time.perf_counter()
            find_stationary(problem)
            best = min(best, time.perf_counter() - begin)
        self.seconds += best
        return problem.atlas()

    def _ask(self, z3: Z3 | None, problem: Landscape, choice: Any, signs: list[Signs], ours: bool) -> None:
        """Ask the peers about one choice of faces."""
        if z3 and self.z3.add(ours, *z3.ask(choice)):
            self._note(f"z3: stationary is {not ours} on {signs}", problem)
        if self.peers[1] and all(map(all, signs)):
            begin = time.perf_counter()
            answer = ask_sympy(self.peers[1], problem, signs)
            if self.sympy.add(ours, answer, time.perf_counter() - begin):
                self._note(f"sympy: stationary is {not ours} on {signs}", problem)

    def _note(self, says: str, problem: Landscape) -> None:
        self.disagreements.append(f"{says} for {json.dumps({'model': self.model, **problem.to_record()})}")


def comparisons(quick: bool) -> Iterator[tuple[str, str, list[Dataset]]]:
    """Yield (name, model, datasets) for every row that compares answers."""
    data = random_sets(quick)
    for model in ("relu1", "abs1") if quick else ("relu1", "abs1", "relu2", "abs2"):
        yield f"{model} on xor", model, [dataset("xor")]
        yield f"{model} on {len(data)} random sets", model, data


def main() -> int:
    """Print the table; return 1 if a peer disagrees."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name, text in (("quick", "a small part, in seconds"), ("large", "one unit on 200 points too")):
        parser.add_argument(f"--{name}", action="store_true", help=text)
    options = parser.parse_args()
    table = Table(*f"{COLUMNS}|{SYMPY}".split("|"), title="Atlases: whole runs, and the same questions for the peers")
    table.columns[0].no_wrap = True
    for row in (row for run in runs(options.quick, options.large) for row in measure_apart(run)):
        table.add_row(*row)
    table.add_section()
    wrong = []
    for name, model, data in comparisons(options.quick):
        total = Comparison(model)
        for each in data:
            total.add(each)
        table.add_row(*total.row(name))
        wrong += total.disagreements
    Console(width=max(WIDTH, Console().width)).print(table)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
