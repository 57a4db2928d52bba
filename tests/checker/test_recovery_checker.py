"""Records that units stay dead are accepted where a simulation confirms them, and never where it contradicts."""

import copy
import random
from decimal import Decimal
from fractions import Fraction

import pytest
from dead_unit_simulation import (
    ADAM,
    MOMENTS,
    POINTS,
    PROOF,
    SGD,
    adam_unit,
    campaign,
    revives,
    sgd_unit,
    true_records,
    unit_record,
)
from forged_records import sealed, verdict
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stability.checker import checker

TRUE = true_records()
LONG = 250


@pytest.mark.parametrize("name", TRUE)
def test_a_true_record_is_accepted_and_the_simulation_agrees(name):
    statement = TRUE[name]["statement"]
    assert checker.check(TRUE[name]).startswith("proved: ")
    for unit in statement["units"]:
        assert revives(unit, statement, statement["steps"] or LONG) is None


def test_what_is_concluded_is_said_in_words():
    assert checker.check(TRUE["momentum"]) == (
        "proved: 2 ReLU units with 2 weights stay dead for ever on the 3 inputs of the record under sgd with lr 1/10, "
        "momentum 9/10"
    )
    assert "for 2 steps" in checker.check(TRUE["adam for some steps"])
    assert "all inputs in the box" in checker.check(TRUE["box"])
    assert "sums rounded by at most 1/16777216" in checker.check(TRUE["adam"])


def test_the_decimal_of_a_float_stands_beside_its_fraction():
    with_decimal = checker.part("recovery_checker").with_decimal
    lr = f"{Fraction(0.001)}"
    assert with_decimal(lr) == "1152921504606847/1152921504606846976 (0.001)"
    third = f"{10**20}/{3 * 10**20 + 1}"
    tiny, huge = f"1/{10**400}", f"{10**400 + 1}/2"
    for text in ("1/10", "false", "3", third, tiny, huge):
        assert with_decimal(text) == text


def test_a_unit_that_is_on_refutes():
    alive = sgd_unit(bias="2")
    for units in ([alive], [sgd_unit(), alive]):
        assert "the conclusion is refuted" in verdict(unit_record(units, POINTS, SGD, PROOF))
        assert verdict(unit_record(units, POINTS, SGD, PROOF, conclusion="refuted")) is None
    assert verdict(unit_record([sgd_unit()], POINTS, SGD, PROOF, conclusion="refuted"))
    assert verdict(unit_record([sgd_unit()], POINTS, SGD, PROOF, conclusion="vacuous"))


def test_a_unit_at_its_kink_is_dead_but_not_if_sums_are_rounded():
    edge = unit_record([sgd_unit(("1", "0"), "-1", ("0",) * 3)], POINTS, SGD, PROOF)
    assert verdict(edge) is None
    rounded = unit_record([sgd_unit(("1", "0"), "-1", ("0",) * 3)], POINTS, SGD, PROOF, roundoff="1/16777216")
    assert "not decided" in verdict(rounded)


ACROSS = [
    ("velocity", [sgd_unit(bias="-21/20")], {**SGD, "momentum": "9/10"}, PROOF, None),
    ("bias that stays", [sgd_unit(("-1", "0"), "1/2", ("0",) * 3)], {**SGD, "weight_decay": "1"}, PROOF, None),
    ("one step more", [sgd_unit(("-1", "-1"), "1/2", ("0",) * 3)], {**SGD, "weight_decay": "1"}, PROOF, 14),
    ("strong decay", [sgd_unit()], {**SGD, "weight_decay": "11", "bias_decay": "11"}, PROOF, None),
    ("moments", [adam_unit(bias="-103/100")], ADAM, MOMENTS, None),
    ("decay in Adam", [adam_unit()], {**ADAM, "weight_decay": "1/10", "bias_decay": "1/10"}, MOMENTS, None),
    ("AdamW", [adam_unit(("-1", "-1"), "1/2")], {**ADAM, "name": "adamw", "weight_decay": "1"}, MOMENTS, None),
]


@pytest.mark.parametrize(("units", "rule", "proof", "steps"), [case[1:] for case in ACROSS], ids=[c[0] for c in ACROSS])
def test_a_unit_that_comes_back_has_no_record(units, rule, proof, steps):
    inputs = {"points": [["1", "1"], ["2", "0"]]} if units[0]["bias"] == "1/2" else POINTS
    record = unit_record(units, inputs, rule, proof, steps)
    assert verdict(record)
    swings = rule["name"] == "adam" and rule["weight_decay"] != "0"  # bounded from above only: it need not come back
    assert swings or revives(units[0], record["statement"], steps or 1000) is not None


def test_decay_in_adam_is_bounded_only_where_squares_outlast_the_first_moment():
    rule = {**ADAM, "weight_decay": "1/10", "bias_decay": "1/10", "lr": "1/10000"}
    unit = adam_unit(m=("1", "1", "1"), v=("1/50",) * 3)
    assert verdict(unit_record([unit], POINTS, rule, MOMENTS, 1)) is None
    assert "beta1^2 below beta2" in verdict(unit_record([unit], POINTS, {**rule, "beta2": "1/2"}, MOMENTS, 1))


small = st.fractions(-2, 2, max_denominator=20).map(str)
shares = st.sampled_from(["0", "1/2", "9/10"])
decays = st.sampled_from(["0", "0", "1/100", "1/10", "1"])


@st.composite
def claims(draw):
    """Return a record of one unit, whether it is true or not."""
    weights, bias = [draw(small), draw(small)], str(-abs(Fraction(draw(small))))
    rows = draw(st.lists(st.tuples(small, small).map(list), min_size=1, max_size=3))
    inputs = {"points": rows}
    if draw(st.booleans()):
        sides = [sorted((Fraction(draw(small)), Fraction(draw(small)))) for _ in range(2)]
        inputs = {"box": [[str(x) for x in side] for side in sides]}
        if draw(st.booleans()):
            inputs["box"][0][1] = None
    lr, weight = draw(st.sampled_from(["1/100", "1/10", "1"])), draw(decays)
    decay = {"weight_decay": weight, "bias_decay": draw(st.sampled_from([weight, "0"]))}
    memory = [draw(small) for _ in range(3)]
    steps = draw(st.sampled_from([None, 1, 3, 20]))
    if draw(st.booleans()):
        mu = draw(shares)
        nesterov = mu != "0" and draw(st.booleans())
        rule = {**SGD, "lr": lr, "momentum": mu, "nesterov": nesterov, **decay}
        if not nesterov and mu != "0":
            rule["dampening"] = draw(st.sampled_from(["0", "1/2"]))
        ratios = [draw(st.sampled_from(["1/10", "1/2", "2", "5"])) for _ in range(2)]
        return unit_record([sgd_unit(weights, bias, memory)], inputs, rule, {"bits": 96, "ratios": ratios}, steps)
    rule = {**ADAM, "name": draw(st.sampled_from(["adam", "adamw"])), "lr": lr, **decay}
    rule |= {"beta1": draw(shares), "beta2": draw(st.sampled_from(["1/2", "99/100"])), "taken": draw(st.integers(1, 9))}
    squares = [str(abs(Fraction(m)) + Fraction(1, 50)) for m in memory]
    unit = adam_unit(weights, bias, memory, squares)
    return unit_record([unit], inputs, rule, {"bits": 96, "explicit": draw(st.integers(0, 30))}, steps)


@settings(max_examples=150, deadline=None)
@given(claims(), st.lists(st.sampled_from([Decimal(1), Decimal("0.5"), Decimal(0)]), min_size=1, max_size=4))
def test_no_accepted_record_is_contradicted_whatever_the_learning_rates(record, rates):
    assume(verdict(record) is None)
    statement = record["statement"]
    for schedule in (None, rates):
        assert revives(statement["units"][0], statement, statement["steps"] or 120, schedule) is None


def test_a_changed_record_is_rejected_or_still_true():
    accepted, rejected = [], 0
    for _, path, record in random.Random(0).sample(list(campaign()), 250):
        if verdict(record) is None:
            accepted.append((path, record))
        else:
            rejected += 1
    assert rejected > 60
    assert len(accepted) > 50
    for path, record in accepted:
        statement = record["statement"]
        long = min(statement["steps"] or 60, 60)
        assert all(revives(unit, statement, long) is None for unit in statement["units"]), path


def test_an_altered_record_without_a_new_fingerprint_is_rejected():
    record = copy.deepcopy(TRUE["sgd"])
    record["statement"]["steps"] = 5
    assert "fingerprint" in verdict(record)


def test_landscapes_have_no_place_here():
    data = {"units": 1, "slopes": {"-": "0", "0": "0", "+": "1"}, "points": [["1"]], "labels": ["1"], "loss": "sum"}
    assert "expected none" in verdict(sealed({**TRUE["sgd"], "landscapes": {"L": data}}))


def test_numbers_whose_common_denominator_is_beyond_all_limits_are_rejected_soon():
    primes = [str(Fraction(1, 10**4000 + k)) for k in range(1, 200, 2)]
    record = unit_record([sgd_unit()], {"points": [[x, "0"] for x in primes]}, SGD, PROOF)
    assert verdict(record) is None or "limit" in verdict(record)
    wide = sgd_unit(primes, "-200", ["0"] * (len(primes) + 1))
    assert "limit" in verdict(unit_record([wide], {"points": [["1"] * len(primes)]}, SGD, PROOF))
