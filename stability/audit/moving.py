"""How are flows, update rules and basins read, computed and shown on the command line?"""

from collections.abc import Mapping
from fractions import Fraction

from rich.table import Table

from stability.audit.screen import progress_bar
from stability.dynamics import Basins, Trajectory, basins
from stability.errors import StabilityError, UnknownNameError, nearest
from stability.geometry.summaries import correct_of, told, vector
from stability.model.correctness import explained
from stability.model.landscapes import Landscape
from stability.model.rules import ALIASES, RULES, UpdateRule, rule


def rule_or_flow(spelling: str, parameters: Mapping[str, str | None]) -> UpdateRule | None:
    """Return an update rule by its spelling and those of its parameters that are given; None for "flow".

    Raises
    ------
    UnknownNameError, NumberError
        If there is no such rule, a parameter is not one of it, is out of its range, or is missing.
    StabilityError
        If a parameter is given for the flow.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    if spelling == "flow":
        if given:
            name, value = next(iter(given.items()))
            raise StabilityError(
                f"Expected the rule flow without a {name}; got the {name} {value}.", "Write --rule gd --step 1/10."
            )
        return None
    if spelling.replace("_", "-") not in {*RULES, *ALIASES}:
        raise UnknownNameError(
            f"Expected flow or an update rule; got {spelling!r}.", nearest(spelling, ["flow", *RULES])
        )
    return rule(spelling, **given)


def compute_basins(
    landscape: Landscape,
    law: str,
    samples: int,
    seed: int,
    update: UpdateRule | None = None,
    steps: int | None = None,
) -> Basins:
    """Return the basins, with a progress bar where there is a terminal."""
    with progress_bar() as bar:
        task = bar.add_task("starts", total=samples)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return basins(landscape, law, samples, seed, tell, update, steps)


def basins_table(found: Basins) -> list[str | Table]:
    """Return how much was decided in words, the shares as a table, and what "right" means in it."""
    how, left = "gradient flow", f"{found.undecided} undecided"
    if found.steps is not None:
        how = f"{found.rule}, {found.steps:,} steps at most,"
        left = f"{found.unexplained} at no set, {found.diverged} diverged"
    head = f"{found.landscape!r}: {how} from {found.samples:,} starts, {found.law}, seed {found.seed}; {left}"
    meaning = explained(found.landscape.data.labels)
    right = [] if meaning is None else ["right"]
    table = Table()
    for name in ("ends on", "loss", *right, "share", "95% interval", "a point of it (w; b per unit)"):
        table.add_column(name, overflow="fold")
    for each in found.shares:
        table.add_row(
            each.set.kind,
            told(each.set.loss),
            *correct_of(each.set),
            f"{each.share:.2%}",
            f"{each.low:.2%} to {each.high:.2%}",
            "; ".join(map(vector, each.set.witness)),
        )
    return [head, table] if meaning is None else [head, table, meaning]


def flow_table(found: Trajectory) -> tuple[str, Table]:
    """Return where a trajectory ends in words, and its events as a table."""
    end = "undecided" if found.ends_on is None else f"a {found.ends_on.kind}, set {found.ends_on.index} of the atlas"
    loss = "" if found.loss is None else f", loss {told(found.loss)}"
    point = "; ".join(f"({', '.join(map(_number, row))})" for row in found.point)
    reason = f" ({found.reason})" if found.reason else ""
    several = "" if found.unique else "; other solutions leave the same start"
    head = f"{found.landscape!r}: gradient flow ends on {end}{loss}, at {point}{reason}{several}"
    table = Table()
    for name in ("time", "event", "unit (from 1)", "example (from 1)", "note"):
        table.add_column(name)
    for event in found.events:
        kink = ["" if k is None else str(k + 1) for k in (event.unit, event.example)]
        time = "" if event.kind == "stop" else f"{float(sum(event.time)) / 2:.6g}"
        table.add_row(time, event.kind, *kink, event.detail)
    return head, table


def _number(x: Fraction | float) -> str:
    return told(x) if isinstance(x, Fraction) else f"~{x:.6g}"
