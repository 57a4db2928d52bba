import json
from functools import partial

import numpy as np
import pytest
from audits import Audit

from stability import landscape
from stability.audit.counts import Counted, CountExperiment, CountResult
from stability.audit.result_store import ResultStore
from stability.errors import FileError, StabilityError
from stability.initialisation.sampling import starts
from stability.studies.controller_claims import controlled_xor
from stability.studies.monitor_costs import monitor_costs
from stability.training.ensembles.reference_descent import descend

AUDIT = Audit("prototype_surface_control")


def evens(restarts, shift=0):
    return [Counted("are even", (restarts + shift) // 2, restarts)]


def figures(restarts):
    return {"half": restarts / 2}


def test_a_count_result_comes_back_from_json():
    for count in (evens, figures):
        experiment = CountExperiment("name", count, restarts=10)
        found = experiment.run()
        assert experiment.read(json.loads(json.dumps(found.to_json()))) == found
    assert evens(10)[0] == CountExperiment("name", evens, 10).run()[0]
    assert CountExperiment("name", figures, 10).run().figure("half") == 5


def test_settings_distinguish_functions_and_their_options():
    options = [evens, partial(evens, shift=1), partial(evens, shift=2), figures]
    settings = [CountExperiment("name", each, 10).settings for each in options]
    assert all(a != b for k, a in enumerate(settings) for b in settings[:k])


def test_a_result_store_keeps_counts_and_runs_few_where_there_is_none(tmp_path):
    experiment = CountExperiment("name", evens, restarts=10, few=4)
    quick = ResultStore(tmp_path)
    assert quick.measured(experiment)[0].total == 4
    full = ResultStore(tmp_path, "full")
    assert full.measured(experiment)[0].total == 10
    full.keep()
    assert ResultStore(tmp_path).measured(experiment)[0].total == 10
    assert ResultStore(tmp_path).measured(CountExperiment("name", evens, restarts=12, few=4))[0].total == 4
    (tmp_path / "name.json").write_text('{"counts": [{}]}')
    with pytest.raises(FileError, match="holds no result"):
        ResultStore(tmp_path).measured(experiment)


def test_an_unknown_figure_is_named():
    with pytest.raises(StabilityError, match="other"):
        CountResult({}, {}, figures={"half": 1.0}).figure("other")


def counts(*numbers):
    return CountResult({}, {}, tuple(Counted("do", count, 100) for count in numbers))


def test_verdicts_flip_with_the_counts():
    assert AUDIT.all_of_them(0)(counts(100)).reproduced
    assert not AUDIT.all_of_them(0)(counts(99)).reproduced
    assert AUDIT.none_of_them(0)(counts(0)).reproduced
    assert not AUDIT.none_of_them(0)(counts(1)).reproduced
    assert AUDIT.most_of_them(0)(counts(65)).reproduced
    assert not AUDIT.most_of_them(0)(counts(52)).reproduced
    many = [Counted("do", count, 10_000) for count in (0, 0, 5_000, 5_010)]
    assert AUDIT.as_good(CountResult({}, {}, tuple(many))).reproduced
    assert AUDIT.as_good(counts(0, 0, 50, 52)).reproduced is None  # too few to see two points
    assert AUDIT.as_good(counts(0, 0, 50, 90)).reproduced is False


def test_every_one_of_several_results_counts():
    judge = AUDIT.in_each(AUDIT.none_of_them(0))
    assert judge(counts(0), counts(0)).reproduced
    assert not judge(counts(0), counts(1)).reproduced
    assert not judge(counts(1), counts(0)).reproduced


@pytest.mark.parametrize(
    ("often", "noise", "expected"),
    [(0.02, 0.001, True), (0.2, 0.001, False), (0.02, 0.2, None), (float("nan"), 0.001, None)],
)
def test_a_dear_monitor_is_not_cheap(often, noise, expected):
    cost = CountResult({}, {}, figures={"every 1": often, "every 100": 0.0, "bare again": noise})
    assert AUDIT.prolongs_by_less("every 1", 0.05, cost).reproduced is expected


def test_costs_are_shares_of_a_bare_step():
    found = monitor_costs(1)
    assert found["bare"] == 0
    assert set(found) == {"bare", "bare again", "every 1", "every 100"}


def test_the_controller_rescues_runs_that_plain_descent_loses():
    alone, controlled, rescued, harmed, _ = controlled_xor(400)
    place = landscape("relu2", "xor")
    ends = descend(place, starts(place, "normal:0.5", 400, 0), step=0.02, epochs=3000)
    assert abs(alone.count / 400 - np.mean(ends.losses < 0.01)) < 0.08  # another rule and other starts: the same share
    assert alone.count + rescued.count - harmed.count == controlled.count
