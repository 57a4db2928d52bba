"""Cells and faces, what they make of a point, and the list of all stationary points."""

from stability.errors import TooLargeError
from stability.geometry.assertions import MINIMA, AllAboutSets, complete_list, every_set, number_of_sets, set_at
from stability.geometry.atlas import Atlas
from stability.geometry.classification import Classification, classify
from stability.geometry.feasibility import active_set
from stability.geometry.stationarity import (
    clarke_stationary,
    directionally_stationary,
    local_maximum,
    strict_local_minimum,
)

__all__ = [
    "MINIMA",
    "AllAboutSets",
    "Atlas",
    "Classification",
    "TooLargeError",
    "active_set",
    "clarke_stationary",
    "classify",
    "complete_list",
    "directionally_stationary",
    "every_set",
    "local_maximum",
    "number_of_sets",
    "set_at",
    "strict_local_minimum",
]
