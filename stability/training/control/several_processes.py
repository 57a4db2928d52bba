"""One network that several processes train: the first decides and intervenes on the batch of all, the others take over.

Every process has to come here at the same places of the same step. What goes wrong in one of them is sent like a
result, so that no other waits for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import torch
from torch import distributed, nn

from stability.errors import StabilityError
from stability.training.control.interventions import CANNOT, SMALLER_STEP, Change, Intervention
from stability.training.control.layer_view import Site
from stability.training.monitoring.processes import processes, reports

Tensor = torch.Tensor
Result = TypeVar("Result")
Done = tuple[dict[str, int], str]

OWN_BATCH = f"{CANNOT}several processes train this network, and a penalty is one of a batch of each"
SYNCHRONISED = f"{CANNOT}several processes train this network, and its normalisation waits for all of them"


class Failure(NamedTuple):
    """What went wrong in a process.

    Attributes
    ----------
    text : str
    """

    text: str


class Message(NamedTuple):
    """What the first process sends to the others.

    Attributes
    ----------
    changes : list of (str, tensor, tensor)
        The names of parameters, which entries changed, and the new values.
    slopes : list of (str, float, int)
        Leaky slopes that were set: the layer, the slope, and for how many steps.
    over : bool
        Whether the intervention is over; else the others show the layers on their shares of the batch.
    done : Done or None
        What it came to.
    random : tensor or None
        The state of the random stream.
    """

    changes: list[tuple[str, Tensor, Tensor]]
    slopes: list[tuple[str, float, int]]
    over: bool
    done: Done | None = None
    random: Tensor | None = None


Shown = dict[str, tuple[Tensor, Tensor | None, Tensor | None]]
"""Of every layer its largest pre-activations, what its affine map got, and the descent; see `Site`."""


def require_whole(network: nn.Module, spread: bool) -> None:
    """Refuse a network whose weights are spread over several processes.

    Raises
    ------
    StabilityError
    """
    kinds = {kind.__name__ for each in network.modules() for kind in type(each).__mro__}
    parted = "FullyShardedDataParallel" in kinds or any(hasattr(each, "placements") for each in network.parameters())
    if parted and processes(spread) > 1:
        raise StabilityError(
            "Expected a network that each process has whole; got one whose weights are spread over them.",
            "Use a Monitor, or train it in DistributedDataParallel.",
        )


def by_first(decide: Callable[[], Result], spread: bool) -> Result:
    """Return what a function returns in the first process, in all of them.

    Raises
    ------
    Exception
        What the function raises; a StabilityError with its text in the other processes.
    """
    if processes(spread) < 2:
        return decide()
    if not reports(spread):
        found: Result = _checked(_received())
        return found
    try:
        found = decide()
    except Exception as error:
        _send(Failure(str(error)))
        raise
    _send(found)
    return found


def over_processes(make: Callable[[], Any], spread: bool) -> list[Any]:
    """Return what a function returns in every process, in the order of their ranks.

    Raises
    ------
    Exception
        What the function raises here; else a StabilityError with the text of what it raised in another one.
    """
    if processes(spread) < 2:
        return [make()]
    raised: Exception | None = None
    try:
        own = make()
        own = own.detach().cpu() if isinstance(own, Tensor) else own
    except Exception as error:
        own, raised = Failure(str(error)), error
    found: list[Any] = [None] * processes(spread)
    distributed.all_gather_object(found, own)
    if raised is not None:
        raise raised
    return [*map(_checked, found)]


class Shared:
    """The part of one process in an intervention of all.

    Parameters
    ----------
    model : Module
    look : callable
        Returns the layers on the share of the batch that this process has.
    stream : Generator
        For random numbers, which the first process draws.
    """

    def __init__(self, model: nn.Module, look: Callable[[], list[Site]], stream: torch.Generator) -> None:
        self._model, self._look, self._stream = model, look, stream
        self.changes: list[Change] = []
        self.slopes: list[tuple[str, float, int]] = []

    def lead(self, act: Callable[[], Done | None], take: Callable[[Change], None]) -> Done | None:
        """Intervene, and send what was done.

        Parameters
        ----------
        act : callable
            Intervenes.
        take : callable
            Gets what was changed by an intervention that raised.

        Raises
        ------
        Exception
            What the intervention raises.
        """
        before = [(p, p.detach().clone()) for p in self._model.parameters()]
        try:
            done = act()
        except Exception as error:
            masks = [(p, p.detach() != old) for p, old in before]
            take(Change(tuple((p, mask) for p, mask in masks if mask.any())))
            _send(self._message(True, ({}, f"{CANNOT}{error}")))
            raise
        _send(self._message(True, done))
        return done

    def sites(self) -> list[Site]:
        """Return the layers on the batch of all, in the first process.

        Raises
        ------
        Exception
            If a process cannot look.
        """
        _send(self._message(False))
        own: list[Site] = []

        def look() -> Shown:
            own.extend(self._look())
            return shown(own)

        return joined(own, over_processes(look, True))

    def follow(self, take: Callable[[Change], None], slope: Callable[[str, float, int], None]) -> Done | None:
        """Do what the first process does.

        Parameters
        ----------
        take : callable
            Gets every change, of parameters that have their new values.
        slope : callable
            Sets a leaky slope.
        """
        parameters = dict(self._model.named_parameters())
        while True:
            message = _received()
            for name, mask, values in message.changes:
                own = parameters[name]
                with torch.no_grad():
                    own.copy_(values)
                take(Change(((own, mask.to(own.device)),)))
            for each in message.slopes:
                slope(*each)
            if message.over:
                self._stream.set_state(message.random)
                done: Done | None = message.done
                return done
            try:
                over_processes(lambda: shown(self._look()), True)
            except Exception:  # the first process has it too, and says what was done instead
                continue

    def _message(self, over: bool, done: Done | None = None) -> Message:
        """Return what is new since the last message."""
        names = {id(p): name for name, p in self._model.named_parameters()}
        changes = [(names[id(p)], mask.cpu(), p.detach().cpu()) for each in self.changes for p, mask in each.masks]
        slopes, self.changes, self.slopes = self.slopes, [], []
        return Message(changes, slopes, over, done, self._stream.get_state() if over else None)


def obstacle(model: nn.Module, what: Intervention) -> str:
    """Return why several processes cannot make an intervention; empty if they can."""
    if what.lasts:
        return OWN_BATCH
    waits = any(isinstance(each, nn.SyncBatchNorm) for each in model.modules())
    return SYNCHRONISED if waits and what.kind != SMALLER_STEP else ""


def shown(sites: Sequence[Site]) -> Shown:
    """Return what other processes need of layers."""
    parts = {each.name: (each.tops, each.inputs, each.descent) for each in sites}
    return {name: tuple(None if x is None else x.detach().cpu() for x in part) for name, part in parts.items()}  # type: ignore[misc]


def joined(own: Sequence[Site], parts: Sequence[Mapping[str, Any]]) -> list[Site]:
    """Return layers on the batch of all processes, the examples in the order of their ranks.

    Parameters
    ----------
    own : sequence of Site
        The layers as the first process sees them.
    parts : sequence of Shown
        Of every process.
    """
    found = []
    for site in own:
        columns = zip(*(each[site.name] for each in parts if site.name in each), strict=True)
        tops, inputs, descent = (
            None if any(x is None for x in column) else torch.cat(column).to(site.z.device) for column in columns
        )
        assert tops is not None
        found.append(replace(site, z=tops[:, :, None], inputs=inputs, descent=descent))
    return found


def _send(value: Any) -> None:
    distributed.broadcast_object_list([value], 0)


def _received() -> Any:
    box = [None]
    distributed.broadcast_object_list(box, 0)
    return box[0]


def _checked(found: Any) -> Any:
    if isinstance(found, Failure):
        text, _, remedy = found.text.partition("\n")
        raise StabilityError(text, remedy.strip())
    return found
