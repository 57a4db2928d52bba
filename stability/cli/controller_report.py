"""Reports of controllers: what they cost healthy trainings, and what they do for bad starts and deep thin networks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from stability.cli.kept_study import study_of

if TYPE_CHECKING:
    from stability.cli.terminal import Part


@dataclass(frozen=True)
class Shown:
    """How the rows of a measurement are shown: a title, the head of the table, and what its columns mean."""

    title: str
    head: tuple[str, ...]
    note: str


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
        (
            "network",
            "start and policy",
            "works",
            "above 0.95",
            "mean accuracy",
            "interventions",
            "over plain",
            "over spheres",
            "over better",
        ),
        "Works: seeds whose accuracy on the training points is at least 0.9 at the end, with exact 95% interval "
        "(Clopper and Pearson). Over: seeds that only this one brings to work : only the other, with the p-value of "
        "McNemar's exact test. recycle: dormant units drawn anew (ReDo); spheres: initialise_(model, 'hypersphere', "
        "data=x).",
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
            parts += [_table(shown, report[name]["rows"]), shown.note]
    return parts


def _table(shown: Shown, rows: Iterable[Mapping[str, Any]]) -> Table:
    table = Table(title=shown.title, title_justify="left")
    for place, column in enumerate(shown.head):
        table.add_column(column, justify="left" if place < 2 else "right")
    for row in rows:
        table.add_row(*(cell.strip("`") for cell in row["cells"]))
    return table
