"""Do the formulas of a cell agree with the exact landscape and with torch at points of that cell?"""

import random
from fractions import Fraction
from functools import cache

import pytest
import sympy as sp
import torch

from stability import Landscape, landscape
from stability.errors import PatternError, PointError, UnknownNameError
from stability.model.torque import angular_curvature, angular_derivative
from stability.symbolic.angles import number
from stability.symbolic.derive import derive
from stability.symbolic.patterns import parse_pattern, write_pattern

TORCH = {
    "abs": torch.abs,
    "relu": torch.relu,
    "leaky1/100": lambda z: torch.nn.functional.leaky_relu(z, 0.01),
}
SINGLE = [(model, loss) for model in ("abs1", "relu1", "leaky1/100:1") for loss in ("sum", "mean")]
PYTHAGOREAN = [(3, 4), (4, 3), (5, 12), (12, 5), (8, 15), (15, 8)]


def cells(model: Landscape, seed: int = 0, draws: int = 4000, each: int = 3) -> dict[str, list]:
    """Return up to `each` random rational points in every open cell met."""
    rng, found = random.Random(seed), {}
    for _ in range(draws):
        point = [[Fraction(rng.randint(-60, 60), 40) for _ in range(model.width)] for _ in range(model.units)]
        pattern = model.pattern(point)
        if all(s for row in pattern for s in row):
            known = found.setdefault(write_pattern(pattern), [])
            if len(known) < each:
                known.append(point)
    return found


@cache
def cells_of_one_unit() -> dict[str, list]:
    """Return points of every open cell of one unit on xor: they are the same for all units and losses."""
    return cells(landscape("relu1", "xor"), draws=40000)


def values(point):
    return [number(v) for row in point for v in row]


def torch_gradient(model: Landscape, point):
    flat = torch.tensor([[float(v) for v in row] for row in point], dtype=torch.float64, requires_grad=True)
    rows = torch.tensor([[float(v) for v in row] for row in model.rows], dtype=torch.float64)
    labels = torch.tensor([float(y) for y in model.data.labels], dtype=torch.float64)
    errors = (TORCH[model.network.unit.name](rows @ flat.T).sum(1) - labels) ** 2
    (errors.sum() if model.loss_kind == "sum" else errors.mean()).backward()
    return flat.grad.flatten().tolist()


def check_cartesian(model: Landscape, pattern: str, points) -> None:
    formulas = derive(model, pattern)
    for point in points:
        at = dict(zip(formulas.variables, values(point), strict=True))
        assert formulas.loss.subs(at) == number(model.loss(point))
        gradient = [number(g) for g in model.gradient(point)]
        assert list(formulas.gradient.subs(at)) == gradient
        assert list(formulas.flow.subs(at)) == [-g for g in gradient]
        assert formulas.hessian == sp.Matrix([[number(h) for h in row] for row in model.hessian(point)])
        assert formulas.flow_jacobian == -formulas.hessian
        assert torch_gradient(model, point) == pytest.approx([float(g) for g in gradient], abs=1e-12)


@pytest.mark.parametrize(("model", "loss"), SINGLE)
def test_every_cell_of_one_unit(model, loss):
    land = landscape(model, "xor", loss)
    found = cells_of_one_unit()
    assert len(found) == 14
    for pattern, points in found.items():
        assert all(write_pattern(land.pattern(point)) == pattern for point in points)
        check_cartesian(land, pattern, points)


@pytest.mark.parametrize("loss", ["sum", "mean"])
def test_some_cells_of_two_units(loss):
    land = landscape("relu2", "xor", loss)
    found = cells(land, draws=300)
    assert len(found) > 20
    for pattern in list(found)[:12]:
        check_cartesian(land, pattern, found[pattern])


@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/100:1"])
def test_zero_in_a_pattern_takes_torchs_slope(model):
    land = landscape(model, "xor")
    point = [[Fraction(1, 3), Fraction(1, 3), Fraction(0)]]
    pattern = write_pattern(land.pattern(point))
    assert pattern == "00+-"
    formulas = derive(land, pattern)
    at = dict(zip(formulas.variables, values(point), strict=True))
    expected = [number(g) for g in land.autograd_gradient(point)]
    assert list(formulas.gradient.subs(at)) == expected
    assert torch_gradient(land, point) == pytest.approx([float(g) for g in expected])


def polar_points(land: Landscape, count: int, seed: int = 1):
    rng = random.Random(seed)
    for _ in range(count):
        point, polar = [], []
        for _ in range(land.units):
            x, y = rng.choice(PYTHAGOREAN)
            x, y = x * rng.choice((1, -1)), y * rng.choice((1, -1))
            r, b = Fraction(rng.randint(1, 60), 37), Fraction(rng.randint(-60, 60), 41)
            length = int(sp.sqrt(x * x + y * y))
            point.append([r * Fraction(x, length), r * Fraction(y, length), b])
            polar.append((number(r), sp.atan2(y, x), number(b)))
        if all(s for row in land.pattern(point) for s in row):
            yield point, polar


def exactly(value: sp.Expr, at) -> sp.Expr:
    return sp.expand(sp.expand_trig(value).subs(at))


@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/100:1", "relu2"])
def test_polar_is_the_chain_rule_of_cartesian(model):
    land = landscape(model, "xor", "mean")
    for point, polar in polar_points(land, 2 if model == "relu2" else 5):
        formulas = derive(land, land.pattern(point), "polar")
        at = dict(zip(formulas.variables, [v for row in polar for v in row], strict=True))
        gradient = [number(g) for g in land.gradient(point)]
        expected, velocity = [], []
        for j, (r, theta, _) in enumerate(polar):
            g1, g2, gb = gradient[3 * j : 3 * j + 3]
            radial = g1 * sp.cos(theta) + g2 * sp.sin(theta)
            across = -g1 * sp.sin(theta) + g2 * sp.cos(theta)
            expected += [radial, r * across, gb]
            velocity += [-radial, -across / r, -gb]
        assert [exactly(g, at) for g in formulas.gradient] == expected
        assert [exactly(v, at) for v in formulas.flow] == velocity


def test_polar_hessian_and_jacobian_are_derivatives():
    land = landscape("relu1", "xor")
    formulas = derive(land, "+-++", "polar")
    names = formulas.variables
    for a, row in enumerate(names):
        for b, column in enumerate(names):
            difference = sp.diff(formulas.loss, row, column) - formulas.hessian[a, b]
            assert sp.simplify(difference) == 0
            assert sp.simplify(sp.diff(formulas.flow[a], column) - formulas.flow_jacobian[a, b]) == 0


@pytest.mark.parametrize(("model", "loss"), SINGLE)
def test_angular_matches_the_exact_angular_derivatives(model, loss):
    land = landscape(model, "xor", loss)
    for point, ((r, theta, b),) in polar_points(land, 8):
        formulas = derive(land, land.pattern(point), "angular")
        assert [v.name for v in formulas.frozen] == ["r", "b"]
        at = {formulas.variables[0]: theta, formulas.frozen[0]: r, formulas.frozen[1]: b}
        slope = number(angular_derivative(land, point))
        assert exactly(formulas.gradient[0], at) == slope
        assert exactly(formulas.hessian[0], at) == number(angular_curvature(land, point))
        assert exactly(formulas.flow[0], at) == -slope / r**2


def test_printed_forms():
    formulas = derive(landscape("abs1", "xor"), "+-+-", "polar")
    assert "abs1 on xor" in formulas.pretty()
    assert formulas.latex().startswith(r"\begin{align*}")


@pytest.mark.parametrize("text", ["+-+", "+-+-,+-+-", "+-x-", "", "+-+-+"])
def test_wrong_patterns_say_what_to_write(text):
    with pytest.raises(PatternError, match=r"Expected[\s\S]*Write it as"):
        parse_pattern(landscape("relu1", "xor"), text)


def test_patterns_read_back():
    land = landscape("relu2", "xor")
    rows = parse_pattern(land, "+-0+, ++--")
    assert rows == [[1, -1, 0, 1], [1, 1, -1, -1]]
    assert write_pattern(rows) == "+-0+,++--"
    assert derive(land, rows).pattern == derive(land, "+-0+,++--").pattern
    with pytest.raises(PatternError):
        derive(land, [[1, 1, 1, 2], [1, 1, 1, 1]])


def test_wrong_coordinates():
    with pytest.raises(UnknownNameError, match="polar"):
        derive(landscape("relu1", "xor"), "++++", "polr")
    with pytest.raises(PointError, match="plane"):
        derive(landscape("relu1", "parity:3"), "+" * 8, "polar")
