"""Reports of alarms: how often they ring in healthy trainings, and whether they see broken ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from stability.cli.kept_study import study_of
from stability.io.provenance import provenance

if TYPE_CHECKING:
    from stability.cli.terminal import Part

NOTE = (
    "A reading counts for an alarm where there is a number to judge; bounds are one-sided 95% bounds of the share of "
    "readings in alarm (Clopper and Pearson), as if readings were independent. Starts are readings before the first "
    "step of runs of their own."
)


def alarm_report(false_alarms: bool, failures: bool, file: Path | None, keep: bool, workers: int | None) -> Any:
    """Return what was asked for, as plain data; None if it was interrupted.

    Parameters
    ----------
    false_alarms, failures : bool
        What is reported.
    file : Path, optional
        Where false alarms are measured, or the measurement goes on; kept results by default.
    keep : bool
        Whether to keep the result of the measurement.
    workers : int, optional
    """
    report: dict[str, Any] = {**provenance()}
    if false_alarms:
        from stability.studies.false_alarm_table import KEPT

        study = study_of(KEPT, file, keep, workers, "runs", "starts")
        if study is None:
            return None
        report["false_alarms"] = {**study, "rows": [row.to_json() for row in KEPT.rows(study)]}
    if failures:
        from stability.cli.terminal import shown_stages
        from stability.studies.training_failures import FAILURES, found_failure

        found = []
        with shown_stages("failures") as progress:
            for place, failure in enumerate(FAILURES.values(), start=1):
                found.append(found_failure(failure, 0).to_json())
                progress("failures", place, len(FAILURES))
        report["failures"] = found
    return report


def alarm_tables(report: Mapping[str, Any]) -> "list[Part]":
    """Return a report as tables, with what their columns mean."""
    parts: list[Part] = []
    if "false_alarms" in report:
        parts += [_trainings(report["false_alarms"]), _false_alarms(report["false_alarms"]["rows"]), NOTE]
    if "failures" in report:
        parts.append(_failures(report["failures"]))
    return parts


def _trainings(study: Mapping[str, Any]) -> Table:
    seeds = ", ".join(map(str, study["settings"]["seeds"]))
    table = Table(title=f"Healthy trainings (seeds {seeds})", title_justify="left")
    table.add_column("training")
    for column in ("scores", "readings", "alarms"):
        table.add_column(column, justify="right")
    for name, each in study["trainings"].items():
        rang = sum(count["episodes"] for count in each["alarms"].values())
        scores = ", ".join(f"{score:.3g}" for score in each["scores"])
        table.add_row(name, scores, f"{each['readings']:,}", str(rang))
    return table


def _false_alarms(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title="False alarms", title_justify="left")
    table.add_column("alarm")
    for column in ("readings", "in alarm", "begun", "at most", "starts", "in alarm", "at most"):
        table.add_column(column, justify="right")
    table.add_column("in")
    for row in rows:
        table.add_row(
            row["kind"],
            *(f"{row[name]:,}" for name in ("readings", "in_alarm", "episodes")),
            _share(row["bound"]),
            *(f"{row[name]:,}" for name in ("starts", "starts_in_alarm")),
            _share(row["starts_bound"]),
            ", ".join(row["trainings"]),
        )
    return table


def _failures(found: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title="Failures made on purpose", title_justify="left")
    for column in ("failure", "alarm", "in reading", "also raised"):
        table.add_column(column)
    for each in found:
        expected, first = each["expected"], each["first"]
        others = [kind for kind in first if kind not in expected]
        readings = ", ".join(str(first[kind]) if kind in first else "not raised" for kind in expected)
        table.add_row(each["failure"], ", ".join(expected), readings, ", ".join(others))
    return table


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.2%}"
