"""What the comparison of methods at depth 50 looks like."""

from typing import Any

from rich.table import Table

from stability.cli.deep_report import spread
from stability.studies.deep_table import DEPTH, PUBLISHED, QUANTITIES, WIDTH, measured_names
from stability.training.deep.results import DeepRun

WORDS = {
    "train_accuracy": "train. accuracy",
    "val_accuracy": "val. accuracy",
    "loss": "train. loss",
    "val_loss": "val. loss",
}


def table_shown(runs: dict[str, DeepRun]) -> list[str | Table]:
    """Return the table as people read it: the published value, and the median with the range over seeds."""
    any_run = next(iter(runs.values()))
    head = (
        f"Two moons, depth {DEPTH}, width {WIDTH}, {len(any_run.seeds)} seeds, {any_run.epochs:,} epochs, weight "
        f"{any_run.settings.weight:g}: Table 2 of separation-constraints as published (a single number, at the best of "
        f"all epochs) and measured (the median, and the range over seeds)."
    )
    return [head, _side(runs, QUANTITIES[:2], "greatest"), _side(runs, QUANTITIES[2:], "at the best")]


def _side(runs: dict[str, DeepRun], quantities: tuple[str, ...], best: str) -> Table:
    """Return the table of two of the quantities."""
    heads = [f"{WORDS[q]}\n{end}" for q in quantities for end in ("published", best, "final")]
    table = Table("method", *heads)
    for method, run in runs.items():
        table.add_row(*_row(method, run, quantities))
        if method == "relu-bn":
            table.add_row(*_row(method, run, quantities, by_batch=True))
    return table


def _row(method: str, run: DeepRun, quantities: tuple[str, ...], by_batch: bool = False) -> list[str]:
    """Return the cells of a method, of a normalised one by running means or by batch statistics, as Keras logs it."""
    cells, printed = [f"{method}, by batch statistics" if by_batch else method], PUBLISHED.get(method)
    for quantity in quantities:
        cells.append("" if printed is None else f"{getattr(printed, quantity):g}")
        cells += [_formatted(getattr(run, name)) for name in measured_names(quantity, by_batch)]
    return cells


def _formatted(values: Any) -> str:
    median, least, greatest = spread(values, "{:.3f}")
    return f"{median} ({least} to {greatest})"
