"""The effects of a controller on a network: on weights, on slopes, on the loss, and on what optimisers remember."""

from collections.abc import Callable, Iterable, Mapping
from math import inf
from numbers import Integral
from typing import Any
from weakref import ref

import torch
from torch import nn
from torch.optim.optimizer import Optimizer

from stability.errors import StabilityError, require_kind
from stability.training.control.decisions import NO_RELU, Action
from stability.training.control.interventions import (
    CANNOT,
    INTERVENTIONS,
    LEAKY,
    SMALLER_STEP,
    WHOLE,
    Change,
    Intervention,
    forget,
    intervene,
)
from stability.training.control.layer_view import NOT_HELD, Site, sites
from stability.training.control.leaky_slopes import LeakySlopes
from stability.training.control.network_interventions import (
    LOST,
    Kept,
    go_back,
    kept,
    memories,
    scale_by_data,
    started_before,
)
from stability.training.control.penalty_gradients import Penalties
from stability.training.control.policies import COLLAPSED
from stability.training.control.repeat_forward import Pass, again
from stability.training.control.several_processes import Shared, obstacle
from stability.training.introspection.stated_units import StatedUnits
from stability.training.monitoring.optimizer_hooks import holds, ids
from stability.training.monitoring.processes import processes, reports

Tensor = torch.Tensor
Done = tuple[dict[str, int], str]
"""How many entries of which parameters were changed; and why nothing was done, if so."""


class Effects:
    """What a controller does to one network.

    Parameters
    ----------
    model : Module
    optimizers : iterable of Optimizer
        Whose moments are cleared; those that are seen to step join them.
    seed : int
        Of random rotations.
    losses_of : callable, optional
        Gets what the network returned, and returns the loss of every example.
    failed : callable, optional
        Gets what went wrong where a penalty cannot be worked out.
    stated : StatedUnits, optional
        What is stated of layers.

    Attributes
    ----------
    passed : Pass or None
        The forward pass that was read.
    last_good : Kept or None
        Weights to go back to.
    bare : bool
        Whether no layer of ReLUs was seen, so that nothing can be done to any.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizers: Iterable[Optimizer],
        seed: int,
        losses_of: Callable[[Any], Tensor] | None = None,
        failed: Callable[[Exception], None] = lambda error: None,
        stated: StatedUnits | None = None,
    ) -> None:
        self._losses_of, self._stated, self._failed = losses_of, stated, failed
        self.model, self._given = model, [ref(each) for each in optimizers]
        self._stepped: list[ref[Optimizer]] = []
        self.passed: Pass | None = None
        self.last_good: Kept | None = None
        self.bare = False
        self._slopes, self._penalties = LeakySlopes(model, stated), Penalties(model, failed, stated)
        require_kind(seed, Integral, "a whole number as seed", "Write seed=0.")
        self._stream = torch.Generator().manual_seed(seed % 2**63)
        self._layers: list[Site] = []
        self._blocked: dict[tuple[str, str], tuple[frozenset[int], str]] = {}
        self._shared: Shared | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_losses_of": None, "_given": [], "_stepped": [], "passed": None, "last_good": None}

    @property
    def busy(self) -> bool:
        """Whether a slope or a penalty is on."""
        return bool(self._slopes.active or self._penalties.on)

    @property
    def trained(self) -> frozenset[int]:
        """The ids of all parameters that an optimiser changes."""
        return ids(p for each in _alive(self._stepped) for p in _of(each) if p.requires_grad)

    def concerns(self, optimizer: Optimizer) -> bool:
        """Return whether an optimiser holds parameters of the network."""
        return holds(optimizer, ids(self.model.parameters()))

    def stepped(self, optimizer: Optimizer) -> None:
        """Take note of a step of an optimiser."""
        if all(optimizer is not each for each in _alive(self._stepped)):
            self._stepped.append(ref(optimizer))
        self._layers = []

    def tick(self) -> None:
        """Count a step of training, and say where a slope could not be."""
        self._slopes.tick()
        for layer in self._slopes.unreached():
            self._failed(StabilityError(f"no slope reaches the ReLU of {layer}", "Its weights can be changed."))

    def release(self) -> None:
        """Keep nothing of the batch any more."""
        self.passed, self._layers = None, []

    def close(self) -> None:
        """Take slopes and penalties back."""
        self.last_good = None
        self._slopes.close()
        self._penalties.close()
        self.release()

    def act(self, action: Action, final: bool = True, spread: bool = False) -> Done | None:
        """Do what an action says.

        Parameters
        ----------
        action : Action
        final : bool
            Whether no other optimiser will step before the next forward pass.
        spread : bool
            Whether several processes train the network; each has to call this.

        Returns
        -------
        (changed, reason), or None
            None if a later step of another optimiser is to be awaited, since none that holds the layer has stepped yet.
        """
        alone = processes(spread) < 2 or action.verb != "repair"
        reason = "" if alone else obstacle(self.model, action.intervention)
        if reason:
            return {}, reason
        if alone or action.intervention.kind == SMALLER_STEP:  # the weights to go back to are those of all processes
            return self._act(action, final)
        shared = Shared(self.model, self._seen, self._stream)
        if not reports(spread):
            return shared.follow(lambda change: forget(self._known, change), self._slopes.set)
        self._shared, self._layers = shared, []
        try:
            return shared.lead(lambda: self._act(action, final), self._forget)
        finally:
            self._shared, self._layers = None, []

    def _act(self, action: Action, final: bool) -> Done | None:
        """Do what an action says, in this process."""
        key, what = (action.alarm.layer, action.alarm.kind), action.intervention
        if action.verb != "repair":
            self._penalties.switch_off(key)
            return {}, ""
        if self.bare and what.kind not in WHOLE:
            return {}, f"{CANNOT}{NO_RELU}"
        if what.lasts:
            self._penalties.switch_on(key, what)
            return {}, ""
        if what.kind in WHOLE:
            return self._on_network(action, final)
        before, reason = self._blocked.get((key[0], what.kind), (None, ""))
        if before == self.trained:
            return {}, reason
        found = [site for site in self._sites(fresh=False) if key[0] in ("", site.name)]
        if not found:
            return {}, f"{CANNOT}it is not seen on this batch"
        if key[0] and not final and found[0].obstacle == NOT_HELD:
            return None
        changed, reason = (
            self._slope(found, what) if what.kind == LEAKY else self._interventions(found, what, action.points)
        )
        if reason.startswith(CANNOT):
            self._blocked[key[0], what.kind] = self.trained, reason
        return changed, reason

    def _on_network(self, action: Action, final: bool) -> Done | None:
        """Scale all layers, or go back; None if other optimisers are to be awaited."""
        what, lost = action.intervention, LOST if action.alarm.kind in COLLAPSED else inf
        waited = any(p.requires_grad and id(p) not in self.trained for p in self.model.parameters())
        if waited and not final:
            return None
        known = self._known
        if what.kind == SMALLER_STEP:
            return self._changed([go_back(self.model, known, self.last_good, self.trained, what.size)])
        if self.passed is None:
            return {}, f"{CANNOT}the forward pass is not known"
        if started_before(known):
            return {}, f"{CANNOT}the training began long before"
        how = self.passed
        with again(self.model, how):
            call = lambda: self.model(*how.args, **how.kwargs)  # noqa: E731
            change = scale_by_data(self.model, call, self.trained, what.size, self._stream, lost, self._stated)
        self._forget(change)
        self._layers = []
        return self._changed([change])

    def keep(self) -> None:
        """Keep the weights as they are now, in place of those that were kept before."""
        self.last_good = kept(self.model, self._known)

    def keep_memory(self, optimizer: Optimizer) -> None:
        """Keep what an optimiser remembers besides, that was not seen to step before the weights were kept."""
        if self.last_good is not None and all(optimizer is not each for each in _alive(self._stepped)):
            self.last_good.memories.update(memories(self.model, [optimizer]))

    def _slope(self, found: list[Site], what: Intervention) -> Done:
        for site in found:
            if site.trained:
                self._slopes.set(site.name, what.size, what.steps)
                if self._shared is not None:
                    self._shared.slopes.append((site.name, what.size, what.steps))
        return {}, "" if any(site.trained for site in found) else f"{CANNOT}{found[0].obstacle}"

    def _interventions(self, found: list[Site], what: Intervention, points: tuple[int, ...]) -> Done:
        return self._changed([self._intervention(site.name, what, points) for site in found])

    def _intervention(self, name: str, what: Intervention, points: tuple[int, ...]) -> Change:
        layers = self._sites(fresh=INTERVENTIONS[what.kind].looks)
        site = next(each for each in layers if each.name == name)
        change = intervene(site, what, points, self._stream)
        self._forget(change)
        if change.masks and INTERVENTIONS[what.kind].looks:
            self._layers = []
        return change

    def _sites(self, fresh: bool) -> list[Site]:
        """Return the layers on the last batch; at the weights as they are now, if that is asked for."""
        if (fresh or not self._layers) and self.passed is not None:
            self._layers = self._seen() if self._shared is None else self._shared.sites()
        return self._layers

    def _seen(self) -> list[Site]:
        """Return the layers on the batch that this process has, at the weights as they are now."""
        how = self.passed
        if how is None:
            return []
        with again(self.model, how):
            return sites(self.model, how.args, how.kwargs, self._losses_of, self.trained, self._stated)

    @property
    def _known(self) -> list[Optimizer]:
        """The optimisers that were given, and those that stepped."""
        return [*{id(each): each for each in (*_alive(self._given), *_alive(self._stepped))}.values()]

    def _forget(self, change: Change) -> None:
        """Let optimisers forget what they remember of changed entries, and other processes take them over."""
        forget(self._known, change)
        if self._shared is not None:
            self._shared.changes.append(change)

    def _changed(self, changes: list[Change]) -> Done:
        names = {id(p): name for name, p in self.model.named_parameters()}
        found: dict[str, int] = {}
        for change in changes:
            for parameter, mask in change.masks:
                name = names.get(id(parameter), "parameter")
                found[name] = found.get(name, 0) + int(mask.sum())
        reasons = sorted({change.reason for change in changes if change.reason})
        mild = [reason for reason in reasons if not reason.startswith(CANNOT)]
        return found, "" if found else "; ".join(mild or reasons)

    def observe(self, optimizer: Optimizer) -> None:
        """Take note of how large the user's gradients are."""
        self._penalties.observe(self._together(optimizer), getattr(optimizer, "grad_scale", None))

    def add_penalties(self, optimizer: Optimizer) -> None:
        """Add the gradients of the penalties that are on."""
        if self._penalties.on:
            scale = getattr(optimizer, "grad_scale", None)
            self._penalties.add([*_of(optimizer)], self._together(optimizer), scale)

    def _together(self, optimizer: Optimizer) -> list[Tensor]:
        """Return all parameters that are trained with those of an optimiser."""
        others = (p for each in (*_alive(self._stepped), optimizer) for p in _of(each))
        return [*{id(p): p for p in (*self.model.parameters(), *others)}.values()]

    def state_dict(self) -> dict[str, Any]:
        """Return slopes, penalties and the random stream as plain data and tensors."""
        left, penalties = self._slopes.left, self._penalties
        last = self.last_good
        return {
            "kept": None if last is None else (last.weights, last.memories),
            "slopes": [(layer, slope, left[layer]) for layer, slope in self._slopes.active.items()],
            "penalties": [(*key, what.kind, what.size, what.steps) for key, what in penalties.on.items()],
            "gradients": (penalties.norm, penalties.entry, penalties.part, penalties.apart),
            "random": self._stream.get_state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Switch on what was on, and go on with the random stream."""
        self.close()
        for layer, slope, steps in state["slopes"]:
            self._slopes.set(layer, slope, steps)
        for layer, alarm, *own in state["penalties"]:
            self._penalties.switch_on((layer, alarm), Intervention(*own))
        penalties, (norm, entry, *clipping) = self._penalties, state["gradients"]
        penalties.norm, penalties.entry = norm, entry
        penalties.part, penalties.apart = clipping or (0.0, False)
        self.last_good = None if state.get("kept") is None else Kept(*state["kept"])
        self._stream.set_state(state["random"])


def _alive(found: Iterable[ref[Optimizer]]) -> list[Optimizer]:
    return [each for each in (one() for one in found) if each is not None]


def _of(optimizer: Optimizer) -> Iterable[Tensor]:
    return (p for group in optimizer.param_groups for p in group["params"])
