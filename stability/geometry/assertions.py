"""What can be said of all the stationary sets of a landscape, settled by its atlas?

A condition is an attribute of a set, a relation and a value: ("kind", "=", "saddle"), ("loss", "<", "1/2"),
("kind", "in", ["local minimum", "global minimum"]), ("dimension", ">=", 1). The name of a statement is what its record
calls the landscape; landscapes that go together need different ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Any

from stability.errors import CertificateError
from stability.exact.prover import Landscapes
from stability.exact.statements import Settled, Statement, merged_landscapes
from stability.geometry.certificates import proof
from stability.geometry.sets import StationarySet
from stability.model.landscapes import Landscape, Point

if TYPE_CHECKING:
    from stability.geometry.atlas import Atlas

Condition = tuple[str, str, Any]

MINIMA = ("kind", "in", ["global minimum", "local minimum"])
"""The condition of being a set of local minima."""

TESTS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
NUMBERS = ("loss", "dimension", "faces", "autograd_faces", "smooth_faces", "orbit", "right")


def satisfies(each: StationarySet, conditions: Sequence[Condition]) -> bool:
    """Tell whether a set satisfies all conditions."""
    return all(_satisfies(getattr(each, name), name, relation, value) for name, relation, value in conditions)


def _satisfies(found: Any, name: str, relation: str, value: Any) -> bool:
    if relation == "in":
        return any(_satisfies(found, name, "=", each) for each in value)
    return TESTS[relation](found, Fraction(value) if name in NUMBERS else value)


def _plain(conditions: Sequence[Condition]) -> list[list[Any]]:
    def value(x: Any) -> Any:
        return [value(each) for each in x] if isinstance(x, list | tuple) else str(x) if isinstance(x, Fraction) else x

    return [[name, relation, value(x)] for name, relation, x in conditions]


@dataclass(frozen=True)
class AboutSets(Statement):
    """A statement about the stationary sets of one landscape.

    Attributes
    ----------
    landscape : Landscape
    name : str
        How the record calls it.
    said : dict
        The statement as the checker reads it.
    decide : callable
        From the atlas to "proved", "refuted" or "vacuous".
    atlas : Atlas, optional
        The atlas of the landscape, where it is at hand.
    """

    landscape: Landscape
    name: str
    said: dict[str, Any]
    decide: "Callable[[Atlas], str]"
    atlas: "Atlas | None" = None

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
        from stability.geometry.atlas import known_atlas

        atlas = known_atlas(self.landscape) if self.atlas is None else self.atlas
        return Settled(self.decide(atlas), {self.name: proof(atlas)})


@dataclass(frozen=True)
class AllAboutSets(Statement):
    """Several statements about stationary sets at once."""

    parts: Sequence[Statement]

    def __post_init__(self) -> None:
        if any(part.format != self.format for part in self.parts):
            raise CertificateError("Only statements about stationary sets go together here.", "Use AllOf.")
        merged_landscapes(self.parts)

    @property
    def format(self) -> str:
        """The format of records about atlases."""
        return "stability-atlas/1"

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscapes of all parts."""
        return merged_landscapes(self.parts)

    def formal(self) -> dict[str, Any]:
        """Return the statement as the checker reads it."""
        return {"all of": [part.formal() for part in self.parts]}

    def settle(self) -> Settled:
        """Settle all parts; one refuted part refutes all."""
        settled = [part.settle() for part in self.parts]
        found = [each.conclusion for each in settled]
        reason = "; ".join(each.reason for each in settled if each.conclusion is None)
        proofs = {name: value for each in settled for name, value in each.proof.items()}
        if None in found:
            return Settled(None, reason=reason)
        return Settled(next((c for c in ("refuted", "vacuous") if c in found), "proved"), proofs)


def every_set(
    landscape: Landscape, given: Sequence[Condition], wanted: Sequence[Condition], name: str = ""
) -> AboutSets:
    """State that every stationary set with the given conditions has the wanted ones."""

    def decide(atlas: "Atlas") -> str:
        chosen = [each for each in atlas.sets if satisfies(each, given)]
        if not chosen:
            return "vacuous"
        return "proved" if all(satisfies(each, wanted) for each in chosen) else "refuted"

    name = name or landscape.formula_name
    return AboutSets(landscape, name, {"every set of": name, "with": _plain(given), "has": _plain(wanted)}, decide)


def number_of_sets(
    landscape: Landscape, given: Sequence[Condition], relation: str, number: int, name: str = ""
) -> AboutSets:
    """State how many stationary sets have the given conditions, units in every order."""

    def decide(atlas: "Atlas") -> str:
        count = sum(each.orbit for each in atlas.sets if satisfies(each, given))
        return "proved" if TESTS[relation](count, number) else "refuted"

    name = name or landscape.formula_name
    said = {"sets of": name, "with": _plain(given), "number": [relation, number]}
    return AboutSets(landscape, name, said, decide)


def set_at(landscape: Landscape, point: Point, wanted: Sequence[Condition], name: str = "") -> AboutSets:
    """State that a point is stationary and that its set has the wanted conditions."""
    rows = landscape.point(point)

    def decide(atlas: "Atlas") -> str:
        found = atlas.of(rows)
        return "proved" if found is not None and satisfies(found, wanted) else "refuted"

    name = name or landscape.formula_name
    at = [[str(x) for x in row] for row in rows]
    return AboutSets(landscape, name, {"set of": name, "at": at, "has": _plain(wanted)}, decide)


def complete_list(atlas: "Atlas") -> AboutSets:
    """State that the sets of an atlas, with all their attributes, are all stationary sets."""
    name = atlas.landscape.formula_name
    said = {"all sets of": name, "are": [each.stated() for each in atlas.sets]}
    return AboutSets(atlas.landscape, name, said, lambda _: "proved", atlas)
