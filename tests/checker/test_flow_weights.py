"""Trajectories of units with negative output weights, on kinks: small steps say the same, and no other side is left."""

import json
import random
from contextlib import nullcontext
from fractions import Fraction as Q
from itertools import product

import numpy as np
import pytest
from flow_truth import conclusion
from forged_records import changed, verdict
from hand_made import LEAKY, RAMP, SIZE, data_of, meter_of, rejects
from javascript_checker import answers, needs_node
from negative_weights import BEGINNINGS, NOT_LEFT, STARTS, records
from small_steps import tracked

from stability.checker.parts import part

faces, replay = part("flow_faces"), part("flow_replay")
STEPS, NEAR = 20_000, 0.02


class Begun(replay.Tube):
    """A trajectory whose end is not asked for."""

    def end(self, proof):
        """Leave the end open."""


def facts_of(record):
    return {name: value for name, _, value in record["statement"]["has"]}


@pytest.mark.parametrize("name", STARTS)
def test_a_record_says_what_small_steps_and_a_hundred_digits_say(name):
    land, start = STARTS[name]
    record = records()[name]
    assert verdict(record) is None
    assert conclusion(record["statement"], record["landscapes"]) == "proved"
    facts = facts_of(record)
    times, points, heights = tracked(land, start, 6.0, STEPS)
    reached = land.loss(land.by_unit([Q(float(x)) for x in points[-1]]))
    assert float(reached) == pytest.approx(float(Q(facts["loss"])), abs=NEAR)
    signs = np.where(abs(heights[-1]) < NEAR, 0, np.sign(heights[-1]))
    assert ["".join("-0+"[int(s) + 1] for s in row) for row in signs] == facts["signs"]
    for kind, unit, example, first, last in facts["events"]:
        z = heights[:, unit, example[0] if isinstance(example, list) else example]
        at, chatter = round((float(first) + float(last)) / 2 / times[1]), 3 * abs(np.diff(z)).max()
        before, after = z[max(at - 20, 0)], z[at + 20]
        assert before * after < 0 or kind != "crossing"
        assert abs(after) < chatter or kind != "sliding begins"
        assert abs(before) < chatter or kind != "sliding ends"


def test_the_trajectories_are_of_every_kind():
    kinds = {name: {event[0] for event in facts_of(record)["events"]} for name, record in records().items()}
    signs = {name: record["proof"]["signs"] for name, record in records().items()}
    passages = [step for record in records().values() for step in record["proof"]["path"] if not isinstance(step, str)]
    assert set().union(*kinds.values()) == {"crossing", "sliding begins", "sliding ends"}
    assert (signs["left upward"], signs["held"], signs["left downward"]) == (["++"], ["0+"], ["-+"])
    assert {len(changes) for _, changes in passages} >= {1, 2}


@pytest.mark.parametrize("name", STARTS)
def test_no_record_is_of_other_signs_of_output_weights(name):
    record = records()[name]
    ((key, data),) = record["landscapes"].items()
    weights = data["output_weights"]
    for signs in list(product((1, -1), repeat=len(weights)))[1:]:
        other = [str(s * Q(a)) for s, a in zip(signs, weights, strict=True)]
        assert verdict(changed(record, ("landscapes", key), {**data, "output_weights": other}))


@pytest.mark.parametrize("name", BEGINNINGS)
def test_how_a_trajectory_may_begin(name):
    record, words = BEGINNINGS[name]
    assert words in verdict(record)


@needs_node
def test_both_checkers_follow_the_same_trajectories():
    accepted = answers(map(json.dumps, records().values()))
    assert all(answer["accepted"] for answer in accepted), accepted
    pairs = zip(BEGINNINGS.items(), answers(json.dumps(record) for record, _ in BEGINNINGS.values()), strict=True)
    for (name, (_, words)), answer in pairs:
        assert words in answer["reason"], name


def drawn(seed):
    """Return a landscape of two units and exact rows, many of whose pre-activations are 0."""
    rng = random.Random(seed)
    weights = [rng.choice(["-2", "-1", "-1/3", "1/2", "3"]) for _ in range(2)]
    layer = {"output_weights": weights, **({"output_bias": True} if seed % 3 == 0 else {})}
    points, labels = rng.sample(["0", "1", "-1", "2"], 3), [str(rng.randint(-4, 4)) for _ in range(3)]
    land = faces.Landscape("L", data_of(points, labels, rng.choice([SIZE, LEAKY, RAMP]), 2, **layer), meter_of())
    units = [[Q(w), Q(-w * int(points[0]))] for w in rng.choices([-1, 0, 1, 2], k=2)]
    return land, units + [[Q(rng.randint(-2, 2))]] * land.bias


def inner(x, y):
    return sum(a * b for a, b in zip(x, y, strict=True))


def speeds(land, rows, signs, kink):
    """Return half the speeds of the pre-activation at a kink, one for each choice of slopes at the kinks of its unit.

    With slopes kept, the loss is quadratic along a line: a difference across both sides is its slope, exactly.
    """
    (j, g), bias = kink, rows[-1][0] if land.bias else 0
    heights = [[inner(x, row) for x in land.places] for row in rows[: land.count]]
    own = [i for i, z in enumerate(heights[j]) if z == 0]

    def loss(sides, shift):
        total = Q(0)
        for i, x in enumerate(land.places):
            output = bias
            for k, a in enumerate(land.outer):
                z = heights[k][i] + shift * (k == j) * inner(x, land.places[g])
                output += a * land.slope[sides[i] if k == j else signs[k][i]] * z
            total += land.weight[i] * (output - land.means[i]) ** 2
        return total

    for choice in product((-1, 1), repeat=len(own)):
        sides = {**dict(enumerate(signs[j])), **dict(zip(own, choice, strict=True))}
        yield (loss(sides, -1) - loss(sides, 1)) / 4


@pytest.mark.parametrize("seed", range(60))
def test_a_start_on_kinks_is_left_where_all_slopes_of_the_loss_say_so(seed):
    land, rows = drawn(seed)
    above = [[inner(x, row) for x in land.places] for row in rows[: land.count]]
    free = [(j, g) for j, g in product((0, 1), range(3)) if above[j][g] == 0]
    texts = [[str(x) for x in row] for row in rows]
    for choice in product((-1, 1), repeat=len(free)):
        signs = [[(z > 0) - (z < 0) for z in row] for row in above]
        for (j, g), s in zip(free, choice, strict=True):
            signs[j][g] = s
        left = all(s * v > 0 for k, s in zip(free, choice, strict=True) for v in speeds(land, rows, signs, k))
        proof = {"bits": 96, "signs": ["".join("-0+"[s + 1] for s in row) for row in signs], "path": []}
        with nullcontext() if left else rejects(NOT_LEFT):
            Begun(land, texts, proof)


def test_some_starts_on_kinks_are_left_and_some_are_not():
    found = [all(s * v > 0 for v in own) for seed in range(60) for own in speeds_at_kinks(seed) for s in (-1, 1)]
    assert found.count(True) > 20 < found.count(False)


def speeds_at_kinks(seed):
    """Return the speeds at every kink of a drawn start, the other unit being above its own."""
    land, rows = drawn(seed)
    signs = [[1 if inner(x, row) >= 0 else -1 for x in land.places] for row in rows[: land.count]]
    kinks = [(j, g) for j, g in product((0, 1), range(3)) if inner(land.places[g], rows[j]) == 0]
    return [list(speeds(land, rows, signs, kink)) for kink in kinks]
