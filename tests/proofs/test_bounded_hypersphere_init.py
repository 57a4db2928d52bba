"""The audit of bounded-hypersphere-init: claims settle, repairs hold, and small changes turn the verdicts."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from altering import altered
from altering import formal as formal_of
from audits import Audit

from stability import landscape
from stability.audit.discovery import proofs_folder
from stability.audit.experiments import GroupCounts
from stability.audit.result_store import ResultStore
from stability.audit.theorems import theorem_statement
from stability.audit.verdicts import settle
from stability.logic.records import prove
from stability.model.update_rules import update_rule
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.problem import task

AUDIT = Audit("bounded_hypersphere_init")
CLAIMS = {claim.id: claim for claim in AUDIT.CLAIMS}
MEASURED = [claim for claim in AUDIT.CLAIMS if claim.kind == "measurement"]
STORE = ResultStore(proofs_folder() / "measured" / "bounded-hypersphere-init")

SLOW = {
    "a-diagonal-each",
    "affine-on-data",
    "bhi-solves-in-theory",
    "class-spheres-partition",
    "consistent-direction",
    "gradients-are-guaranteed-early",
    "inverted-folds-at-once",
    "linear-stage-comes-first",
    "moves-in-step",
    "small-alpha-lets-points-behind",
    "solutions-cross",
    "solutions-see-all-data",
    "symmetry-must-break",
    "symmetry-unbroken",
    "training-may-ignore-the-dead",
}
"""Claims that take long, most of them by their theorems; proofs/test_audits.py settles all."""


def formal(name, which):
    """Return the statement of a claim or of its repair."""
    return formal_of(CLAIMS[name] if which == "claim" else CLAIMS[name].repair)


def kept(experiment):
    """Return the kept result of an experiment."""
    found = STORE.kept(experiment)
    assert found is not None, experiment.name
    return found


def test_every_claim_says_where_and_every_false_one_what_is_true():
    assert len(CLAIMS) == len(AUDIT.WRITEUP.claims) > 100
    sections = {place for claim in AUDIT.CLAIMS for place in claim.where.split(", ")}
    assert {"Preface", "Abstract", "1.1", "1.2", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "4"} <= sections
    assert {"5.1", "5.2", "6.1", "6.2", "6.3", "7.1", "7.2", "8", "Chat", "why 1", "why 2", "why 3"} <= sections
    assert all(claim.says.endswith(".") for claim in AUDIT.CLAIMS)


def test_results_of_all_experiments_are_kept_and_of_no_others():
    used = {experiment for claim in MEASURED for experiment in getattr(claim.measure, "experiments", ())}
    assert {e.name for e in used} == {path.stem for path in STORE.folder.glob("*.json")}
    assert all(kept(experiment).runs >= 10_000 for experiment in used)


def test_exact_claims_settle_and_repairs_hold():
    for claim in AUDIT.CLAIMS:
        if claim.kind == "statement" and claim.id not in SLOW:
            found = settle(claim)
            assert found.status in ("proved", "refuted"), (claim.id, found.reason)
            assert (found.status == "refuted") == (claim.repair is not None), claim.id
            assert found.repair_status in (None, "proved"), claim.id


REPRODUCED = {
    "was-a-bust-beside-rejection",
    "scaling-leaves-dead-data",
    "rejection-needs-attempts",
    "boundaries-contract-to-solutions",
    "no-point-dies-early",
    "natural-regularisation",
    "standard-58-percent",
    "live-98-percent",
    "margin-99-percent",
    "standard-fails-by-dead-data",
    "live-fails-by-margin",
    "no-subset-is-ignored",
    "reliable-beside-standard",
    "no-boost-with-a-head",
    "too-slow",
    "tiny-network",
    "stuck-while-linear",
    "gradients-are-large",
    "bias-scale-hurts",
    "small-random-biases-split",
    "alike-units-fail",
    "alpha-0.5-helps",
    "grid-stays-below-90",
    "boundaries-cross",
    "aligned-spheres-99-percent",
}


def test_measured_claims_by_kept_results():
    found = {c.id: settle(replace(c, repair=None), store=STORE) for c in MEASURED}
    assert {name for name, verdict in found.items() if verdict.status == "reproduced"} == REPRODUCED
    assert all(v.claim.because for v in found.values() if v.status == "not-reproduced")


DIAGONAL = {"u": 20, "v": 21, "n": 29}
"""Weights near a diagonal, of a rational length."""

TURNS = [
    ("dead-outputs-zero", "claim", "== 0", "== 1", "proved", "refuted"),
    ("leaky-gives-gradient", "claim", "!= 0", "== 0", "proved", "refuted"),
    ("scaling-reduces-dead-data", "repair", "== c*", "== ", "proved", "refuted"),
    ("normal-points-inward", "claim", "(l - j)", "(j - l)", "proved", "refuted"),
    ("bias-of-step-4", "repair", "- u*k - v*l", "+ u*k + v*l", "proved", "refuted"),
    ("projection-is-norm", "claim", "== n*r", "== 2*n*r", "proved", "refuted"),
    ("counts-and-percentages", "claim", "496", "495", "proved", "refuted"),
    ("no-start-rests", "repair", "- 4", "- 2", "proved", "refuted"),
    ("centring-is-for-performance", "claim", "81/100", "2", "refuted", "proved"),
    ("radius-root-2", "claim", "145/100", "155/100", "refuted", "proved"),
    ("norms-near-1", "claim", "< 3/2", "< 5/4", "proved", "refuted"),
    ("mean-bias", "claim", "145/100", "190/100", "refuted", "proved"),
    ("class-spheres-symmetry", "claim", "a > 0", "a == 0", "refuted", "proved"),
    ("guarantee-is-kept", "repair", "4*c**2", "9*c**2", "proved", "refuted"),
]
WITNESSED = [
    (
        "tangent-at-the-foot",
        ("== -n*r", "== -n*r/2"),
        ("proved", "refuted"),
        dict(zip("uvnrklxy", (3, 4, 5, 5, 0, 0, "-3/2", -2), strict=True)),
    ),
    (
        "no-dead-data-on-xor",
        (">= n*e", ">= 2*n*e"),
        ("proved", "refuted"),
        {**DIAGONAL, "s": "14143/10000", "e": 1},
    ),
    (
        "descent-overshoots",
        ("1/16", "1/10"),
        ("refuted", "proved"),
        {**dict.fromkeys(AUDIT.SIX.split(), 0), "b1": 1, "b2": 1, "h": "1/10"},
    ),
    (
        "small-alpha-lets-points-behind",
        ("a <= 1", "a <= 4/3"),
        ("proved", "refuted"),
        {"u": 1, "v": 0, "n": 1, "a": "4/3"},
    ),
    ("alpha-keeps-the-guarantee", ("15/8", "2"), ("refuted", "proved"), {"u": 3, "v": 4, "n": 5, "a": "3/2"}),
    ("inverted-is-all-negative", ("r**2 > 2", "r**2 > 1"), ("proved", "refuted"), {**DIAGONAL, "r": "7/5"}),
]


@pytest.mark.parametrize(("claim", "which", "old", "new", "before", "after"), TURNS)
def test_a_small_change_turns_the_verdict(claim, which, old, new, before, after):
    statement = formal(claim, which)
    assert prove(statement).conclusion == before
    assert prove(altered(statement, old, new)).conclusion == after


@pytest.mark.parametrize(("claim", "texts", "verdicts", "witness"), WITNESSED)
def test_a_small_change_turns_the_verdict_by_a_witness(claim, texts, verdicts, witness):
    statement = formal(claim, "claim")
    assert prove(statement).conclusion == verdicts[0]
    assert prove(altered(statement, *texts, [witness])).conclusion == verdicts[1]


@pytest.mark.parametrize(
    ("claim", "theorem", "variant", "before", "after"),
    [
        ("one-attempt", AUDIT.TANGENT, "without the centre", "proved", "refuted"),
        ("linear-stage-comes-first", AUDIT.SEEING, "down to 0", "proved", "refuted"),
    ],
)
def test_verdicts_hang_on_their_theorems(monkeypatch, claim, theorem, variant, before, after):
    assert prove(formal(claim, "claim")).conclusion == before
    AUDIT.change(monkeypatch, "theorem_statement", lambda name: theorem_statement(name, variant))
    assert prove(formal(claim, "claim")).conclusion == after


def test_other_classes_have_spheres_of_their_own(monkeypatch):
    AUDIT.change(monkeypatch, "RELU2", landscape(AUDIT.RELU2.network, AUDIT.CORNERS.data))
    assert prove(formal("class-spheres-differ", "claim")).conclusion == "refuted"
    moved = AUDIT.Dataset("moved", ((1, -1), (-1, 1), (2, 1), (-1, -1)), (1, 1, 0, 0))
    AUDIT.change(monkeypatch, "RELU2", landscape(AUDIT.RELU2.network, moved))
    assert prove(formal("class-spheres-differ", "claim")).conclusion == "proved"


@pytest.mark.parametrize(
    "name", ["was-a-bust", "was-a-bust-beside-rejection", "bias-scale-hurts", "half-inverted-helps", "too-slow"]
)
def test_exchanged_results_turn_a_comparison(name):
    study = CLAIMS[name].measure
    results = [kept(experiment) for experiment in study.experiments]
    assert study.judge(*results).reproduced != study.judge(*results[::-1]).reproduced


def test_published_counts_must_be_near_the_measured_rate():
    normal, live = kept(AUDIT.NORMAL), kept(AUDIT.LIVE)
    assert AUDIT.count(normal, 29, 50).reproduced
    assert not AUDIT.count(normal, 40, 50).reproduced
    assert not AUDIT.count(live, 29, 50).reproduced


def test_inversions_leave_the_share_of_runs_without_any():
    plain = kept(AUDIT.PLAIN).whole.rate
    for p in AUDIT.SHARES:
        found = kept(AUDIT.CELLS[p, "1"]).whole
        assert found.interval[0] - 0.01 < (1 - float(p)) ** 2 * plain < found.interval[1] + 0.01
    assert kept(AUDIT.HALVES["1"]).whole.successes == 0


STARTS = [
    [1, 0, 2, 0, 1, 2],
    [1, 0, 0.1, 1.01, 0, 0.1],
    [1, 0, 0, 0, 1, 0],
    [0.125, 0, 0.25, -0.125, 0, 0.25],
]
"""All is seen; nearly equal units; boundaries that cross; outputs 1/2 everywhere."""


def test_groups_of_runs():
    runs = train(task("relu2", "xor"), np.array(STARTS, dtype=float), update_rule("adam", step="1/100"), epochs=0)
    assert AUDIT.with_dead_example(runs).tolist() == [False, True, True, False]
    assert AUDIT.alike(runs).tolist() == [False, True, False, True]
    assert AUDIT.both_split(runs).tolist() == [False, True, True, False]
    assert AUDIT.crossed(runs).tolist() == [False, False, True, False]
    assert AUDIT.flat_end(runs).tolist() == [False, False, False, True]
    assert AUDIT.lost(runs).tolist() == [False, True, False, False]


def test_numbers_of_few_runs():
    numbers = {name: AUDIT.SPHERES.numbers[name] for name in ("successes by scale", "dead by epoch")}
    few = replace(AUDIT.SPHERES, restarts=50, epochs=200, ends=False, numbers=numbers).run()
    assert few.numbers["dead by epoch"][0] == few.group("dead").runs == 0
    assert few.numbers["successes by scale"][AUDIT.SCALES.index(1.0)] == few.whole.successes
    assert len(few.numbers["successes by scale"]) == len(AUDIT.SCALES)
    assert AUDIT.none_ignored(few).reproduced


def test_the_interval_of_a_median_covers_it():
    draws = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        low, high = AUDIT.median_interval(draws.exponential(size=101))
        covered.append(low <= np.log(2) <= high)
    assert 0.92 <= np.mean(covered) <= 0.99


def test_medians_that_cannot_be_set_apart_decide_nothing():
    def measured(epochs):
        counts = {int(e): 1 for e in epochs}
        return SimpleNamespace(
            whole=GroupCounts(len(counts), len(counts), counts, counts), settings={"init": "normal:1"}
        )

    early, late, mixed = measured(range(100, 200)), measured(range(300, 400)), measured(range(105, 205))
    assert AUDIT.faster(early, late).reproduced
    assert AUDIT.faster(late, early).reproduced is False
    assert AUDIT.faster(early, mixed).reproduced is None
