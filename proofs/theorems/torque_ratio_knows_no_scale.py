"""The torque ratio lies between 0 and 1, and no factor before the loss changes it.

Setting  One unit (relu1, abs1) on XOR at a smooth point: R and T are the slopes of the loss along w and along the
         quarter turn Jw, so that the ratio is |T| / sqrt(R^2 + T^2).
Idea     (w . g)^2 + (Jw . g)^2 = |w|^2 |g|^2 in the plane; the mean of squared errors is a quarter of the sum.
Scope    Any weights but 0. With R and T both 0, as at a fit or in a dead region, there is no ratio.
"""

from stability.audit.landscape_statements import landscapes, on, pre
from stability.logic.statements import AllOf, ForAll, Statement

P, ALONG, ACROSS = "[w1, w2, b]", "[w1, w2, 0]", "[-w2, w1, 0]"


def split(name: str) -> ForAll:
    """State that the two slopes make up the gradient."""
    g1, g2 = (f"{name}.d1({P}, {d})" for d in ("[1, 0, 0]", "[0, 1, 0]"))
    parts = f"{name}.d1({P}, {ALONG})**2 + {name}.d1({P}, {ACROSS})**2"
    smooth = [f"{z} != 0" for z in pre(name, P)]
    whole = f"{parts} == (w1**2 + w2**2)*(({g1})**2 + ({g2})**2)"
    return ForAll("w1 w2 b", smooth, [whole], landscapes(**{name: name}))


def scaled(name: str, factor: str) -> ForAll:
    """State that both slopes of the mean are a factor times those of the sum."""
    both = landscapes(**{name: name, f"mean_{name}": on(name, loss="mean")})
    equal = [f"mean_{name}.d1({P}, {d}) == {factor}*{name}.d1({P}, {d})" for d in (ALONG, ACROSS)]
    return ForAll("w1 w2 b", [], equal, both)


def theorem() -> Statement:
    """Return the statement."""
    return AllOf([part for name in ("relu1", "abs1") for part in (split(name), scaled(name, "1/4"))])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the loss's scale counts": scaled("relu1", "1/2"),
        "torque is all of the gradient": ForAll(
            "w1 w2 b", [], [f"relu1.d1({P}, {ALONG}) == 0"], landscapes(relu1="relu1")
        ),
    }
