"""Sign patterns of one unit on the data of a landscape, by a search that is replayed. Standard library only.

The search is a tree over the signs of pre-activations; a sign that is forced comes with its reason. No code is shared
with the finder.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, lands = part("limits"), part("atlas_landscapes")
need, Rejected, bits, rank = limits.need, limits.Rejected, lands.bits, lands.rank

Vector = tuple[int, ...]
Sides = tuple[int, int]  # bits of the examples with a positive, and with a negative, pre-activation


class Arrangement:
    """All sign patterns of one unit, confirmed by replaying the search.

    Attributes
    ----------
    faces : list of Sides
    index : dict
        Their positions.
    cells : dict
        The positions of those without kinks, as keys.
    rays : dict
        A vector for each one-dimensional face.
    below : list of list of int
        For every face, the one-dimensional faces in its closure.
    origin : int
        The position of the face of 0.
    """

    def __init__(self, land: Any, tree: Any, rays: Any) -> None:
        self.land = land
        self.faces = list(self.replay(tree))
        self.index = {sides: k for k, sides in enumerate(self.faces)}
        need(len(self.index) == len(self.faces), "a face that is listed twice")
        self.cells = {k: None for k, (plus, minus) in enumerate(self.faces) if plus | minus == land.full}
        self.ranks: dict[int, int] = {}
        self.near: dict[int, list[int]] = {}
        few = land.rank - 1
        need(len(rays) <= len(self.faces), "more rays than faces")
        lines = [k for k in range(len(self.faces)) if self.on(k).bit_count() >= few == self.codimension(k)]
        need(len(rays) == len(lines), f"expected a ray for each of {len(lines)} one-dimensional faces; got {len(rays)}")
        self.rays = dict(zip(lines, map(tuple, rays), strict=True))
        self.below: list[list[int]] = [[] for _ in self.faces]
        for k, vector in self.rays.items():
            land.spend(5 + land.area // 4, "rays")
            need(land.sides(vector) == self.faces[k], "a ray that is not on its face")
            for face in self.above(k):
                self.below[face].append(k)
        for (plus, minus), below in zip(self.faces, self.below, strict=True):
            up = down = 0
            land.spend(1 + len(below) // 4, "faces")
            for k in below:
                up, down = up | self.faces[k][0], down | self.faces[k][1]
            need(up == plus and down == minus, "a face that its rays do not span")
        self.origin = self.index[0, 0]

    def replay(self, tree: Any) -> Iterator[Sides]:
        """Confirm the tree, in preorder with parts -, 0, +, and yield the faces at its leaves."""
        everything = (1 << self.land.size) - 1
        stack: list[tuple[int, int, int]] = [(0, 0, everything & ~self.land.full)]
        for (split,), *reasons in tree:
            need(stack, "a tree that is too long")
            plus, minus, zero = stack.pop()
            for reason in reasons:
                i, sign = self.confirm(reason, plus, minus, zero)
                plus, minus, zero = plus | (sign > 0) << i, minus | (sign < 0) << i, zero | (sign == 0) << i
            undecided = everything & ~(plus | minus | zero)
            if split < 0:
                need(not undecided, "a leaf that leaves a sign open")
                yield plus, minus
                continue
            bit = 1 << split
            need(bit & undecided, "a split of a sign that is known")
            stack += [(plus | bit, minus, zero), (plus, minus, zero | bit), (plus, minus | bit, zero)]
        need(not stack, "a tree that is cut off")

    def confirm(self, reason: list[int], plus: int, minus: int, zero: int) -> tuple[int, int]:
        """Confirm by Farkas' lemma that a sign is forced: c sign row_i = sum of m_k sign_k row_k."""
        i, sign, c, *pairs = reason
        rows, size, known = self.land.rows, self.land.size, plus | minus | zero
        self.land.spend(3 + len(pairs) * self.land.width // 8, "reasons")
        need(0 <= i < size and not known >> i & 1, "a sign that is known already")
        need(c > 0 and sign in (-1, 0, 1) and not len(pairs) % 2, "a certificate of no known form")
        total, strict = [-c * (sign or 1) * x for x in rows[i]], False
        for k, m in zip(pairs[::2], pairs[1::2], strict=True):
            if not (0 <= k < size and known >> k & 1):
                raise Rejected("a reason that is not known")
            if not zero >> k & 1:
                if m < 0 or not sign:
                    raise Rejected("a multiplier of the wrong sign")
                strict |= m > 0
                m = m if plus >> k & 1 else -m
            total = [x + m * y for x, y in zip(total, rows[k], strict=True)]
        need(strict or not sign, "no strict reason")
        need(not any(total), "multipliers that do not add up")
        return i, sign

    def on(self, k: int) -> int:
        """Return the bits of the examples on whose kinks a face lies; a row that is 0 has none."""
        plus, minus = self.faces[k]
        return int(self.land.full & ~(plus | minus))

    def kinks(self, k: int) -> list[int]:
        """Return the examples on whose kinks a face lies."""
        return list(bits(self.on(k)))

    def codimension(self, k: int) -> int:
        """Return the rank of the equations of a face."""
        on, width = self.on(k), self.land.width
        if on not in self.ranks:
            many = on.bit_count()
            self.land.spend(2 + many * width * min(many, width) // 4, "the rank of faces")
            self.ranks[on] = rank([self.land.rows[i] for i in bits(on)])
        return self.ranks[on]

    def dimension(self, k: int) -> int:
        """Return the dimension of a face, among the parameters that matter."""
        return int(self.land.rank - self.codimension(k))

    def borders(self, k: int, other: int) -> bool:
        """Return whether a face is part of the closure of another."""
        (plus, minus), (up, down) = self.faces[k], self.faces[other]
        return not (plus & ~up or minus & ~down)

    def above(self, k: int) -> list[int]:
        """Return the faces whose closure contains a face."""
        return self.around(k, (-1, 0, 1), len(self.faces), range(len(self.faces)))

    def cells_around(self, k: int) -> list[int]:
        """Return the cells whose closure contains a face."""
        if k not in self.near:
            self.near[k] = self.around(k, (-1, 1), len(self.cells), self.cells)
        return self.near[k]

    def around(self, k: int, sides: tuple[int, ...], many: int, candidates: Any) -> list[int]:
        """Return those of some faces whose closure contains a face, by trying them or the signs at its kinks."""
        kinks = self.kinks(k)
        if len(sides) ** min(len(kinks), 99) >= many:
            self.land.spend(many // 2, "the faces around each ray")
            return [other for other in candidates if self.borders(k, other)]
        self.land.spend(len(sides) ** len(kinks) * (2 + len(kinks)) // 2, "the faces around each ray")
        found, index = [], self.index
        for signs in product(sides, repeat=len(kinks)):
            plus, minus = self.faces[k]
            for i, s in zip(kinks, signs, strict=True):
                plus, minus = plus | (s > 0) << i, minus | (s < 0) << i
            found += [index[plus, minus]] if (plus, minus) in index else []
        return found
