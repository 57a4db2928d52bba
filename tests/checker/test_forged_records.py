"""Records of a form that docs/certificates.md does not allow are rejected with a reason, whatever their proof shows."""

import json

import pytest
from forged_records import FORGED, SEVERAL, changed, forged_copy, honest, once_across, two_across, verdict

from stability.checker import checker


@pytest.mark.parametrize("name", honest())
def test_the_honest_records_are_accepted(name):
    assert verdict(honest()[name]) is None


@pytest.mark.parametrize(("name", "path", "value"), FORGED)
def test_a_forged_record_is_rejected_with_a_reason(name, path, value):
    reason = verdict(forged_copy(name, path, value))
    assert reason
    assert reason.isprintable()
    for words_of_python in ("Error", "Rejected", "zip()", "unpack", "out of range"):
        assert words_of_python not in reason


@pytest.mark.parametrize("name", ["every", "number", "at", "flow"])
def test_a_forged_statement_is_no_true_one_in_a_negation_either(name):
    """What is misspelt holds nowhere, and so would make its opposite true."""
    for path, value in [(path, value) for other, path, value in FORGED if other == name and path[0] == "statement"]:
        forged = changed(honest()[name], path, value)
        for conclusion in ("proved", "refuted"):
            inverse = changed({**forged, "conclusion": conclusion}, ("statement",), lambda old: {"not": old})
            assert verdict(inverse), (path, conclusion)


@pytest.mark.parametrize("name", honest())
def test_a_repeated_key_is_rejected_even_with_the_same_value(name):
    text = json.dumps(honest()[name])
    for key in ("statement", "conclusion", "loss", "proof"):
        at = text.find(f'"{key}": ')
        if at < 0:
            continue
        for value in ('"proved", ', "{}, ", "null, "):
            forged = f'{text[:at]}"{key}": {value}{text[at:]}'
            assert "every key once" in (verdict(forged) or ""), key


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_rejected(word):
    assert "expected numbers" in verdict(json.dumps(honest()["flow"]).replace("96", word))


@pytest.mark.parametrize("events", [SEVERAL, SEVERAL[::-1]])
@pytest.mark.parametrize("conclusion", ["proved", "refuted"])
def test_an_order_within_one_enclosure_is_neither_proved_nor_refuted(events, conclusion):
    assert "not decided" in verdict(changed(two_across(events), ("conclusion",), conclusion))


def test_that_other_events_happened_is_refuted_though_the_order_is_not_decided():
    for events in ([], SEVERAL[:1], [["sliding begins", *SEVERAL[0][1:]], SEVERAL[1]], [SEVERAL[0], SEVERAL[0]][:1]):
        assert verdict(two_across(events))
        assert verdict(changed(two_across(events), ("conclusion",), "refuted")) is None


def test_a_condition_that_fails_refutes_though_another_is_not_decided():
    both = two_across(SEVERAL)
    both["statement"]["has"].append(["loss", ">", "1"])
    assert verdict(changed(both, ("conclusion",), "refuted")) is None
    assert verdict(changed(both, ("conclusion",), "proved"))


def test_events_at_exactly_the_same_time_may_be_reported_in_either_order():
    """Both units start alike, so that their pre-activations are multiples of each other on the whole course."""
    for events in (SEVERAL, SEVERAL[::-1]):
        record = changed(two_across(events), ("statement", "from"), [["0", "1"], ["0", "1"]])
        assert verdict(record) is None
        assert verdict(changed(record, ("conclusion",), "refuted"))


def test_an_event_names_all_examples_at_its_point():
    assert "examples 1 and 2" in checker.check(once_across())


def test_outputs_are_compared_as_numbers():
    def decimals(outputs):
        return ["0.50" if x == "1/2" else x for x in outputs]

    sets = honest()["list"]["statement"]["are"]
    k = next(k for k, each in enumerate(sets) if "1/2" in each["outputs"])
    record = changed(honest()["list"], ("statement", "are", k, "outputs"), decimals)
    assert verdict(record) is None
    assert verdict(changed(record, ("conclusion",), "refuted"))


def test_what_is_said_of_a_list_of_sets_reports_that_more_is_stated():
    assert "with the autograd_faces" in checker.check(honest()["list"])


@pytest.mark.parametrize("problem", [IndexError("list index out of range"), ValueError("not enough values to unpack")])
def test_what_no_reason_foresees_is_a_sentence_all_the_same(problem, monkeypatch):
    def fail(*_):
        raise problem

    monkeypatch.setattr(checker, "confirmed", fail)
    reason = verdict(honest()["sums"])
    assert reason.startswith("expected a proof whose parts fit each other")
    assert str(problem) not in reason


def test_too_little_memory_is_named_as_a_limit(monkeypatch):
    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(checker, "confirmed", fail)
    assert "beyond a limit of the checker" in verdict(honest()["sums"])
