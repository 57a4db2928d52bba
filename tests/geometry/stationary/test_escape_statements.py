"""Records that the loss falls along a curve, by the checker; and what has none."""

from dataclasses import replace

import pytest

from stability import Dataset, check, landscape, prove
from stability.errors import CertificateError
from stability.geometry.stationary.escape_statements import falls_along

POINTS = [
    ("relu1-out", [[0, 0, 0, 0]], "saddle"),
    ("relu2-out", [[0, 0, -1, 1], [1, 1, 0, 0]], "saddle"),
    ("abs1-out+c", ([[0, 0, 0, 1]], "1/2"), "saddle"),
    ("relu1-out-nob", [[1, 0, 0]], "not stationary"),
]


@pytest.mark.parametrize(("model", "point", "kind"), POINTS)
def test_the_checker_accepts_that_the_loss_falls(model, point, kind):
    found = landscape(model, "xor").classify(point)
    assert found.kind == kind
    assert found.certificate.conclusion == "proved"
    assert check(found.certificate.record).startswith("proved: for all t with t > 0 and t <= ")


def test_a_curve_along_which_the_loss_rises_is_refuted():
    place = landscape("relu1-out", "xor")
    found = place.classify([[0, 0, 0, 0]])
    turned = [[-x if k == 3 else x for k, x in enumerate(part)] for part in found.escape.curve]
    wrong = replace(found.escape, curve=turned)
    assert prove(falls_along(place, found.point, wrong)).conclusion == "refuted"


def test_minima_and_several_outputs_have_no_record():
    minimum = landscape("relu1-out", "xor").classify([[0, 0, -1, 1]])
    assert minimum.certificate.record is None
    assert "falls nowhere" in minimum.certificate.reason
    two = landscape("relu1-out2", Dataset("two", [[0], [1]], [[1, 0], [0, 1]])).classify([[0, 0, 0, 0]])
    assert two.escape is not None
    assert "several outputs" in two.certificate.reason
    with pytest.raises(CertificateError, match="Expected a network of one output"):
        _ = two.statement
