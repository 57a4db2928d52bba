"""The words of which documents make their claims, in one list."""

from stability.audit.claims import Claim, Repair, Writeup
from stability.audit.landscape_statements import (
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
from stability.audit.measurements import Measurement, Prediction, proportion
from stability.audit.protocols import Study
from stability.audit.theorems import theorem_statement
from stability.audit.verdicts import STATUSES, Verdict, settle
from stability.geometry.arrangement.feasibility import active_set
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, complete_list, every_set, number_of_sets, set_at
from stability.geometry.stationary.senses import (
    clarke_stationary,
    directionally_stationary,
    local_maximum,
    strict_local_minimum,
)
from stability.logic.statements import AllOf, Exists, ForAll, Not, Statement

__all__ = [
    "MINIMA",
    "STATUSES",
    "AllAboutSets",
    "AllOf",
    "Claim",
    "Exists",
    "ForAll",
    "Measurement",
    "Not",
    "Prediction",
    "Repair",
    "Statement",
    "Study",
    "Verdict",
    "Writeup",
    "active_set",
    "autograd_rests_at",
    "clarke_stationary",
    "complete_list",
    "data_of",
    "directionally_stationary",
    "every_set",
    "global_minimum_at",
    "gradient_descent_visits",
    "hessian_is",
    "landscapes",
    "local_maximum",
    "local_minimum_at",
    "not_differentiable_at",
    "number_fact",
    "number_of_sets",
    "on",
    "pre",
    "proportion",
    "set_at",
    "settle",
    "stationary_points_are",
    "strict_local_minimum",
    "theorem_statement",
    "turn",
]
