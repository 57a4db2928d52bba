"""Units with a trained output weight of 0: where they rest, given the errors.

A silent unit puts out nothing. It rests where the loss has slope 0 in its output weight: where h(u), the sum over the
examples of the error times what the hidden parameters u would put out, is 0. It is at a local minimum only where h is
0 all around; elsewhere an output weight of the right sign, after a small move of u, lowers the loss.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stability.geometry.arrangement.enumerate import Arrangement
from stability.geometry.arrangement.integer_problem import Integers, Vector, dot, primitive
from stability.geometry.stationary.connected import connected


@dataclass(frozen=True)
class SilentRegion:
    """Faces on which a silent unit rests, all of one kind.

    Attributes
    ----------
    faces : frozenset of int
    dimension : int
        The largest dimension of what rests on one of them, among the parameters that matter.
    """

    faces: frozenset[int]
    dimension: int


class SilentUnit:
    """A unit with output weight 0, under the errors of a fit.

    Parameters
    ----------
    problem : Integers
    arrangement : Arrangement
    errors : vector
        The scaled errors, up to a positive factor.
    """

    def __init__(self, problem: Integers, arrangement: Arrangement, errors: Vector) -> None:
        self.arrangement = arrangement
        outputs = {ray: problem.scaled_outputs(ray) for ray in arrangement.rays}
        self.heights = {ray: dot(errors, out) for ray, out in outputs.items()}
        self.dead_rays = set() if problem.centred else {ray for ray, out in outputs.items() if not any(out)}

    @property
    def level(self) -> bool:
        """Whether h is 0 everywhere: no unit feels the errors."""
        return not any(self.heights.values())

    @cached_property
    def resting(self) -> SilentRegion:
        """All faces on which a silent unit rests."""
        return self._region(k for k, face in enumerate(self.arrangement.faces) if self._rests(face.rays))

    @cached_property
    def parts(self) -> list[SilentRegion]:
        """The connected regions in which h is 0 all around: those of local minima."""
        return self._parts([c for c in self.arrangement.cells if self.is_flat(c)])

    @cached_property
    def dead_parts(self) -> list[SilentRegion]:
        """The connected regions in which the unit puts out nothing all around, whatever its output weight."""
        return self._parts(
            [c for c in self.arrangement.cells if self.dead_rays.issuperset(self.arrangement.faces[c].rays)]
        )

    @cached_property
    def least(self) -> frozenset[int]:
        """All faces of local minima."""
        return frozenset().union(*(part.faces for part in self.parts))

    @cached_property
    def dead(self) -> frozenset[int]:
        """All faces around which the unit puts out nothing."""
        return frozenset().union(*(part.faces for part in self.dead_parts))

    def largest(self, but: frozenset[int]) -> int:
        """Return the largest dimension of what rests on a face other than these; -1 where there is none."""
        return self._region(self.resting.faces - but).dimension

    def largest_face(self, among: frozenset[int]) -> int:
        """Return that of some faces on which what rests has the most dimensions; the first of several."""
        return min(among, key=lambda k: (-self.arrangement.faces[k].dimension - self.is_flat(k), k))

    def point(self, face: int) -> Vector:
        """Return hidden parameters on a face at which a silent unit rests."""
        rays = self.arrangement.faces[face].rays
        above = sum(max(0, self.heights[ray]) for ray in rays)
        below = sum(max(0, -self.heights[ray]) for ray in rays)
        shares = [below if self.heights[ray] > 0 else above if self.heights[ray] < 0 else 1 for ray in rays]
        width = len(self.arrangement.rows[0])
        total = [sum(share * ray[c] for share, ray in zip(shares, rays, strict=True)) for c in range(width)]
        return primitive(total)

    def escape(self, face: int) -> tuple[Vector, int] | None:
        """Return a ray next to a face along which h is not 0, and its sign; None where h is 0 all around."""
        for cell in self.arrangement.around[face]:
            for ray in self.arrangement.faces[cell].rays:
                if self.heights[ray]:
                    return ray, 1 if self.heights[ray] > 0 else -1
        return None

    def _rests(self, rays: Sequence[Vector]) -> bool:
        found = [self.heights[ray] for ray in rays]
        return not any(found) or (min(found) < 0 < max(found))

    def is_flat(self, face: int) -> bool:
        """Return whether h is 0 on a face."""
        return not any(self.heights[ray] for ray in self.arrangement.faces[face].rays)

    def _region(self, faces: Iterable[int]) -> SilentRegion:
        found = frozenset(faces)
        sizes = [self.arrangement.faces[k].dimension - (not self.is_flat(k)) for k in found]
        return SilentRegion(found, max(sizes, default=-1))

    def _parts(self, cells: Sequence[int]) -> list[SilentRegion]:
        """Return the faces all of whose cells are among some, joined to connected regions."""
        chosen, place = set(cells), {c: k for k, c in enumerate(cells)}
        inner = {k: around for k, around in enumerate(self.arrangement.around) if chosen.issuperset(around)}
        pairs = np.array([(place[a[0]], place[c]) for a in inner.values() for c in a], dtype=int).reshape(-1, 2)
        label = connected(len(cells), *pairs.T)
        found: dict[int, list[int]] = {}
        for k, around in inner.items():
            found.setdefault(int(label[place[around[0]]]), []).append(k)
        return [self._region(each) for each in found.values()]
