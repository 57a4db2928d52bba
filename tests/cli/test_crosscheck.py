"""The table of predictions and measurements, and the exit status of the command that prints it."""

import json

import pytest
from command_line import cells, printed, wilson_by_roots

from stability.cli.crosscheck import crosscheck_table
from stability.studies import crosscheck as study
from stability.studies.crosscheck import Compared, Crosscheck

Z = 3.2905267314919255
"""The quantile of the normal distribution at 0.9995."""


def check(name, predicted, hits):
    return Crosscheck(name, f"{name} happens", "nowhere", lambda: predicted, lambda runs, seed: (hits(runs), runs))


def compared(predicted, hits, runs):
    return Compared(check("it", predicted, lambda runs: hits), predicted, hits, runs)


@pytest.mark.parametrize(
    ("predicted", "hits", "said", "share", "agrees"),
    [
        (0.0, 0, "never", "0 of 4,000 (0.00%)", "yes"),
        (0.0, 2, "never", "2 of 4,000 (0.05%)", "NO"),
        (1.0, 4000, "always", "4,000 of 4,000 (100.00%)", "yes"),
        (1.0, 3998, "always", "3,998 of 4,000 (99.95%)", "NO"),
        (0.25, 1000, "0.2500", "1,000 of 4,000 (25.00%)", "yes"),
        (0.3, 1000, "0.3000", "1,000 of 4,000 (25.00%)", "NO"),
    ],
)
def test_a_row_says_what_was_predicted_and_measured_and_whether_they_agree(predicted, hits, said, share, agrees):
    head, (row,) = cells(crosscheck_table([compared(predicted, hits, 4000)]))
    low, high = wilson_by_roots(hits, 4000, Z)
    assert head == ["prediction", "from", "predicted", "measured", "99.9% interval", "agrees"]
    assert row == ["it happens", "nowhere", said, share, f"{abs(low):.4f} to {high:.4f}", agrees]


def test_no_prediction_has_no_row():
    assert cells(crosscheck_table([]))[1] == []


@pytest.mark.parametrize(("off", "status"), [(False, 0), (True, 1)])
def test_the_exit_status_is_1_if_a_prediction_is_off(off, status, monkeypatch):
    checks = check("half", 0.5, lambda runs: runs // 2), check("all", 1.0, lambda runs: runs - off)
    monkeypatch.setattr(study, "CHECKS", checks)
    report = json.loads(printed("crosscheck", "--restarts", 500, "--seed", 3, "--json", status=status))
    assert report["seed"] == 3
    assert [(each["id"], each["hits"], each["runs"], each["agrees"]) for each in report["checks"]] == [
        ("half", 250, 500, True),
        ("all", 500 - off, 500, not off),
    ]
    shown = printed("crosscheck", "--restarts", 500, status=status)
    assert "250 of 500 (50.00%)" in shown
    assert ("NO" in shown) is off
