"""The report on dead units: which of them are named, and how."""

import pytest

from stability.dead_units.certify import ALIVE, FOR_EVER, STEPS, UNKNOWN, UnitOutcome
from stability.dead_units.report import MOST, RecoveryReport


def lines(*units):
    """Return the lines of a report on units of the layer "0": pairs of a number and a status, maybe a reason."""
    return RecoveryReport(
        "SGD", [UnitOutcome("0", j, status, reason=why) for j, status, why in units], [], []
    ).explained()


@pytest.mark.parametrize("status", [FOR_EVER, STEPS])
def test_dead_units_of_a_first_layer_are_named(status):
    units = [(j, status, "") for j in (0, 1, 2, 3, 5)]
    assert lines(*units, (4, ALIVE, "")) == [f"0, units 0 to 3, 5: {status}: off at all inputs"]
    assert lines((7, status, "")) == [f"0, unit 7: {status}: off at all inputs"]


def test_a_unit_alive_is_not_named_and_reasons_stand_apart():
    assert lines((0, ALIVE, ""), (1, UNKNOWN, "why"), (2, FOR_EVER, "a premise")) == [
        "0, unit 1: unknown: why",
        "0, unit 2: dead for ever: a premise",
    ]


@pytest.mark.parametrize("count", [MOST, MOST + 1, MOST + 2])
def test_a_list_ends_early_only_where_that_saves_more_than_one(count):
    (line,) = lines(*((2 * j, FOR_EVER, "") for j in range(count)))
    all_of_them = ", ".join(str(2 * j) for j in range(count))
    if count <= MOST + 1:
        assert line == f"0, units {all_of_them}: dead for ever: off at all inputs"
    else:
        first = ", ".join(str(2 * j) for j in range(MOST))
        assert line.startswith(f"0, units {first} and others, {count} units in all (--json lists them): dead")
