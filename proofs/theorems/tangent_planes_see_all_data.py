"""A ReLU unit tangent to a sphere around the data, facing its centre, sees every point by |w| times the margin or more.

Setting  Any data in any dimension with mean m and |x - m| <= s; a unit with w not 0 and b = |w| (s + e) - w . m, e > 0.
Idea     By Cauchy and Schwarz w . (x - m) >= -|w| s, so w . x + b >= |w| e; attained at x = m - s w/|w|. Lagrange's
         identity proves the inequality, here for two and three dimensions; then the plane is written out.
Scope    Any weights, hence any scheme that draws them, and any number of units. The write-up's b = |w| (s + e) leaves
         out w . m: for data that are not centred it can leave a point to no unit, whatever the margin.
"""

from collections.abc import Sequence

from stability.logic.statements import AllOf, ForAll, Statement

AXES = "u v w", "x y z"
"""Names of the coordinates of a weight vector, and of the way from the centre to a point."""
LENGTHS = ["n > 0", "s >= 0", "e > 0", "g**2 <= n**2*s**2"]
"""n = |w| and g = w . (x - m), as Cauchy and Schwarz have it."""
WHOLE = ["n > 0", "n**2 == u**2 + v**2", "s >= 0", "x**2 + y**2 <= s**2", "e > 0"]
"""The same written out in the plane: w = (u, v), and (x, y) is the way from the centre to a point."""
Z, MEAN = "u*x + v*y + n*(s + e)", "u*k + v*l"
"""The pre-activation; with the write-up's bias that of the centre (k, l) is added."""


def schwarz(dimension: int) -> Statement:
    """State the inequality of Cauchy and Schwarz."""
    w, x = (names.split()[:dimension] for names in AXES)
    inner, norms = " + ".join(f"{a}*{b}" for a, b in zip(w, x, strict=True)), [f"{a}**2" for a in (*w, *x)]
    turned = [f"{w[i]}*{x[j]} - {w[j]}*{x[i]}" for i in range(dimension) for j in range(i)]
    bound = f"({' + '.join(norms[:dimension])})*({' + '.join(norms[dimension:])})"
    return ForAll(" ".join([*w, *x]), [], [f"({inner})**2 <= {bound}"], squares=turned)


def seen(least: str, given: Sequence[str] = LENGTHS) -> Statement:
    """State that the pre-activation exceeds 0 and is not below a number."""
    at = [{"n": 5, "s": 1, "e": e, "g": -5} for e in ("1/10", "-1/10")]
    return ForAll("n s e g", given, ["g + n*(s + e) > 0", f"g + n*(s + e) >= {least}"], try_at=at, splits=["g + n*s"])


def in_the_plane(more: str = "0", names: str = "") -> Statement:
    """State that a unit sees a point, by the margin at least, with so much more in its bias."""
    away = {"u": -3, "v": -4, "n": 5, "x": 3, "y": 4, "s": 5, "e": "1/10", **dict.fromkeys(names.split(), 1)}
    then, turned, nearer = [f"{Z} + {more} > 0", f"{Z} + {more} >= n*e"], ["u*y - v*x"], ["u*x + v*y + n*s"]
    return ForAll(f"u v n x y s e {names}", WHOLE, then, try_at=[away], squares=turned, splits=nearer, samples=0)


def theorem() -> Statement:
    """Return the statement."""
    sharp = ForAll("n s e", ["n > 0", "s >= 0", "e > 0"], ["-n*s + n*(s + e) == n*e"])
    return AllOf([schwarz(2), schwarz(3), seen("n*e"), sharp, in_the_plane()])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "without the centre": in_the_plane(MEAN, "k l"),
        "twice the margin": seen("2*n*e"),
        "without a margin": seen("n*e", [*LENGTHS[:2], LENGTHS[3]]),
        "whatever the weights": seen("n*e", ["n >= 0", *LENGTHS[1:]]),
    }
