"""The audit of two-relu-xor: every claim settles, every repair holds, and small changes turn the verdicts."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from math import comb

import numpy as np
import pytest
from altering import altered, formal
from audits import Audit

from stability import landscape
from stability.audit.experiments import GroupCounts
from stability.audit.landscape_statements import on, pre
from stability.audit.run import result_stores
from stability.audit.theorems import theorem_statement
from stability.audit.verdicts import settle
from stability.geometry.arrangement.feasibility import active_set
from stability.logic.records import prove
from stability.model.datasets import Dataset

AUDIT = Audit("two_relu_xor")
CLAIMS = {claim.id: claim for claim in AUDIT.CLAIMS}

NOT_REPRODUCED = {
    "success-needs-a-safe-start",
    "dead-points-explain-all",
    "class-0-must-be-live-for-descent",
    "failures-remain-by-descent",
    "secondary-mode-is-another",
    "margin-at-class-0-counts",
    "dose-response-by-long-steps",
    "margin-needed-for-short-weights",
    "margin-suffices-for-long-weights",
    "most-failures-aligned",
    "most-failures-have-such-boundaries",
    "failures-collapse",
    "starts-near-eq-fail",
    "starts-near-eq-fail-more",
    "liveness-guarantees-training",
    "margin-guarantees-training",
    "heuristics-work-with-biases",
    "abs1-always-trains-with-biases",
    "same-failures-at-eight-units",
    "dead-starts-by-dimension",
    "failures-by-dimension",
    "scale-of-weights-does-not-matter",
    "asymmetric-are-few",
    "truly-asymmetric-are-few",
}


@pytest.fixture(scope="module")
def store():
    return result_stores([AUDIT.WRITEUP])[AUDIT.WRITEUP.id]


@cache
def concluded(claim, which):
    """Return what is concluded about a claim or its repair, once for all tests."""
    return prove(formal(CLAIMS[claim] if which == "claim" else CLAIMS[claim].repair)).conclusion


def test_ids_are_unique_and_every_claim_says_where():
    assert len(CLAIMS) == len(AUDIT.CLAIMS) == len(AUDIT.WRITEUP.claims)
    assert all(claim.says.endswith(".") for claim in AUDIT.CLAIMS)
    sections = {section.split()[0] for claim in AUDIT.CLAIMS for section in claim.where.split(", ")}
    assert sections == {"1", "2", "2.1", "2.2", "2.3", "2.3.1", "2.3.2", "2.3.3", "3", "4"}


def test_nothing_is_left_unsettled():
    assert not [claim.id for claim in AUDIT.CLAIMS if claim.unsettled]


def test_measured_claims_are_judged_by_kept_results(store):
    measured = [replace(claim, repair=None) for claim in AUDIT.CLAIMS if claim.measure is not None]
    found = {claim.id: settle(claim, store=store) for claim in measured}
    assert {i for i, verdict in found.items() if verdict.status == "not-reproduced"} == NOT_REPRODUCED
    assert all(verdict.reason.endswith(".") for verdict in found.values())
    assert all(CLAIMS[i].because for i in NOT_REPRODUCED)


TURNS = [
    ("ball-in-a-bowl", "claim", "== 4*c", "== 3*c", "proved", "refuted"),
    ("opt-is-a-peak-at-zero-bias", "claim", "< 0", "> 0", "proved", "refuted"),
    ("minimum-for-every-bias", "claim", "c > 0", "c > 0 <= b", "refuted", "proved"),
    ("curvature-at-opt", "claim", "b < 2*c", "b < 0", "refuted", "proved"),
    ("pushed-into-the-trap", "claim", "c <= 3/2", "c <= 8/5", "refuted", "proved"),
    ("pushed-into-the-trap", "repair", "== 4*c", "== 3*c", "proved", "refuted"),
    ("repelled-from-the-truth", "claim", "v <= 1/2", "v <= 3/5", "refuted", "proved"),
    ("repelled-from-the-truth", "repair", "== -2*", "== 2*", "proved", "refuted"),
    ("trap-has-a-basin", "claim", " - 1)", " - 2)", "proved", "refuted"),
    ("outputs-collapse", "claim", " - 1)", " - 2)", "refuted", "proved"),
    ("near-eq-is-the-basin", "claim", " - 0)", " - 1)", "refuted", "proved"),
    ("near-eq-is-the-basin", "repair", "-1/4 - (q1)", "1/4 - (q1)", "proved", "refuted"),
    ("dead-starts-are-trapped", "claim", "3*relu2", "-3*relu2", "proved", "refuted"),
    ("live-starts-succeed-under-the-flow", "claim", "-2*relu2", "-1*relu2", "proved", "refuted"),
    ("margin-guarantees-the-flow", "claim", "> 4*m", "> 1*m", "refuted", "proved"),
    ("curvature-as-assumed", "claim", "< 0", "> 0", "vacuous", "refuted"),
    ("curvatures-of-the-assumed-set", "repair", "16*c", "8*c", "proved", "refuted"),
    ("trap-exists", "claim", "== 1", "== 2", "proved", "refuted"),
    ("class-one-seen", "repair", "b >= 2*c", "b >= 3*c", "proved", "refuted"),
    ("curvature-for-every-bias", "repair", "(1 - 2*c - b)", "(1 - 2*c + b)", "proved", "refuted"),
    ("slope-at-opt", "repair", "== -4*c", "== 4*c", "proved", "refuted"),
    ("one-unit-for-two", "repair", "(1 - 2*m)", "(1 - m)", "proved", "refuted"),
    ("theta-opt-is-true", "repair", "> 1", "> 2", "proved", "refuted"),
    ("no-torque-nearby", "repair", "== -2*", "== 2*", "proved", "refuted"),
    ("margin-guarantees", "repair", "(1 - 6*h)", "(1 - 5*h)", "proved", "refuted"),
    ("margin-guarantees", "claim", "3/10", "4/10", "refuted", "proved"),
    ("no-live-start-is-stuck", "claim", "3/10", "4/10", "refuted", "proved"),
    ("dead-point-gives-no-gradient", "claim", "0) < 0", "0) > 0", "proved", "refuted"),
    ("seen-points-give-gradient", "repair", "8*(p1", "4*(p1", "proved", "refuted"),
    ("dead-start-never-recovers", "repair", "2, -2, 4", "-2, 2, -4", "proved", "refuted"),
    ("dead-start-never-recovers", "repair", "1, 1, 0, 0, 0]", "1, -1, 0, 0, 0]", "proved", "refuted"),
    ("all-points-must-be-live", "claim", ") <= 0", ") < 0", "refuted", "proved"),
    ("all-points-must-be-live", "repair", ") <= 0", ") < 0", "proved", "refuted"),
    ("share-resolved", "claim", "(42 - 2)", "(42 - 4)", "proved", "refuted"),
    ("one-failure-is-2-percent", "claim", "k == 21", "k == 20", "proved", "refuted"),
    ("margin-is-critical", "claim", "<= 1/50", "<= 1/51", "refuted", "proved"),
    ("margin-is-critical", "repair", ">= 1/2", ">= 1/3", "proved", "refuted"),
    ("abs1-points-always-pull", "claim", "!= 1", "!= 2", "proved", "refuted"),
    ("can-represent-abs1", "claim", "-u, -v, -b", "-u, -v, b", "proved", "refuted"),
    ("absolute-value-guarantees", "repair", "1/8", "1/7", "proved", "refuted"),
    ("conspiracies-are-rare", "claim", f"/{10**29}", f"/{10**31}", "proved", "refuted"),
    ("figures-fit-dead-points", "claim", "1/100", "1/3", "proved", "refuted"),
    ("drop-is-no-accident", "claim", "1/1000000", "1/10000000", "proved", "refuted"),
    ("liveness-gives-each-a-gradient", "repair", "!= 1", "!= 2", "proved", "refuted"),
    ("starved-altogether", "repair", "1) - 1)", "1) - 2)", "proved", "refuted"),
    ("margins-had-50-runs", "claim", "2/1000", "2/100", "refuted", "proved"),
    ("margins-had-50-runs", "repair", "0 < n < 500", "0 < n < 501", "proved", "refuted"),
    ("margins-had-50-runs", "repair", "400 < n <= 470", "400 < n <= 471", "proved", "refuted"),
    ("each-step-is-evidence", "claim", "1/20", "1/2", "refuted", "proved"),
    ("each-step-is-evidence", "repair", "< 1/40", "< 1/50", "proved", "refuted"),
    ("zero-means-zero", "claim", "< 1/20", "< 1/2", "refuted", "proved"),
    ("same-numbers", "claim", "-u + v", "u - v", "refuted", "proved"),
    ("y-equals-x-separates", "repair", "== -1", "== 1", "proved", "refuted"),
    ("norm-and-bias-stay", "repair", "4*(2*c", "2*(2*c", "proved", "refuted"),
    ("liveness-avoids-angles", "claim", "> (", "> 0*(", "refuted", "proved"),
    ("failures-by-dimension", "repair", " + ", " - ", "proved", "refuted"),
    ("asymmetric-are-few", "repair", "s <= -b", "s <= 1 - b", "proved", "refuted"),
]


@pytest.mark.parametrize(("claim", "which", "old", "new", "before", "after"), TURNS)
def test_a_small_change_turns_the_verdict(claim, which, old, new, before, after):
    statement = formal(CLAIMS[claim] if which == "claim" else CLAIMS[claim].repair)
    assert concluded(claim, which) == before
    assert prove(altered(statement, old, new)).conclusion == after


ONE_BLANK = landscape(AUDIT.ABS1.network, Dataset("one blank example", ((1, 1),), (0,)))
LINEAR, OTHER_START = on("leaky1:2"), (("-3", "3", 0), ("-1/2", "1/2", 0))
"""Two linear units have no traps on XOR; one absolute value alone with a class-0 example has none either."""

SWAPS = [
    ("can-solve-xor", "claim", "SYMMETRIC", AUDIT.DEAD_X1, "proved", "refuted"),
    ("has-failure-states", "claim", "RELU2", LINEAR, "proved", "refuted"),
    ("seen-points-give-gradient", "claim", "SEEN_X1", AUDIT.DEAD_X1, "refuted", "proved"),
    ("every-trap-has-a-dead-point", "claim", "SEEN_X1", AUDIT.DEAD_X1, "refuted", "proved"),
    ("every-trap-has-a-dead-point", "repair", "SEEN_X1", AUDIT.DEAD_X1, "proved", "refuted"),
    ("every-trap-has-a-dead-point", "repair", "RELU2", AUDIT.LEAKY2, "proved", "refuted"),
    ("dead-start-never-recovers", "claim", "DEAD_START", OTHER_START, "refuted", "proved"),
    ("all-points-must-be-live", "claim", "FITTED", AUDIT.SYMMETRIC, "refuted", "proved"),
    ("margin-is-critical", "claim", "NARROW", AUDIT.NARROW[:2], "refuted", "proved"),
    ("abs1-flow-is-always-present", "claim", "ABS1", ONE_BLANK, "refuted", "proved"),
    ("abs1-flow-is-always-present", "repair", "ABS1", AUDIT.RELU1, "proved", "refuted"),
    ("relu2-flow-is-conditional", "claim", "RELU2", AUDIT.LEAKY2, "proved", "refuted"),
    ("absolute-value-guarantees", "claim", "ABS1", ONE_BLANK, "refuted", "proved"),
    ("more-treacherous", "claim", "RELU2", AUDIT.LEAKY2, "proved", "refuted"),
    ("more-treacherous", "claim", "ABS1", AUDIT.RELU1, "proved", "refuted"),
    ("artifacts-of-minimal-width", "claim", "RELU3", LINEAR, "refuted", "proved"),
    ("artifacts-of-minimal-width", "repair", "RELU3", AUDIT.RELU2, "proved", "refuted"),
    ("asymmetric-solutions-exist", "claim", "ASYMMETRIC", AUDIT.TRAPPED, "proved", "refuted"),
    ("asymmetric-solutions-apart", "repair", "ASYMMETRIC", AUDIT.TRAPPED, "proved", "refuted"),
    ("asymmetric-solutions-apart", "repair", "RELU2", AUDIT.LEAKY2, "proved", "refuted"),
    ("asymmetry-from-one-sided-slope", "claim", "LEAKY2", AUDIT.ABS1, "refuted", "proved"),
    ("asymmetry-from-one-sided-slope", "repair", "LEAKY2", AUDIT.RELU2, "proved", "refuted"),
    ("trap-has-a-basin", "claim", "DEAD_X1", AUDIT.TRAPPED, "proved", "refuted"),
    ("seeing-trap-has-a-basin", "claim", "SEEN_X1", AUDIT.DEAD_X1, "proved", "refuted"),
    ("near-eq-is-the-basin", "claim", "SYMMETRIC", AUDIT.SEEN_X1, "refuted", "proved"),
    ("trap-is-isolated", "repair", "DEAD_X1", AUDIT.SEEN_X1, "proved", "refuted"),
    ("two-units-are-the-fewest", "claim", "RELU1", AUDIT.ABS1, "proved", "refuted"),
]


@pytest.mark.parametrize(("claim", "which", "name", "other", "before", "after"), SWAPS)
def test_another_network_or_point_turns_the_verdict(monkeypatch, claim, which, name, other, before, after):
    part = CLAIMS[claim] if which == "claim" else CLAIMS[claim].repair
    assert concluded(claim, which) == before
    AUDIT.change(monkeypatch, name, other)
    assert prove(formal(part)).conclusion == after


FLOWS = [
    ("dead-starts-are-trapped", "dead_examples_trap_two_relus", "down to 0", "proved", "refuted"),
    ("live-starts-succeed-under-the-flow", "live_points_train_two_relus", "three times as fast", "proved", "refuted"),
    ("seeing-trap-has-a-basin", "seeing_everything_is_a_trap", "however far apart", "proved", "refuted"),
    ("repelled-from-the-truth", "short_units_find_the_separator", "every fit is the separator", "refuted", "proved"),
    ("pushed-into-the-trap", "basins_of_relu1", "only x1 on, and yet the trap", "refuted", "proved"),
    ("margin-guarantees-the-flow", "a_margin_does_not_save_long_units", "shorter ones too", "refuted", "proved"),
    ("each-unit-halves-the-dead-starts", "half_of_the_starts_are_blind", "with a bias too", "proved", "refuted"),
]


@pytest.mark.parametrize(("claim", "theorem", "variant", "before", "after"), FLOWS)
def test_verdicts_on_flows_hang_on_their_theorems(monkeypatch, claim, theorem, variant, before, after):
    assert concluded(claim, "claim") == before
    AUDIT.change(monkeypatch, "theorem_statement", lambda name: theorem_statement(name, variant))
    assert prove(formal(CLAIMS[claim])).conclusion == after


def test_the_angle_attracts_while_the_unit_grows():
    statement = formal(CLAIMS["attracts-with-norm-and-bias-free"])
    growing = f"{pre('relu1', AUDIT.W)[1]} <= 1"
    assert prove(statement).conclusion == "refuted"
    assert prove(replace(statement, given=[*statement.given, growing])).conclusion == "proved"


def group(failures, runs):
    return GroupCounts(runs, runs - failures, {}, {})


def test_a_published_count_must_be_near_the_measured_share():
    assert AUDIT.published(group(529, 1000), 21, 50).reproduced
    assert not AUDIT.published(group(529, 1000), 10, 50).reproduced
    assert not AUDIT.published(group(32, 1000), 21, 50).reproduced
    assert AUDIT.resolved(group(529, 1000), group(32, 1000)).reproduced
    assert not AUDIT.resolved(group(529, 1000), group(320, 1000)).reproduced


def test_shares_must_fall_beyond_their_intervals():
    many, few = ("all", group(500, 1000)), ("some", group(30, 1000))
    assert AUDIT.fewer_failures(many, few).reproduced
    assert not AUDIT.fewer_failures(few, many).reproduced
    assert not AUDIT.fewer_failures(few, few).reproduced
    assert not AUDIT.fewer_failures(few, ("fewer", group(25, 1000))).reproduced
    assert AUDIT.alike(few, ("fewer", group(25, 1000))).reproduced
    assert not AUDIT.alike(few, many).reproduced


def test_rare_failures_are_reported_in_full_and_no_runs_prove_nothing():
    assert AUDIT.with_interval(12, 100_000) == "12 of 100,000 (0.012%, 95% interval 0.007% to 0.021%)"
    assert AUDIT.with_interval(0, 0) == "0 of 0 (95% interval 0.000% to 100.000%)"
    assert not AUDIT.never(group(0, 0), "").reproduced
    assert not AUDIT.at_least(0.5, 0, 0, "").reproduced
    assert not AUDIT.below(0.5, 0, 0, "").reproduced
    assert not AUDIT.few_but_some(group(0, 1000)).reproduced


def test_chances_of_published_counts():
    assert Fraction(AUDIT.fisher(1, 2, 0, 2)) == Fraction(1, 2)
    assert Fraction(AUDIT.fisher(4, 500, 1, 500)) == Fraction(
        sum(comb(500, k) * comb(500, 5 - k) for k in (0, 1)), comb(1000, 5)
    )
    assert Fraction(AUDIT.trend((1, 0), 1)) == Fraction(1, 2)
    assert Fraction(AUDIT.as_unlikely(1, 2)) == 1
    assert Fraction(AUDIT.as_unlikely(0, 2)) == Fraction(1, 2)
    assert Fraction(AUDIT.no_failure("1/3", 2)) == Fraction(4, 9)


SETTINGS = {
    "normal": "normal:0.5 adam 0.01 800",
    "live": "dead-data-rejection:0.5 adam 0.01 800",
    "margin-0.3": "margin-rejection:0.5:0.3 adam 0.01 800",
    "descent": "normal:0.5 sgd 0.1 800",
}


def test_training_follows_the_protocol(store):
    experiments = {e.name: e for claim in AUDIT.CLAIMS for e in getattr(claim.measure, "experiments", ())}
    for name, experiment in experiments.items():
        report = " ".join(str(getattr(experiment, key)) for key in ("init", "optimizer", "lr", "epochs"))
        assert report == SETTINGS.get(name, report)
        assert experiment.stop_loss == 1e-7
        assert experiment.patience == (None if name == "no-patience" else 11)
        assert experiment.betas == ("0.9,0.99" if experiment.optimizer == "adam" else None)
        assert experiment.restarts >= 20_000
        assert store.kept(experiment) is not None, name
    assert {path.stem for path in store.folder.glob("*.json")} == set(experiments)


def test_every_measured_claim_is_a_study():
    measured = [claim for claim in AUDIT.CLAIMS if claim.measure is not None]
    assert len(measured) > 50
    assert all(isinstance(claim.measure, AUDIT.Study) for claim in measured)


def test_groups_say_how_points_lie_to_units():
    found = replace(AUDIT.NORMAL, numbers={"z": lambda e: e.starts.tolist(), **AUDIT.NORMAL.numbers}, ends=False).run(
        300
    )
    place = on("relu2", loss="mean")
    points = [np.array(p).reshape(2, 3).tolist() for p in found.numbers["z"]]
    seen = [[float(max(z)) for z in zip(*place.preactivations(p), strict=True)] for p in points]
    count = {
        "dead": sum(min(z[:2]) <= 0 for z in seen),
        "seeing": sum(min(z[:2]) > 0 for z in seen),
        "live": sum(min(z) > 0 for z in seen),
        "half_live": sum(min(z[:2]) > 0 >= min(z[2:]) for z in seen),
        "safe": sum(min(z) > 0.3 for z in seen),
        "narrow": sum(0 < min(z) <= 0.1 for z in seen),
    }
    assert {name: found.numbers[name][0] for name in count} == count
    assert all(count.values())


def test_runs_near_a_line_and_runs_that_end_asymmetric():
    near, wide = AUDIT.along((-1, 1), 15, "starts", every=True), AUDIT.along((-1, 1), 90, "starts", every=True)
    numbers = AUDIT.counts_of(near=near, wide=wide, either=AUDIT.along((-1, 1), 15, "starts", every=False))
    found = replace(
        AUDIT.NORMAL, numbers=numbers | AUDIT.counts_of(no=AUDIT.unlike(10), yes=AUDIT.unlike(0)), ends=False
    )
    found = found.run(2000)
    runs = {name: AUDIT.part(found, name).runs for name in found.numbers}
    assert runs["wide"] == runs["yes"] == 2000
    assert runs["no"] == 0
    assert abs(runs["near"] / 2000 - 1 / 36) < 0.015
    assert abs(runs["either"] / 2000 - 11 / 36) < 0.05


def test_the_chain_rule_holds_at_radius_one():
    statement = altered(formal(CLAIMS["chain-rule"]), "r*", "1*", [{"r": 1, "u": "3/5", "v": "4/5", "b": 1}])
    assert prove(statement).conclusion == "proved"


def test_the_active_set_is_possible_once_one_class_zero_point_is_seen():
    assert prove(active_set(AUDIT.RELU1, on=[(0, 0), (0, 1), (0, 2)], off=[(0, 3)])).conclusion == "proved"


def test_the_start_that_sees_every_point_gives_no_gradient_from_a_fitted_one():
    at = AUDIT.FITTED_X1
    weights = np.array([[float(Fraction(at[k])) for k in unit] for unit in (("p1", "p2", "b1"), ("q1", "q2", "b2"))])
    rows = np.array([[1, -1, 1], [-1, 1, 1], [1, 1, 1], [-1, -1, 1]])
    seen = np.maximum(weights @ rows.T, 0)
    assert (seen.sum(0) > 0).all()
    assert seen.sum(0)[0] == pytest.approx(1)
    assert abs(seen.sum(0)[1:] - [1, 0, 0]).min() > 0.1


def test_curvatures_of_the_assumed_set_by_differences():
    def loss(angle, r, b):
        z = r * np.array([np.cos(angle) - np.sin(angle), np.sin(angle) - np.cos(angle)]) + b
        return float(((z - 1) ** 2).sum())

    h = 1e-3
    for r, b in np.random.default_rng(0).uniform([0.2, -1], [2, 1], (10, 2)):
        for angle, sign in ((3 * np.pi / 4, -1), (np.pi / 4, 1)):
            bend = (loss(angle + h, r, b) - 2 * loss(angle, r, b) + loss(angle - h, r, b)) / h**2
            assert bend == pytest.approx(sign * 8 * r**2, rel=1e-4)
