"""Gradient flow from a start, by a proof that is replayed. Standard library only.

Every solution is enclosed in a ball around a point that moves from step to step. A certificate holds the lengths of
the steps, which kinks are met, and why nothing more happens; docs/certificates.md has the theorems that make this
enough. Nothing is searched for here, and no code is shared with the finder. `flow_faces.py` stands beside this file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import ceil, comb, gcd
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, faces_of = part("limits"), part("flow_faces")
need, exact, dot, length = limits.need, limits.exact, faces_of.dot, faces_of.length
Face, SIGNS, FINE = faces_of.Face, faces_of.SIGNS, faces_of.FINE

Kink = tuple[int, int]  # a unit and a place: data points that coincide are one place
Moves = dict[Kink, tuple[int, int]]  # the signs before and after

LONGEST = 120  # terms of a Taylor polynomial
CORNERS = 4  # kinks that are crossed at once


def rounded(top: int, bottom: int) -> int:
    """Return a whole number at most 1/2 off a fraction with a positive denominator."""
    return (2 * top + bottom) // (2 * bottom)


def when(time: Fraction) -> str:
    """Return a time in words, rounded, whatever its size."""
    try:
        return f"time {float(time)}"
    except OverflowError:
        return f"a time beyond 2^{time.numerator.bit_length() - time.denominator.bit_length() - 1}"


@dataclass(frozen=True)
class Passage:
    """What happens within one enclosure of time, that of a passage.

    Attributes
    ----------
    begin, end : Fraction
    events : list
        Kind, unit, and example or examples at one point.
    at_once : bool
        Whether all happens at exactly the same time.
    """

    begin: Fraction
    end: Fraction
    events: list[list[Any]]
    at_once: bool


class Tube:
    """A ball that contains every solution from a start, at the time reached; lengths are multiples of 2^-bits."""

    def __init__(self, land: Any, start: Any, proof: Any) -> None:
        self.land, self.bits, self.time, self.events = land, proof["bits"], Fraction(0), list[Passage]()
        rows = [[exact(x) for x in row] for row in start]
        self.face = Face(land, land.signs(proof["signs"]))
        self.base, self.span = [x for row in rows for x in row], dict[int, list[int]]()
        self.set_out(rows)
        self.widen([self.face])
        scaled = [x * 2**self.bits for row in rows for x in row]
        self.point = [rounded(x.numerator, x.denominator) for x in scaled]
        self.radius = 0 if self.point == scaled else len(scaled)
        for entry in proof["path"]:
            if isinstance(entry, str):
                self.keeps(self.move(exact(entry)))
            else:
                self.turn(exact(entry[0]), entry[1])
        self.end(proof)

    def spend(self, steps: int, bits: int = 0) -> None:
        """Count work, a step of which takes about a microsecond, on numbers of so many bits or as long as a point."""
        self.land.spend(steps, max(bits, self.bits), "steps of a trajectory")

    def set_out(self, rows: list[list[Fraction]]) -> None:
        """Confirm the signs at the start, and that every solution leaves the kinks that are not held at once."""
        land, flat = self.land, [x for row in rows for x in row]
        heights = {k: self.face.height(k, 1).at(flat) for k in [*self.face.free, *self.face.held]}
        zero = {k for k, z in heights.items() if z == 0}
        need(all(k in zero or self.face.sign(k) * z > 0 for k, z in heights.items()), "other signs at the start")
        z = {k: land.slope[1 if height > 0 else -1] * height for k, height in heights.items()}
        weights, bias = list(enumerate(land.outer)), rows[-1][0] if land.bias else 0
        outputs = [bias + sum(a * z.get((j, g), 0) for j, a in weights) for g in range(len(land.places))]
        forces = [w * (y - f) for w, y, f in zip(land.weight, land.means, outputs, strict=True)]
        self.spend(20 + len(zero) * len(land.places) * (land.width + 4))
        for j, g in sorted(zero & set(self.face.free)):
            total, side = Fraction(0), self.face.sign((j, g))
            for i, x in enumerate(land.places):
                slopes = [land.slope[s] for s in ((-1, 1) if (j, i) in zero else (self.face.sign((j, i)),))]
                total += min(side * land.outer[j] * forces[i] * t * dot(x, land.places[g]) for t in slopes)
            need(total > 0, "a start on a kink that need not be left to that side")

    def widen(self, faces: list[Any]) -> None:
        """Let base + span, which contains the solution, contain it too while it moves on these faces; in echelon."""
        base, den = faces_of.whole(self.base)
        size = self.land.size
        self.spend(1 + len(faces) * size**2 // 4 * (1 + len(self.span)))
        fresh = [[den * c - dot(row, base) for row, c in zip(f.matrix, f.force, strict=True)] for f in faces]
        fresh += [[dot(row, u) for row in face.matrix] for face in faces for u in self.span.values()]
        while fresh:
            vector = fresh.pop()
            self.spend(1 + len(self.span) * size // 4, max(map(abs, vector)).bit_length())
            for pivot, u in self.span.items():
                vector = [u[pivot] * x - vector[pivot] * y for x, y in zip(vector, u, strict=True)]
            if any(vector):
                common = gcd(*vector)
                pivot, vector = next(k for k, x in enumerate(vector) if x), [x // common for x in vector]
                self.span[pivot] = vector
                self.spend(1 + len(faces) * size**2 // 8, max(map(abs, vector)).bit_length())
                fresh += [[dot(row, vector) for row in face.matrix] for face in faces]

    def low(self, form: Any, radius: int) -> Fraction:
        """Return a lower bound of a form on the ball of some radius around the point."""
        value = FINE * (dot(form.whole, self.point) + (form.base << self.bits)) - form.norm * radius
        return Fraction(value, FINE * form.den)

    def speed(self, face: Any) -> list[Fraction]:
        """Return the velocity on a face at the point."""
        self.spend(1 + self.land.size**2 // 8)
        parts = zip(face.matrix, face.force, strict=True)
        return [Fraction((c << self.bits) - dot(row, self.point), face.den) for row, c in parts]

    def move(self, time: Fraction, spread: int = 0) -> list[list[int]]:
        """Follow the flow on the face for some time by Taylor's formula; return the terms, the point being the first.

        Every coordinate of a term is rounded by at most 1/2, and the polynomial is off by no more than the sum.
        """
        need(time > 0, "time goes forward")
        top, bottom, matrix = time.numerator, time.denominator * self.face.den, self.face.matrix
        terms = [self.point, [rounded((x * time).numerator, (x * time).denominator) for x in self.speed(self.face)]]
        while any(terms[-1]):
            need(len(terms) < LONGEST, "a step that is too long")
            self.spend(2 + self.land.size**2 // 8)
            terms.append([rounded(-top * dot(row, terms[-1]), bottom * len(terms)) for row in matrix])
        self.point = [sum(column) for column in zip(*terms, strict=True)]
        self.radius += len(terms) * len(self.point) + spread
        self.time += time
        return terms

    def least(self, terms: Sequence[int]) -> int:
        """Return a lower bound of the polynomial with these coefficients on [0, 1]: its least Bernstein coefficient."""
        crude, n = terms[0] - sum(map(abs, terms[1:])), len(terms) - 1
        if crude > 0:
            return crude
        self.spend(n**2 // 2)
        return min(sum(comb(i, k) * t // comb(n, k) for k, t in enumerate(terms[: i + 1])) for i in range(n + 1))

    def keeps(self, terms: list[list[int]]) -> None:
        """Confirm that during the last step no kink is met and none that is held is left."""

        def positive(form: Any) -> bool:
            self.spend(2 + len(terms) * len(self.point) // 8)
            values = [dot(form.whole, term) for term in terms]
            values[0] += form.base << self.bits
            return bool(FINE * self.least(values) > form.norm * self.radius)

        for k, form in self.face.heights.items():
            need(
                positive(form) or positive(self.face.change(form)),
                f"unit {k[0] + 1} may meet a kink at {when(self.time)}",
            )
        for k, gaps in self.face.gaps.items():
            need(all(map(positive, gaps)), f"unit {k[0] + 1} may leave a kink at {when(self.time)}")

    def turn(self, time: Fraction, changes: Any) -> None:
        """Pass to another face within some time, on a ball on which it is decided what happens."""
        need(time > 0 and changes, "a passage in no time, or of nothing")
        old, moved = self.face, Moves()
        for j, i, s in changes:
            need(type(j) is type(i) is type(s) is int and min(j, i) >= 0 and s in SIGNS.values(), "a change of no form")
            need(j < self.land.count and i < len(self.land.home), "a unit and an example")
            kink = j, self.land.home[i]
            need(any(self.land.places[kink[1]]), "a pre-activation that is always 0")
            need(kink not in moved and old.sign(kink) != s, "a change that is none")
            moved[kink] = old.sign(kink), s
        new = old.changed({k: after for k, (_, after) in moved.items()})
        met = [k for k, (before, _) in moved.items() if before]
        at_once = len(met) < 2 or self.together(met)
        if not met:
            faces, ball = self.leaves(old, new, moved, time)
        elif self.bends(old, new, moved, met, time):
            faces, ball = self.meets(old, new, moved, met[0], time)
        else:
            faces, ball = self.crosses(old, moved, met, time)
        self.widen([old, new] if at_once else [*faces, new])
        fast = self.speed(new)
        gone = max(length(x - y for x, y in zip(self.speed(face), fast, strict=True)) for face in faces)
        apart = max(self.apart(face, new) for face in faces)
        begin, self.face = self.time, new
        self.move(time, ceil(time * (gone + apart * ball)))
        events: list[list[Any]] = []
        for (j, g), (before, after) in sorted(moved.items()):
            kind = "crossing" if before and after else "sliding ends" if after else "sliding begins"
            here = [i for i, home in enumerate(self.land.home) if home == g]
            events.append([kind, j, here[0] if len(here) == 1 else here])
        self.events.append(Passage(begin, self.time, events, at_once))

    def apart(self, face: Any, other: Any) -> Fraction:
        """Return a bound of how much faster the velocities on two faces can differ with the distance."""
        self.spend(5 * self.land.size**2)
        pairs = [zip(*rows, strict=True) for rows in zip(face.matrix, other.matrix, strict=True)]
        return sum((abs(Fraction(x, face.den) - Fraction(y, other.den)) for p in pairs for x, y in p), Fraction(0))

    def reach(self, faces: list[Any], time: Fraction) -> int:
        """Return the radius of a ball that is not left within some time by velocities of these faces."""
        fast = max(length(self.speed(face)) for face in faces)
        steep = max(Fraction(sum(abs(x) for row in face.matrix for x in row), face.den) for face in faces)
        self.spend(1 + len(faces) * self.land.size**2 // 4)
        ball: int = 2 * (self.radius + ceil(fast * time)) + 2
        need(self.radius + time * (fast + steep * ball) < ball, "a passage that takes too long")
        return ball

    def calm(self, faces: list[Any], moved: Moves, ball: int, besides: Sequence[Any] = ()) -> None:
        """Confirm that no other kink is met on a ball, and that the faces hold theirs, besides some forces."""
        forms = [form for k, form in self.face.heights.items() if k not in moved]
        forms += [gap for face in faces for pair in face.gaps.values() for gap in pair if gap not in besides]
        need(all(self.low(form, ball) > 0 for form in forms), "something else may happen")

    def hits(self, kink: Kink, rate: Fraction, time: Fraction) -> None:
        """Confirm that a kink is met within some time at some rate."""
        far = -self.low(self.face.heights[kink].times(Fraction(-1)), self.radius)
        need(far < rate * time, "a kink that may not be met in time")

    def bends(self, old: Any, new: Any, moved: Moves, met: list[Kink], time: Fraction) -> bool:
        """Return whether the loss is convex where kinks are met at one time, and others may be set free."""
        crossed = [k for k in met if moved[k][1]]
        if len(crossed) == len(moved) or not self.together(met):
            return False
        ball, bend = self.reach([old, new], time), self.land.slope[1] - self.land.slope[-1]
        return all(self.low(old.error(g).times(bend * self.land.outer[j]), ball) > 0 for j, g in crossed)

    def together(self, met: list[Kink]) -> bool:
        """Return whether kinks are met at one time, because their forms are multiples of each other on the course."""
        self.spend(1 + len(met) * len(self.span) * self.land.size)
        first, *others = (self.face.heights[k] for k in met)
        for form in others:
            pairs = [(form.at(self.base), first.at(self.base))]
            pairs += [(form.along(u), first.along(u)) for u in self.span.values()]
            ratio = next((a / b for a, b in pairs if b), Fraction(0))
            if ratio <= 0 or any(a != ratio * b for a, b in pairs):
                return False
        return True

    def meets(self, old: Any, new: Any, moved: Moves, kink: Kink, time: Fraction) -> tuple[list[Any], int]:
        """Confirm that a kink is met, and that from there the flow goes on as is said, where the loss is convex."""
        ball = self.reach([old, new], time)
        self.calm([old, new], moved, ball)
        self.hits(kink, self.low(old.toward(kink, -moved[kink][0]), ball), time)
        free = [new.toward(k, after) for k, (_, after) in moved.items() if after]
        need(all(self.low(form, ball) > 0 for form in free), "a kink that may not be left")
        return [old, new], ball

    def crosses(self, old: Any, moved: Moves, met: list[Kink], time: Fraction) -> tuple[list[Any], int]:
        """Confirm that kinks are crossed, with any slopes at them; when it is one, another may be set free by it."""
        free = [(k, after) for k, (before, after) in moved.items() if not before]
        need(all(moved[k][1] for k in met) and len(moved) <= CORNERS, "several things at once")
        need(not free or (len(met) == len(free) == 1), "several things at once")
        sides = product(*((before, after) if before else (-1, 1) for before, after in moved.values()))
        faces = [old, *(old.changed(dict(zip(moved, choice, strict=True))) for choice in sides)]
        ball = self.reach(faces, time)
        self.calm(faces, moved, ball)
        for k, after in free:
            away = [face for face in faces if face.sign(k) == -after or face.sign(met[0]) == moved[met[0]][1]]
            need(all(self.low(face.toward(k, after), ball) > 0 for face in away), "a kink that may not be left")
        near = [face for face in faces if all(face.sign(k) != -after for k, after in free)]
        for k in met:
            rates = [(face.sign(k), self.low(face.toward(k, moved[k][1]), ball)) for face in near]
            need(all(rate > 0 for _, rate in rates), "a kink that may not be crossed")
            self.hits(k, min(rate for side, rate in rates if side == moved[k][0]), time)
        return faces, ball

    def leaves(self, old: Any, new: Any, moved: Moves, time: Fraction) -> tuple[list[Any], int]:
        """Confirm that a held kink is left because the force from one side grows until it is not held."""
        ((kink, (_, side)), *more), ball = moved.items(), self.reach([old, new], time)
        need(not more and len(old.gaps[kink]) == 2, "several things at once, or a kink that is left without force")
        leaving = old.gaps[kink][side > 0]
        self.calm([old, new], moved, ball, [leaving])
        outward = new.toward(kink, side)
        rate = min(self.low(face.change(outward), ball) for face in (old, new))
        need(rate > 0 and self.low(leaving, self.radius) > 0, "a kink that may be left otherwise")
        need(self.low(outward, self.radius) + rate * time > 0, "a kink that may be left later")
        return [old, new], ball

    def end(self, proof: Any) -> None:
        """Confirm that nothing happens any more, and find the limit: its loss, its signs, and how near it is."""
        face, unit, size = self.face, Fraction(1, 2**self.bits), len(self.point)
        self.target, shift = ([exact(x) for x in proof[name]] for name in ("target", "shift"))
        need(len(self.target) == len(shift) == size, "a target of the wrong length")
        need([dot(row, self.target) for row in face.matrix] == face.force, "a target that does not rest")
        need(all(face.height(k, 1).at(self.target) == 0 for k in face.held), "a target that is not on the face")
        away = [x * unit - m for x, m in zip(self.point, self.target, strict=True)]
        image = [x - dot(row, shift) / face.den for x, row in zip(away, face.matrix, strict=True)]
        far, self.near = ((length(x / unit for x in each) + self.radius) * unit for each in (away, image))
        forms = [*face.heights.items(), *((k, gap) for k, pair in face.gaps.items() for gap in pair)]
        many = len(proof["chains"])
        need(many == len(forms), f"expected {len(forms)} chains, for pre-activations and forces; got {many}")
        texts = dict.fromkeys(face.held, 0)
        for (k, raw), chain in zip(forms, proof["chains"], strict=True):
            self.spend(10 + 3 * size * (1 + len(face.held)))
            form = face.along(raw)
            level, limit = FINE * form.at(self.target) * form.den, None if chain is None else self.lasts(form, *chain)
            need(chain is not None or level > form.norm * far, "something that is not known to last")
            if k in face.heights:
                texts[k] = face.sign(k) if level > form.norm * self.near or limit else 0
                need(texts[k] or limit == 0, "a sign of the limit that is not decided")
        words = {s: c for c, s in SIGNS.items()}
        self.signs = ["".join(words[texts.get((j, g), 0)] for g in self.land.home) for j in range(self.land.count)]
        errors = [dot(face.outputs[g], self.target) - y for g, y in zip(self.land.home, self.land.labels, strict=True)]
        self.loss = self.land.scale * dot(errors, errors)

    def lasts(self, form: Any, rates: Any, weights: Any) -> Fraction | None:
        """Confirm that a form is positive for ever, and return a multiple of its limit, if that is known.

        With f_0 = form and f_k+1 = f_k' + rate_k f_k, the last one has f' = -weight_0 f + sum of weight_k f_k-1 + more.
        """
        gamma, (own, *others) = [exact(x) for x in rates], [exact(x) for x in weights]
        chain, factors = [form], [Fraction(1)]
        self.spend(10 + len(self.span) * len(self.point))
        for rate in gamma:
            self.spend(5 + len(self.point) ** 2 // 8, max(x.bit_length() for x in (chain[-1].den, chain[-1].norm)))
            chain.append(self.face.change(chain[-1]).plus(chain[-1], rate))
            factors.append(factors[-1] * rate)
        need(len(others) == len(gamma) and min([0, *others]) >= 0, "weights of the wrong sign")
        need(all(self.low(each, self.radius) > 0 for each in chain), "something that is not yet positive")
        rest, keeps = self.face.change(chain[-1]).plus(chain[-1], own), own * factors[-1]
        for each, factor, weight in zip(chain, factors, others, strict=False):
            rest, keeps = rest.plus(each, -weight), keeps - weight * factor
        more = rest.at(self.base)
        need(not any(map(rest.along, self.span.values())) and more >= 0, "a chain that does not close")
        return more if keeps else None
