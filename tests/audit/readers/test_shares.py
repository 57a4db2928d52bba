"""Clauses on shares of random starts: against counts of the library's own and of floats, and what is malformed."""

import numpy as np
import pytest
from scipy import stats

from stability import landscape, run_audit
from stability.initialisation.sampling import starts

HEAD = ":id: one\n:on: abs1 xor sum\n"


def audit(folder, body, head=HEAD):
    path = folder / "notes.md"
    path.write_text(f"Some words.\n\n```stability\n{head}{body}\n```\n")
    ((_, (verdict,)),) = run_audit([str(path)])
    return verdict


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("basins normal:0.5:0.5: share of loss 1 = 0.392 +- 0.02", "reproduced"),
        ("basins normal:0.5:0.5: share of loss = 1, strict = yes = 39% +- 2%", "reproduced"),
        ('basins normal:0.5:0.5: share of kind = "global minimum" = 1/2', "not-reproduced"),
        ("basins normal:0.5:0.5 by gradient descent with step 1/10: share of loss 1 = 0.39 ± 0.03", "reproduced"),
        ("probability uniform:1: preactivation(p, 0, 0) > 0 = 1/2", "reproduced"),
        ("probability uniform:1: loss(p) < 1 = 1/2", "not-reproduced"),
    ],
)
def test_what_clauses_say(tmp_path, body, status):
    verdict = audit(tmp_path, body)
    assert verdict.status == status, verdict.reason
    assert "95% interval" in verdict.reason
    assert "its power" in verdict.reason
    assert verdict.judged is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("basins normal:0.5:0.5: share of loss 1 = 0.6 +- 0.01", "basins normal:0.5:0.5: share of loss 1 = 0.39"),
        (
            "basins normal:0.5:0.5 by gd with step 1/10: share of loss 1 == 1/2 ± 0.01",
            "step 1/10: share of loss 1 = 0.3",
        ),
        ("probability uniform:1: loss(p) < 1, output(p, 0) > 0 = 50%", "loss(p) < 1, output(p, 0) > 0 = 13.2"),
    ],
)
def test_beside_what_is_not_reproduced_stands_what_was_measured_as_a_claim_that_is(tmp_path, body, words):
    found = audit(tmp_path, body)
    name, text = found.instead
    assert (found.status, found.claim.repair, found.correction, name) == (
        "not-reproduced",
        None,
        "",
        "measured instead",
    )
    claim, _, counts = text.partition(", from ")
    assert words in claim
    hits, runs = map(int, counts.partition(" (")[0].split(" of "))
    share, wide = (
        float(each.rstrip("%")) / (100 if "%" in each else 1) for each in claim.split(" = ")[-1].split(" +- ")
    )
    low, high = proportion_confint(hits, runs)
    assert share - wide <= low < high <= share + wide < high + 2e-4
    assert audit(tmp_path, claim).status == "reproduced"
    assert audit(tmp_path, claim).measured == ""


def proportion_confint(hits, runs):
    """Return the 95% interval of scipy."""
    found = stats.binomtest(hits, runs).proportion_ci(0.95, method="wilson")
    return found.low, found.high


def test_a_probability_counts_as_floats_do(tmp_path):
    place = landscape("abs1", "xor")
    drawn = starts(place, "uniform:1", 4000, 0).reshape(4000, 3)
    points = np.array(place.data.points, dtype=float)
    outputs = np.abs(drawn[:, :2] @ points.T + drawn[:, 2:])
    losses = ((outputs - np.array(place.data.labels, dtype=float)) ** 2).sum(1)
    hits = int(((losses < 2) & (outputs[:, 0] > 0.1)).sum())
    body = "probability uniform:1: loss(p) < 2, output(p, 0) > 0.1 = 0.3 +- 0.2"
    assert f"{hits} of 4000" in audit(tmp_path, body).reason


def test_landscapes_go_by_their_names(tmp_path):
    head = ":id: one\n:on: L = abs1 xor mean; M = abs1 xor sum\n"
    body = "basins normal:0.5:0.5 in M: share of loss 1 = 0.39 +- 0.03\nprobability uniform:1 in L: L.loss(p) < 8 = 1"
    assert audit(tmp_path, body, head).status == "reproduced"
    assert audit(tmp_path, "basins normal:0.5: share of loss 1 = 0.5", head).status == "error"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("basins normal:0.5: loss 1 = 0.4", "INIT: share of"),
        ("basins normal:0.5: share of loss 1", "CONDITIONS = NUMBER"),
        ("basins normal:0.5: share of loss 1 = 1.4", "a share from 0 to 1"),
        ("basins normal:0.5: share of loss 1 = nan", "Expected a share"),
        ("basins normal:0.5: share of loss 1 = 0.4 +- x", "Expected a share"),
        ("basins norml:0.5: share of loss 1 = 0.4", "Did you mean 'normal'"),
        ("basins normal:0.5: share of kind = saddl = 0.4", "Did you mean 'saddle'"),
        ("basins normal:0.5 by gradint: share of loss 1 = 0.4", "Expected an update rule"),
        ("probability uniform:1: loss(q) < 1 = 1/2", "Expected 3 numbers"),
        ("probability uniform:1: 1 < 2 = 1/2", "conditions on the start p"),
        ("probability uniform:1: loss(p) = 1/2", "Expected a relation"),
        ("probability uniform:1", "INIT: CONDITIONS = NUMBER"),
        ("basins normal:0.5: share of loss 1 = 0.4\nloss([0, 0, 0]) = 2", "all measured or all proved"),
    ],
)
def test_malformed_clauses_are_errors_with_their_line(tmp_path, body, words):
    verdict = audit(tmp_path, body)
    assert verdict.status == "error", verdict.reason
    assert verdict.claim.place.line in (6, 7)
    assert words in verdict.reason
