"""The command that measures repairs, its results, its picture, and its page."""

import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from paths import ROOT
from typer.testing import CliRunner

from stability.cli.main import app
from stability.errors import StabilityError, UnknownNameError
from stability.initialisation.sampling import initial
from stability.model.wilson import wilson
from stability.plot.interventions import draw_policies
from stability.studies import intervention_claims as claims
from stability.studies import interventions as study
from stability.studies.intervention_runs import Run, digits_run, moons_run
from stability.studies.interventions import compare_on_runs, compare_on_xor, compare_policies
from stability.training.control.batch_training import train_controlled
from stability.training.control.interventions import INTERVENTIONS, Intervention
from stability.training.control.policies import POLICIES, Policy, Rule
from stability.training.ensembles.ensemble import place_of
from stability.training.ensembles.problem import task

PAGE = (ROOT / "docs" / "controller.md").read_text(encoding="utf-8")


def run(*arguments, status=0):
    found = CliRunner().invoke(app, ["control", *map(str, arguments)])
    if isinstance(found.exception, StabilityError):
        raise found.exception
    assert found.exit_code == status, found.output
    return found.stdout


def test_the_json_counts_the_runs():
    report = json.loads(run("xor", "--restarts", 400, "--policy", "as-written", "--seed", 3, "--json"))
    problem = task("relu2", "xor")
    starts = initial("normal:0.5", place_of(problem), 400, 3).reshape(400, 2, 3)
    plain, own = (train_controlled(problem, starts, p, seed=3) for p in (None, POLICIES["as-written"]))
    none, written = report["results"]
    assert (none["policy"], written["policy"]) == ("none", "as-written")
    assert none["successes"] == none["healthy"] == plain.success.sum()
    assert written["successes"] == own.success.sum()
    assert written["harmed"] == (plain.success & ~own.success).sum()
    assert written["rescued"] == (~plain.success & own.success).sum()
    assert written["alarmed"] == (plain.success & (own.repairs > 0)).sum()
    assert sum(written["repairs"].values()) == own.repairs.sum()
    assert (written["wilson_low"], written["wilson_high"]) == wilson(written["successes"], 400)
    assert written["successes"] == none["successes"] + written["rescued"] - written["harmed"]


def test_people_read_tables_with_intervals():
    shown = run("xor", "--restarts", 200, "--policy", "revive")
    for part in ("none", "revive", "rescued", "harmed", "95% interval", "200 runs"):
        assert part in shown


def test_repairs_rescue_most_failures_and_better_ones_harm_nobody():
    found = {each.policy: each for each in compare_on_xor(400)}
    shares = {name: each.successes / each.runs for name, each in found.items()}
    assert 0.42 < shares["none"] < 0.52
    assert 0.9 < shares["as-written"] < 0.97
    assert shares["better"] > 0.995
    assert shares["revive"] > shares["revive-by-bias"] > shares["corrected"]
    assert found["as-written"].alarmed / found["as-written"].healthy > 0.9
    for name in ("corrected", "revive", "separate", "better"):
        assert found[name].harmed == 0
        assert found[name].alarmed / found[name].healthy < 0.02


def test_results_do_not_depend_on_chunks(monkeypatch):
    whole = compare_on_xor(90, ["corrected"], 1)
    monkeypatch.setattr(study, "CHUNK", 40)
    parts = compare_on_xor(90, ["corrected"], 1)
    assert [(a.successes, a.repairs) for a in whole] == [(b.successes, b.repairs) for b in parts]


def test_ctrl_c_keeps_what_is_finished(monkeypatch):
    monkeypatch.setattr(study, "CHUNK", 50)
    real, calls = study.train_controlled, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(study, "train_controlled", interrupted)
    report = json.loads(run("xor", "--restarts", 200, "--policy", "revive", "--json", status=130))
    assert [each["runs"] for each in report["results"]] == [50, 50]


def test_ctrl_c_keeps_whole_seeds(monkeypatch):
    def quick(seed, policy, epochs):
        if seed == 2:
            raise KeyboardInterrupt
        return Run(seed, 0.99 if policy else 0.5, 1.0, 0.1, {"revival": 2} if policy else {})

    monkeypatch.setitem(study.RUNS, "moons", quick)
    none, own = compare_on_runs("moons", 4, 5, ["revive"], workers=1)
    assert (none.runs, none.successes, own.successes, own.rescued) == (2, 0, 2, 2)
    assert own.repairs == {"revival": 4}
    assert own.harm[0] != own.harm[0]
    assert own.to_json()["harm_low"] is None


def test_healthy_digits_are_left_alone():
    plain = digits_run(0, None, 2)
    for name in ("as-written", "better"):
        assert digits_run(0, POLICIES[name], 2) == plain
    assert plain.final > 0.7


@pytest.mark.slow
def test_deep_thin_networks_die_and_are_moved_by_a_penalty():
    plain = moons_run(0, None, 28)
    assert plain.final == pytest.approx(44 / 85)
    moved = moons_run(0, POLICIES["better"], 28)
    assert moved.repairs["separation"] == 1
    assert moved == moons_run(0, POLICIES["better"], 28)


def test_tasks_run_in_processes():
    shares = compare_on_runs("digits", 2, 1, ["revive"], workers=2)
    assert [each.runs for each in shares] == [2, 2]


def test_claims_are_counted():
    shot = {each.says: each for each in claims.one_shot(300)}
    assert 0.8 < shot["succeed with one bias warm-up where an example is dead"].count / 300 < 0.93
    early = claims.early_monitoring(300, init="normal:0.5:0.5")
    assert early[0].count / early[0].total > 0.1
    assert "300" in str(early[-1])
    local = claims.local_repairs(8)
    assert all(each.count <= each.total <= 8 for each in local)
    assert set(local[0].to_json()) == {"says", "count", "total", "share", "wilson_low", "wilson_high"}


def test_own_policies_can_be_measured():
    own = Policy("big steps", (Rule("dead data", (Intervention("revival", 1.0),), level=0.1),))
    _, found = compare_on_xor(300, [own])
    assert found.policy == "big steps"
    assert found.successes > 290


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["xr"], UnknownNameError, "xor"),
        (["xor", "--policy", "bettr"], UnknownNameError, "better"),
        (["xor", "--restarts", "0"], StabilityError, "at least 1"),
        (["moons", "--moons-seeds", "0"], StabilityError, "at least 1"),
        (["digits", "--workers", "0"], StabilityError, "at least 1"),
    ],
)
def test_what_makes_no_sense_is_reported(arguments, error, hint):
    with pytest.raises(error) as problem:
        run(*arguments)
    assert hint in str(problem.value)


def test_unknown_tasks_are_refused_from_python():
    with pytest.raises(UnknownNameError, match="moons"):
        compare_on_runs("moon", 1, 1)
    with pytest.raises(UnknownNameError):
        next(compare_policies(["moon"]))


def test_bars_are_the_shares_of_successes():
    found = compare_on_xor(100, ["revive", "as-written"])
    ax = draw_policies(Figure().subplots(), found)
    assert np.allclose([bar.get_width() for bar in ax.patches], [each.successes / 100 for each in found])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["none", "revive", "as-written"]


def test_the_page_names_every_repair_and_policy():
    assert all(f"| `{kind}` |" in PAGE for kind in INTERVENTIONS)
    assert all(f"| `{name}` |" in PAGE for name in POLICIES)


@pytest.mark.slow
def test_the_table_of_the_page_is_what_the_command_prints():
    row = r"^\| `([\w-]+)` \| ([\d.]+)% \(([\d.]+)% to ([\d.]+)%\) \| (\d+) \| (\d+) \|"
    rows = re.findall(row, PAGE, re.MULTILINE)
    found = [*compare_on_xor(), *compare_on_xor(init="normal:0.5:0.5")]
    assert len(rows) == len(found)
    for (name, *numbers), each in zip(rows, found, strict=True):
        own = [f"{x:.2%}".removesuffix("%") for x in (each.successes / each.runs, *each.interval)]
        assert (name, *numbers) == (each.policy, *own, str(each.harmed), str(each.alarmed))
