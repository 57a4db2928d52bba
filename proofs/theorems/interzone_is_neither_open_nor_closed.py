"""The affine part of a ReLU layer is open and its zero set closed; what is left between is neither, and may be convex.

Setting  A: all units positive. Z: none positive. I: the rest. Units z = w . x + b in the plane.
Idea     If z > 0 at x, it is so at every x + d with |w| |d| < z: so A is open, and so is the outside of Z, a union of
         such sets. With z1 = x, z2 = y the point (0, -1) of Z is a limit of points of I, and (1, 0) in I one of A.
Scope    The radius is for one unit; of several the smallest serves. A and Z are convex, as intersections of convex
         sets. I is {0 < x <= 1} for z1 = x, z2 = x - 1, which is convex; the corner's is not. One unit has none.
"""

from stability.audit.layer_statements import affine
from stability.logic.statements import AllOf, ForAll, Statement

Z = affine(("u", "v"), "b", ("x", "y"))
MOVED = affine(("u", "v"), "b", ("x + d", "y + e"))
NEAR = f"(u**2 + v**2)*(d**2 + e**2) < ({Z})**2"
NAMES = "u v b x y d e"


def inside(x: str, y: str) -> list[str]:
    """Return that a point of the corner z1 = x, z2 = y is in A; `nowhere` and `between` say the same of Z and I."""
    return [f"{x} > 0", f"{y} > 0"]


def nowhere(x: str, y: str) -> list[str]:
    """Return that no unit sees it."""
    return [f"{x} <= 0", f"{y} <= 0"]


def between(x: str, y: str) -> list[str]:
    """Return that just the first unit sees it."""
    return [f"{x} > 0", f"{y} <= 0"]


def lasts() -> Statement:
    """State that a point that a unit sees has a disc around it that the unit sees."""
    seen = dict(zip(NAMES.split(), (1, 1, 0, 1, 1, 0, 0), strict=True))
    return ForAll(NAMES, [f"{Z} > 0", NEAR], [f"{MOVED} > 0"], try_at=[seen], squares=["u*e - v*d"], samples=0)


def convex(sign: str) -> Statement:
    """State that with two points on a side of a unit all points between them are there."""
    far = affine(("u", "v"), "b", ("p", "q"))
    mean = affine(("u", "v"), "b", ("(1 - t)*x + t*p", "(1 - t)*y + t*q"))
    given = [f"{Z} {sign} 0", f"{far} {sign} 0", "0 <= t", "t <= 1"]
    start = {**dict.fromkeys("uvxypqt", 0), "b": 1 if sign == ">" else -1}
    return ForAll("u v b x y p q t", given, [f"{mean} {sign} 0"], try_at=[start], samples=0)


def limits(edge: tuple[str, str]) -> Statement:
    """State that a point is in Z, and those at any distance t to its right are in I."""
    x, y = edge
    return AllOf([ForAll("", [], nowhere(x, y)), ForAll("t", ["t > 0"], between(f"{x} + t", y))])


def theorem() -> Statement:
    """Return the statement."""
    not_open = AllOf([ForAll("", [], between("1", "0")), ForAll("t", ["t > 0"], inside("1", "t"))])
    bent = AllOf([ForAll("", [], r) for r in (between("1", "-1"), between("1", "-1")[::-1], nowhere("0", "0"))])
    band = ForAll("x", ["x > 0", "x - 1 <= 0"], between("x", "x - 1"))
    whole = ForAll("x", ["x - 1 > 0"], inside("x", "x - 1"))
    return AllOf([lasts(), convex(">"), convex("<="), limits(("0", "-1")), not_open, bent, band, whole])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the zero set is open": ForAll("x y", nowhere("x", "y"), [f"{r}" for r in nowhere("x + 1/100", "y")]),
        "further left": limits(("-1", "-1")),
        "no unit leaves the band": ForAll("x", ["x > 0"], between("x", "x - 1")),
    }
