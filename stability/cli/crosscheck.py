"""What predictions and measurements of `stability crosscheck` look like."""

from rich.table import Table

from stability.studies.crosscheck import CONFIDENCE, Compared


def crosscheck_table(found: list[Compared]) -> Table:
    """Return predictions and measurements as a table."""
    table = Table("prediction", "from", "predicted", "measured", f"{CONFIDENCE:.1%} interval", "agrees")
    for each in found:
        low, high = each.interval
        measured = f"{each.hits:,} of {each.runs:,} ({each.hits / each.runs:.2%})"
        said = {0.0: "never", 1.0: "always"}.get(each.predicted, f"{each.predicted:.4f}")
        table.add_row(
            each.check.says,
            each.check.source,
            said,
            measured,
            f"{low:.4f} to {high:.4f}",
            "yes" if each.agrees else "NO",
        )
    return table
