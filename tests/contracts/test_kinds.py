"""Arguments of another kind than a public function takes: one sentence with a remedy, and a TypeError."""

import pytest

import stability
from stability import StabilityError, landscape, update_rule

PLACE = landscape("abs1", "xor")
RULE = update_rule("gd", step="1/10")

WRONG = {
    "landscape of no data": lambda: landscape("abs1", None),
    "landscape of a list": lambda: landscape("abs1", [1, 2]),
    "landscape of a number": lambda: landscape(3, "xor"),
    "network": lambda: stability.network(3),
    "dataset": lambda: stability.dataset(3),
    "update_rule": lambda: update_rule(None),
    "prove": lambda: stability.prove(3),
    "cycles": lambda: PLACE.cycles("gd"),
    "derive": lambda: PLACE.derive(3),
    "complete_list": lambda: stability.complete_list(PLACE),
    "run_audit": lambda: stability.run_audit(3),
    "train a text": lambda: stability.train("abs1", "normal:1", RULE, epochs=2),
    "train by a text": lambda: stability.train(PLACE, "normal:1", "gd", epochs=2),
    "flow_limits": lambda: stability.flow_limits("abs1", [[[1, 1, 1]]]),
    "stability_regions": lambda: stability.stability_regions("abs1", "gd"),
    "fixed_point_types": lambda: stability.fixed_point_types(PLACE, "gd"),
    "stationary_angles": lambda: stability.stationary_angles("abs1", 1, 1),
    "settle_angle": lambda: stability.settle_angle(PLACE, 0.7),
    "basins of a share": lambda: PLACE.basins("normal:1", 2.5),
    "basins of no law": lambda: PLACE.basins(3, 10),
    "limits": lambda: stability.Limits(dead_units="a"),
    "atlas": lambda: PLACE.atlas(resume=3),
    "plot": lambda: PLACE.plot(3),
}


@pytest.mark.parametrize("call", WRONG.values(), ids=WRONG)
def test_what_is_of_another_kind_is_refused_in_a_sentence(call):
    with pytest.raises(StabilityError, match="Expected ") as problem:
        call()
    assert isinstance(problem.value, TypeError | ValueError)
    assert problem.value.remedy


def test_no_starts_are_refused():
    with pytest.raises(StabilityError, match="one start at least"):
        stability.flow_limits(PLACE, [])
    with pytest.raises(StabilityError, match=r"shape \(starts, 1, 3\)"):
        stability.flow_limits(PLACE, [[1, 2]])


def test_one_id_may_be_a_text():
    ((writeup, verdicts),) = stability.run_audit("prototype-surface-control", "unique-stable-equilibrium", runs=False)
    assert (writeup.id, [each.status for each in verdicts]) == ("prototype-surface-control", ["refuted"])
