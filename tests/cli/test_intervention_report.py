"""Tables of the effects of a controller have the shares of the counts, and rows by task."""

import pytest
from command_line import cells, wilson_by_roots

from stability.cli.intervention_report import policy_tables, report
from stability.studies.interventions import TASKS, PolicyOutcome
from stability.version import __version__

Z = 1.959963984540054
"""The quantile of the normal distribution at 0.975."""


def outcome(task="xor", policy="better", successes=150, healthy=100, harmed=1, alarmed=5, rescued=51, runs=200):
    counts = runs, successes, healthy, harmed, alarmed, rescued
    means = {"final": 0.875, "best": 0.9375, "best_success": 0.75, "repairs": 1.25}
    return PolicyOutcome(task, policy, *counts, {"revive": 250}, means)


def test_a_row_has_shares_of_the_runs_that_they_are_of():
    (table, notes) = policy_tables([outcome()])
    low, high = wilson_by_roots(150, 200, Z)
    head, (row,) = cells(table)
    assert head == ["policy", "success", "95% interval", "rescued", "harmed", "alarmed", "repairs per run"]
    interval = f"{100 * low:.2f}% to {100 * high:.2f}%"
    assert row == ["better", "75.00%", interval, "51.00%", "1.00%", "5.00%", "1.25"]
    assert table.title == f"xor: {TASKS['xor']} (200 runs)"
    assert "of the runs that fail without a controller" in notes


@pytest.mark.parametrize("task", ["moons", "digits"])
def test_networks_that_train_one_at_a_time_have_their_accuracies_too(task):
    head, (row,) = cells(policy_tables([outcome(task)])[0])
    assert head[-3:] == ["mean accuracy", "mean largest", "largest a success"]
    assert row[-3:] == ["0.875", "0.938", "0.750"]


def test_shares_of_no_runs_are_none():
    nobody_fails = cells(policy_tables([outcome(successes=200, healthy=200, harmed=0, alarmed=0, rescued=0)])[0])[1]
    assert nobody_fails[0][3:6] == ["none", "0.00%", "0.00%"]
    all_fail = cells(policy_tables([outcome(successes=0, healthy=0, harmed=0, alarmed=0, rescued=0)])[0])[1]
    assert all_fail[0][3:6] == ["0.00%", "none", "none"]


def test_every_task_has_a_table_in_the_order_of_the_results():
    found = [outcome("digits", "none"), outcome("xor", "none"), outcome("digits", "better")]
    digits, xor, notes = policy_tables(found)
    assert [table.title.split(":")[0] for table in (digits, xor)] == ["digits", "xor"]
    assert [row[0] for row in cells(digits)[1]] == ["none", "better"]
    assert isinstance(notes, str)


def test_nothing_has_neither_tables_nor_notes():
    assert policy_tables([]) == []
    assert report([], 0)["results"] == []


def test_the_report_has_every_result_its_seed_and_its_origin():
    reported = report([outcome(), outcome(healthy=0)], 7)
    assert (reported["seed"], reported["version"]) == (7, __version__)
    first, second = reported["results"]
    assert (first["success_rate"], first["rescued"], first["repairs"]) == (0.75, 51, {"revive": 250})
    assert (first["wilson_low"], first["wilson_high"]) == pytest.approx(wilson_by_roots(150, 200, Z))
    assert (second["harm_low"], second["harm_high"]) == (None, None)
