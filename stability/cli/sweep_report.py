"""Running, reporting and exporting of a sweep, from the command line."""

import importlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.table import Table

from stability.cli.terminal import description, progress_bar
from stability.compute.code_version import Code, code_of
from stability.compute.cost import GroupPlan
from stability.compute.grids import Grid, SweepError, canonical, plain
from stability.compute.store import DONE, FAILED, SCHEMA, Row, SweepStore
from stability.compute.sweep import Summary, describe
from stability.compute.timing import duration
from stability.errors import StabilityError, UnknownNameError
from stability.io.files import require_folder, write_table
from stability.studies.sweeps import SWEEPS, named
from stability.version import __version__

ERRORS_SHOWN = 5

Results = tuple[Code, list[Row], list[Row], int]
"""What `results` returns."""


def grid_of(name: str, settings: Sequence[str] = ()) -> Grid:
    """Return a sweep by its name, or the grid at "module:name", with some arguments set by texts as "depth=10,50".

    Raises
    ------
    UnknownNameError
        If there is no such sweep or argument.
    SweepError
        If a setting cannot be read.
    """
    grid = _found(name) if ":" in name else named(name)
    return grid.set(**dict(_setting(grid, each) for each in settings))


def _found(address: str) -> Grid:
    module, _, name = address.partition(":")
    try:
        found = getattr(import_module(module), name)
    except StabilityError:
        raise
    except (ImportError, AttributeError, TypeError, ValueError) as problem:
        raise UnknownNameError(f"There is no grid {address}: {problem}.", 'Write "module:name".') from None
    if not isinstance(found, Grid):
        raise SweepError(f"Expected a Grid at {address}; got {found!r:.60}.", "Write module:GRID = Grid(...) there.")
    return found


def _setting(grid: Grid, text: str) -> tuple[str, list[Any]]:
    name, sign, values = text.partition("=")
    name = name.strip()
    if not sign or not values.strip():
        raise SweepError(f"Expected a setting name=values; got {text!r}.", "Write --set depth=10,50,100.")
    known = [*grid.axes.get(name, ()), *([grid.fixed[name]] if name in grid.fixed else [])]
    return name, [_like(name, known, value) for part in values.split(",") for value in _values(part.strip())]


WHOLE = re.compile(r"-?[0-9]{1,18}")

MOST_VALUES = 100_000
"""Of one argument of a sweep."""


def _values(text: str) -> list[Any]:
    """Return the values that a text stands for: one, or a range of whole numbers, first:last:step."""
    parts = text.split(":")
    if len(parts) in (2, 3) and all(WHOLE.fullmatch(part) for part in parts):
        first, last, step = [*map(int, parts), 1][:3]
        if step > 0:
            if (last - first) // step > MOST_VALUES:
                raise SweepError(f"Expected at most {MOST_VALUES:,} values; got {text!r}.", "Take a longer step.")
            return list(range(first, last + 1, step))
    try:
        value = json.loads(text)
    except ValueError:
        return [text]
    return [text if isinstance(value, list | dict) else value]


def _like(name: str, known: Sequence[Any], value: Any) -> Any:
    """Return a value in the kind of those that an argument has: whole numbers, numbers, or texts."""
    kinds = {type(each) for each in known}
    if kinds == {float} and type(value) is int:
        return float(value)
    if kinds == {int} and type(value) is float and value.is_integer():
        return int(value)
    if kinds == {str} and not isinstance(value, str):
        return json.dumps(value)
    if (
        kinds
        and kinds <= {int, float}
        and (type(value) not in (int, float) or (kinds == {int} and type(value) is float))
    ):
        what = "whole numbers" if kinds == {int} else "numbers"
        raise SweepError(
            f"Expected {what} for {name}; got {value!r}.", f"Its values are {canonical(list(known))[:80]}."
        )
    return value


@contextmanager
def sweep_bar(grid: Grid) -> Iterator[Any]:
    """Give a progress callback that draws a bar with the remaining time on stderr; nothing where it is no terminal."""
    left_over = TextColumn("{task.fields[left]}", markup=False)
    with progress_bar(description(0), BarColumn(), MofNCompleteColumn(), left_over) as bar:
        task = bar.add_task(grid.name, total=None, left="")

        def show(stage: str, finished: int, total: int) -> None:
            bar.update(task, completed=finished, total=total, left=stage)

        yield show


def results(grid: Grid, file: Path) -> Results:
    """Return the code of a grid; what its tasks gave under it, in their order, and under other code; and how many run.

    Raises
    ------
    SweepError, FileError
        If there is no such file, or it is no file of a sweep.
    """
    code = code_of(grid.address)
    with SweepStore(file, create=False) as store:
        rows, running = store.rows(grid.address), store.running()
    by_place = {(row.arguments, row.code): row for row in rows}
    order = [canonical(each) for each in grid.combinations()]
    own = [by_place[each, code.version] for each in order if (each, code.version) in by_place]
    wanted = {*order}
    others = sorted((r for r in rows if r.code != code.version and r.arguments in wanted), key=lambda r: r.code)
    places = {each: k for k, each in enumerate(order)}
    return code, own, sorted(others, key=lambda row: places[row.arguments]), running


def status(grid: Grid, file: Path, summary: Summary | None = None) -> dict[str, Any]:
    """Return how far a sweep is, as plain data; with `summary`, also what the last run did."""
    there = file.exists() or summary is not None
    found = results(grid, file) if there else (code_of(grid.address), [], [], 0)
    return _status(grid, file, found, summary)


def _status(grid: Grid, file: Path, found: Results, summary: Summary | None = None) -> dict[str, Any]:
    code, own, others, running = found
    total = len(grid.combinations())
    counts = Counter(row.state for row in own)
    failures = [{"arguments": r.given, "error": r.error} for r in own if r.state == FAILED]
    return {
        "sweep": grid.name,
        "file": str(file),
        "task": grid.address,
        "code": code.version,
        "total": total,
        "done": counts[DONE],
        "failed": counts[FAILED],
        "missing": total - len(own),
        "running": running,
        "other_code": len(others),
        "failures": failures,
        "axes": {name: plain([*values]) for name, values in grid.axes.items()},
        "fixed": plain(grid.fixed),
        "run": None if summary is None else describe(summary),
        "version": __version__,
    }


def status_parts(report: Mapping[str, Any]) -> list[str | Table]:
    """Return the status in words and tables."""
    parts: list[str | Table] = [
        f"{report['sweep']}: {report['done']:,} of {report['total']:,} tasks done, {report['failed']:,} failed, "
        f"{report['missing']:,} missing ({report['file']}, code {report['code']})"
    ]
    if report["running"]:
        parts.append(f"{report['running']:,} tasks are being computed now.")
    if report["other_code"]:
        parts.append(f"{report['other_code']:,} results of its tasks come from other code; they are not counted.")
    run = report["run"]
    if run is not None:
        share = f", {run['share_in_tasks']:.0%} of the time of {run['workers']} workers" if run["computed"] else ""
        died = f"; {run['deaths']} workers died" if run["deaths"] else ""
        parts.append(f"{run['computed']:,} tasks computed in {duration(run['seconds'])}{share}{died}.")
    if report["failures"]:
        parts.append(_failures(report["failures"]))
    if run is not None and run["interrupted"]:
        parts.append("Interrupted. The same command goes on.")
    elif report["failed"]:
        parts.append("Failed tasks are tried again with --retry-failed.")
    return parts


def _failures(failures: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("error", "tasks", "the first of them")
    counts = Counter(each["error"] for each in failures)
    first = {each["error"]: each["arguments"] for each in reversed(failures)}
    for error, count in counts.most_common(ERRORS_SHOWN):
        table.add_row(error[:200], f"{count:,}", canonical(first[error]))
    return table


def plan_table(groups: Sequence[GroupPlan], workers: int) -> list[str | Table]:
    """Return a plan in a table and a sentence."""
    table = Table("group", "tasks", "left", "shortest", "longest", "in all", "misfit")
    for each in groups:
        times = duration(each.shortest), duration(each.longest), duration(each.seconds)
        table.add_row(each.group, f"{each.tasks:,}", f"{each.left:,}", *times, f"{each.misfit:.0%}")
    total = sum(each.seconds for each in groups)
    left = sum(each.left for each in groups)
    sentence = (
        f"{left:,} tasks left, {duration(total)} of work: about {duration(total / workers)} with "
        f"{workers} worker{'s' if workers > 1 else ''} (estimated from some steps of small, middle and large tasks)."
    )
    return [table, sentence]


def plan_report(grid: Grid, groups: Sequence[GroupPlan], workers: int) -> dict[str, Any]:
    """Return a plan as plain data."""
    total = sum(each.seconds for each in groups)
    report = {
        "sweep": grid.name,
        "tasks": sum(each.tasks for each in groups),
        "left": sum(each.left for each in groups),
    }
    return {
        **report,
        "seconds": total,
        "workers": workers,
        "seconds_with_workers": total / workers,
        "groups": [vars(each) for each in groups],
        "version": __version__,
    }


def listed() -> list[dict[str, Any]]:
    """Return the sweeps that have a name as plain data."""
    return [{"sweep": name, "tasks": len(grid.combinations()), "shows": grid.title} for name, grid in SWEEPS.items()]


def listing() -> Table:
    """Return the sweeps that have a name."""
    table = Table("sweep", "tasks", "shows")
    for name, grid in SWEEPS.items():
        table.add_row(name, f"{len(grid.combinations()):,}", grid.title)
    return table


def require_export(path: Path) -> None:
    """Refuse an export that cannot be written, before anything is computed.

    Raises
    ------
    FileError
        If there is no such folder.
    ModuleNotFoundError
        If pyarrow is missing.
    """
    importlib.import_module("pyarrow.parquet")
    require_folder(path)


def export(grid: Grid, file: Path, path: Path, other_code: bool = False) -> int:
    """Write one row per finished task as Parquet, whole or not at all; return how many.

    Columns are the arguments, what the task returned (named NAME_result where an argument has that name), and `code`.
    Rows are in the order of the grid and times are left out, so that the same results give the same bytes. The
    metadata of the file hold the grid, its code, what computed the results, and how many are missing.

    Raises
    ------
    SweepError
        If the file is no file of a sweep.
    FileError
        If there is no such file, or the other one cannot be written.
    """
    import pyarrow as pa

    require_folder(path)
    found = code, own, others, _ = results(grid, file)
    report = _status(grid, file, found)
    rows = [row for row in [*own, *(others if other_code else [])] if row.state == DONE]
    places = {canonical(each): k for k, each in enumerate(grid.combinations())}
    rows.sort(key=lambda row: (places[row.arguments], row.code != code.version, row.code))
    table = pa.table({name: _array(values) for name, values in _columns(rows).items()})
    names = "sweep", "task", "code", "total", "done", "failed", "missing", "axes", "fixed", "version"
    kept = {name: report[name] for name in names} | {
        "schema": SCHEMA,
        "made_by": sorted({row.made_by for row in rows}),
    }
    write_table(path, table, canonical(kept))
    return len(rows)


def _columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    arguments = [row.given for row in rows]
    given = [row.found for row in rows]
    names = list(dict.fromkeys(name for each in arguments for name in each))
    found = {name: [each.get(name) for each in arguments] for name in names}
    for name in dict.fromkeys(name for each in given for name in each):
        found[name if name not in names else f"{name}_result"] = [each.get(name) for each in given]
    return {**found, "code": [row.code for row in rows]}


def _array(values: list[Any]) -> Any:
    """Return a column; values of mixed kinds as JSON."""
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return pa.array([None if each is None else json.dumps(each, sort_keys=True) for each in values])
