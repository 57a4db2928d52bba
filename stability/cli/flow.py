"""Reading, computing and reporting of flows, update rules and basins on the command line."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from stability.cli.terminal import shown_progress
from stability.dynamics.basins.attribution import NEAR
from stability.dynamics.basins.basins import Basins, basins
from stability.dynamics.basins.loss_levels import LossLevels, loss_levels
from stability.dynamics.flow.solution_ends import MOST_SOLUTIONS
from stability.dynamics.flow.solutions import Solution
from stability.dynamics.maps.iterate import STEPS
from stability.dynamics.maps.settling import WINDOW
from stability.errors import StabilityError, UnknownNameError, nearest
from stability.exact.numbers import formatted, formatted_vector
from stability.geometry.atlas.size import most_choices
from stability.geometry.atlas.text import correct_of
from stability.io.printable import amount
from stability.landscapes import Landscape
from stability.model.correctness import explained
from stability.model.update_rules import ALIASES, RULES, UpdateRule, update_rule
from stability.model.wilson import wilson

REASONS_SHOWN = LEVELS_SHOWN = SETS_SHOWN = 12
"""So many rows of each kind a table has; the others are counted."""


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
    return update_rule(spelling, **given)


def rules_or_flow(spelling: str, parameters: Mapping[str, str | None]) -> list[UpdateRule | None]:
    """Return the update rules of a command line, one for each of the steps between commas.

    Raises
    ------
    UnknownNameError, NumberError, StabilityError
        As `rule_or_flow` does.
    """
    steps = (parameters.get("step") or "").split(",")
    if len(steps) < 2:
        return [rule_or_flow(spelling, parameters)]
    return [rule_or_flow(spelling, {**parameters, "step": step.strip()}) for step in steps]


def compute_basins(
    landscape: Landscape,
    law: str,
    samples: int,
    seed: int,
    update: UpdateRule | None = None,
    steps: int | None = None,
    within: float = NEAR,
) -> Basins:
    """Return the basins, with a progress bar where there is a terminal."""
    with shown_progress("starts") as progress:
        return basins(landscape, law, samples, seed, progress, update, steps, within)


def compute_levels(
    landscape: Landscape, law: str, samples: int, seed: int, update: UpdateRule, steps: int | None = None
) -> LossLevels:
    """Return the levels of loss at which a rule leaves starts, with a progress bar where there is a terminal."""
    with shown_progress("starts") as progress:
        return loss_levels(landscape, law, samples, update, seed, STEPS if steps is None else steps, progress)


def levels_table(found: LossLevels) -> list[str | Table]:
    """Return the levels of loss as a table, with a sentence on why no sets are named."""
    head = (
        f"{found.landscape!r}: {found.rule}, {found.steps:,} steps at most, "
        f"from {amount(found.samples, 'start', ',')}, {found.law}, seed {found.seed}; {found.diverged:,} diverged\n"
        f"Levels of loss, in floats. No stationary sets are named, since the atlas has up to "
        f"{most_choices(found.landscape):,} choices of faces; --max-faces allows more."
    )
    table = Table("loss", "runs", "share", "95% interval", "at rest", "largest gradient")
    for each in found.levels[:LEVELS_SHOWN]:
        share = f"{each.share:.2%}", f"{each.low:.2%} to {each.high:.2%}"
        table.add_row(f"~{each.loss:g}", f"{each.count:,}", *share, f"{each.resting:,}", f"{each.gradient:.2g}")
    left = found.levels[LEVELS_SHOWN:]
    if left:
        count = sum(each.count for each in left)
        resting = sum(each.resting for each in left)
        table.add_row(f"{len(left)} more", f"{count:,}", f"{count / found.samples:.2%}", "", f"{resting:,}", "")
    return [head, table]


def basins_table(found: Basins) -> list[str | Table]:
    """Return how much was decided in words, the shares as a table, what "correct" means, and why runs are at no set."""
    how, left = "gradient flow", f"{found.undecided} undecided"
    if found.several:
        left = f"several solutions leave {found.several:,} of them, {left}"
    if found.steps is not None:
        how = f"{found.rule}, {found.steps:,} steps at most,"
        left = f"{found.unexplained} at no set, {found.diverged} diverged"
    if found.exact:
        left = f"{left}; {found.exact:,} followed exactly, as floats did not decide"
    head = (
        f"{found.landscape!r}: {how} from {amount(found.samples, 'start', ',')}, {found.law}, seed {found.seed}; {left}"
    )
    meaning = explained(found.landscape.data.labels)
    right = [] if meaning is None else ["correct"]
    table, near = Table(), any(each.near for each in found.shares)
    within = [f"or within {found.within:g}"] if near else []
    for name in ("ends on", "loss", *right, "share", "95% interval", *within, "a point of it (w; b per unit)"):
        table.add_column(name, overflow="fold")
    for each in found.shares:
        table.add_row(
            each.set.kind,
            formatted(each.set.loss),
            *correct_of(each.set),
            f"{each.share:.2%}",
            f"{each.low:.2%} to {each.high:.2%}",
            *[f"{(each.count + each.near) / found.samples:.2%}"] * near,
            "; ".join(map(formatted_vector, each.set.witness)),
        )
    if found.several:
        low, high = wilson(found.several, found.samples)
        share = f"{found.several / found.samples:.2%}", f"{low:.2%} to {high:.2%}"
        table.add_row("several solutions", "", *("" for _ in right), *share, "")
    return [head, table, *([] if meaning is None else [meaning]), *_several_parts(found), *_unsettled_parts(found)]


def _several_parts(found: Basins) -> list[str | Table]:
    """Return where solutions end that leave one start, as a sentence and a table; nothing where each has one."""
    if not found.several_ends:
        return []
    count = sum(each.count for each in found.several_ends)
    which = f"the first {count} of those starts" if found.several > count else "those starts"
    table = Table()
    for name in ("starts", "solutions end on", "loss", "a point of it (w; b per unit)"):
        table.add_column(name, overflow="fold")
    for each in found.several_ends[:SETS_SHOWN]:
        rows = [[one.kind, formatted(one.loss), "; ".join(map(formatted_vector, one.witness))] for one in each.sets]
        rows += [["others are not decided", "", ""]] * each.undecided
        for k, row in enumerate(rows):
            table.add_row("" if k else str(each.count), *row, end_section=k == len(rows) - 1)
    left = found.several_ends[SETS_SHOWN:]
    if left:
        table.add_row(str(sum(each.count for each in left)), f"{len(left)} other lists", "", "")
    text = f"Where the solutions end that leave {which}, each at once ({MOST_SOLUTIONS} of a start at most):"
    return [text, table]


def _unsettled_parts(found: Basins) -> list[str | Table]:
    """Return why runs are at no set, as a sentence and a table; nothing where all are at one."""
    if not found.unsettled:
        return []
    text = (
        f"At no set, by the {WINDOW} steps after the last; of each run the largest distance to the nearest set counts:"
    )
    table = Table("at no set", "nearest set", "loss", "share", f"within {found.within:g}", "distance (median, largest)")
    for each in found.unsettled[:REASONS_SHOWN]:
        share, near = each.count / found.samples, each.near / found.samples
        name, loss, ways = "not known", "", ""
        if each.set is not None:
            name, loss = f"{each.set.index} ({each.set.kind})", formatted(each.set.loss)
            ways = f"{each.median:.3g}, {each.largest:.3g}"
        table.add_row(f"{each.reason}: {each.meaning}", name, loss, f"{share:.2%}", f"{near:.2%}", ways)
    left = found.unsettled[REASONS_SHOWN:]
    if left:
        share = sum(each.count for each in left) / found.samples
        table.add_row(f"{len(left)} more", "", "", f"{share:.2%}", "", "")
    return [text, table]


def steps_table(found: Sequence[Basins], steps: Sequence[str]) -> list[str | Table]:
    """Return the shares under several steps as one table, a column per step; runs near a set count for it."""
    first = found[0]
    head = (
        f"{first.landscape!r}: {first.rule.split(' ')[0]}, {first.steps:,} steps at most, "
        f"from {amount(first.samples, 'start', ',')}, {first.law}, seed {first.seed}; "
        f"share of runs at each set, or within "
        f"{first.within:g} of it as the nearest, by step"
    )
    table = Table("at or near", "loss", *(f"step {step}" for step in steps), "a point of it (w; b per unit)")
    counts = [{each.set.index: each.count + each.near for each in one.shares} for one in found]
    sets = {each.set.index: each.set for one in found for each in one.shares}
    most = sorted(sets, key=lambda k: -max(count.get(k, 0) for count in counts))
    shown, left = sorted(most[:SETS_SHOWN]), most[SETS_SHOWN:]
    for k in shown:
        row = [f"{count.get(k, 0) / first.samples:.2%}" for count in counts]
        table.add_row(sets[k].kind, formatted(sets[k].loss), *row, "; ".join(map(formatted_vector, sets[k].witness)))
    if left:
        rest = [sum(count.get(k, 0) for k in left) / first.samples for count in counts]
        table.add_row(f"{len(left)} more sets", "", *(f"{share:.2%}" for share in rest), "")
    reasons = list(dict.fromkeys(each.reason for one in found for each in one.unsettled))
    for reason in reasons:
        numbers = [sum(each.count - each.near for each in one.unsettled if each.reason == reason) for one in found]
        if any(numbers):
            table.add_row(f"near no set: {reason}", "", *(f"{n / first.samples:.2%}" for n in numbers), "")
    if any(one.diverged for one in found):
        table.add_row("diverged", "", *(f"{one.diverged / first.samples:.2%}" for one in found), "")
    return [head, table]


def flow_table(found: Solution) -> list[str | Table]:
    """Return where a trajectory ends in words, its events as a table, and the branches that leave it as another."""
    reason = f" ({found.reason})" if found.reason else ""
    head = f"{found.landscape!r}: gradient flow ends on {found.end}, at {found.spot}{reason}; {_solutions(found)}"
    table = Table()
    noted = any(event.detail for event in found.events)
    for name in ("time", "event", "unit (from 1)", "example (from 1)", *(["note"] if noted else [])):
        table.add_column(name)
    for event in found.events:
        kink = ["" if k is None else str(k + 1) for k in (event.unit, event.example)]
        time = "" if event.kind == "stop" else f"{float(sum(event.time)) / 2:.6g}"
        table.add_row(time, event.kind, *kink, *([event.detail] if noted else []))
    return [head, table, *_branches_parts(found)]


def _branches_parts(found: Solution) -> list[str | Table]:
    """Return the solutions that leave a trajectory in a sentence and a table; nothing where it is unique."""
    if not found.branches:
        return []
    text = "Other solutions: when each leaves, on which side of the kinks (one sign per example), and where it ends."
    table = Table("leaves at time", "signs by unit", "ends on", "at", "note")
    for branch in found.branches[:SETS_SHOWN]:
        signs = ", ".join("".join("-0+"[s + 1] for s in row) for row in branch.signs)
        notes = [
            "" if branch.known else "not decided whether it exists",
            "" if branch.held else "others may leave it later",
        ]
        other = branch.trajectory
        notes += [other.reason, "branches again" if other.branches else ""]
        time = f"{float(sum(branch.time)) / 2:.6g}"
        table.add_row(time, signs, other.end, other.spot, "; ".join(note for note in notes if note))
    left = len(found.branches) - SETS_SHOWN
    if left > 0:
        table.add_row(f"{left} more", "", "", "", "--json lists all")
    return [text, table]


def _solutions(found: Solution) -> str:
    """Return how many solutions leave the start, as far as it is decided."""
    if found.unique:
        return "unique"
    least = 1 + sum(branch.known for branch in found.branches)
    return f"at least {least} solutions leave the same start" if least > 1 else "not decided to be the only solution"
