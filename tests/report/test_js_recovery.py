"""The checker in JavaScript agrees with the checker on records that units stay dead, true, changed and forged."""

import json

import pytest
from dead_unit_simulation import campaign, true_records
from forged_records import broken_copies
from javascript_checker import answers, disagreements, needs_node

TRUE = [json.dumps(record) for record in true_records().values()]


@needs_node
def test_true_records_conclude_the_same():
    assert all(answer["accepted"] for answer in answers(TRUE))
    assert disagreements(TRUE) == []


def texts():
    changed = [json.dumps(record) for _, _, record in campaign()]
    refuted = [text.replace('"conclusion": "proved"', '"conclusion": "refuted"') for text in changed]
    broken = [json.dumps(record) for each in true_records().values() for _, _, record in broken_copies(each, 25)]
    return [*changed, *refuted, *broken]


@needs_node
def test_changed_records_are_judged_alike():
    assert disagreements(texts()[::12]) == []


@needs_node
@pytest.mark.slow
def test_all_changed_records_are_judged_alike():
    assert len(texts()) > 4000
    assert disagreements(texts()) == []
