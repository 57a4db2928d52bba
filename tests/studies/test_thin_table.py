"""Deep thin networks are compared seed by seed, on seeds that nothing was chosen on; pages say what is kept."""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from paths import ROOT
from scipy import stats

from stability.compute.sweep import run_sweep
from stability.studies import deep_starts, false_alarm_table, harm_table, kept_measurements, repair_table
from stability.studies.thin_networks import CONTENDERS, PROTOCOL, thin_run
from stability.studies.thin_table import KEPT, MEASURED, NETWORKS, grid, thin_rows
from stability.training.control.policies import POLICIES

AGAIN = f"measure again: {KEPT.command}"
PAGES = {
    name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("controller.md", "how-to/deep-networks.md")
}


def study_of(accuracies):
    """Return a study of one size, with an intervention more for each seed."""
    runs = [
        {
            "network": "n",
            "contender": name,
            "seed": k,
            "accuracy": value,
            "loss": 1.0,
            "interventions": {"a": k, "b": 1},
        }
        for name, values in accuracies.items()
        for k, value in enumerate(values)
    ]
    seeds = [*range(len(next(iter(accuracies.values()))))]
    return {"settings": {"network": ["n"], "contender": [*accuracies], "seed": seeds}, "runs": runs[::-1]}


def test_successes_are_paired_by_seed():
    found = {"plain": (0.5, 0.9, 0.95, 0.5), "spheres": (1.0, 0.89, 0.96, 0.9), "careful": (0.9, 1.0, 0.5, 0.5)}
    plain, spheres, careful = thin_rows(study_of(found))
    assert [each.works for each in (plain, spheres, careful)] == [2, 3, 2]
    assert careful.only == {"plain": (1, 1), "spheres": (1, 2)}
    assert spheres.only == {"plain": (2, 1)}
    assert plain.compared("plain") == "" == spheres.compared("spheres")
    assert careful.p_values == {"plain": 1.0, "spheres": 1.0}
    assert careful.interval == pytest.approx(stats.binomtest(2, 4).proportion_ci(0.95))
    assert careful.row() == "| n | careful | 2 of 4 (7% to 93%) | 1 | 0.725 | 2.5 | 1 : 1 (p = 1) | 1 : 2 (p = 1) |  |"
    assert careful.to_json()["works"] == 2


def test_a_measurement_goes_on_where_it_was_and_depends_on_no_order(monkeypatch, tmp_path):
    """A thread makes the runs: a process of its own would import torch first."""
    monkeypatch.setattr(kept_measurements, "run_sweep", partial(run_sweep, executor=ThreadPoolExecutor(1)))
    runs = grid(["30 x 6"], ["careful", "recycle"], [200])
    runs = type(runs)(runs.name, runs.function, runs.axes, {"steps": 12})
    first, again = (KEPT.measure(tmp_path / "thin.sqlite", [runs], workers=1) for _ in range(2))
    given = {"network": "30 x 6", "seed": 200, "steps": 12}
    expected = [{**given, "contender": each, **thin_run("30 x 6", each, 200, 12)} for each in ("careful", "recycle")]
    assert first["runs"] == again["runs"] == expected
    assert first["settings"]["policies"] == {"careful": repr(POLICIES["careful"])}
    assert first["settings"]["steps"] == 12


def test_the_kept_measurement_is_whole_and_of_the_policies_of_today():
    study = KEPT.read()
    settings = study["settings"]
    remedies = {each.remedy for each in CONTENDERS.values()}
    assert settings["policies"] == {each: repr(POLICIES[each]) for each in remedies if each in POLICIES}, AGAIN
    assert (settings["network"], settings["contender"]) == ([*NETWORKS], [*CONTENDERS]), AGAIN
    assert (settings["seed"], settings["steps"]) == ([*MEASURED], PROTOCOL.steps), AGAIN
    places = {(each["network"], each["contender"], each["seed"]) for each in study["runs"]}
    assert len(places) == len(study["runs"]) == len(NETWORKS) * len(CONTENDERS) * len(MEASURED)
    assert len(MEASURED) >= 8


def test_nothing_was_chosen_on_the_seeds_that_are_measured():
    others = [*false_alarm_table.MEASURED, *repair_table.CHOSEN, *repair_table.MEASURED, *harm_table.MEASURED]
    kept = [each["settings"] for each in deep_starts.kept_starts().values()]
    others += [seed for each in kept for seed in range(each["first"], each["first"] + each["seeds"])]
    assert not {*MEASURED} & {*others, *range(100, 116)}


def test_the_page_has_the_kept_measurement():
    for row in thin_rows(KEPT.read()):
        assert row.row() in PAGES["controller.md"], (row.network, row.contender)


def test_sentences_of_the_pages_have_the_kept_counts():
    rows = {(row.network, row.contender): row for row in thin_rows(KEPT.read())}
    pattern = r"(\d+) of (\d+)(?: seeds)? at (\d+ x \d+) \(`?([a-z, ]+?)`?\)"
    for name, page in PAGES.items():
        said = re.findall(pattern, page)
        assert said, name
        for works, n, network, contender in said:
            row = rows[network, contender]
            assert (int(works), int(n)) == (row.works, len(row.accuracies)), (name, network, contender)


@pytest.mark.slow
def test_a_run_that_is_kept_is_found_again():
    study = KEPT.read()
    (kept,) = [
        each
        for each in study["runs"]
        if (each["network"], each["contender"], each["seed"]) == ("30 x 6", "spheres", MEASURED[0])
    ]
    assert thin_run("30 x 6", "spheres", MEASURED[0])["accuracy"] == pytest.approx(kept["accuracy"], abs=0.1)
