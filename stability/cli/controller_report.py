"""Reports of controllers: what they cost healthy trainings, and what they do for bad starts and deep thin networks."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from stability.cli.kept_study import study_of

if TYPE_CHECKING:
    from stability.cli.terminal import Part

HARM_NOTE = (
    "Points are the score times 100, 100 at best; changes are paired by seed, with 95% intervals (Student) over seeds, "
    "and over trainings in the last row of a policy. Acted: the runs in which there was an intervention."
)
REPAIR_NOTE = (
    "Accuracy on held-out examples with 95% interval (Student); careful over it: the gain of that policy, paired by "
    "seed. recycle: dormant units drawn anew (ReDo); scale first: unit variances by data; draw anew: another start."
)
THIN_NOTE = (
    "Works: seeds whose accuracy on the training points is at least 0.9 at the end, with exact 95% interval (Clopper "
    "and Pearson). Over: seeds that only this one brings to work : only the other, with the p-value of McNemar's exact "
    "test. recycle: dormant units drawn anew (ReDo); spheres: initialise_(model, 'hypersphere', data=x)."
)
HARM_COLUMNS = ("training", "policy", "n", "without", "with", "change", "95% interval", "acted")
REPAIR_COLUMNS = ("start", "remedy", "n", "accuracy", "interventions", "careful over it")
THIN_COLUMNS = (
    "network",
    "start and policy",
    "works",
    "above 0.95",
    "mean accuracy",
    "interventions",
    "over plain",
    "over spheres",
    "over better",
)


def controller_report(
    harm: bool, repairs: bool, thin: bool, file: Path | None, keep: bool, workers: int | None
) -> dict[str, Any] | None:
    """Return what was asked for, as plain data; None if it was interrupted.

    Parameters
    ----------
    harm, repairs, thin : bool
        What is reported.
    file : Path, optional
        Where it is measured, or the measurement goes on; kept results by default.
    keep : bool
        Whether to keep the result of the measurement.
    workers : int, optional
    """
    from stability.studies import harm_table, repair_table, thin_table

    report: dict[str, Any] = {}
    asked = (("harm", harm_table, harm), ("repairs", repair_table, repairs), ("thin", thin_table, thin))
    for name, table, wanted in asked:
        if wanted:
            report[name] = study_of(table, file, keep, workers)
            if report[name] is None:
                return None
    rows: dict[str, Iterable[Any]] = {}
    if harm:
        policies = report["harm"]["settings"]["policies"]
        rows["harm"] = [row for policy in policies for row in harm_table.harm_rows(report["harm"], policy)]
    if repairs:
        rows["repairs"] = repair_table.repair_rows(report["repairs"])
    if thin:
        rows["thin"] = thin_table.thin_rows(report["thin"])
    for name, found in rows.items():
        report[name] = {**report[name], "rows": [{**row.to_json(), "cells": row.cells()} for row in found]}
    return report


def controller_tables(report: Mapping[str, Any]) -> "list[Part]":
    """Return a report as tables, with what their columns mean."""
    parts: list[Part] = []
    if "harm" in report:
        parts += [_table("Healthy trainings with a controller and without", HARM_COLUMNS, report["harm"]), HARM_NOTE]
    if "repairs" in report:
        parts += [_table("Bad starts and steps too large", REPAIR_COLUMNS, report["repairs"]), REPAIR_NOTE]
    if "thin" in report:
        parts += [_table("Deep thin networks on the two moons", THIN_COLUMNS, report["thin"]), THIN_NOTE]
    return parts


def _table(title: str, columns: tuple[str, ...], study: Mapping[str, Any]) -> Table:
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < 2 else "right")
    for row in study["rows"]:
        table.add_row(*(cell.strip("`") for cell in row["cells"]))
    return table
