"""Which formulas hold in a cell, around the circle of angles, and over all biases?"""

from stability.symbolic.angular import AngularLoss, angular_loss
from stability.symbolic.behaviour import Behaviour
from stability.symbolic.derive import COORDINATES, Derivation, derive
from stability.symbolic.patterns import parse_pattern, write_pattern
from stability.symbolic.phase_diagram import PhaseDiagram, phase_diagram
from stability.symbolic.settle import Case, settle_angle

__all__ = [
    "COORDINATES",
    "AngularLoss",
    "Behaviour",
    "Case",
    "Derivation",
    "PhaseDiagram",
    "angular_loss",
    "derive",
    "parse_pattern",
    "phase_diagram",
    "settle_angle",
    "write_pattern",
]
