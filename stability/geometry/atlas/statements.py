"""Statements about all the stationary sets of a landscape, settled by its atlas.

A condition is an attribute of a set, a relation and a value: ("kind", "=", "saddle"), ("loss", "<", "1/2"),
("kind", "in", ["local minimum", "global minimum"]), ("dimension", ">=", 1), ("outputs", "=", [0, 1, 1, 0]),
("correct", "=", [True, False]), ("correct of class 1", "=", 2). The name of a statement is what its record
calls the landscape; landscapes that go together need different ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stability.compute.progress import part_of_longer_work
from stability.compute.resume import no_collection
from stability.errors import KindError, StatementError
from stability.geometry.atlas.certificates import proof
from stability.geometry.atlas.conditions import (
    TESTS,
    Condition,
    check_for,
    checked,
    plain,
    relation_to_count,
    satisfies,
)
from stability.geometry.atlas.witnesses import Shown, at_point, counted, differences, listing, offending
from stability.geometry.stationary.sets import StationarySet
from stability.logic.branches import Landscapes
from stability.logic.formulas import short
from stability.logic.parts import check_parts
from stability.logic.scopes import is_name
from stability.logic.statements import Conjunction, Settled, Statement
from stability.logic.validation import exact_rows
from stability.model.network_loss import NetworkLoss, Point

if TYPE_CHECKING:
    from stability.geometry.atlas.atlas import Atlas

MINIMA = ("kind", "in", ["global minimum", "local minimum"])
"""The condition of being a set of local minima."""


Certified = dict[int, "tuple[Atlas, dict[str, Any]]"]
"""Atlases with their certificates, by the identity of the atlas."""


@dataclass(frozen=True)
class AboutSets(Statement):
    """A statement about the stationary sets of one landscape.

    Attributes
    ----------
    landscape : NetworkLoss
    name : str
        How the record calls it.
    said : dict
        The statement as the checker reads it.
    decide : callable
        From the atlas to "proved", "refuted" or "vacuous", and what shows it.
    atlas : Atlas, optional
        The atlas of the landscape, where it is at hand.
    """

    landscape: NetworkLoss
    name: str
    said: dict[str, Any]
    decide: "Callable[[Atlas], tuple[str, Shown | None]]"
    atlas: "Atlas | None" = None

    def __post_init__(self) -> None:
        for group in ("with", "has"):
            check_for(self.landscape.data.labels, self.said.get(group, ()))

    @property
    def format(self) -> str:
        """The format of records about atlases."""
        return "stability-atlas/1"

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscape, under its name."""
        return {self.name: self.landscape.to_record()}

    def formal(self) -> dict[str, Any]:
        """Return the statement as the checker reads it."""
        return self.said

    def settle(self) -> Settled:
        """Decide by the atlas, whose certificate is the proof."""
        return self.settle_with({})

    def settle_with(self, certified: Certified) -> Settled:
        """Decide by the atlas, whose certificate is taken from those that are there, or added to them."""
        from stability.geometry.atlas.atlas import known_atlas

        atlas = known_atlas(self.landscape) if self.atlas is None else self.atlas
        conclusion, shown = self.decide(atlas)
        part_of_longer_work()("certificate", 0, 0)
        if id(atlas) not in certified:
            with no_collection():
                certified[id(atlas)] = atlas, proof(atlas)
        return Settled(conclusion, {self.name: certified[id(atlas)][1]}, shown=shown)


@dataclass(frozen=True)
class AllAboutSets(Conjunction):
    """Several statements about stationary sets at once.

    Raises
    ------
    StatementError
        If there are none, or some are about something else.
    """

    def __post_init__(self) -> None:
        check_parts(self.parts, self.format, "AllOf")

    @property
    def format(self) -> str:
        """The format of records about atlases."""
        return "stability-atlas/1"

    def settle(self) -> Settled:
        """Settle all parts; one refuted part refutes all."""
        return self.settle_with({})

    def settle_with(self, certified: Certified) -> Settled:
        """Settle all parts; the certificate of an atlas is made for the first that needs it."""
        ours = AboutSets, AllAboutSets
        settled = [part.settle_with(certified) if isinstance(part, ours) else part.settle() for part in self.parts]
        found = [each.conclusion for each in settled]
        reason = "; ".join(each.reason for each in settled if each.conclusion is None)
        proofs = {name: value for each in settled for name, value in each.proof.items()}
        if None in found:
            return Settled(None, reason=reason)
        conclusion = next((c for c in ("refuted", "vacuous") if c in found), "proved")
        shown = next((each.shown for each in settled if each.conclusion == conclusion == "refuted"), None)
        return Settled(conclusion, proofs, shown=shown)


def _called(landscape: Any, name: Any) -> str:
    """Return how a record calls a landscape."""
    if not isinstance(landscape, NetworkLoss):
        raise StatementError(f"Expected a landscape; got {short(landscape)}.", 'Write landscape("abs1", "xor").')
    if not isinstance(name, str) or (name and not is_name(name)):
        raise StatementError(f"Expected a name for the landscape; got {short(name)}.", "Write letters and digits.")
    return name or landscape.formula_name


def every_set(
    landscape: NetworkLoss, given: Sequence[Condition], wanted: Sequence[Condition], name: str = ""
) -> AboutSets:
    """State that every stationary set with the given conditions has the wanted ones.

    Raises
    ------
    StatementError
        If a condition is none.

    Examples
    --------
    >>> from stability import every_set, landscape
    >>> minima = ("kind", "in", ["global minimum", "local minimum"])
    >>> settled = every_set(landscape("abs1", "xor"), [minima], [("loss", "=", 0)]).settle()
    >>> settled.conclusion, settled.shown["kind"], settled.shown["loss"], settled.shown["point"]
    ('refuted', 'local minimum', '1', [['0', '0', '1/2']])
    """
    name = _called(landscape, name)
    chosen, hoped = checked(given, "given", empty=True), checked(wanted, "wanted")

    def decide(atlas: "Atlas") -> tuple[str, Shown | None]:
        sets = [each for each in atlas.sets if satisfies(each, chosen)]
        bad = [each for each in sets if not satisfies(each, hoped)]
        if not bad:
            return ("proved" if sets else "vacuous"), None
        return "refuted", offending(bad, hoped)

    return AboutSets(landscape, name, {"every set of": name, "with": plain(given), "has": plain(wanted)}, decide)


def number_of_sets(
    landscape: NetworkLoss, given: Sequence[Condition], relation: str, number: int, name: str = ""
) -> AboutSets:
    """State how many stationary sets have the given conditions, units in every order.

    Raises
    ------
    StatementError
        If a condition, the relation or the number is none.

    Examples
    --------
    >>> from stability import landscape, number_of_sets, prove
    >>> prove(number_of_sets(landscape("abs1", "xor"), [("kind", "=", "saddle")], "=", 5)).conclusion
    'proved'
    """
    name, chosen = _called(landscape, name), checked(given, "given", empty=True)
    relation, number = relation_to_count(relation, number)

    def decide(atlas: "Atlas") -> tuple[str, Shown | None]:
        sets = [each for each in atlas.sets if satisfies(each, chosen)]
        count = sum(each.orbit for each in sets)
        if TESTS[relation](count, number):
            return "proved", None
        return "refuted", counted(sets, count, chosen)

    said = {"sets of": name, "with": plain(given), "number": [relation, number]}
    return AboutSets(landscape, name, said, decide)


def set_at(landscape: NetworkLoss, point: Point, wanted: Sequence[Condition], name: str = "") -> AboutSets:
    """State that a point is stationary and that its set has the wanted conditions.

    Raises
    ------
    StatementError
        If a condition is none, or a number of the point is not exact.
    PointError
        If the point has the wrong shape.

    Examples
    --------
    >>> from stability import landscape, prove, set_at
    >>> prove(set_at(landscape("abs1", "xor"), [[0, 0, "1/2"]], [("kind", "=", "local minimum")])).conclusion
    'proved'
    """
    name, hoped = _called(landscape, name), checked(wanted, "wanted", empty=True)
    rows = landscape.point(exact_rows(point, "a point"))

    def decide(atlas: "Atlas") -> tuple[str, Shown | None]:
        found = atlas.of(rows)
        proved = found is not None and satisfies(found, hoped)
        return ("proved", None) if proved else ("refuted", at_point(rows, found, hoped))

    at = [[str(x) for x in row] for row in rows]
    return AboutSets(landscape, name, {"set of": name, "at": at, "has": plain(wanted)}, decide)


def complete_list(atlas: "Atlas") -> AboutSets:
    """State that the sets of an atlas, with all their attributes, are all stationary sets.

    Examples
    --------
    >>> from stability import complete_list, landscape, prove
    >>> prove(complete_list(landscape("abs1", "xor").atlas())).conclusion
    'proved'
    """
    if not hasattr(atlas, "sets"):
        raise KindError(f"Expected an atlas; got {short(atlas)}.", "Write complete_list(landscape.atlas()).")
    name = atlas.landscape.formula_name
    said = {"all sets of": name, "are": [each.stated() for each in atlas.sets]}

    def decide(atlas: "Atlas") -> tuple[str, Shown | None]:
        sets, number = atlas.gathering.sets(atlas.landscape)
        missing, wrong = _differences(atlas.sets, replace(atlas, sets=sets, number=number))
        return ("refuted", listing(missing, wrong)) if missing or wrong else ("proved", None)

    return AboutSets(atlas.landscape, name, said, decide, atlas)


def _differences(
    claimed: Sequence[StationarySet], true: "Atlas"
) -> tuple[list[StationarySet], list[tuple[StationarySet, StationarySet | None]]]:
    """Return the sets that a list leaves out, and those of it that are not as it says, with what stands there."""
    left, wrong = {each.index: each for each in true.sets}, list[tuple[StationarySet, StationarySet | None]]()
    for each in claimed:
        found = true.of(each.witness)
        once = found is not None and left.pop(found.index, None) is not None
        if found is None or not once or differences(each, found):
            wrong.append((each, found))
    return list(left.values()), wrong
