"""The stationary sets of a family of landscapes, from one parameter to another, and where they change."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any

from stability.dynamics.bifurcation.branches import Branch, branches, simplified
from stability.dynamics.bifurcation.events import BifurcationEvent, event
from stability.dynamics.bifurcation.families import FamilyError, Given, LandscapeFamily, first_member, identify
from stability.dynamics.bifurcation.snapshots import Snapshot, value
from stability.dynamics.bifurcation.sweep_parameter import parameter_sweep
from stability.dynamics.bifurcation.text import event_lines, rows, summary, title, to_json
from stability.errors import CertificateError, TooLargeError
from stability.exact.numbers import Exact, rational
from stability.exact.real_roots import Root, exactly
from stability.geometry.atlas.atlas import atlas
from stability.geometry.atlas.size import most_choices, smaller
from stability.io.printable import amount, grouped
from stability.io.results import ResultTable, Tabular
from stability.model.network_loss import NetworkLoss

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CHOICES = 5_000
"""Choices of faces beyond which a family is refused, unless more are allowed."""


@dataclass(frozen=True)
class Bifurcation(Tabular):
    """The stationary sets of a family over a range of parameters, complete at every parameter of it.

    Attributes
    ----------
    family : LandscapeFamily
    name : str
        What the parameter is called.
    branches : list of Branch
    events : list of BifurcationEvent
        In ascending order; an event at an end of the range shows how the end differs from what is next to it.
    snapshots : list of Snapshot
        The complete lists: at the low end, up to the first event, at it, and so on to the high end.
    checked : list of Fraction
        Parameters at which an atlas lists the same sets: one between any two events, and each rational event.

    Examples
    --------
    >>> from stability import landscape
    >>> found = landscape("abs1", "xor").bifurcation("label:1", 0, 1)
    >>> len(found.branches), len(found.events)
    (9, 3)
    """

    family: LandscapeFamily
    name: str
    branches: list[Branch]
    events: list[BifurcationEvent]
    snapshots: list[Snapshot]
    checked: list[Fraction]

    def at(self, parameter: Exact) -> list[tuple[str, Fraction, int]]:
        """Return (kind, loss, how many) for the stationary sets at a rational parameter, least loss first.

        Raises
        ------
        FamilyError
            If it is not in the range.
        """
        number = rational(parameter)
        here = exactly(number)
        for snapshot in self.snapshots:
            if snapshot.low == here == snapshot.high or snapshot.low < here < snapshot.high:
                rows = sorted((value(s.loss, number), s.kind, s.orbit) for s in snapshot.sets)
                grouped = groupby(rows, key=lambda each: each[:2])
                return [(kind, loss, sum(each[2] for each in same)) for (loss, kind), same in grouped]
        raise FamilyError(
            f"Expected a parameter in the range; got {parameter}.",
            f"It goes from {self.family.low} to {self.family.high}.",
        )

    @property
    def traps(self) -> list[tuple[Root, Root, int]]:
        """How many sets of local minima there are that are not global: (from, to, how many), ends equal at an event."""
        return [
            (snapshot.low, snapshot.high, sum(s.orbit for s in snapshot.sets if s.kind == "local minimum"))
            for snapshot in self.snapshots
        ]

    def __repr__(self) -> str:
        return summary(self)

    def _table(self) -> ResultTable:
        events = [f"at {self.name} = {each.value}: {line}" for each in self.events for line in event_lines(self, each)]
        finding = f"{amount(len(self.events), 'event')}, {len(self.checked):,} atlases agree"
        return ResultTable(title(self), ("range", "sets", "loss", "size"), rows(self), events, finding)

    def _records(self) -> list[dict[str, Any]]:
        return [
            {
                "kind": each.kind,
                "loss": each.loss.text(self.name),
                "dimension": each.dimension,
                "orbit": each.orbit,
                "low": float(each.low),
                "high": float(each.high),
            }
            for each in self.branches
        ]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the loss of every stationary set against the parameter, by its kind; return the Axes."""
        from stability.plot.bifurcation import draw_bifurcation

        return draw_bifurcation(ax, self)

    def groups(self) -> list[list[Branch]]:
        """Return the branches, those together that differ in nothing but the place."""
        found: dict[Any, list[Branch]] = {}
        for each in self.branches:
            found.setdefault(each.outputs_key, []).append(each)
        return list(found.values())

    def to_json(self) -> dict[str, Any]:
        """Return branches and events, with exact numbers as text."""
        return to_json(self)


def bifurcation(
    family: Given, low: Exact, high: Exact, name: str = "t", verify: bool = True, max_faces: int = MOST_CHOICES
) -> Bifurcation:
    """Return all stationary sets of a family over a range, with every parameter at which something changes.

    The landscapes must depend rationally on the parameter, and finitely many of them are asked for. Lists are complete
    at every parameter, irrational ones included, by the argument in `places`; atlases check them where they can.

    Parameters
    ----------
    family : callable
        From a Fraction to a Landscape; `leaky_family`, `label_family` and `coordinate_family` make some.
    low, high : exact numbers
    name : str
        What the parameter is called.
    verify : bool
        Whether atlases are computed between events and at rational ones, and compared.
    max_faces : int
        The most choices of one face per unit (up to their order) that are followed.

    Raises
    ------
    FamilyError
        If the range is empty, its ends are not rational, or the family is not rational on it.
    TooLargeError
        If there may be more choices of faces.
    CertificateError
        If an atlas lists something else.
    """
    _refuse_too_large(first_member(family, low, high), max_faces)
    known = identify(family, low, high)
    snapshots = simplified(parameter_sweep(known))
    found, numbers = branches(snapshots)
    events = []
    for k in range(0, len(snapshots), 2):
        sides = numbers[k // 2 - 1] if k else None, numbers[k // 2] if k + 1 < len(snapshots) else None
        happening = event(snapshots[k], *sides, found)
        events += [happening] if happening else []
    return Bifurcation(known, name, found, events, snapshots, _checked(known, snapshots) if verify else [])


def _refuse_too_large(place: NetworkLoss, max_faces: int) -> None:
    choices = most_choices(place)
    if choices > max_faces:
        raise TooLargeError(
            f"{place!r} has up to {grouped(choices)} choices of faces; at most {max_faces:,} are followed.",
            smaller(place, choices, max_faces),
        )


def _checked(family: LandscapeFamily, snapshots: Sequence[Snapshot]) -> list[Fraction]:
    found = []
    for snapshot in snapshots:
        if snapshot.sample is not None:
            if not snapshot.agrees(atlas(family.landscape(snapshot.sample))):
                raise CertificateError(f"The atlas at {snapshot.sample} lists other sets.", "Report this: it is a bug.")
            found.append(snapshot.sample)
    return found
