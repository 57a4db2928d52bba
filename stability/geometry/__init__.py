"""Cells and faces around a point, and what they make of it."""

from stability.geometry.classification import Classification, classify
from stability.geometry.feasibility import active_set
from stability.geometry.stationarity import (
    clarke_stationary,
    directionally_stationary,
    local_maximum,
    strict_local_minimum,
)

__all__ = [
    "Classification",
    "active_set",
    "clarke_stationary",
    "classify",
    "directionally_stationary",
    "local_maximum",
    "strict_local_minimum",
]
