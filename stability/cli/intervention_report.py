"""Reports of the effects of a controller: as plain data, and as tables."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from stability.io.provenance import provenance
from stability.studies.interventions import TASKS, PolicyOutcome


def report(found: Sequence[PolicyOutcome], seed: int) -> dict[str, Any]:
    """Return all results as plain data."""
    return {**provenance(), "seed": seed, "results": [each.to_json() for each in found]}


def policy_tables(found: Sequence[PolicyOutcome]) -> list[Table | str]:
    """Return a table for each task, and what its columns mean."""
    names = list(dict.fromkeys(each.task for each in found))
    notes = (
        "rescued: of the runs that fail without a controller; harmed, alarmed: of the runs that succeed without one, "
        "those that fail with it, and those that it repairs at all. Intervals: 95% (Wilson)."
    )
    return [_table(name, [each for each in found if each.task == name]) for name in names] + ([notes] if names else [])


def _table(name: str, rows: Sequence[PolicyOutcome]) -> Table:
    table = Table(title=f"{name}: {TASKS[name]} ({rows[0].runs:,} runs)", title_justify="left")
    table.add_column("policy")
    for column in ("success", "95% interval", "rescued", "harmed", "alarmed", "repairs per run", *_extra(name)):
        table.add_column(column, justify="right")
    for row in rows:
        low, high = row.interval
        failing = row.runs - row.healthy
        table.add_row(
            row.policy,
            _share(row.successes, row.runs),
            f"{low:.2%} to {high:.2%}",
            _share(row.rescued, failing),
            _share(row.harmed, row.healthy),
            _share(row.alarmed, row.healthy),
            f"{row.measured['repairs']:.2f}",
            *(f"{row.measured[key]:.3f}" for key in _extra(name).values()),
        )
    return table


def _extra(name: str) -> dict[str, str]:
    """Return further columns: what they are called, and what they show."""
    if name == "xor":
        return {}
    return {"mean accuracy": "final", "mean largest": "best", "largest a success": "best_success"}


def _share(count: int, total: int) -> str:
    return f"{count / total:.2%}" if total else "none"
