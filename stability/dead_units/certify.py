"""Records that units stay dead, and what becomes of each unit of a layer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stability.checker import checker
from stability.dead_units.bounds import Reach, explicit_steps, greatest, ratio, reach, slack
from stability.dead_units.layers import UnitLayer, exact, exact_row, hull
from stability.dead_units.reasons import reason
from stability.logic.records import Record

BITS = 192
"""Binary digits behind the point with which the checker rounds."""

FEW = 1_000_000
"""Numbers of the inputs, above which no record is made."""

HORIZON = 1_000_000
"""Steps beyond which nothing is claimed but for ever."""

FOR_EVER, STEPS, BACK, ALIVE, UNKNOWN = "dead for ever", "dead for n steps", "may come back", "alive", "unknown"
STATUSES = (FOR_EVER, STEPS, BACK, ALIVE, UNKNOWN)
"""What may become of a unit. The first two have a certificate."""


MOVING = "the layers before it can move its inputs to where it is on"
UNSEEN = "its inputs can be where it is on; whether they are is not known without a forward pass"


@dataclass(frozen=True)
class UnitOutcome:
    """What becomes of a unit.

    Attributes
    ----------
    layer : str
    unit : int
        Counted from 0.
    status : str
        One of "dead for ever", "dead for n steps", "may come back", "alive" and "unknown".
    steps : int or None
        For how many steps of the optimiser it stays dead at least.
    largest : float or None
        The largest pre-activation over the inputs, in floats; None where inputs are unknown.
    reason : str
        Why it may come back, or is unknown; or on which premise about its inputs it stays dead.
    certificate : str or None
        The id of the record.
    """

    layer: str
    unit: int
    status: str
    steps: int | None = None
    largest: float | None = None
    reason: str = ""
    certificate: str | None = None


@dataclass(frozen=True, eq=False)
class LayerOutcome:
    """What becomes of the units of a layer, with the records.

    Attributes
    ----------
    units : list of UnitOutcome
    records : list of Record
    """

    units: list[UnitOutcome]
    records: list[Record]

    @property
    def for_ever(self) -> set[int]:
        """The units that are certified to stay dead for ever."""
        return {each.unit for each in self.units if each.status == FOR_EVER}


def record_of(layer: UnitLayer, steps: int | None) -> Record:
    """Return the record that all units of a layer stay dead, whether that is so or not."""
    rule = layer.rule
    memory = ("velocity",) if rule.name == "sgd" else ("m", "v")
    units = []
    for row, *kept in zip(layer.parameters, layer.velocity, layer.square, strict=True):
        texts = exact_row(row)
        state = {key: exact_row(each) for key, each in zip(memory, kept, strict=False)}
        units.append({"weights": texts[:-1], "bias": texts[-1], **state})
    proof: dict[str, Any] = {"bits": BITS}
    if rule.name == "sgd":
        found = (ratio(rule, decay, steps) if decay else None for decay in (rule.weight_decay, rule.bias_decay))
        proof["ratios"] = [None if q is None else exact(q) for q in found]
    else:
        proof["explicit"] = explicit_steps(steps)
    record: Record = {
        "format": "stability-recovery/1",
        "id": "",
        "landscapes": {},
        "statement": {
            "units": units,
            "inputs": layer.inputs_record(),
            "rule": rule.to_record(),
            "roundoff": exact(layer.roundoff),
            "steps": steps,
        },
        "conclusion": "proved",
        "proof": proof,
    }
    return {**record, "id": checker.digest(record)}


def outcomes(layer: UnitLayer, horizon: int = HORIZON) -> LayerOutcome:
    """Return what becomes of each unit of a layer, with records that the checker accepts.

    Parameters
    ----------
    layer : UnitLayer
    horizon : int
        The most steps that are claimed where it is not for ever.

    Examples
    --------
    >>> import numpy as np
    >>> from stability.dead_units.rules import RecoveryRule
    >>> still = np.zeros((1, 2))
    >>> layer = UnitLayer("fc", np.array([[1.0, -2.0]]), still, still, RecoveryRule("sgd", 0.1), np.array([[0.5], [1]]))
    >>> outcomes(layer).units[0].status
    'dead for ever'
    """
    layer = _distinct(layer)
    start = greatest(layer, _still(layer), 0.0)
    alive = start > slack(layer)
    found: dict[int, UnitOutcome] = {}
    records: list[Record] = []

    def note(units: Iterable[int], status: str, **more: Any) -> None:
        for j in units:
            found[j] = UnitOutcome(layer.name, j, status, largest=float(start[j]), **more)

    def certified(units: Sequence[int], steps: int | None) -> list[int]:
        """Note what the checker accepts and return the others."""
        left: list[int] = []
        for accepted, own in _accepted(layer, units, steps):
            if own is None:
                left += accepted
            else:
                records.append(own)
                status = FOR_EVER if steps is None else STEPS
                note(accepted, status, steps=steps, reason=layer.premise, certificate=own["id"])
        return left

    seen = layer.on is not None or not layer.premise
    on = alive if layer.on is None else alive & layer.on
    note(np.flatnonzero(on).tolist(), ALIVE if seen else UNKNOWN, reason="" if seen else UNSEEN)
    note(np.flatnonzero(alive & ~on).tolist(), BACK, reason=MOVING)
    dead = np.flatnonzero(~alive).tolist()
    if dead and layer.points is not None and layer.points.size > FEW:
        note(
            dead, UNKNOWN, reason=f"a record of {layer.points.size:,} numbers is too large: give fewer inputs, or a box"
        )
        layer = replace(layer, points=None, box=hull(layer.points))
        dead = _off(layer, dead)
    certified(_holding(layer, dead, None), None)
    rest = [j for j in dead if j not in found or found[j].status != FOR_EVER]
    by_steps: dict[int, list[int]] = {}
    for j in rest:
        by_steps.setdefault(_most_steps(layer.of([j]), horizon), []).append(j)
    for steps, units in sorted(by_steps.items()):
        missed = certified(units, steps) if steps else units
        for j in missed:
            lower = steps - 1 - steps // 100
            if not steps or lower < 1 or certified([j], lower):
                note([j], BACK, reason=reason(layer.of([j]), horizon))
        for j in set(units) - set(missed):
            found[j] = replace(found[j], reason=reason(layer.of([j]), horizon))
    return LayerOutcome([found[j] for j in range(len(layer.parameters))], records)


def _still(layer: UnitLayer) -> Reach:
    """Return where units are that nothing moves."""
    none = np.zeros_like(layer.parameters)
    return Reach([layer.parameters], none, none)


def _distinct(layer: UnitLayer) -> UnitLayer:
    if layer.points is None:
        return layer
    return replace(layer, points=np.unique(layer.points, axis=0))


def _off(layer: UnitLayer, units: Sequence[int]) -> list[int]:
    """Return which units are off at all inputs, as floats have it."""
    chosen = layer.of(units)
    heights = greatest(chosen, _still(chosen), 0.0)
    return [j for j, height in zip(units, heights.tolist(), strict=True) if height <= 0]


def _holding(layer: UnitLayer, units: Sequence[int], steps: int | None) -> list[int]:
    """Return which units stay dead, as floats have it."""
    chosen = layer.of(units)
    where = reach(chosen, steps) if units else None
    if where is None:
        return []
    holds = greatest(chosen, where, layer.roundoff) <= slack(chosen)
    return [j for j, each in zip(units, holds.tolist(), strict=True) if each]


def _holds(layer: UnitLayer, steps: int) -> bool:
    """Return whether the first unit stays dead, as floats have it."""
    return bool(_holding(layer, [0], steps))


def _most_steps(layer: UnitLayer, horizon: int) -> int:
    """Return for how many steps a unit stays dead, as floats have it; 0 for none."""
    if not _holds(layer, 1):
        return 0
    low, high = 1, 2
    while high <= horizon and _holds(layer, high):
        low, high = high, 2 * high
    if high > horizon:
        return horizon if _holds(layer, horizon) else low
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _holds(layer, middle) else (low, middle)
    return low


def _accepted(layer: UnitLayer, units: Sequence[int], steps: int | None) -> list[tuple[list[int], Record | None]]:
    """Return units with the record that the checker accepts of them, or None."""
    if not units:
        return []
    record = record_of(layer.of(units), steps)
    try:
        checker.check(record)
        return [([*units], record)]
    except checker.Rejected:
        if len(units) == 1:
            return [([*units], None)]
    half = len(units) // 2
    return [*_accepted(layer, units[:half], steps), *_accepted(layer, units[half:], steps)]
