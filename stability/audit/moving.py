"""How are flows and basins computed and shown on the command line?"""

from fractions import Fraction

from rich.table import Table

from stability.audit.reports import progress_bar
from stability.dynamics import Basins, Trajectory, basins
from stability.geometry.summaries import told, vector
from stability.model.landscapes import Landscape


def compute_basins(landscape: Landscape, law: str, samples: int, seed: int) -> Basins:
    """Return the basins, with a progress bar where there is a terminal."""
    with progress_bar() as bar:
        task = bar.add_task("starts", total=samples)
        return basins(landscape, law, samples, seed, lambda done, total: bar.update(task, completed=done, total=total))


def basins_table(found: Basins) -> tuple[str, Table]:
    """Return how much was decided in words, and the shares as a table."""
    head = (
        f"{found.landscape!r}: gradient flow from {found.samples:,} starts, {found.law}, seed {found.seed}; "
        f"{found.undecided} undecided"
    )
    table = Table()
    for name in ("ends on", "loss", "right", "share", "95% interval", "a point of it (w; b per unit)"):
        table.add_column(name, overflow="fold")
    for each in found.shares:
        table.add_row(
            each.set.kind,
            told(each.set.loss),
            f"{each.set.right} of {len(each.set.outputs)}",
            f"{each.share:.2%}",
            f"{each.low:.2%} to {each.high:.2%}",
            "; ".join(map(vector, each.set.witness)),
        )
    return head, table


def flow_table(found: Trajectory) -> tuple[str, Table]:
    """Return where a trajectory ends in words, and its events as a table."""
    end = "undecided" if found.ends_on is None else f"a {found.ends_on.kind}, set {found.ends_on.index} of the atlas"
    loss = "" if found.loss is None else f", loss {told(found.loss)}"
    point = "; ".join(f"({', '.join(map(_number, row))})" for row in found.point)
    reason = f" ({found.reason})" if found.reason else ""
    several = "" if found.unique else "; other solutions leave the same start"
    head = f"{found.landscape!r}: gradient flow ends on {end}{loss}, at {point}{reason}{several}"
    table = Table()
    for name in ("time", "event", "unit", "example", "note"):
        table.add_column(name)
    for event in found.events:
        kink = ["" if k is None else str(k + 1) for k in (event.unit, event.example)]
        time = "" if event.kind == "stop" else f"{float(sum(event.time)) / 2:.6g}"
        table.add_row(time, event.kind, *kink, event.detail)
    return head, table


def _number(x: Fraction | float) -> str:
    return told(x) if isinstance(x, Fraction) else f"~{x:.6g}"
