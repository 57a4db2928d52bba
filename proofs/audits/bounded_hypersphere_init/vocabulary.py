"""The landscapes, points and formulas with which several sections of "Bounded Hypersphere Initialization for ReLU Networks" state their claims."""

from collections.abc import Sequence
from typing import Any

from stability import Dataset, ForAll, landscape
from stability.audit.vocabulary import landscapes, number_fact, on, pre

RELU1, RELU2, LEAKY2 = on("relu1"), on("relu2"), on("leaky1/100:2")

ONE, TWO = landscapes(relu1=RELU1), landscapes(relu2=RELU2)

SIX, SIX_AT = "p1 p2 b1 q1 q2 b2", "[p1, p2, b1, q1, q2, b2]"

ALONG = "[d0, d1, d2, d3, d4, d5]"

FIT = [f"relu2.out({SIX_AT}, {i}) == {y}" for i, y in ((3, 0), (2, 0), (1, 1), (0, 1))]

ON, OFF = ([[f"relu2.pre({SIX_AT}, {j}, {i}) {side} 0" for i in range(4)] for j in (0, 1)] for side in (">", "<="))

SOLVED = [dict(zip(SIX.split(), ("1/2", "-1/2", 0, "-1/2", "1/2", 0), strict=True))]

SPHERE = ["n > 0", "n**2 == u**2 + v**2", "r > 0"]

WIDE = [*SPHERE, "r**2 > 2"]
"""Weights (u, v) of the length n, and a radius r, above sqrt 2 where it is that of XOR with any margin."""

FACING, AWAY = pre("relu1", "[u, v, n*r]"), pre("relu1", "[u, v, -n*r]")
"""Pre-activations of a unit that faces XOR, and of one that is inverted."""

POINT = ["n > 0", "n**2 == u**2 + v**2", "s >= 0", "(x - k)**2 + (y - l)**2 <= s**2", "e > 0"]
"""A unit, and a point (x, y) of data with the mean (k, l) and the radius s, to which the margin e is added."""

POINT_NAMES = "u v n x y k l s e"

AWAY_FROM_IT = dict(zip(POINT_NAMES.split(), (-3, -4, 5, 3, 4, "3/2", 2, "5/2", "1/10"), strict=True))
"""The data (0, 0) and (3, 4), with the mean (3/2, 2), and weights that look away from (3, 4)."""

RESTING = ("3/32", "1/8", "1/4"), ("-3/32", "-1/8", "1/4")
"""Two opposite units that face XOR, with r = 8/5, and put out 1/2 everywhere."""


def flat(point: Sequence[Sequence[object]]) -> str:
    """Return a point as the list of a formula."""
    return f"[{', '.join(str(x) for row in point for x in row)}]"


def each(formulas: Sequence[str], relation: str) -> list[str]:
    """Return the relation for each of the formulas."""
    return [f"{formula} {relation}" for formula in formulas]


def facing(point: Sequence[Sequence[str]], radius: str = "8/5") -> ForAll:
    """State that the units of a point face XOR: b = |w| r for a radius r above sqrt 2."""
    long = [f"({b})**2 == (({u})**2 + ({v})**2)*({radius})**2" for u, v, b in point]
    return number_fact(f"{radius} > 0", f"({radius})**2 > 2", *(f"{b} > 0" for _, _, b in point), *long)


def unit(given: Sequence[str], *then: str | list[str], names: str = "u v n r", **hints: Any) -> ForAll:
    """State what holds of a unit on XOR with weights (u, v) of the length n, and other numbers."""
    numbers = {"u": 3, "v": 4, "n": 5, "r": "3/2", "a": "1/2", "s": "3/2", "e": "1/10"}
    at = [{name: numbers[name] for name in names.split()}]
    hints = {"squares": ["u + v", "u - v"], "samples": 0, "try_at": at, **hints}
    return ForAll(names, given, then, ONE, **hints)  # type: ignore[arg-type]


def distance_is_margin() -> ForAll:
    """State that a point d from the boundary, d = z/|w|, is no nearer than the margin e, if z >= |w| e."""
    return ForAll("n z e d", ["n > 0", "z >= n*e", "n*d == z"], ["d >= e"])


def alone(example: int, place: Any = RELU2) -> dict[str, Any]:
    """Return the landscape of two units on one example of XOR; loss and gradient are sums of such parts."""
    x, y = place.data.points[example], place.data.labels[example]
    return landscapes(**{f"alone{example}": landscape(place.network, Dataset("one example", (x,), (y,)))})


def no_slope(example: int, point: str, given: Sequence[str] = (), names: str = "") -> ForAll:
    """State that the loss of an example has no slope in any direction."""
    values = {"p1": -1, "p2": 1, "q1": -1, "q2": 1, "b1": -3, "b2": -3}
    at = [{name: values.get(name, 0) for name in [*names.split(), *ALONG[1:-1].split(", ")]}]
    variables = f"{names} {ALONG[1:-1].replace(',', '')}"
    return ForAll(variables, given, [f"alone{example}.d1({point}, {ALONG}) == 0"], alone(example), at, samples=0)


def rests_only_if_mirrored() -> ForAll:
    """State where a gradient is 0 while both units see all points."""
    axes = [f"[{', '.join(str(int(k == n)) for k in range(6))}]" for n in range(6)]
    slopes = 2 * ("8*(p1 + q1)", "8*(p2 + q2)", "8*(b1 + b2) - 4")
    then = [f"relu2.d1({SIX_AT}, {axis}) == {slope}" for axis, slope in zip(axes, slopes, strict=True)]
    at = [dict(zip(SIX.split(), (x for row in RESTING for x in row), strict=True))]
    return ForAll(SIX, [*ON[0], *ON[1]], then, TWO, at, samples=0)


def solutions() -> ForAll:
    """State that at every solution one unit sees x1 alone, and the other x2 alone."""
    ways = [[ON[a][0], OFF[a][1], ON[1 - a][1], OFF[1 - a][0], *OFF[0][2:], *OFF[1][2:]] for a in (0, 1)]
    return ForAll(SIX, FIT, ways, TWO, SOLVED, samples=0)


SHARES, ALPHAS = ("0", "0.25", "0.5", "0.75", "1"), ("0.1", "0.3", "0.5", "0.7", "1")

TANGENT, SEEING, INVERTED = (
    "tangent_planes_see_all_data",
    "all_seeing_starts_fit_affinely",
    "units_facing_away_stay_dead",
)
