"""The audit of two-relu-xor: every claim settles, every repair holds, and small changes turn the verdicts."""

from dataclasses import replace

import pytest

from stability.audit import AllOf, Exists, ForAll, Not, active_set, on, pre, settle
from stability.audit.library import load, proofs_folder
from stability.audit.theorems import theorem_statement
from stability.exact.records import judge
from stability.model import Dataset

AUDIT = load(proofs_folder() / "audits" / "two_relu_xor.py")
CLAIMS = {claim.id: claim for claim in AUDIT.CLAIMS}

PROVED = {
    "can-solve-xor",
    "has-failure-states",
    "dead-point-gives-no-gradient",
    "dead-starts-are-trapped",
    "live-starts-succeed-under-the-flow",
    "trap-has-a-basin",
    "seeing-trap-has-a-basin",
    "share-resolved",
    "one-failure-is-2-percent",
    "abs1-points-always-pull",
    "relu2-flow-is-conditional",
    "can-represent-abs1",
    "more-treacherous",
    "conspiracies-are-rare",
    "asymmetric-solutions-exist",
    "trap-exists",
    "trap-that-sees-class-one",
    "ball-in-a-bowl",
    "cannot-swing-out",
    "collapse-gives-50",
    "loss-formula",
    "opposite-points",
    "slope-at-eq",
    "opt-is-a-peak-at-zero-bias",
    "pushed-away-from-opt",
}
OPEN = {"dose-response"}
VACUOUS = {"sum-over-class-one", "second-derivative-formula", "curvature-as-assumed"}


def formal(part):
    """Return the statement of a claim or of a repair."""
    return part.statement() if callable(part.statement) else part.statement


def altered(statement, old, new, try_at=()):
    """Return the statement with a text replaced wherever it stands in a relation."""

    def other(relation):
        return relation.replace(old, new)

    match statement:
        case ForAll(given=given, then=then):
            goals = [other(t) if isinstance(t, str) else [*map(other, t)] for t in then]
            hints = [*try_at, *statement.try_at]
            return replace(statement, given=[*map(other, given)], then=goals, try_at=hints)
        case Exists(such_that=relations):
            return replace(statement, such_that=[*map(other, relations)])
        case Not(part=part):
            return Not(altered(part, old, new, try_at))
        case AllOf(parts=parts):
            return AllOf([altered(part, old, new, try_at) for part in parts])
    raise TypeError(statement)


@pytest.fixture(scope="module")
def verdicts():
    return {claim.id: settle(claim) for claim in AUDIT.CLAIMS}


def test_ids_are_unique_and_every_claim_says_where():
    assert len(CLAIMS) == len(AUDIT.CLAIMS) == len(AUDIT.WRITEUP.claims)
    assert all(claim.says.endswith(".") for claim in AUDIT.CLAIMS)
    sections = {section.split()[0] for claim in AUDIT.CLAIMS for section in claim.where.split(", ")}
    assert sections == {"1", "2", "2.1", "2.2", "2.3", "2.3.1", "2.3.2", "2.3.3", "3", "4"}


def test_nothing_stays_open_but_what_needs_more_training(verdicts):
    stays = {v.claim.id: v.claim.unsettled for v in verdicts.values() if v.status == "open"}
    assert set(stays) == OPEN
    assert all(stays.values())


def test_what_is_true_and_what_is_empty(verdicts):
    assert {i for i, v in verdicts.items() if v.status == "proved"} == PROVED
    assert {i for i, v in verdicts.items() if v.status == "vacuous"} == VACUOUS


def test_every_false_or_empty_claim_has_a_proved_repair(verdicts):
    wrong = [v for v in verdicts.values() if v.status in ("refuted", "vacuous")]
    assert len(wrong) > 30
    assert {v.claim.id: v.repair_status for v in wrong if v.repair_status != "proved"} == {}


def test_every_verdict_gives_a_reason(verdicts):
    assert all(v.reason for v in verdicts.values())


def test_predictions_come_true(verdicts):
    told = [v.agreement for v in verdicts.values() if v.claim.predicts is not None]
    assert len(told) == 3
    assert all(text.startswith("agreement") for text in told)


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
    ("near-eq-is-the-basin", "repair", "-1/2 - (q1)", "1/2 - (q1)", "proved", "refuted"),
    ("dead-starts-are-trapped", "claim", "3*relu2", "-3*relu2", "proved", "refuted"),
    ("live-starts-succeed-under-the-flow", "claim", "-2*relu2", "-1*relu2", "proved", "refuted"),
    ("margin-guarantees-the-flow", "claim", "> 4*m", "> 1*m", "refuted", "proved"),
    ("curvature-as-assumed", "claim", "< 0", "> 0", "vacuous", "refuted"),
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
]


@pytest.mark.parametrize(("claim", "which", "old", "new", "before", "after"), TURNS)
def test_a_small_change_turns_the_verdict(claim, which, old, new, before, after):
    statement = formal(CLAIMS[claim] if which == "claim" else CLAIMS[claim].repair)
    assert judge(statement).conclusion == before
    assert judge(altered(statement, old, new)).conclusion == after


ONE_BLANK = AUDIT.ABS1.network.on(Dataset("one blank example", ((1, 1),), (0,)))
LINEAR, OTHER_START = on("leaky1:2"), (("-3", "3", 0), ("-1/2", "1/2", 0))
"""Two linear units have no traps on XOR; one absolute value alone with a class-0 example has none either."""

SWAPS = [
    ("can-solve-xor", "claim", "SYMMETRIC", AUDIT.DEAD_X1, "proved", "refuted"),
    ("has-failure-states", "claim", "RELU2", LINEAR, "proved", "refuted"),
    ("seen-points-give-gradient", "claim", "SEEN_X1", AUDIT.DEAD_X1, "refuted", "proved"),
    ("every-trap-has-a-dead-point", "claim", "SEEN_X1", AUDIT.DEAD_X1, "refuted", "proved"),
    ("every-trap-has-a-dead-point", "repair", "SEEN_X1", AUDIT.DEAD_X1, "proved", "refuted"),
    ("every-trap-has-a-dead-point", "repair", "RELU2", AUDIT.LEAKY2, "proved", "refuted"),
    ("dead-start-never-recovers", "claim", "BLIND", OTHER_START, "refuted", "proved"),
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
]


@pytest.mark.parametrize(("claim", "which", "name", "other", "before", "after"), SWAPS)
def test_another_network_or_point_turns_the_verdict(monkeypatch, claim, which, name, other, before, after):
    part = CLAIMS[claim] if which == "claim" else CLAIMS[claim].repair
    assert judge(formal(part)).conclusion == before
    monkeypatch.setattr(AUDIT, name, other)
    assert judge(formal(part)).conclusion == after


FLOWS = [
    ("dead-starts-are-trapped", "dead_points_trap_two_relus", "down to 0", "proved", "refuted"),
    ("live-starts-succeed-under-the-flow", "live_points_train_two_relus", "three times as fast", "proved", "refuted"),
    ("seeing-trap-has-a-basin", "seeing_everything_is_a_trap", "however far apart", "proved", "refuted"),
    ("repelled-from-the-truth", "short_units_find_the_separator", "every fit is the separator", "refuted", "proved"),
    ("pushed-into-the-trap", "basins_of_relu1", "only x1 on, and yet the trap", "refuted", "proved"),
    ("margin-guarantees-the-flow", "a_margin_does_not_save_long_units", "shorter ones too", "refuted", "proved"),
]


@pytest.mark.parametrize(("claim", "theorem", "variant", "before", "after"), FLOWS)
def test_verdicts_on_flows_hang_on_their_theorems(monkeypatch, claim, theorem, variant, before, after):
    assert judge(formal(CLAIMS[claim])).conclusion == before
    monkeypatch.setattr(AUDIT, "theorem_statement", lambda name: theorem_statement(name, variant))
    assert judge(formal(CLAIMS[claim])).conclusion == after


def test_the_angle_attracts_while_the_unit_grows():
    statement = formal(CLAIMS["attracts-with-norm-and-bias-free"])
    growing = f"{pre('relu1', AUDIT.W)[1]} <= 1"
    assert judge(statement).conclusion == "refuted"
    assert judge(replace(statement, given=[*statement.given, growing])).conclusion == "proved"


def test_a_measured_share_must_be_near_the_published_one():
    assert AUDIT.as_published(*AUDIT.ALL, published=21).reproduced
    assert not AUDIT.as_published(*AUDIT.ALL, published=10).reproduced
    assert not AUDIT.as_published(*AUDIT.LIVE, published=21).reproduced
    assert AUDIT.fewer_failures(AUDIT.ALL, AUDIT.LIVE, "").reproduced
    assert not AUDIT.fewer_failures(AUDIT.LIVE, AUDIT.ALL, "").reproduced
    assert not AUDIT.fewer_failures(AUDIT.LIVE, AUDIT.LIVE, "").reproduced


def test_runs_know_their_dead_points_and_margins():
    done = AUDIT.runs(None, 200, 1)
    seen = [[max(z) for z in zip(*AUDIT.MEAN.preactivations(p.tolist()), strict=True)] for p in done.starts]
    assert done.margins.tolist() == pytest.approx([float(min(z)) for z in seen])
    assert done.blind.tolist() == [min(z[:2]) <= 0 for z in seen]


def test_the_chain_rule_holds_at_radius_one():
    statement = altered(formal(CLAIMS["chain-rule"]), "r*", "1*", [{"r": 1, "u": "3/5", "v": "4/5", "b": 1}])
    assert judge(statement).conclusion == "proved"


def test_the_active_set_is_possible_once_one_class_zero_point_is_seen():
    assert judge(active_set(AUDIT.RELU1, on=[(0, 0), (0, 1), (0, 2)], off=[(0, 3)])).conclusion == "proved"


def test_training_stops_where_the_protocol_says():
    done = AUDIT.runs(None, 200, 1)
    assert done.ends.shape == (200, 2, 3)
    assert (done.right[~done.failed] == 4).all()
    assert done.close(done.ends, (-1, 1), 90).all()
