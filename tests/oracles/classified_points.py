"""Classifications compared with all that can be found out slowly: rays, adjacent cells, HiGHS, the checker."""

from fractions import Fraction as Q

from slow_geometry import along, directions, slow_cells, slow_clarke, trend

from stability.checker import checker
from stability.geometry.stationary.classification import classify

KINDS = ("global minimum", "local minimum", "saddle", "local maximum", "not stationary")


def witness(judged):
    """Return the direction in a proof that a universal statement about directions is false."""
    proof = judged.record["proof"]["parts"][-1]["witness"]
    return [Q(proof[f"d{k}"]) for k in range(len(proof))]


def examine(place, point, certified=True):
    """Compare a classification with everything that can be found out slowly; return it."""
    found = classify(place, point)
    point = place.point(point)
    assert found.kind in KINDS
    assert found.loss == place.loss(point)
    assert found.kinks == [(j, i) for j, row in enumerate(place.pattern(point)) for i, s in enumerate(row) if s == 0]
    trends = {d: trend(place, point, d) for d in directions(place.parameters)}
    slopes = {d: along(place, point, d)[0] for d in trends}
    assert found.directional == found.kind.endswith("minimum")
    assert (found.descent is None) == found.directional
    if found.directional:
        assert min(trends.values()) >= 0
        assert min(slopes.values()) >= 0
    else:
        assert along(place, point, found.descent)[0] < 0
    if found.strict:
        assert found.directional
        assert found.flat_dimension == 0
        assert min(trends.values()) > 0
    assert found.clarke == slow_clarke(place, point)
    assert found.clarke or found.kind == "not stationary"
    hull(place, point, found)
    differentiable = all(slopes[d] == -slopes[tuple(-x for x in d)] for d in slopes if tuple(-x for x in d) in slopes)
    assert differentiable or not found.differentiable
    if found.differentiable:
        assert all(sum(g * x for g, x in zip(found.gradient, d, strict=True)) == s for d, s in slopes.items())
        assert found.clarke == (not any(found.gradient))
    else:
        assert found.gradient is None
    assert found.autograd_rests == (not any(place.autograd_gradient(point)))
    if found.kind == "local maximum":
        assert max(trends.values()) <= 0
    if certified:
        certificate(place, point, found)
    return found


def hull(place, point, found):
    if not found.clarke:
        assert found.multipliers is None
        return
    weights = [w for w, _ in found.multipliers]
    assert min(weights) > 0
    assert sum(weights) == 1
    gradients = [place.cell_gradient(point, cell) for _, cell in found.multipliers]
    assert not any(sum(w * g for w, g in zip(weights, axis, strict=True)) for axis in zip(*gradients, strict=True))
    cells = slow_cells(place, point)
    assert all(tuple(map(tuple, cell)) in cells for _, cell in found.multipliers)


def certificate(place, point, found):
    judged = found.certificate
    assert judged.conclusion == "proved", judged.reason
    assert checker.check(judged.record) == judged.words
    if found.directional and not found.strict:
        level = witness(judged)
        assert any(level)
        assert trend(place, point, level) == 0
        assert found.flat_dimension >= 1
    if found.kind == "saddle":
        assert trend(place, point, witness(judged)) > 0
    return judged


def answers(found):
    names = ("loss", "kind", "strict", "clarke", "directional", "autograd_rests", "differentiable", "flat_dimension")
    return {name: getattr(found, name) for name in names} | {"kinks": len(found.kinks)}
