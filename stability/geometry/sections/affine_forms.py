"""Where an affine function of the coordinates of a plane is positive, 0 or negative, exactly, on convex bodies."""

from collections.abc import Iterable
from fractions import Fraction

from stability.geometry.sections.polytopes import Body, Spot

Affine = tuple[Fraction, Fraction, Fraction]
"""The function a x + b y + c of the coordinates of a plane, as (a, b, c)."""


def value(form: Affine, spot: Spot) -> Fraction:
    """Return an affine function at a spot."""
    return form[0] * spot[0] + form[1] * spot[1] + form[2]


def negative(form: Affine) -> Affine:
    """Return minus an affine function."""
    return -form[0], -form[1], -form[2]


def combination(terms: Iterable[tuple[Fraction, Affine]]) -> Affine:
    """Return a linear combination of affine functions."""
    x, y, one = Fraction(0), Fraction(0), Fraction(0)
    for factor, (a, b, c) in terms:
        x, y, one = x + factor * a, y + factor * b, one + factor * c
    return x, y, one


def cut(body: Body, form: Affine) -> Body:
    """Return the part of a body where an affine function is at least 0."""
    return body.cut(form[:2], -form[2])


def on(body: Body, form: Affine) -> Body:
    """Return the part of a body where an affine function is 0."""
    return cut(cut(body, form), negative(form))


def split(body: Body, form: Affine) -> list[tuple[int, Body]]:
    """Return the parts of a body where an affine function is positive, 0 and negative, each with its sign."""
    heights = [value(form, spot) for spot in body.spots]
    above, below = any(h > 0 for h in heights), any(h < 0 for h in heights)
    if not (above and below):
        return [(above - below, body)]
    return [(1, cut(body, form)), (0, on(body, form)), (-1, cut(body, negative(form)))]
