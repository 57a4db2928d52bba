"""Reports of controllers: what they cost healthy trainings, and what they do for bad starts and deep thin networks."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from rich.table import Table

from stability.cli.kept_study import study_of

if TYPE_CHECKING:
    from stability.cli.terminal import Part


Row = Mapping[str, Any]


@dataclass(frozen=True)
class Shown:
    """How the rows of a measurement are shown.

    Attributes
    ----------
    title : str
    head : tuple of str
    note : str
        What the columns mean.
    cells : callable
        Returns what is shown of a row, in plain data.
    by : str
        What has a table for each of its values; empty for one table.
    """

    title: str
    head: tuple[str, ...]
    note: str
    cells: Callable[[Row], Sequence[str]] = itemgetter("cells")
    by: str = ""


def _thin_cells(row: Row) -> list[str]:
    """Return what fits into 80 columns."""
    low, high = row["interval"]
    works = f"{row['works']} of {len(row['accuracies'])} ({100 * low:.0f} to {high:.0%})"
    pairs = (row["only"].get(name) for name in ("plain", "spheres", "better"))
    against = ("" if pair is None else f"{pair[0]} : {pair[1]}" for pair in pairs)
    return [row["contender"], works, f"{fmean(row['accuracies']):.3f}", *against]


SHOWN = {
    "harm": Shown(
        "Healthy trainings with a controller and without",
        ("training", "policy", "n", "without", "with", "change", "95% interval", "acted"),
        "Points are the score times 100, 100 at best; changes are paired by seed, with 95% intervals (Student) over "
        "seeds, and over trainings in the last row of a policy. Acted: the runs in which there was an intervention.",
    ),
    "repairs": Shown(
        "Bad starts and steps too large",
        ("start", "remedy", "n", "accuracy", "interventions", "careful over it"),
        "Accuracy on held-out examples with 95% interval (Student); careful over it: the gain of that policy, paired "
        "by seed. recycle: dormant units drawn anew (ReDo); scale first: unit variances by data; draw anew: another "
        "start.",
    ),
    "thin": Shown(
        "Deep thin networks on the two moons",
        ("start and policy", "works", "mean", "plain", "spheres", "better"),
        "Works: seeds whose accuracy on the training points is at least 0.9 at the end, with exact 95% interval "
        "(Clopper and Pearson); mean: of these accuracies. plain, spheres, better: seeds that only this row's "
        "start and policy brings to work : only that one; --json has p-values of McNemar's exact test and counts of "
        "interventions. recycle: dormant units drawn anew (ReDo); spheres: initialise_(model, 'hypersphere', data=x).",
        _thin_cells,
        by="network",
    ),
}


def controller_report(
    asked: Collection[str], file: Path | None, keep: bool, workers: int | None
) -> dict[str, Any] | None:
    """Return what was asked for, as plain data; None if it was interrupted.

    Parameters
    ----------
    asked : collection of str
        What is reported: keys of `SHOWN`; others are passed over.
    file : Path, optional
        Where it is measured, or the measurement goes on; kept results by default.
    keep : bool
        Whether to keep the result of the measurement.
    workers : int, optional
    """
    from stability.studies import harm_table, repair_table, thin_table

    report: dict[str, Any] = {}
    for name, table in (("harm", harm_table), ("repairs", repair_table), ("thin", thin_table)):
        if name in asked:
            study = study_of(table.KEPT, file, keep, workers)
            if study is None:
                return None
            rows = [{**row.to_json(), "cells": row.cells()} for row in table.KEPT.rows(study)]
            report[name] = {**study, "rows": rows}
    return report


def controller_tables(report: Mapping[str, Any]) -> "list[Part]":
    """Return a report as tables, with what their columns mean."""
    parts: list[Part] = []
    for name, shown in SHOWN.items():
        if name in report:
            parts += [*_tables(shown, report[name]["rows"]), shown.note]
    return parts


def _tables(shown: Shown, rows: Sequence[Row]) -> Iterator[Table]:
    for part in dict.fromkeys(row[shown.by] for row in rows) if shown.by else [""]:
        table = Table(title=f"{shown.title}, {part}" if part else shown.title, title_justify="left")
        for place, column in enumerate(shown.head):
            table.add_column(column, justify="left" if place < 2 and column != "works" else "right")
        for row in rows:
            if not part or row[shown.by] == part:
                table.add_row(*(cell.strip("`") for cell in shown.cells(row)))
        yield table
