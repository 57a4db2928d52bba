"""The checker in JavaScript on networks with output weights, output biases and without hidden biases."""

import copy
import json
import random
from fractions import Fraction as Q
from itertools import pairwise

import checked_flows
import pytest
from forged_records import about_points, sealed
from javascript_checker import answers, needs_node

from stability import Dataset, landscape
from stability.dynamics.flow.statements import certify
from stability.geometry.atlas.statements import complete_list
from stability.logic.records import build

LINE = Dataset("line", [[0], [1], [2], [-1]], [0, 1, "1/2", 0])
PAIR = Dataset("pair", [[1, 0], [0, 1], ["1/2", "1/2"], [1, 0]], [0, 0, 1, 1])
AXIS = Dataset("axis", [[1], [-2], [0], [2]], [0, 1, 1, -1])
"""Without biases, all kinks are at one place, and the example at the origin has none."""
SUMS = ["relu[+,-]", "abs[1/2,-2]", "leaky1/3[-]+c", "relu2+c", "abs1-nob", "leaky1/3[-1,2/3]+c-nob"]
LAYERS = ["relu2-out", "leaky1/3:2-out+c", "abs1-out-nob"]
DATA = pytest.mark.parametrize("data", [LINE, PAIR], ids=lambda data: data.name)


def records_of(relations, land):
    """Return a record for each of some relations between numbers, or pairs of one and for how many it stands."""
    pairs = [each if isinstance(each, tuple) else (each, 1) for each in relations]
    statements = [({"for all": [], "given": [], "then": [[each]]}, many) for each, many in pairs]
    proofs = [(each, {"tree": {"goal": 0, "by": [None] * many}}) for each, many in statements]
    return [about_points(each, "proved", proof, {"L": land.to_record()}) for each, proof in proofs]


def are_proved(relations, land):
    """Return whether each of some relations is accepted as proved."""
    return [answer["accepted"] for answer in answers(map(json.dumps, records_of(relations, land)))]


def points_of(land, seed):
    """Return points with small coordinates, many of them on kinks."""
    rng = random.Random(seed)
    for _ in range(6):
        flat = [Q(rng.randint(-2, 2), rng.choice([1, 1, 2])) for _ in range(land.parameters)]
        yield land.by_unit(flat)


def flat(rows):
    return [x for row in rows for x in row]


def text(vector):
    return f"[{', '.join(map(str, vector))}]"


def unequal(relations):
    return [each.replace("==", "!=") for each in relations]


@needs_node
@DATA
@pytest.mark.parametrize("model", SUMS + LAYERS)
def test_losses_and_outputs_are_those_of_the_model(model, data):
    land = landscape(model, data, "mean")
    relations = []
    for p in points_of(land, model):
        at = text(flat(p))
        relations += [f"L.loss({at}) == {land.loss(p)}", f"L.out({at}, 1) == {land.outputs(p)[1]}"]
        relations.append(f"L.pre({at}, {land.units - 1}, 2) == {land.preactivations(p)[-1][2]}")
    assert are_proved([*relations, *unequal(relations)], land) == [True] * len(relations) + [False] * len(relations)


@needs_node
@DATA
@pytest.mark.parametrize("model", SUMS)
def test_derivatives_are_those_of_the_model(model, data):
    """On a short segment the loss is exactly L + t d1 + t^2 d2 / 2."""
    land, t = landscape(model, data), Q(1, 10**9)
    relations = []
    for p, d in pairwise(map(flat, points_of(land, model))):
        values = [land.loss(land.by_unit([x + k * t * y for x, y in zip(p, d, strict=True)])) for k in range(3)]
        second = (values[2] - 2 * values[1] + values[0]) / t**2
        first = (values[1] - values[0]) / t - t * second / 2
        zero = text([0] * len(p))
        relations += [f"L.d1({text(p)}, {text(d)}) == {first}", f"L.d2({text(p)}, {text(d)}, {zero}) == {second}"]
        torch = sum(x * y for x, y in zip(land.autograd_gradient(land.by_unit(p)), d, strict=True))
        relations.append(f"L.autograd({text(p)}, {text(d)}) == {torch}")
    assert are_proved([*relations, *unequal(relations)], land) == [True] * len(relations) + [False] * len(relations)


@needs_node
@DATA
@pytest.mark.parametrize("model", [*SUMS, "relu[+,-]-nob"])
def test_smoothness_is_that_of_the_model(model, data):
    """A gradient needs a sum of errors to be 0 for every unit and line of rows on which the unit bends."""
    land = landscape(model, data)
    relations, expected = [], []
    for p in points_of(land, model):
        at, many = text(flat(p)), len(land._kinks(p))
        relations += [(f"L.differentiable({at})", 1 + many), (f"L.twice_differentiable({at})", 2 + many)]
        expected += [land.is_differentiable(p), land.is_twice_differentiable(p)]
    assert are_proved(relations, land) == expected


@needs_node
@pytest.mark.parametrize("model", LAYERS)
def test_formulas_of_trained_output_weights_are_values_only(model):
    land = landscape(model, LINE)
    zero = text([0] * land.parameters)
    relations = [f"L.d1({zero}, {zero}) == 0", f"L.autograd({zero}, {zero}) == 0", f"L.differentiable({zero})"]
    for answer in answers(map(json.dumps, records_of(relations, land))):
        assert "loss, out or pre" in answer["reason"]


# Records about all sets


ATLASES = [
    ("relu[+,-]", "xor"),
    ("relu[-]", LINE),
    ("relu[+,-]+c", PAIR),
    ("abs[1/2,-2]", LINE),
    ("leaky1/3[-1,2/3]+c-nob", PAIR),
    ("abs1-nob", "xor"),
    ("relu1-out", "xor"),
    ("relu2-out", PAIR),
    ("relu2-out+c", LINE),
    ("abs2-out+c", PAIR),
    ("leaky1/3:2-out-nob", PAIR),
    ("relu2-out-nob", AXIS),
    ("abs[-1/2,1]-nob", AXIS),
]


def atlas_record(model, data):
    statement = complete_list(landscape(model, data).atlas())
    return build(statement, statement.settle())


@needs_node
@pytest.mark.parametrize(("model", "data"), ATLASES)
def test_the_list_of_the_finder_is_confirmed(model, data):
    """Every attribute of every set, and a changed one is refused."""
    record = atlas_record(model, data)
    sets = record["statement"]["are"]
    changes = [(k, key) for k, each in enumerate(sets) for key in each if key not in ("kind", "loss", "witness")]
    wrong = []
    for k, key in random.Random(model).sample(changes, min(20, len(changes))):
        other = copy.deepcopy(record)
        old = other["statement"]["are"][k][key]
        other["statement"]["are"][k][key] = not old if isinstance(old, bool) else changed(old)
        wrong.append(sealed(other))
    if len(sets) > 1:
        short = copy.deepcopy(record)
        short["statement"]["are"].pop()
        wrong.append(sealed(short))
    found = answers(map(json.dumps, [record, *wrong]))
    assert found[0]["accepted"], found[0]
    assert [each["reason"] for each in found[1:]] == ["the conclusion is refuted"] * len(wrong)


def changed(value):
    """Return another value of an attribute: a count, a number or a list."""
    if isinstance(value, list):
        return [not value[0] if isinstance(value[0], bool) else changed(value[0]), *value[1:]]
    return str(Q(value) + 1) if isinstance(value, str) else value + 1


def one_hot(record, shift=0):
    """Return the list of one trained output made that of two one-hot outputs, f and 1 - f, at twice the loss.

    `shift`: what is added to the first output weight of every unit.
    """
    record = copy.deepcopy(record)
    (land,) = record["landscapes"].values()
    land.update(one_hot=True, outputs=2)
    for each in record["statement"]["are"]:
        each.pop("dimension")
        each["loss"] = str(2 * Q(each["loss"]))
        *units, (c,) = each["witness"]
        rows = [[*hidden, str(shift - Q(a)), a] for *hidden, a in units]
        each["witness"] = [*rows, [str(1 - Q(c)), c]]
    return record


STEP = Dataset("step", [[0], [1], [3]], [1, 0, 0])


@needs_node
def test_one_hot_outputs_are_one_output_at_twice_the_loss():
    """Outputs sum to 1 at rest, so the first output weight of a unit is free only where the unit puts out nothing."""
    record = atlas_record("relu1-out+c", STEP)
    moved = sealed(one_hot(record, shift=1))
    dead = {"set of": "relu1_out_c", "at": [["-1", "0", "5", "5"], ["2/3", "1/3"]], "has": []}
    alive = {**dead, "at": [["1", "1", "5", "5"], ["2/3", "1/3"]]}
    rest = [{**one_hot(record), "statement": each} for each in (dead, alive)]
    with_size = one_hot(record)
    with_size["statement"]["are"][0]["dimension"] = 3
    sealed_ones = [sealed(one_hot(record)), moved, *map(sealed, rest), sealed(with_size)]
    true, shifted, at_dead, at_alive, sized = answers(map(json.dumps, sealed_ones))
    assert true["accepted"], true
    assert "an output bias, one-hot outputs on (0): 1" in true["conclusion"]
    assert shifted["reason"] == "the conclusion is refuted"
    assert at_dead["accepted"], at_dead
    assert at_alive["reason"] == "the conclusion is refuted"
    assert "expected no dimension with one_hot" in sized["reason"]


@needs_node
def test_a_silent_unit_rests_only_where_its_errors_cancel():
    """With the errors -1 and 1 at the numbers 0 and 1, h(w, b) = relu(w + b) - relu(b) is w where both are active."""
    record = atlas_record("relu1-out", Dataset("slope", [[0], [1]], [1, -1]))
    points = [["0", "1", "0"], ["1", "1", "0"], ["0", "-1", "0"], ["-2", "1", "0"]]
    statements = [{"set of": "relu1_out", "at": [point], "has": []} for point in points]
    texts = [json.dumps(sealed({**record, "statement": each})) for each in statements]
    assert [answer["accepted"] for answer in answers(texts)] == [True, False, True, False]


# Records about trajectories


def with_minus(record):
    """Return a record of a plain sum made one of output weights -1 and labels of the other sign: all moves alike."""
    record = copy.deepcopy(record)
    for land in record["landscapes"].values():
        land["labels"] = [str(-Q(y)) for y in land["labels"]]
        land["output_weights"] = ["-1"] * land["units"]
    return sealed(record)


def bias_outside(record):
    """Return the record of a unit that stays active made one of a unit without a bias, with an output bias instead."""
    record = copy.deepcopy(record)
    for land in record["landscapes"].values():
        land.update(hidden_biases=False, output_bias=True)
    statement = record["statement"]
    statement["from"] = [[x] for x in statement["from"][0]]
    statement["has"] = [each for each in statement["has"] if each[0] != "within"]
    return sealed(record)


@needs_node
@pytest.mark.parametrize("name", checked_flows.STARTS)
def test_a_trajectory_with_the_sign_of_all_outputs_changed(name):
    record = checked_flows.records()[name]
    turned = with_minus(record)
    half = copy.deepcopy(turned)
    half["landscapes"] = {
        key: {**land, "labels": record["landscapes"][key]["labels"]} for key, land in half["landscapes"].items()
    }
    first, second = answers(map(json.dumps, [turned, sealed(half)]))
    assert first["accepted"], first
    assert "output weights -1" in first["conclusion"]
    assert not second["accepted"]


@needs_node
def test_a_trajectory_of_an_output_bias():
    rising = Dataset("rising", [[1], [2], [3]], [3, 5, 7])
    record = certify(landscape("relu1", rising), [[1, "1/2"]]).record
    outside = bias_outside(record)
    inside = sealed(
        {
            **outside,
            "landscapes": {key: {**land, "output_weights": ["-1"]} for key, land in outside["landscapes"].items()},
        }
    )
    first, second = answers(map(json.dumps, [outside, inside]))
    assert first["accepted"], first
    assert "no hidden biases, an output bias" in first["conclusion"]
    assert not second["accepted"]
