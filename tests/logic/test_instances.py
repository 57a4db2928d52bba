"""Where instances and counterexamples are looked for first."""

import operator
from fractions import Fraction as Q

import pytest

from stability.logic.instances import OPPOSITES

HOLDS = {">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne}


@pytest.mark.parametrize("relation", HOLDS)
@pytest.mark.parametrize("value", [Q(-1, 2), Q(0), Q(3)])
def test_opposites_hold_where_the_relation_fails(relation, value):
    fails = any(HOLDS[other](sign * value, 0) for other, sign in OPPOSITES[relation])
    assert fails is not HOLDS[relation](value, 0)
