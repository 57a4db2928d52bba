"""Claims that there are values: decided beside their opposites, and never both ways."""

import random
from fractions import Fraction

import pytest

from stability import check, landscape, prove, run_audit
from stability.audit.existence import ExistsOrNever, between, opposites
from stability.audit.loss_bounds import bound_against
from stability.logic.statements import Exists, ForAll

PLACES = {"L": landscape("relu1-out", "xor"), "S": landscape("relu2", "xor")}


def audited(folder, on, clause):
    """Return the verdict on a claim of one clause; every record of it is one that the checker accepts."""
    path = folder / "notes.md"
    path.write_text(f"Words.\n\n```stability\n:id: one\n:on: {on}\n{clause}\n```\n")
    (verdict,) = run_audit([str(path)]).verdicts
    assert verdict.judged is not None
    assert all(check(record) for record in verdict.judged.records)
    return verdict


@pytest.mark.parametrize(
    ("on", "denied", "relation", "status"),
    [
        ("relu1 xor", "for all u v b then loss([u, v, b]) > 0", "u v b such that loss([u, v, b]) = 0", "refuted"),
        ("relu1 xor", "for all p then loss(p) >= 1", "p such that loss(p) < 1", "refuted"),
        ("relu1 xor", "for all p then loss(p) > 1", "p such that loss(p) <= 1", "proved"),
        ("relu1 xor", "for all w then loss([w, -w, 0]) > 1/2", "w such that loss([w, -w, 0]) <= 1/2", "refuted"),
        ("relu2-out xor", "for all p then loss(p) >= 0", "p such that loss(p) < 0", "refuted"),
        ("relu1-out xor", "for all p then loss(p) > 1", "p such that loss(p) = 1", "proved"),
        ("relu1-out xor", "for all p then loss(p) > 0.999", "p such that loss(p) = 0.999", "refuted"),
    ],
)
def test_a_claim_and_its_opposite_are_decided_oppositely(tmp_path, on, denied, relation, status):
    assert audited(tmp_path, on, f"exists {relation}").status == status
    assert audited(tmp_path, on, denied).status == {"refuted": "proved", "proved": "refuted"}[status]


def test_one_relation_that_never_holds_refutes_all(tmp_path):
    verdict = audited(tmp_path, "relu1 xor", "exists p such that gradient(p) = 0, loss(p) < 1/2")
    assert verdict.status == "refuted"
    assert verdict.reason.startswith("The least loss is 1, that of the global minima in the complete list")


@pytest.mark.parametrize(
    "clause", ["exists p such that loss(p) = 4/3", "exists p such that loss(p) = 1, gradient(p) = 0"]
)
def test_what_is_met_at_a_stationary_set_is_proved_with_its_point(tmp_path, clause):
    verdict = audited(tmp_path, "abs1 xor", clause)
    assert (verdict.status, verdict.reason[:8]) == ("proved", "Example:")


def test_where_there_is_no_list_the_opposite_is_proved(tmp_path):
    """Of so many cells no list is computed on the way."""
    bound = bound_against("loss(p) = 0", {"M": landscape("relu4", "parity:4")})
    assert bound is None
    claim = Exists("x y", ["x**2 + y**2 + 1 == 0"], steps=1)
    denials = [ForAll("x y", [], [each]) for each in opposites("x**2 + y**2 + 1 == 0")]
    judged = prove(ExistsOrNever(claim, denials=denials))
    assert judged.conclusion == "refuted"
    assert judged.reason.startswith("The opposite is proved, ")
    assert prove(claim).conclusion is None


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("x == y", ["x > y", "x < y"]),
        ("x != y", ["x == y"]),
        ("x < y", ["x >= y"]),
        ("x <= y", ["x > y"]),
        ("x > y", ["x <= y"]),
        ("x >= y", ["x < y"]),
        ("L.rest([u, v, b], [s, t])", []),
    ],
)
def test_a_relation_and_its_opposite_exclude_each_other(formula, found):
    assert opposites(formula) == found
    draw = random.Random(0)
    for _ in range(50 if found else 0):
        values = {name: draw.randint(-2, 2) for name in "xy"}
        assert eval(formula, {}, values) != any(eval(each, {}, values) for each in found)


@pytest.mark.parametrize("text", ["loss(p) = 0", "L.loss(p) > 0", "M.loss(p) = 0", "L.loss(p) + 1 = 0"])
def test_other_relations_have_no_bound(text):
    assert bound_against(text, PLACES) is None


@pytest.mark.parametrize(
    ("text", "relation", "bound"),
    [
        ("S.loss([w, -w, 0, w, w, 0]) < 1/2", ">=", "1/2"),
        ("L.loss(p) ≤ 0.25", ">", "1/4"),
        ("L.loss(p) == 2", ">", "2"),
    ],
)
def test_the_bound_is_the_opposite(text, relation, bound):
    found = bound_against(text, PLACES)
    assert (found.name, found.relation, found.bound) == (text[0], relation, Fraction(bound))


@pytest.mark.parametrize(
    ("on", "relation", "status"),
    [
        ("abs1 xor", "w such that loss([w, -w, 0]) = 1/3", "proved"),
        ("relu1 xor", "w such that loss([w, -w, 0]) = 3/2", "proved"),
        ("abs1 xor mean", "w such that 3 * loss([w, -w, 0]) ^ 2 + 1/7 = 1", "proved"),
        ("abs1 xor", "w such that output([w, -w, 0], 1) ^ 2 = 2", "proved"),
        ("relu1 xor", "w such that loss([w, -w, 0]) = 1/2", "refuted"),
        ("abs1 xor", "w such that loss([w, w, 0]) = 1/2", "refuted"),
    ],
)
def test_an_equation_without_rational_solutions_is_decided_by_values_on_both_sides(tmp_path, on, relation, status):
    verdict = audited(tmp_path, on, f"exists {relation}")
    assert verdict.status == status
    if status == "proved":
        assert "continuous in all variables" in verdict.reason
        assert len(verdict.judged.records) == 2


@pytest.mark.parametrize(
    "formula",
    [
        "L.d1([w, 0, 0], [1, 0, 0]) == 1/3",
        "L.d2([w, 0, 0], [1, 0, 0], [0, 0, 0]) == 1",
        "1 / w == 0",
        "w / (w - w + 1) == 2",
        "L.loss([1 / w, 0, 0]) == 3",
        "L.slope([w, 0, 0], [1, 0, 0], [0, 0, 0]) == 1",
        "L.loss([w, 0, 0]) < 3",
        "L.loss([w, 0, 0]) != 3",
        "L.differentiable([w, 0, 0])",
        "w ** -1 == 0",
        "sqrt(2) * w == 1",
    ],
)
def test_nothing_follows_from_two_sides_of_what_may_jump(formula):
    assert between([formula]) == []


def test_nothing_follows_from_two_sides_where_there_are_further_relations():
    """On w^2 >= 1 there are values with w < 0 and with w > 0, and none with w = 0."""
    assert between(["w == 0", "w**2 >= 1"]) == []
    assert between([]) == []


def test_what_jumps_over_a_value_is_not_proved(tmp_path):
    """The slope of the absolute value is -1 or 1, and never 0."""
    verdict = audited(tmp_path, "abs1 xor", "exists w such that slope([w, -w, 0], [1, -1, 0]) = 1/3")
    assert verdict.status != "proved" or verdict.reason.startswith("Example:")
