"""Statements about training, their verdicts, and the write-ups that make them."""

from stability.audit.claims import Claim, Repair, Writeup
from stability.audit.measurements import Measurement, Prediction, proportion
from stability.audit.verdicts import STATUSES, Verdict, settle
from stability.audit.vocabulary import (
    autograd_rests_at,
    data_of,
    global_minimum_at,
    gradient_descent_visits,
    hessian_is,
    landscapes,
    local_minimum_at,
    not_differentiable_at,
    number_fact,
    on,
    pre,
    stationary_points_are,
    turn,
)
from stability.exact.statements import AllOf, Exists, ForAll, Not, Statement
from stability.geometry import (
    active_set,
    clarke_stationary,
    directionally_stationary,
    local_maximum,
    strict_local_minimum,
)

__all__ = [
    "STATUSES",
    "AllOf",
    "Claim",
    "Exists",
    "ForAll",
    "Measurement",
    "Not",
    "Prediction",
    "Repair",
    "Statement",
    "Verdict",
    "Writeup",
    "active_set",
    "autograd_rests_at",
    "clarke_stationary",
    "data_of",
    "directionally_stationary",
    "global_minimum_at",
    "gradient_descent_visits",
    "hessian_is",
    "landscapes",
    "local_maximum",
    "local_minimum_at",
    "not_differentiable_at",
    "number_fact",
    "on",
    "pre",
    "proportion",
    "settle",
    "stationary_points_are",
    "strict_local_minimum",
    "turn",
]
