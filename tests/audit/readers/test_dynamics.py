"""Clauses about flows, stable steps and cycles in documents."""

import pytest

from stability import check, run_audit

HEAD = ":id: one\n:on: abs1 xor mean\n"


def audit(folder, body, head=HEAD):
    """Return the verdict on the only claim of a document."""
    path = folder / "notes.md"
    path.write_text(f"Some words.\n\n```stability\n{head}{body}\n```\n")
    ((_, (verdict,)),) = run_audit([str(path)])
    return verdict


START = "flow from [1/2, -1/3, 1/10]: ends"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (f'{START} on kind = "global minimum", loss = 0', "proved"),
        (f"{START} on kind = saddle", "refuted"),
        (f"{START} at [1/2, -1/2, 0]\n{START} within 1/100 of [1/2, -1/2, 0]", "proved"),
        (f"{START} at [1/2, -1/2, 0.01]", "refuted"),
        (f"{START} within 1/100 of [-1/2, 1/2, 0]", "refuted"),
        ("flow from [1/2, -1/3, 1/10]:\n  ends on strict = yes", "proved"),
        ("stable for gradient descent iff step < 1", "proved"),
        ("stable for gradient descent at [1/2, -1/2, 0] iff step < 1/2", "refuted"),
        ("at [1/2, -1/2, 0]: stable for gradient descent iff step < 1, strict = yes", "proved"),
        ("stable for heavy ball with momentum = 9/10 at [1/2, -1/2, 0] iff 0 < step < 1.9", "proved"),
        ("stable for nesterov(momentum=0.5) at [1/2, -1/2, 0] iff step < 3/4", "proved"),
        ("stable for gradient descent at [1/2, -1/2, 0] if step < 1/2", "proved"),
        ("stable for gradient descent at [1/2, -1/2, 0] only  if step < 1/2", "refuted"),
        ("at [1/2, -1/2, 0]: stable for gradient descent only if step < 2", "proved"),
        ("stable for gradient descent if step < 2", "refuted"),
        ("stable for gradient descent only if step < 1", "proved"),
        ("cycle of gradient descent with step 1 through [[0, 0, 1/4], [0, 0, 3/4]]", "proved"),
        ("cycle of gradient descent with step 1 through [0, 0, 1/4], [0, 0, 1/2]", "refuted"),
        ("cycle of heavy ball with step = 2, momentum = 1/2 through [0, 0, 2], [0, 0, -2]", "proved"),
        ("no cycle of gradient descent for any step", "refuted"),
        ("no cycle of gradient descent with step = 1", "refuted"),
        ("no cycle of gradient descent for step < 1/2", "open"),
        (f"loss([0, 0, 0]) = 1/2\n{START} on loss = 0\nstable for gd iff step < 1", "proved"),
    ],
)
def test_what_clauses_say(tmp_path, body, status):
    verdict = audit(tmp_path, body)
    assert verdict.status == status, verdict.reason
    assert all(check(record) for record in verdict.judged.records)
    assert bool(verdict.judged.records) == (status != "open")


def test_landscapes_go_by_their_names(tmp_path):
    head = ":id: one\n:on: L = abs1 xor mean; M = abs1 xor sum\n"
    body = (
        "flow of M from [1/2, -1/3, 1/10]: ends on loss = 0\nflow from [1/3, 1/3, 1/2] in L: ends on loss = 1/4\n"
        "stable for gd at [1/2, -1/2, 0] in M iff step < 1/4\nstable for gd in L iff step < 1\n"
        "cycle of gd with step 1 through [0, 0, 1/4], [0, 0, 3/4] in L\n"
    )
    assert audit(tmp_path, body, head).status == "proved"
    assert audit(tmp_path, "no cycle of gd for any step in M", head).status == "refuted"
    assert audit(tmp_path, "no cycle of gd for any step", head).status == "error"


def test_a_correction_is_written_with_its_first_words(tmp_path):
    verdict = audit(tmp_path, "stable for gd iff step < 2\ninstead: stable for gd iff step < 1")
    assert (verdict.repair_status, verdict.claim.repair.says) == ("proved", "stable for gd iff step < 1")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("flow from [1/2, -1/3, 1/10]", "a colon"),
        ("flow to [1/2, -1/3, 1/10]: ends on loss = 0", "from POINT"),
        ("flow from [1/2, -1/3]: ends on loss = 0", "3 numbers"),
        (f"{START} on knd = saddle", "Did you mean 'kind'"),
        (f"{START} near [1/2, -1/2, 0]", "ends on CONDITIONS"),
        (f"{START} within 1/10 [1/2, -1/2, 0]", "within DISTANCE of POINT"),
        ("stable for gradient descent", "iff step < NUMBER"),
        ("stable for gradient descent iff step <= 1", "iff step < NUMBER"),
        ("stable for gradient descent iff step < 0", "a step above 0"),
        ("stable for gradient descent with step 1 iff step < 1", "Expected no step"),
        ("stable for gradint descent iff step < 1", "Expected an update rule"),
        ("stable for heavy ball with momentum = 2 iff step < 1", "momentum from 0 to below 1"),
        ("stable for gd with momentum = 1/2 iff step < 1", "no parameter 'momentum'"),
        ("cycle of gradient descent through [0, 0, 1/4], [0, 0, 3/4]", "Expected the step of gd; got none"),
        ("cycle of gradient descent with step 1 through [0, 0, 1/4]", "two or more different points"),
        ("cycle of adam with step 1 through [0, 0, 1/4], [0, 0, 1/2]", "Expected one of gd"),
        ("no cycle of gradient descent for most steps", "for any step"),
        ("no cycle of heavy ball for any step", "gradient descent with steps above 0"),
        ("no cycle of gradient descent for step < 0", "gradient descent with steps above 0"),
    ],
)
def test_malformed_clauses_are_errors_with_their_line(tmp_path, body, words):
    verdict = audit(tmp_path, body)
    assert (verdict.status, verdict.claim.place.line) == ("error", 6)
    assert words in verdict.reason


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("loss([sqrt(0.5), -sqrt(1/2), 0]) = 3/2 - sqrt(2)", "proved"),
        ("for all r given r > 0 then loss([r*sqrt(1/2), -r*sqrt(1/2), 0]) = r^2 - sqrt(2)*r + 1/2", "proved"),
        ("for all r given r > 0 then loss([r/sqrt(2), -r/sqrt(2), 0]) = r^2 - r + 1/2", "refuted"),
        ("for all x given x^2 = 2 and x > 0 then x = sqrt(2)", "proved"),
        ("for all x given x^2 = 2 then x > 0", "refuted"),
        ("exists w such that 2*w^2 = 1", "proved"),
        ("for all r given r > 0 then dot(r*angle(pi/4), angle(-pi/4)) = 0", "proved"),
        ("for all x given x > sqrt(2) then x > sqrt(3) - 1", "error"),
    ],
)
def test_square_roots_stand_in_clauses(tmp_path, body, status):
    verdict = audit(tmp_path, body)
    assert verdict.status == status, verdict.reason
    assert status == "error" or all(check(record) for record in verdict.judged.records)


def test_a_step_that_leaves_a_cycle_is_said_in_words(tmp_path):
    cases = {
        "step = 1 through [0, 0, 1/2], [0, 0, -1/2]": "The step from [0, 0, 1/2] leads to [0, 0, 1/2] itself, not to",
        "step = 1/5 through [0, 0, 3], [0, 0, -3]": "The step from [0, 0, 3] leads to [0, 0, -1], not to [0, 0, -3].",
    }
    for cycle, said in cases.items():
        path = tmp_path / "notes.md"
        path.write_text(f"```stability\n:id: c\n:on: abs1 xor\ncycle of gradient descent with {cycle}\n```\n")
        ((_, (verdict,)),) = run_audit([str(path)])
        assert (verdict.status, verdict.reason.startswith(said)) == ("refuted", True), verdict.reason


@pytest.mark.parametrize(
    ("on", "body", "status"),
    [
        ("relu2-linear xor mean", 'sets where kind = "local minimum", loss = 1/8: number = 8', "proved"),
        ("relu1-out+c xor", 'at ([[4/3, 4/3, -2, -1]], 2/3): kind = "global minimum"', "proved"),
        ("relu1-out+c xor", 'at [[4/3, 4/3, -2, -1], [2/3]]: kind = "saddle"', "refuted"),
        ("relu[+,-]+c xor", 'every set where kind = "local minimum" has loss < 1', "refuted"),
        ("relu[+,-] xor", "flow from [[1, 0, 0], [0, 1, 0]]: ends on loss < 2", "proved"),
        ("relu1-out+c xor", "for all p then loss(p) >= 0", "proved"),
        ("relu1-out+c xor", "for all p then loss(p) >= 1", "refuted"),
        ("relu2-linear xor", "loss([[1, 0, 1, 0, 1], [0, 0, 0, 0, 0], [0, 0]]) = 3", "error"),
        ("relu1-out xor", "flow from [[1, 0, 0, 1]]: ends on loss = 1", "open"),
        ("relu1-out xor", "flow from [[1, 0, 0, 1]]: ends within 1/10 of [[1, 0, 0, 1]]", "open"),
        ("relu1-out+c xor", "stable for gradient descent at ([[4/3, 4/3, -2, -1]], 2/3) iff step < 1/4", "open"),
    ],
)
def test_claims_on_networks_with_output_layers(tmp_path, on, body, status):
    verdict = audit(tmp_path, body, f":id: one\n:on: {on}\n")
    assert verdict.status == status, verdict.reason
    assert status != "open" or "trained" in verdict.reason
