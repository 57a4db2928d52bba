"""The stationary sets of a landscape, by a proof that is replayed. Standard library only.

The proof holds a search tree over sign patterns, which `atlas_faces.py` beside this file replays, a least-squares fit
for every set of generators, and what excludes or balances each face, which `atlas_fits.py` confirms; `atlas_pieces.py`
connects what is left. Nothing is searched for here, and no code is shared with the finder.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
places, fits_of, pieces_of = map(part, ("atlas_faces", "atlas_fits", "atlas_pieces"))
exact, dot, CLASS = part("limits").exact, part("atlas_landscapes").dot, part("atlas_grammar").CLASS

Choice = tuple[int, ...]


def judged(outputs: Any, labels: Any) -> dict[str, Any]:
    """Return which outputs are above the mean of two labels exactly where the label is, how many, and of each label."""
    low, high = min(labels), max(labels)
    if len({*labels}) != 2:
        return {"right": None, "correct": None}
    found = [bool(2 * f > low + high) == bool(y == high) for f, y in zip(outputs, labels, strict=True)]
    classes = {f"{CLASS}{y}": sum(c for c, label in zip(found, labels, strict=True) if label == y) for y in (low, high)}
    return {"right": sum(found), "correct": found, **classes}


class Atlas:
    """The stationary sets of a landscape, confirmed from a proof.

    Every choice of faces has the generators of its faces: the outputs of their rays. Its fit is the least-squares fit.
    """

    def __init__(self, land: Any, proof: Any) -> None:
        self.land, self.place = land, places.Arrangement(land, proof["tree"], proof["rays"])
        self.fits = fits_of.Fits(land, self.place, proof["fits"])
        self.pieces: dict[int, Any] = {}
        self.sets: list[dict[str, Any]] = []
        self.home: dict[Choice, int] = {}
        for e, choices in enumerate(self.fits.resting()):
            if choices:
                self.pieces[e] = pieces_of.Pieces(self.fits, self.fits.errors[e][0], choices)
                for component in self.pieces[e].components():
                    self.home |= dict.fromkeys(component.choices, len(self.sets))
                    self.sets.append(self.describe(e, component))
        least = min(each["loss"] for each in self.sets)
        for each in self.sets:
            if each["kind"] == pieces_of.MINIMUM:
                each["kind"] = "global minimum" if each["loss"] == least else "local minimum"

    def describe(self, e: int, component: Any) -> dict[str, Any]:
        """Return what a connected set is."""
        (errors, factor), pieces = self.fits.errors[e], self.pieces[e]
        own = [(pieces.found[choice], pieces.times(choice)) for choice in component.choices]
        self.land.spend(len(own) * (3 + self.land.count), "pieces of stationary sets")
        every, torch, smooth = (
            sum(piece.many * times for piece, times in own if flag is None or getattr(piece, flag)) // component.orbit
            for flag in (None, "torch", "smooth")
        )
        dimension, sort = max(piece.dimension for piece, _ in own), own[0][0].sort
        outputs = [e * factor + y for e, y in zip(errors, self.land.labels, strict=True)]
        return {
            "kind": sort,
            "loss": self.land.scale * factor * factor * dot(errors, errors),
            "dimension": dimension,
            "isolated": dimension == 0 and not component.touched,
            "strict": dimension == 0 and sort == pieces_of.MINIMUM,
            "faces": every,
            "clarke": True,
            "directional": all(piece.directional for piece, _ in own),
            "autograd_rests": torch == every,
            "autograd_faces": torch,
            "smooth_faces": smooth,
            "orbit": component.orbit,
            "outputs": outputs,
            **judged(outputs, self.land.labels),
        }

    def locate(self, point: Any) -> dict[str, Any] | None:
        """Return the set that contains a point, or None."""
        land = self.land
        land.spend(10 + 4 * land.count * land.area, "points")
        rows = [[exact(x) for x in row] for row in point]
        tail = rows.pop() if land.bias else []
        hidden = [row[: land.width] for row in rows]
        outer = [row[land.width :] for row in rows] if land.trained else [[a] for a in land.network.weights]
        out = [self.outputs(vector) for vector in hidden]
        if land.network.one_hot:
            if any(x != 1 for x in self.total(map(sum, outer), out, sum(tail))):
                return None
            outer, tail = [[(b - a) / 2] for a, b in outer], [(1 + tail[1] - tail[0]) / 2]
        weights = [a for (a,) in outer]
        home = self.house([self.place.index[land.sides(vector)] for vector in hidden], weights)
        if home is None or self.total(weights, out, sum(tail)) != self.sets[home]["outputs"]:
            return None
        errors = [f - y for f, y in zip(self.sets[home]["outputs"], land.labels, strict=True)]
        silent = (own for a, own in zip(weights, out, strict=True) if not a)
        return None if any(dot(errors, own) for own in silent) else self.sets[home]

    def house(self, faces: Sequence[int], weights: Sequence[Fraction]) -> int | None:
        """Return the set on whose pieces a choice of faces is, if it holds stationary points."""
        many = len(self.place.faces)
        choice = sorted(face + many * (2 if not a else a < 0) for face, a in zip(faces, weights, strict=True))
        merged = [option if option < 2 * many else self.fits.silent for option in choice]
        return self.home.get(tuple(choice), self.home.get(tuple(merged)))

    def outputs(self, vector: Sequence[Fraction]) -> list[Fraction]:
        """Return what a unit puts out on the data."""
        heights = (dot(row, vector) for row in self.land.network.rows)
        return [self.land.true[1 if z > 0 else -1] * z for z in heights]

    def total(self, weights: Any, out: Any, bias: Any) -> list[Fraction]:
        """Return the outputs of a network whose units put out these."""
        found = [Fraction(bias)] * self.land.size
        for a, own in zip(weights, out, strict=True):
            found = [x + a * y for x, y in zip(found, own, strict=True)]
        return found
