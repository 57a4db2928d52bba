"""Why a dead unit may come back, in words."""

from math import isinf

import numpy as np

from stability.dead_units.bounds import Reach, greatest, reach, sgd_group
from stability.dead_units.layers import UnitLayer


def reason(layer: UnitLayer, horizon: int) -> str:
    """Return why a single dead unit is not certified to stay dead for ever."""
    rule, p = layer.rule, layer.parameters
    still = Reach([p], np.zeros_like(p), np.zeros_like(p))
    here, bias = greatest(layer, still, 0.0)[0], float(p[0, -1])
    if layer.roundoff and greatest(layer, still, layer.roundoff)[0] > 0:
        return f"its largest pre-activation, {here:.3g}, is within the rounding of a forward pass from 0"
    if rule.name == "adam" and (rule.weight_decay or rule.bias_decay):
        return (
            "weight decay is part of the gradient that Adam divides by its size, so each step may move every decayed "
            "parameter by about the learning rate"
        )
    if max(rule.weight_decay, rule.bias_decay) * rule.lr > 1:
        return "weight decay times learning rate is above 1, so each step turns the signs of the parameters round"
    if rule.weight_decay and not rule.bias_decay and bias > 0:
        return f"its weights decay and its bias, {bias:.3g}, does not"
    if rule.bias_decay and not rule.weight_decay and greatest(layer, _without_bias(p), 0.0)[0] > 0:
        return "its bias decays and its weights do not"
    if rule.momentum and None in [sgd_group(rule, decay, None) for decay in (rule.weight_decay, rule.bias_decay)]:
        return "weight decay is so strong that with momentum parameters swing through 0"
    where = reach(layer, None)
    far = None if where is None else greatest(layer, where, layer.roundoff)[0]
    memory = "velocity" if rule.name == "sgd" else "first moment of Adam"
    if far is None or isinf(far):
        return f"how far the {memory} carries it has no bound"
    return f"its {memory} may carry its largest pre-activation from {here:.3g} to {far:.3g}"


def _without_bias(p: np.ndarray) -> Reach:
    still = np.zeros_like(p)
    return Reach([np.column_stack([p[:, :-1], np.zeros(len(p))])], still, still)
