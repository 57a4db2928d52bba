"""What an optimiser of torch does to the parameters of a unit: its rule, and what it remembers of them."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import torch
from torch.optim.optimizer import _global_optimizer_post_hooks, _global_optimizer_pre_hooks

from stability.arrays import Floats
from stability.dead_units.rules import RecoveryRule
from stability.errors import NumberError, StabilityError
from stability.training.monitoring.optimizer_hooks import while_alive

Tensor = torch.Tensor
EXACT = {torch.optim.SGD: "sgd", torch.optim.Adam: "adam", torch.optim.AdamW: "adamw"}
"""Optimisers whose steps are known."""

RATES = ("lr", "initial_lr", "max_lr", "swa_lr")
"""Where a group of parameters has learning rates: that of now, and those that schedules start from or go to."""

MOST_TAKEN = 10**9
"""Steps, as records have them."""

REMEDY = "torch.optim.SGD (with momentum, Nesterov, dampening), Adam and AdamW are known."

APART = "weight and bias are in different groups of the optimiser, whose rates a schedule may change apart"
FROZEN = "its weight or its bias is frozen and still has a gradient, by which the optimiser moves it: set it to None"
HOOKED = "a hook on the steps of the optimiser may change gradients or weights"
REPLACED = "the steps of the optimiser are made by a function of the user"
"""Why nothing is said of a layer."""


class NotKnown(StabilityError):  # noqa: N818 - it is a reason, which becomes part of a report
    """Why it is not known what becomes of a layer."""


@dataclass(frozen=True, eq=False)
class ParameterMemory:
    """What an optimiser remembers of a parameter; 0 where that is nothing.

    Attributes
    ----------
    first, second : array
        The buffer of SGD or the moments of Adam, of the shape of the parameter.
    taken : int
    decay : float
    group : dict
        The settings with which it is trained; empty if it is not.
    started : bool
        Whether there is something that it remembers, be it 0.
    """

    first: Floats
    second: Floats
    taken: int
    decay: float
    group: dict[str, Any]
    started: bool = False


def name_of_rule(optimizer: Any) -> str:
    """Return the name of the rule of an optimiser.

    Raises
    ------
    NotKnown
        If its steps are not known.
    """
    name = EXACT.get(type(optimizer))
    if name is None:
        raise NotKnown(
            f"Expected an optimiser whose steps are known exactly; got {type(optimizer).__name__}.",
            f"Try another: {REMEDY}",
        )
    return name


def why_unknown(optimizer: torch.optim.Optimizer) -> str:
    """Return why the steps of an optimiser may be others than those of its rule; empty if they are these.

    The hooks of monitors and controllers of this package do not count, nor what schedules put around a step.
    """
    own = (optimizer._optimizer_step_pre_hooks, optimizer._optimizer_step_post_hooks)
    hooks = [*_global_optimizer_pre_hooks.values(), *_global_optimizer_post_hooks.values()]
    foreign = [each for each in hooks if getattr(each, "__module__", "") != while_alive.__module__]
    if foreign or any(own):
        return HOOKED
    step = vars(optimizer).get("step")
    return "" if step is None or _is_of_a_schedule(step, type(optimizer).step) else REPLACED


def _is_of_a_schedule(step: Any, usual: Any) -> bool:
    """Return whether a step is what a schedule puts around the usual one, to see that it is called."""
    inner = getattr(step, "__wrapped__", None)
    home = getattr(step, "__globals__", {}).get("__name__")
    return home == torch.optim.lr_scheduler.__name__ and getattr(inner, "__func__", inner) is usual


def require_finite_settings(optimizer: torch.optim.Optimizer) -> None:
    """Refuse an optimiser with a learning rate or another setting that is not finite.

    Raises
    ------
    NumberError
        With the name of the setting, and of the group of parameters where there are several.
    """
    for place, group in enumerate(optimizer.param_groups, start=1):
        for key, value in group.items():
            numbers = value if isinstance(value, tuple) else (value,)
            if any(isinstance(x, float | Tensor) and not isfinite(float(x)) for x in numbers if key != "params"):
                where = f" in its group {place} of parameters" if len(optimizer.param_groups) > 1 else ""
                raise NumberError(
                    f"Expected an optimiser with finite settings; {key} is {value}{where}.",
                    "Give the optimiser of the training as it was before, or another learning rate.",
                )


def memory_of(optimizer: torch.optim.Optimizer, parameter: Tensor | None, shape: tuple[int, ...]) -> ParameterMemory:
    """Return what an optimiser remembers of a parameter; of none, nothing."""
    none = np.zeros(shape)
    if parameter is None:
        return ParameterMemory(none, none, 0, 0.0, {})
    holders = [group for group in optimizer.param_groups if any(each is parameter for each in group["params"])]
    if not holders:
        return ParameterMemory(none, none, 0, 0.0, {})
    if not parameter.requires_grad:
        if parameter.grad is not None:
            raise NotKnown(FROZEN)
        return ParameterMemory(none, none, 0, 0.0, {})
    group, state = holders[0], optimizer.state.get(parameter, {})
    first = state.get("momentum_buffer", state.get("exp_avg"))
    second, taken = state.get("exp_avg_sq"), float(state.get("step", 0))
    if not 0 <= taken <= MOST_TAKEN:
        raise NotKnown(f"the optimiser says that it took {taken:g} steps")
    return ParameterMemory(
        none if first is None else array(first),
        none if second is None else array(second),
        int(taken),
        float(group["weight_decay"]) if _rate(group) else 0.0,
        group,
        first is not None,
    )


def is_moved(parameter: Tensor) -> bool:
    """Return whether an optimiser moves what it holds: what is trained, and what is frozen and has a gradient left."""
    return parameter.requires_grad or parameter.grad is not None


def _rate(group: dict[str, Any]) -> float:
    """Return the greatest learning rate of a group, as far as a schedule says so."""
    return max(float(group.get(key, 0.0)) for key in RATES)


def array(tensor: Tensor) -> Floats:
    """Return the entries of a tensor as float64, which holds those of all shorter floats exactly."""
    found: Floats = tensor.detach().to(device="cpu", dtype=torch.float64).numpy().copy()
    return found


def rule_of(name: str, weight: ParameterMemory, bias: ParameterMemory) -> RecoveryRule:
    """Return the rule by which a weight and a bias are moved.

    Raises
    ------
    NotKnown
        If they are moved by settings for which no bound is known.
    """
    group = weight.group or bias.group
    if not group:
        return RecoveryRule("sgd", 0.0)
    other = bias.group or weight.group
    same = (*RATES, "momentum", "dampening", "nesterov", "betas", "eps", "decoupled_weight_decay")
    unlike = [key for key in same if group.get(key) != other.get(key)]
    if unlike:
        raise NotKnown(f"weight and bias are trained with different {unlike[0]}")
    steps = {each.taken for each in (weight, bias) if each.group}
    if len(steps) > 1:
        raise NotKnown("the optimiser took different numbers of steps with weight and bias")
    kept = group["betas"][0] if "betas" in group else group["momentum"]
    if any(float(group.get(key, kept)) != float(kept) for key in ("base_momentum", "max_momentum")):
        raise NotKnown("a schedule changes its momentum")
    rate = _rate(group)
    apart = weight.group and bias.group and weight.group is not bias.group and weight.decay == bias.decay
    remembers = bool(weight.first.any() or bias.first.any()) and float(group.get("momentum", 0.0))
    if apart and rate and (weight.decay or remembers):
        raise NotKnown(APART)
    decays: dict[str, Any] = {"weight_decay": weight.decay, "bias_decay": bias.decay}
    if name == "sgd":
        fresh = any(each.group and not each.started for each in (weight, bias))
        if float(group["momentum"]) and float(group["dampening"]) and fresh and any(decays.values()):
            raise NotKnown("the first step of momentum with dampening and weight decay is another one")
        return RecoveryRule(
            "sgd",
            rate,
            **decays,
            momentum=float(group["momentum"]),
            dampening=float(group["dampening"]) if float(group["momentum"]) else 0.0,
            nesterov=bool(group["nesterov"]),
        )
    decoupled = name == "adamw" or group.get("decoupled_weight_decay", False)
    beta1, beta2 = map(float, group["betas"])
    settings: dict[str, Any] = {
        "beta1": beta1,
        "beta2": beta2,
        "eps": float(group["eps"]),
        "taken": steps.pop() if steps else 0,
    }
    return RecoveryRule("adamw" if decoupled else "adam", rate, **decays, **settings)
