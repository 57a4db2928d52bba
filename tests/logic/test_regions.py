"""Where goals fail far out in regions that go on without end."""

import pytest

from stability import Exists, ForAll, check, landscape, prove


@pytest.mark.parametrize(
    ("variables", "given", "goal"),
    [
        ("t", [], "L.loss([t, -t, 0]) <= 1000"),
        ("t", ["t > 0"], "L.loss([t, -t, 1]) < 100000"),
        ("s t", ["s > 2*t", "t > s/3"], "L.loss([t, -s, 1]) < 100000"),
        ("t", [], "L.loss([t, -t, 0]) + t < 4000000"),
        ("t", ["t <= 3/4"], "L.loss([t, 0, 0]) <= 214"),  # the only corner that is found is the point inside
    ],
)
def test_a_bound_of_what_grows_without_end_is_refuted(variables, given, goal):
    found = prove(ForAll(variables, given, [goal], {"L": landscape("abs1", "xor")}))
    assert found.conclusion == "refuted"
    assert check(found.record) == found.words


@pytest.mark.parametrize(
    ("relation", "conclusion"), [("> 1000000", "proved"), ("> 1000000000", "proved"), ("< 0", "refuted")]
)
def test_a_large_loss_exists(relation, conclusion):
    found = prove(Exists("t", [f"L.loss([t, -t, 0]) {relation}"], {"L": landscape("abs1", "xor")}))
    assert found.conclusion == conclusion


def test_a_region_that_ends_holds_nothing_far():
    bound = ForAll("t", ["-2 < t < 2"], ["L.loss([t, -t, 0]) <= 100"], {"L": landscape("abs1", "xor")})
    assert prove(bound).conclusion == "proved"
