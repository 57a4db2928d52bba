"""Records about networks with output layers, built by the finders, on which the checkers are attacked."""

import random
from functools import cache

from changed_records import at_random, in_a_flow, in_a_set, nearly_proved
from forged_records import broken_copies, changed, sealed
from layer_proofs import place_of, proof_of, record_of

from stability import landscape
from stability.dynamics.flow.statements import certify
from stability.geometry.atlas.statements import complete_list, every_set, number_of_sets, set_at
from stability.logic.records import prove
from stability.logic.statements import AllOf, Exists, ForAll
from stability.model.datasets import Dataset

PAIR, TWICE = ([[0], [1]], [1, 0]), ([[1], [-1], [1]], [1, 0, "1/2"])
SIGNED, BIASED = place_of("relu[+,-]", *PAIR), place_of("relu[-1/2,2]+c", *PAIR, "mean")
TRAINED, BOTH = place_of("relu1-out", *PAIR), place_of("abs1-out+c", *TWICE)
UNBIASED = place_of("relu2-out-nob", [[1], [-2], [0]], [1, "1/2", 1])
BELOW = place_of("abs[-]+c", *TWICE)
ONE_HOT = {"output_weights": "trainable", "output_bias": True, "one_hot": True, "outputs": 2}


def statements():
    return {
        "signed": complete_list(SIGNED.atlas()),
        "biased": complete_list(BIASED.atlas()),
        "trained": complete_list(TRAINED.atlas()),
        "both": complete_list(BOTH.atlas()),
        "unbiased": every_set(UNBIASED, [("directional", "=", False)], [("kind", "=", "saddle")]),
        "below": complete_list(BELOW.atlas()),
        "number": number_of_sets(BELOW, [("kind", "=", "global minimum")], "=", 2),
        "at": set_at(TRAINED, [[0, -1, 0]], [("kind", "=", "local minimum")]),
    }


def one_hot(loss="sum", points=PAIR[0], labels=PAIR[1]):
    """Return a landscape of two one-hot outputs as records hold it, and what proves its sets complete."""
    single = place_of("relu1-out+c", points, labels, loss)
    return {**single.to_record(), **ONE_HOT}, proof_of(single)


@cache
def sets():
    """Return the records about all sets."""
    found = {name: prove(statement).record for name, statement in statements().items()}
    land, proof = one_hot()
    said = {"every set of": "L", "with": [["kind", "=", "global minimum"]], "has": [["loss", "=", "0"]]}
    return {**found, "one hot": record_of(land, proof, said)}


SKEW = Dataset("skew", [[0, 0], [1, 0], [1, 2], [-1, 1], [0, 1]], [1, 0, "1/2", -1, 0])
STARTS = {
    "signed": (landscape("relu[+,-]", "xor"), [[1, "1/2", "1/10"], ["-1/2", "1/3", "1/4"]]),
    "biased": (landscape("relu[2,-1/2]+c", SKEW, "mean"), [["1/2", "1/3", "1/7"], [1, "-1/5", "1/3"], ["1/2"]]),
    "below": (landscape("leaky1/10[-]", SKEW), [["-1/2", "2/3", "1/7"]]),
    "unbiased": (landscape("abs[-2]+c-nob", SKEW), [["-7/3", "4/3"], [0]]),
    "no bias": (landscape("relu2-nob", "xor"), [["1/2", "1/3"], ["-2/3", "1/5"]]),
}


@cache
def flows():
    """Return the records about trajectories."""
    found = {name: certify(*start).record for name, start in STARTS.items()}
    assert all(found.values()), found
    return found


DATA = {"L": place_of("abs[-2]+c", [[1]], [1]).to_record()}
NOB = {"L": place_of("relu[1,-1/2]+c-nob", [[1], [-2], [0]], [1, 0, "1/2"], "mean").to_record()}
OUT = {"L": place_of("relu1-out+c", [[1]], [1]).to_record()}


def point_statements():
    return {
        "loss": ForAll(
            "u b c",
            ["u + b > 0"],
            ["L.loss([u, b, c]) == (c - 2*(u + b) - 1)**2"],
            DATA,
            try_at=[{"u": 1, "b": 0, "c": 0}],
        ),
        "slope": ForAll("", [], ["L.d1([0, 0, 2], [1, 0, 0]) == -4", "L.autograd([1, 0, 0], [0, 0, 1]) == -6"], DATA),
        "rest": ForAll(
            "u b c s",
            ["L.rest([u, b, c], [s])"],
            [["L.out([u, b, c], 0) == 1"]],
            DATA,
            try_at=[{"u": 1, "b": -1, "c": 1, "s": 0}],
            splits=["u + b"],
        ),
        "kinks": AllOf(
            [
                ForAll("", [], ["L.differentiable([0, 1, 1/2])"], NOB),
                ForAll("", [], ["L.twice_differentiable([2, -1, 0])", "L.generic([0, 1, 1/2], [1, 0, 0])"], NOB),
            ]
        ),
        "trained": ForAll(
            "a c", [], ["L.loss([1, 1, a, c]) == (2*a + c - 1)**2", "L.pre([1, 0, a, c], 0, 0) > 0"], OUT
        ),
        "exists": Exists("a c", ["L.out([0, 1, a, c], 0) == 7", "a < -1"], OUT),
    }


@cache
def points():
    """Return the records about points."""
    found = {name: prove(statement).record for name, statement in point_statements().items()}
    assert all(found.values()), found
    return found


def turned(landscape):
    """Yield other landscapes: of other networks, where the form allows it."""
    weights = landscape.get("output_weights")
    units = landscape["units"]
    for other in (
        "trainable",
        ["1"] * units,
        ["-1"] * units,
        ["1", "-1", "1"][:units],
        ["-1", "1", "-1"][:units],
        None,
    ):
        if other != weights:
            found = {**landscape, "output_weights": other}
            yield {key: value for key, value in found.items() if value is not None}
    for key, value in (("output_bias", True), ("hidden_biases", False)):
        yield {k: v for k, v in landscape.items() if k != key} if key in landscape else {**landscape, key: value}
    yield {**{k: v for k, v in landscape.items() if k not in ONE_HOT}, **ONE_HOT}


def other_networks(record):
    """Return sealed copies of a record about other networks."""
    ((name, landscape),) = record["landscapes"].items()
    return [changed(record, ("landscapes", name), other) for other in turned(landscape)]


def changed_layers(name):
    """Return sealed copies of a record about sets: at random, of other networks, and a little beside its proof."""
    record = sets()[name]
    found = [*map(sealed, at_random(f"layers {name}", record, 120, in_a_set, [0, 1, "0"])), *other_networks(record)]
    found += nearly_proved(record, 60)
    found += [changed(record, ("conclusion",), word) for word in ("proved", "refuted", "vacuous")]
    random.Random(name).shuffle(found)
    return [each for each in found if each != record]


def changed_layer_flows(name):
    """Return sealed copies of a record about a trajectory."""
    record = flows()[name]
    return [*map(sealed, at_random(f"layers {name}", record, 45, in_a_flow, [0, "0", None])), *other_networks(record)]


def layer_campaign():
    """Return true, changed and broken records about networks with output layers, for both checkers."""
    found = []
    for records, copies_of in ((sets(), changed_layers), (flows(), changed_layer_flows)):
        for name, record in records.items():
            found += [record, *copies_of(name), *(each for *_, each in broken_copies(record, 20))]
    for record in points().values():
        found += [record, *other_networks(record), *nearly_proved(record, 40)]
        found += [each for *_, each in broken_copies(record, 20)]
    return found
