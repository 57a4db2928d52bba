"""What one unit does at a stationary point, by its option and the errors. Standard library only.

With the errors e, h(u) = sum of e_i s(row_i . u) is half the slope of the loss along what a unit of sign + puts out at
u; docs/certificates.md says what follows from it. Options are those of `atlas_fits.py`.
"""

from functools import cached_property
from pathlib import Path
from runpy import run_path
from typing import Any, NamedTuple

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
dot = part("atlas_landscapes").dot

Vector = tuple[int, ...]
Sides = tuple[int, int]
SILENT = 2  # the block of options of silent units, after those of the signs + and -


class Reaction(NamedTuple):
    """What holds of a unit at a stationary point.

    Attributes
    ----------
    least, most : bool
        Nothing descends; everything descends or changes no output.
    directional, torch, smooth : bool
        Nothing descends to first order; the gradient of torch is 0; the loss has a gradient.
    free : int
        How many dimensions the unit has, before outputs are kept.
    """

    least: bool
    most: bool
    directional: bool
    torch: bool
    smooth: bool
    free: int


class Around(NamedTuple):
    """What h does along the rays from a face: it falls, it rises, it stays while outputs change."""

    falls: bool
    rises: bool
    stays: bool


class Units:
    """What units do at the same errors, which may be 0 or what they have without a common divisor."""

    def __init__(self, land: Any, place: Any, errors: Vector) -> None:
        self.land, self.place, self.errors, self.many = land, place, errors, len(place.faces)
        self.known: dict[int, Reaction] = {}
        self.near: dict[int, Around] = {}

    def h(self, ray: Vector) -> int:
        """Return h, times a positive number."""
        self.land.spend(2 + self.land.area // 16, "slopes along rays")
        return int(dot(self.errors, self.land.outputs(ray)))

    @cached_property
    def flat(self) -> bool:
        """Whether h is 0 everywhere."""
        return not any(map(self.h, self.place.rays.values()))

    @cached_property
    def silent(self) -> dict[int, int]:
        """The options of a silent unit, with the dimensions of the points where it rests."""
        self.land.spend(sum(map(len, self.place.below)) // 4, "faces of silent units")
        values, found = {k: self.h(ray) for k, ray in self.place.rays.items()}, {}
        for face, below in enumerate(self.place.below):
            own = [values[k] for k in below]
            if not any(own):
                found[SILENT * self.many + face] = self.place.dimension(face)
            elif min(own) < 0 < max(own):
                found[SILENT * self.many + face] = self.place.dimension(face) - 1
        return found

    def reaction(self, option: int) -> Reaction:
        """Return what holds of a unit with an option."""
        if option not in self.known:
            block, face = divmod(option, self.many)
            self.known[option] = self.quiet(face) if block == SILENT else self.active(face, 1 - 2 * block)
        return self.known[option]

    def quiet(self, face: int) -> Reaction:
        """Return what holds of a silent unit on a face."""
        falls, rises, stays = self.around(face)
        least = not falls and not rises
        return Reaction(least, least and not stays, True, True, True, self.silent[SILENT * self.many + face])

    def active(self, face: int, sign: int) -> Reaction:
        """Return what holds of an active unit on a face."""
        falls, rises, stays = self.around(face)
        if sign < 0:
            falls, rises = rises, falls
        sides, kinks, sums = self.place.faces[face], self.place.kinks(face), dict[Vector, int]()
        for i in kinks if self.land.slope[-1] != self.land.slope[1] else []:
            line, size = self.land.lines[i]
            sums[line] = sums.get(line, 0) + size * self.errors[i]
        torch, free = not any(self.land.gradient(self.errors, sides)), self.place.dimension(face)
        return Reaction(
            not falls, not rises and not stays, not falls, torch, not any(sums.values()), free + self.land.trained
        )

    def around(self, face: int) -> Around:
        """Return what h does along all rays from a face; if it falls and rises, whether it stays does not matter."""
        if face not in self.near:
            self.near[face] = self.look(face)
        return self.near[face]

    def look(self, face: int) -> Around:
        """Try the rays of the cells around a face, which all others are combinations of, up to the span of the face."""
        land, errors, place = self.land, self.errors, self.place
        cells = place.cells_around(face)
        near = {k for cell in cells for k in place.below[cell]}
        sides, rows, kinks = place.faces[face], land.rows, place.kinks(face)
        held = {*kinks}
        base = land.gradient([0 if i in held else e for i, e in enumerate(errors)], sides)
        falls = rises = stays = False
        land.spend(2 + len(cells) + len(near) * (1 + land.width // 4 + len(kinks) // 2), "slopes along rays")
        for ray in map(place.rays.__getitem__, near):
            slope = dot(base, ray) + sum(errors[i] * land.bent(dot(rows[i], ray)) for i in kinks)
            falls, rises = falls or slope < 0, rises or slope > 0
            if falls and rises:
                break
            stays = stays or (slope == 0 and self.moves(sides, ray))
        return Around(falls, rises, stays)

    def moves(self, sides: Sides, ray: Vector) -> bool:
        """Return whether going along a ray from a face changes some output of a unit, to first order."""
        self.land.spend(2 + self.land.area // 8, "slopes along rays")
        steep = enumerate(zip(self.land.slopes(sides), self.land.heights(ray), strict=True))
        return any(s * z if (sides[0] | sides[1]) >> i & 1 else self.land.bent(z) for i, (s, z) in steep)
