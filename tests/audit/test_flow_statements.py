"""Statements about the end of gradient flow, compared with small steps of descent in floats."""

from fractions import Fraction

import numpy as np
import pytest

from stability import check, landscape, prove
from stability.audit.flow_statements import FlowEndsAt, FlowEndsOn

ABS1, RELU2 = landscape("abs1", "xor", "mean"), landscape("relu2", "xor", "mean")
START = [[Fraction(1, 2), Fraction(-1, 3), Fraction(1, 10)]]
BEST = [[Fraction(1, 2), Fraction(-1, 2), Fraction(0)]]


def descended(place, start, step=0.01, steps=4000):
    """Return the loss after many small steps."""
    points = np.array(place.data.points, dtype=float)
    labels, p = np.array(place.data.labels, dtype=float), np.array(start, dtype=float)
    slopes = [float(s) for s in (place.network.unit.negative, place.network.unit.positive)]
    for _ in range(steps):
        z = points @ p[:, :-1].T + p[:, -1]
        slope = np.where(z > 0, slopes[1], slopes[0])
        error = (slope * z).sum(1) - labels
        descent = 2 * error[:, None] * slope / len(labels)
        p = p - step * np.concatenate([descent.T @ points, descent.sum(0)[:, None]], axis=1)
    z = points @ p[:, :-1].T + p[:, -1]
    return float((((np.where(z > 0, slopes[1], slopes[0]) * z).sum(1) - labels) ** 2).mean())


def test_it_ends_on_a_set_with_conditions():
    judged = prove(FlowEndsOn(ABS1, START, "L", [("kind", "=", "global minimum"), ("loss", "=", 0)]))
    assert judged.conclusion == "proved"
    assert [record["format"] for record in judged.records] == [
        "stability-flow/1", "stability-record/1", "stability-atlas/1",
    ]  # fmt: skip
    assert all(check(record) for record in judged.records)
    judged = prove(FlowEndsOn(ABS1, START, "L", [("kind", "=", "saddle")]))
    where = "The flow ends on the set of (1/2, -1/2, 0): a global minimum of loss 0"
    assert judged.reason.startswith(where)
    strict = prove(FlowEndsOn(ABS1, START, "L", [("strict", "=", False)]))
    assert strict.reason.startswith(f"{where}, which is strict.")
    assert judged.conclusion == "refuted"
    assert all(check(record).startswith("proved") for record in judged.records)


@pytest.mark.parametrize(
    ("point", "conclusion"),
    [
        (BEST, "proved"),
        ([[Fraction(1, 2), Fraction(-1, 2), Fraction(1, 1000)]], "refuted"),
        ([[Fraction(-1, 2), Fraction(1, 2), Fraction(0)]], "refuted"),
    ],
)
def test_it_ends_at_a_point(point, conclusion):
    judged = prove(FlowEndsAt(ABS1, START, "L", point))
    assert judged.conclusion == conclusion
    assert all(check(record) for record in judged.records)


def test_on_a_set_of_more_than_a_point_the_exact_end_stays_open():
    start = [[Fraction(-6, 5), Fraction(8, 5), Fraction(-8, 5)], [Fraction(-2, 5), Fraction(-13, 10), Fraction(11, 10)]]
    there = [[Fraction(-17, 15), Fraction(23, 15), Fraction(-5, 3)], [Fraction(1, 2), Fraction(-1, 2), Fraction(0)]]
    judged = prove(FlowEndsAt(RELU2, start, "L", there))
    assert judged.conclusion is None
    assert "ends within" in judged.reason


@pytest.mark.parametrize("seed", range(4))
def test_the_loss_of_the_end_is_that_of_small_steps(seed):
    stream = np.random.default_rng(seed)
    start = [[Fraction(int(n), 10) for n in row] for row in stream.integers(-20, 21, (2, 3))]
    level = min((Fraction(0), Fraction(1, 4), Fraction(1, 2)), key=lambda x: abs(float(x) - descended(RELU2, start)))
    assert prove(FlowEndsOn(RELU2, start, "L", [("loss", "=", level)])).conclusion == "proved"
    assert prove(FlowEndsOn(RELU2, start, "L", [("loss", "!=", level)])).conclusion == "refuted"


def test_where_several_solutions_leave_it_is_open():
    judged = prove(FlowEndsOn(ABS1, [[Fraction(0), Fraction(0), Fraction(0)]], "L", [("kind", "=", "saddle")]))
    assert (judged.conclusion, judged.records) == (None, [])
    assert "Other solutions leave" in judged.reason
