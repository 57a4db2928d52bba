"""What puts a training run right that goes wrong, and how often?"""

from typing import TYPE_CHECKING

from stability.training.loading import on_demand

if TYPE_CHECKING:
    from stability.training.healing.controller import Controller
    from stability.training.healing.deciding import decide
    from stability.training.healing.leaky_slopes import LeakySlopes
    from stability.training.healing.policies import POLICIES, Policy, Rule, adapted, policy_named
    from stability.training.healing.repairs import Repair

__all__ = [
    "POLICIES",
    "Controller",
    "LeakySlopes",
    "Policy",
    "Repair",
    "Rule",
    "adapted",
    "decide",
    "policy_named",
]

_HOMES = {
    "Controller": "controller",
    "LeakySlopes": "leaky_slopes",
    "POLICIES": "policies",
    "Policy": "policies",
    "Repair": "repairs",
    "Rule": "policies",
    "adapted": "policies",
    "decide": "deciding",
    "policy_named": "policies",
}
"""In which module each name is."""

__getattr__ = on_demand(__name__, _HOMES)
