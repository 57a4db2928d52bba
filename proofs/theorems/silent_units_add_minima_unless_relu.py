"""A silent leaky or absolute unit can be a minimum at a loss where no sum of signed units has one; no silent ReLU is.

Setting  One unit with a trainable output weight a on x = -3, -1, 1, 3 with labels 1, -3, 3, -1, against the same unit
         with output weight 1, or -1 (labels negated). Then the label 1 at x = 0. Sum of squared errors.
Idea     The labels are orthogonal to affine outputs: where all pre-activations are positive, a = 0 is best, at loss 20.
         A signed unit at that loss puts out 0, so it has w = b = 0 unless it is a ReLU, and there a kink descends.
         A ReLU is dead instead: it puts out 0, whatever its output weight, and so do its neighbours.
Scope    These instances. In words: a silent unit at a minimum can be made a dead ReLU, so ReLUs add no losses. Leaky
         units add losses of stationary points as well (the last example: 1 at a = w = b = 0). Absolute units do not:
         at w = b = 0 their gradients in opposite cells cancel, so that is Clarke-stationary beside any other units.
"""

from collections.abc import Sequence
from fractions import Fraction

from stability.audit.landscape_statements import landscapes
from stability.geometry.stationary.senses import clarke_stationary
from stability.landscapes import Landscape, landscape
from stability.logic.statements import AllOf, ForAll, Not, Statement
from stability.model.datasets import Dataset

LEAKY, SIGNS = "leaky1/100:1", (1, -1)
WAVE, ONE = {-3: 1, -1: -3, 1: 3, 3: -1}, {0: 1}
"""Labels by the points where they stand."""


def on_the_line(unit: str, labels: dict[int, int], sign: int) -> tuple[str, Landscape]:
    """Return the landscape of a unit with an output weight of this sign, under a name."""
    points, values = tuple((Fraction(x),) for x in labels), tuple(Fraction(sign * y) for y in labels.values())
    name = f"{unit[:4]}_{'plus' if sign > 0 else 'minus'}_{len(labels)}"
    return name, landscape(unit, Dataset("points on the line", points, values))


def claim(
    unit: str, labels: dict[int, int], names: str, given: Sequence[str], then: Sequence[str], sign: int = 1, **at: str
) -> ForAll:
    """State what holds for all parameters; L is the landscape. The instance has 0 for all that it does not name."""
    name, land = on_the_line(unit, labels, sign)
    instance = {**dict.fromkeys(names.split(), 0), **at}
    assumed, concluded = ([text.replace("L.", f"{name}.") for text in each] for each in (given, then))
    return ForAll(names, assumed, concluded, landscapes(**{name: land}), [instance], samples=0)


def trained(labels: dict[int, int], out: str = "a*L.out([w, b], {})") -> str:
    """Return the formula of the loss with a trainable output weight."""
    return " + ".join(f"({out.format(i)} - ({y}))**2" for i, y in enumerate(labels.values()))


def seen(unit: str, then: str, sign: str = ">") -> ForAll:
    """State what the loss is where the unit sees all, or nothing."""
    given = [f"L.pre([w, b], 0, {i}) {sign} 0" for i in range(4)]
    return claim(unit, WAVE, "a w b", given, [f"{trained(WAVE)} {then}"], b="1" if sign == ">" else "-1")


def at_zero(unit: str, sign: int) -> list[Statement]:
    """State that a signed unit has the loss 20 at rest at w = b = 0 only, and that it falls from there."""
    given = ["L.rest([w, b], [s0, s1, s2, s3])", "L.loss([w, b]) == 20"]
    only = claim(unit, WAVE, "w b s0 s1 s2 s3", given, ["w == 0", "b == 0"], sign)
    return [only, claim(unit, WAVE, "", [], [f"L.d1([0, 0], [{sign}, 2]) < 0"], sign)]


def fits(unit: str, sign: int) -> ForAll:
    """State that wherever a signed unit rests on the single example, it fits it."""
    return claim(unit, ONE, "w b s0", ["L.rest([w, b], [s0])"], ["L.loss([w, b]) == 0"], sign, b=str(sign))


def rests_at_zero(unit: str, labels: dict[int, int], sign: int) -> Statement:
    """State that w = b = 0 is Clarke-stationary for the signed unit."""
    name, land = on_the_line(unit, labels, sign)
    return clarke_stationary(land, [[0, 0]], name)


def theorem() -> Statement:
    """Return the statement."""
    minima = [seen(unit, ">= 20") for unit in (LEAKY, "abs1")]
    signed = [each for unit in (LEAKY, "abs1") for sign in SIGNS for each in at_zero(unit, sign)]
    ray = f"{trained(ONE, 't*a*L.out([t*w, t*b], {})')} == {trained(ONE, 't**2*a*L.out([w, b], {})')}"
    levels: list[Statement] = [claim(LEAKY, ONE, "a w b t", ["t > 0"], [ray], t="1")]
    levels += [each for sign in SIGNS for each in (fits(LEAKY, sign), Not(rests_at_zero(LEAKY, ONE, sign)))]
    absolute = [rests_at_zero("abs1", labels, sign) for labels in (WAVE, ONE) for sign in SIGNS]
    return AllOf([*minima, *signed, seen("relu1", "== 20", "<"), *levels, *absolute])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "ReLU too": at_zero("relu1", 1)[0],
        "a minimum everywhere": claim("abs1", WAVE, "a w b", [], [f"{trained(WAVE)} >= 20"]),
        "absolute units fit wherever they rest": fits("abs1", 1),
        "leaky units rest at zero": rests_at_zero(LEAKY, ONE, 1),
    }
