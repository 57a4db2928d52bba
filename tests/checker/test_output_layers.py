"""Records about networks with output layers: brute force says what is true, and no changed or forged one passes."""

import copy
import json
import random
from fractions import Fraction as Q

import pytest
from brute_force_layer import brute_force, conclusion
from checked_layers import ONE_HOT, PAIR, changed_layers, one_hot, sets, turned
from forged_records import broken_copies, changed, verdict
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_proofs import place_of, proof_of, record_of

from stability.checker import checker
from stability.checker.parts import part

SAID = ("kind", "loss", "dimension", "isolated", "strict", "faces", "directional", "autograd_rests")
SAID += ("autograd_faces", "smooth_faces", "orbit", "outputs")
CASES = [
    ("relu[+,-]", [[0], [1]], [1, 0]),
    ("abs[2,-1/3]+c", [[0], ["1/2"]], [0, -1]),
    ("relu[-,-]", [[1], [-1]], [-1, "1/2"]),
    ("relu1+c", [[0, 1], [1, 0], [1, 1]], [1, 0, 0]),
    ("relu[+,-,-]-nob", [[1], [-1]], [0, 1]),
    ("relu1-out", [[0], [1], [2]], [1, 0, 1]),
    ("abs1-out", [[0, 1], [1, 0]], [1, "-1/2"]),
    ("leaky-1/2:1-out", [[1], [-1]], [1, 1]),
    ("relu1-out+c", [[0], [1], [1]], [1, 0, 1]),
    ("relu2-out", [[1]], [1]),
    ("relu2-out-nob", [[1], [-2]], [1, "1/2"]),
    ("abs2-out+c-nob", [[1], [2], [-1]], [1, 0, "1/2"]),
    ("relu3-out-nob", [[1]], [-1]),
    ("relu1-out+c-nob", [[1], [2], [-1]], [0, 1, "1/2"]),
]


class Patient:
    """A meter that allows all."""

    def spend(self, steps, bits=0, what=""):
        assert steps >= 0


def rebuilt(place):
    """Return the sets that the checker finds, by the finder's proof."""
    land = part("atlas_landscapes").Landscape("L", place.to_record(), Patient())
    return part("atlas_replay").Atlas(land, proof_of(place))


def said(sets):
    return sorted(str([each[name] for name in SAID]) for each in sets)


@pytest.mark.parametrize(("name", "points", "labels"), CASES)
def test_the_sets_are_those_of_brute_force(name, points, labels):
    place = place_of(name, points, labels)
    assert said(rebuilt(place).sets) == said(brute_force(json.dumps(place.to_record())).sets())


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_the_sets_of_small_networks_are_those_of_brute_force(data):
    names = ["relu[-]", "abs[+]+c", "relu1-out", "abs1-out+c", "leaky1/3:1-out+c", "relu[+,-]-nob", "relu2-out-nob"]
    name = data.draw(st.sampled_from(names))
    count = data.draw(st.integers(1, 2 if "out" in name or "nob" in name else 3))
    numbers = [1, 2, -1, "1/2"] if "nob" in name else [0, 1, 2, -1]
    points = [[data.draw(st.sampled_from(numbers))] for _ in range(count)]
    labels = [data.draw(st.sampled_from([0, 1, -1, "1/2"])) for _ in range(count)]
    place = place_of(name, points, labels, data.draw(st.sampled_from(["sum", "mean"])))
    assert said(rebuilt(place).sets) == said(brute_force(json.dumps(place.to_record())).sets())


# Points


def test_points_are_located_by_what_they_put_out():
    """|a| only scales: a unit of output weight -2 puts out -2 s(z)."""
    place = place_of("abs[-2]+c", [[0], [1]], [1, 0])
    atlas = rebuilt(place)
    (home,) = [each for each in atlas.sets if each["kind"] == "global minimum" and each["loss"] == 0][:1]
    assert home["loss"] == 0
    assert atlas.locate([["1/2", "0"], ["1"]])["loss"] == 0
    assert atlas.locate([["1", "0"], ["1"]]) is None
    assert atlas.locate([["1/2", "0"], ["2"]]) is None
    assert atlas.locate([["0", "7"], ["29/2"]]) is None


def test_a_silent_unit_is_located_where_h_is_0():
    """With the errors (-1, 0) h is -s(b): it is 0 for b <= 0, and only for b < 0 all around."""
    atlas = rebuilt(place_of("relu1-out", *PAIR))
    assert atlas.locate([["0", "-1", "0"]])["kind"] == "local minimum"
    assert atlas.locate([["5", "-1", "0"]])["kind"] == "local minimum"
    assert atlas.locate([["5", "0", "0"]])["kind"] == "saddle"
    assert atlas.locate([["0", "0", "0"]])["kind"] == "saddle"
    assert atlas.locate([["0", "1", "0"]]) is None
    assert atlas.locate([["-1", "-1", "-3"]])["kind"] == "local minimum"
    assert atlas.locate([["-2", "2", "1/2"]])["loss"] == 0
    assert atlas.locate([["-2", "2", "1"]]) is None


# Two one-hot outputs


def both(point, points=PAIR[0]):
    """Return the two outputs of one ReLU at a point on numbers."""
    *rows, biases = [[Q(x) for x in row] for row in point]
    outs = [list(biases) for _ in points]
    for (x,), out in zip(points, outs, strict=True):
        for w, b, *weights in rows:
            for k in (0, 1):
                out[k] += weights[k] * max(w * x + b, Q(0))
    return outs


def loss_of(point, labels=PAIR[1]):
    outs = both(point)
    return sum((f - 1 + y) ** 2 + (g - y) ** 2 for (f, g), y in zip(outs, labels, strict=True))


def hot_atlas(loss="sum"):
    data, proof = one_hot(loss)
    land = part("atlas_landscapes").Landscape("L", data, Patient())
    return part("atlas_replay").Atlas(land, proof)


def test_two_one_hot_outputs_have_the_sets_of_one_at_twice_its_sum():
    single = rebuilt(place_of("relu1-out+c", *PAIR))
    names = [name for name in SAID if name not in ("loss", "dimension")]
    assert [[each[n] for n in names] for each in hot_atlas().sets] == [[each[n] for n in names] for each in single.sets]
    assert [each["loss"] for each in hot_atlas().sets] == [2 * each["loss"] for each in single.sets]
    mean = rebuilt(place_of("relu1-out+c", *PAIR, "mean"))
    assert [each["loss"] for each in hot_atlas("mean").sets] == [each["loss"] for each in mean.sets]


@pytest.mark.parametrize(
    "point",
    [
        [["-1", "1", "-1", "1"], ["1", "0"]],
        [["-1", "1", "0", "2"], ["1", "-1/2"]],
        [["0", "1", "3", "3"], ["-5/2", "-5/2"]],
        [["0", "-1", "3", "-3"], ["1/2", "1/2"]],
        [["0", "1", "0", "0"], ["1/2", "1/2"]],
        [["-1", "1", "0", "0"], ["1/2", "1/2"]],
        [["0", "1", "3", "3"], ["-5/2", "-3/2"]],
        [["0", "-1", "0", "0"], ["1", "1/2"]],
        [["0", "-1", "0", "0"], ["1", "1"]],
    ],
)
def test_a_point_of_two_outputs_is_where_it_is_stationary(point):
    """By difference quotients: where all kinks are left alone, or the unit puts out nothing."""
    found, point = hot_atlas().locate(point), [[Q(x) for x in row] for row in point]
    tiny, slopes = Q(1, 10**12), []
    for j, row in enumerate(point):
        for k in range(len(row)):
            for turn in (-1, 1):
                near = copy.deepcopy(point)
                near[j][k] += turn * tiny
                slopes.append((loss_of(near) - loss_of(point)) / tiny)
    assert (found is not None) == all(abs(slope) < Q(1, 10**6) for slope in slopes)
    if found is not None:
        assert found["loss"] == loss_of(point)
        assert found["outputs"] == [g for _, g in both(point)]


@pytest.mark.parametrize("kind", ["global minimum", "local minimum", "saddle"])
def test_what_a_point_of_two_outputs_is_shows_near_it(kind):
    """Near minima no lower loss is drawn, near saddles some is."""
    at = {
        "global minimum": [["-1", "1", "-1", "1"], ["1", "0"]],
        "local minimum": [["0", "-1", "3", "-3"], ["1/2", "1/2"]],
        "saddle": [["0", "0", "1", "1"], ["1/2", "1/2"]],
    }
    point = [[Q(x) for x in row] for row in at[kind]]
    assert hot_atlas().locate(at[kind])["kind"] == kind
    dice, lower = random.Random(0), 0
    for _ in range(3000):
        near = [[x + Q(dice.randint(-99, 99), 10**5) for x in row] for row in point]
        lower += loss_of(near) < loss_of(point)
    assert (lower > 0) == (kind == "saddle")


def test_no_dimension_of_one_hot_sets_is_stated():
    data, proof = one_hot()
    about = [
        {"sets of": "L", "with": [["dimension", ">", 0]], "number": [">", 0]},
        {"every set of": "L", "with": [], "has": [["dimension", ">", 0]]},
        {"set of": "L", "at": [["-1", "1", "-1", "1"], ["1", "0"]], "has": [["dimension", ">", 0]]},
        {"all sets of": "L", "are": [{"kind": "saddle", "loss": "0", "orbit": 1, "dimension": 1, "witness": []}]},
    ]
    for statement in about:
        assert "expected no dimension with one-hot outputs" in verdict(record_of(data, proof, statement))
    assert verdict(record_of(data, proof, {**about[0], "with": [["isolated", "=", False]]})) is None


# What is wrong, changed or forged


@pytest.mark.parametrize("name", sets())
def test_the_records_are_true_and_accepted(name):
    record = sets()[name]
    assert verdict(record) is None
    assert conclusion(record["statement"], record["landscapes"]) == record["conclusion"]


@pytest.mark.parametrize("name", sets())
def test_no_changed_record_that_is_accepted_concludes_anything_wrong(name):
    copies = changed_layers(name)
    survivors = [other for other in copies if verdict(other) is None]
    for other in survivors:
        assert conclusion(other["statement"], other["landscapes"]) == other["conclusion"], other["statement"]
    assert len(survivors) < len(copies) / 2


@pytest.mark.parametrize("name", sets())
def test_no_record_of_another_form_is_accepted(name):
    for path, value, broken in broken_copies(sets()[name], 20):
        assert verdict(broken), (path, value)


@pytest.mark.parametrize("name", ["signed", "biased", "trained", "both", "below"])
def test_a_proof_is_of_no_other_network(name):
    """Generators, labels or choices are others: what is accepted is as true of the other network."""
    (data,), rejected = sets()[name]["landscapes"].values(), 0
    for other in turned(data):
        ((key, proof),) = sets()[name]["proof"].items()
        record = record_of(other, proof, {"sets of": key, "with": [], "number": [">", 0]}, name=key)
        reason = verdict(record)
        rejected += reason is not None
        assert reason is None or "parts fit each other" not in reason, reason
    assert rejected >= 3


def forge(name, reason, change):
    """Confirm that a record whose proof is changed is rejected for a reason."""
    record = copy.deepcopy(sets()[name])
    ((_, proof),) = record["proof"].items()
    change(proof)
    assert reason in verdict(changed(record, ("id",), "")), verdict(changed(record, ("id",), ""))


def test_silent_units_need_the_fits_of_fewer_generators():
    """Without the fit of nothing, no silent unit is asked for."""
    forge("trained", "a choice of faces without a fit", lambda proof: proof["fits"].pop(0))


def test_every_sign_has_its_generators():
    def positive(proof):
        proof["fits"] = [fit for fit in proof["fits"] if all(g < 2 for g in fit[0])]

    forge("trained", "a choice of faces without a fit", positive)
    forge("signed", "a choice of faces without a fit", positive)


def test_generators_are_counted_over_signs_first():
    def swapped(proof):
        order = {0: 0, 1: 2, 2: 1, 3: 3}
        for fit in proof["fits"]:
            fit[0] = [order[g] for g in fit[0]]

    forge("signed", "", swapped)


def test_what_separates_or_balances_is_needed_once():
    def none(proof):
        for fit in proof["fits"]:
            fit[4] = []

    def once(proof):
        known = set()
        for fit in proof["fits"]:
            fit[4] = [each for each in fit[4] if fit[1] != 1 or (each[0], str(errors(fit))) not in known]
            known |= {(each[0], str(errors(fit))) for each in fit[4]}

    def errors(fit):
        return [0] if fit[0] else [1]

    forge("trained", "a unit that is neither separated nor balanced", none)
    record = copy.deepcopy(sets()["trained"])
    ((_, proof),) = record["proof"].items()
    before = sum(len(fit[4]) for fit in proof["fits"])
    once(proof)
    assert sum(len(fit[4]) for fit in proof["fits"]) <= before
    assert verdict(changed(record, ("id",), "")) is None


def test_permuting_takes_units_of_one_sign_to_each_other_only():
    place = place_of("relu[+,-]", [[0], [1]], [1, 0])
    proof = proof_of(place)
    orbits = {each["orbit"] for each in rebuilt(place).sets}
    assert orbits == {1}
    doubled = {"sets of": "L", "with": [["orbit", "=", 2]], "number": ["=", 0]}
    assert verdict(record_of(place.to_record(), proof, doubled)) is None
    assert "the conclusion is proved" in verdict(record_of(place.to_record(), proof, doubled, "refuted"))
    alike = rebuilt(place_of("relu[-,-]-nob", [[0, 1], [1, 0], [1, 1]], [-1, -1, 0]))
    assert {each["orbit"] for each in alike.sets} == {1, 2}


def test_what_trainable_output_weights_and_two_outputs_allow_in_formulas():
    points = part("point_formulas")
    trained = place_of("relu1-out+c", *PAIR).to_record()
    for data, text, reason in (
        (trained, "L.d1([1, 1, 1, 1], [1, 1, 1, 1]) > 0", "expected loss, out, pre where output weights are trainable"),
        (
            trained,
            "L.generic([1, 1, 1, 1], [1, 1, 1, 1])",
            "expected loss, out, pre where output weights are trainable",
        ),
        ({**trained, **ONE_HOT}, "L.loss([1, 1, 1, 1, 1, 1]) > 0", "expected a landscape of one output in formulas"),
    ):
        scope = points.Scope((), part("grammar").landscapes({"L": data}), Patient())
        with pytest.raises(checker.Rejected, match=reason):
            scope.relation(text)
