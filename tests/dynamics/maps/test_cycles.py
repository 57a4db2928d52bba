from fractions import Fraction
from math import isclose, log

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from some_slow import some_slow

from stability import landscape
from stability.dynamics.maps.chaos import StepInterval, chaotic_steps, multipliers_in_every_cell, trap
from stability.dynamics.maps.cycles import cycles
from stability.dynamics.maps.invariant_lines import LineError, LineMap, LinePiece, line
from stability.errors import DifferentiabilityError, NumberError, PointError, StabilityError
from stability.model.datasets import Dataset

XOR = landscape("abs1", "xor")
PAIR = landscape("abs1", Dataset("pair", [[1], [-1]], [1, 1]))
ONE = landscape("abs1", Dataset("one", [[1]], [1]))
LINES = {
    "solutions on xor": line(XOR, [[0, 0, 0]], [[1, -1, 0]]),
    "traps on xor": line(XOR, [[0, 0, 0]], [[0, 0, 1]]),
    "one point": line(ONE, [[0, 0]], [[1, 1]]),
    "pair": line(PAIR, [[0, 0]], [[1, 1]]),
    "mean": line(landscape("abs1", "xor", "mean"), [[0, 0, 0]], [[1, -1, 0]]),
    "away from 0": line(ONE, [[1, -1]], [[2, 2]]),
    "one relu": line(landscape("relu1", Dataset("one", [[1]], [1])), [[0, 0]], [[1, 1]]),
    "steep leaky": line(landscape("leaky-1/2:1", Dataset("one", [[1]], [1])), [[0, 0]], [[1, 1]]),
    "two units": line(landscape("abs2", "xor"), [[0, 0, 0], [0, 0, 0]], [[1, -1, 0], [1, -1, 0]]),
}
numbers = st.fractions(-3, 3, max_denominator=24)
steps = st.fractions(Fraction(1, 24), 1, max_denominator=24)


def descends(place, rows, eta):
    """Return where torch's gradient descent goes in one step."""
    gradient = place.autograd_gradient(rows)
    flat = [x - eta * g for x, g in zip([x for row in rows for x in row], gradient, strict=True)]
    return [flat[k : k + place.width] for k in range(0, len(flat), place.width)]


def at(found, c):
    flat = [p + c * d for p, d in zip(found.origin, found.direction, strict=True)]
    return [flat[k : k + found.landscape.width] for k in range(0, len(flat), found.landscape.width)]


@given(st.sampled_from(sorted(LINES)), numbers, steps)
def test_the_map_is_gradient_descent(name, c, eta):
    found = LINES[name]
    assert descends(found.landscape, at(found, c), eta) == at(found, found.map(eta)(c))


@given(st.sampled_from(sorted(LINES)), steps, numbers, numbers)
def test_images_of_intervals_hold_the_images_of_their_points(name, eta, a, b):
    descent, (low, high) = LINES[name].map(eta), sorted((a, b))
    left, right = descent.image(low, high)
    for k in range(17):
        assert left <= descent(low + (high - low) * Fraction(k, 16)) <= right


def test_lines_that_descent_leaves_are_refused():
    with pytest.raises(LineError, match="leaves this line at c ="):
        line(XOR, [[0, 0, 0]], [[1, 0, 0]])
    with pytest.raises(LineError):
        line(XOR, [["1/10", 0, 0]], [[1, -1, 0]])
    with pytest.raises(PointError, match="other than 0"):
        line(XOR, [[0, 0, 0]], [[0, 0, 0]])
    with pytest.raises(PointError, match="3 parameters"):
        line(XOR, [[0, 0]], [[1, -1, 0]])
    for step in (0, "-1/2"):
        with pytest.raises(PointError, match="above 0"):
            LINES["pair"].map(step)
    with pytest.raises(NumberError, match="finite"):
        LINES["pair"].map(float("nan"))


def test_a_line_without_kinks():
    flat = line(landscape("relu1", Dataset("one", [[1]], [1])), [[1, 0]], [[1, -1]])
    assert (flat.kinks, flat.pieces, flat.at_kinks) == ([], [(0, 0)], [])
    assert flat.map(1)(5) == 5
    assert chaotic_steps(flat) is None
    assert trap(flat.map(1)) is None
    assert trap(LineMap([LinePiece(None, None, Fraction(-2), Fraction(0))], {})) is None


@settings(max_examples=60)
@given(st.sampled_from(sorted(LINES)), steps, st.integers(1, 4))
def test_cycles_are_cycles(name, eta, period):
    found = LINES[name]
    descent = found.map(eta)
    for each in cycles(descent, period):
        rows = [at(found, c) for c in each.points]
        assert len(set(each.points)) == period
        assert each.points[0] == min(each.points)
        for here, there in zip(rows, [*rows[1:], rows[0]], strict=True):
            assert descends(found.landscape, here, eta) == there
        if each.multiplier is not None:
            nudge = Fraction(1, 10**9)
            slope = (descent.orbit(each.points[0] + nudge, period)[-1] - each.points[0]) / nudge
            assert slope == each.multiplier
        if each.family is not None:
            low, high = each.family
            inside = (
                [(low + high) / 2 + (high - low) * Fraction(k, 7) for k in (-3, 1, 3)]
                if None not in each.family
                else []
            )
            assert all(descent.orbit(c, period)[-1] == c for c in inside)


def test_no_cycle_is_missed_by_a_search_on_a_grid():
    for name, found in LINES.items():
        for eta in (Fraction(1, 4), Fraction(3, 8), Fraction(5, 12), Fraction(3, 4)):
            descent = found.map(eta)
            known = {each.points[0] for each in cycles(descent, 2)}
            families = [each.family for each in cycles(descent, 2) if each.family]
            for k in range(-120, 121):
                c = Fraction(k, 20)
                if descent(c) != c and descent(descent(c)) == c:
                    least = min(c, descent(c))
                    near = any(
                        (a is None or a < x) and (b is None or x < b) for a, b in families for x in (c, descent(c))
                    )
                    assert least in known or near, (name, eta, c)


def test_the_full_tent_has_as_many_cycles_as_necklaces():
    descent = LINES["solutions on xor"].map("3/8")
    count = [sum(each.multiplier is not None for each in cycles(descent, n)) for n in range(1, 8)]
    assert count == [2, 1, 2, 3, 6, 9, 18]


def test_cycles_at_known_steps():
    descent = LINES["solutions on xor"]
    assert [each.points for each in cycles(descent.map("3/8"), 2)] == [[Fraction(-3, 2), Fraction(3, 2)]]
    assert [Fraction(-5, 6), Fraction(1, 6), Fraction(7, 6)] in [each.points for each in cycles(descent.map("3/8"), 3)]
    assert cycles(descent.map("1/5"), 2) == []
    assert [each.attracting for each in cycles(descent.map("1/5"), 1)] == [True, False, True]
    families = cycles(descent.map("1/4"), 2)
    assert [each.family for each in families] == [(-1, 0), (0, 1)]
    assert [each.multiplier for each in families] == [1, 1]
    assert families[1].to_json() == {"points": ["1/3", "2/3"], "multiplier": "1", "family": ["0", "1"]}
    assert cycles(LineMap([LinePiece(None, None, Fraction(1), Fraction(0))], {}), 1)[0].family == (None, None)
    assert cycles(LineMap([LinePiece(None, None, Fraction(1), Fraction(1))], {}), 1) == []


def test_families_of_longer_cycles_are_found_once():
    parts = [
        LinePiece(None, Fraction(1), Fraction(1), Fraction(2)),
        LinePiece(Fraction(1), Fraction(3), Fraction(-1), Fraction(3, 2)),
    ]
    swap = LineMap(
        [*parts, LinePiece(Fraction(3), None, Fraction(0), Fraction(9))],
        {Fraction(1): Fraction(9), Fraction(3): Fraction(9)},
    )
    for period in range(1, 6):
        found = cycles(swap, period)
        for each in found:
            assert swap.orbit(each.points[0], period)[-1] == each.points[0]
        assert len({each.points[0] for each in found}) == len(found)


def test_searches_that_make_no_sense_are_refused(monkeypatch):
    descent = LINES["solutions on xor"].map("3/8")
    with pytest.raises(StabilityError, match="at least 1"):
        cycles(descent, 0)
    monkeypatch.setattr("stability.dynamics.maps.cycles.MOST_PATHS", 50)
    with pytest.raises(StabilityError, match="More than 50"):
        cycles(descent, 12)


def test_the_steps_of_bounded_expanding_motion():
    assert chaotic_steps(LINES["solutions on xor"]) == StepInterval(Fraction(1, 4), Fraction(3, 8))
    assert chaotic_steps(LINES["traps on xor"]) == StepInterval(Fraction(1, 4), Fraction(3, 8))
    assert chaotic_steps(LINES["mean"]) == StepInterval(Fraction(1), Fraction(3, 2))
    assert (
        chaotic_steps(LINES["one point"])
        == chaotic_steps(LINES["pair"])
        == StepInterval(Fraction(1, 2), Fraction(3, 4))
    )
    assert chaotic_steps(LINES["away from 0"]) == StepInterval(Fraction(1, 2), Fraction(3, 4))
    assert chaotic_steps(LINES["one relu"]) is None
    assert "3/8" in chaotic_steps(LINES["traps on xor"])
    assert "1/4" not in chaotic_steps(LINES["traps on xor"])


@settings(max_examples=60)
@given(st.sampled_from(["solutions on xor", "traps on xor", "one point", "pair", "mean"]), steps, numbers)
def test_traps_hold_every_start_exactly_at_those_steps(name, eta, c):
    found = LINES[name]
    descent, expected = found.map(eta), eta in chaotic_steps(found)
    kept = trap(descent)
    assert (kept is not None and kept.expanding) == expected
    if kept is not None and kept.low <= c <= kept.high:
        assert all(kept.low <= x <= kept.high for x in descent.orbit(c, 30))
    if eta > chaotic_steps(found).high:
        assert kept is None
        assert abs(descent.orbit(Fraction(1, 10**6), 400)[-1]) > 1000


def test_a_trap_of_different_slopes():
    found = trap(LINES["steep leaky"].map("3/4"))
    assert (found.low, found.high, found.rates) == (Fraction(-3, 2), Fraction(3, 2), (Fraction(1, 4), 2))
    assert not found.expanding
    assert str(found) == "[-3/2, 3/2] is mapped into itself, Lyapunov exponent log(1/4) to log(2)"
    assert str(trap(LINES["pair"].map("3/4"))).endswith("Lyapunov exponent log(2)")


@pytest.mark.parametrize(
    ("place", "step"), some_slow([(PAIR, "7/10"), (PAIR, "11/20"), (ONE, "7/10"), (XOR, "1/5")], 2)
)
def test_exponents_are_those_of_long_runs_of_torch(place, step):
    eta, steps = float(Fraction(step)), 600
    x, y = (torch.tensor(np.array(each, dtype=float)) for each in (place.data.points, place.data.labels))
    theta = torch.randn(1, place.width, dtype=torch.float64, generator=torch.Generator().manual_seed(5)) / 4
    loss = lambda p: ((torch.abs(x @ p[:, :-1].T + p[:, -1]).sum(1) - y) ** 2).sum()  # noqa: E731
    frame, total = torch.eye(place.width, dtype=torch.float64), torch.zeros(place.width, dtype=torch.float64)
    for _ in range(steps):
        hessian = torch.autograd.functional.hessian(loss, theta).reshape(place.width, place.width)
        point = theta.requires_grad_()
        (gradient,) = torch.autograd.grad(loss(point), point)
        theta = (point - eta * gradient).detach()
        frame, growth = torch.linalg.qr(frame - eta * hessian @ frame)
        total += growth.diagonal().abs().log()
    measured = sorted((total / steps).tolist())
    values = multipliers_in_every_cell(place, step)
    exact = sorted(log(abs(float(v.low))) for v in values for _ in range(v.multiplicity))
    assert np.allclose(measured, exact, atol=1e-3)
    assert theta.abs().max() < 10


def test_a_long_run_neither_settles_nor_leaves():
    seen, descent, x = set(), LINES["pair"].map("7/10"), 1 / 7
    inside = trap(descent)
    for _ in range(20000):
        piece = descent.pieces[x > 0]
        x = float(piece.slope) * x + float(piece.level)
        seen.add(round(10 * x))
        assert float(inside.low) <= x <= float(inside.high)
    assert len(seen) == 29
    assert isclose(log(float(inside.rates[0])), log(1.8))


def test_hessians_that_differ_between_cells_have_no_common_exponents():
    for model in ("relu1", "abs2", "leaky1/100:1"):
        with pytest.raises(DifferentiabilityError, match="different Hessians"):
            multipliers_in_every_cell(landscape(model, "xor"), "1/10")
    with pytest.raises(NumberError, match="above 0"):
        multipliers_in_every_cell(XOR, 0)
    assert [v.text for v in multipliers_in_every_cell(XOR, "3/8")] == ["-2"]
