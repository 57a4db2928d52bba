"""What all callbacks share: a monitor and maybe a controller for as long as a training lasts, and their state."""

from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

from torch import nn

from stability.errors import StabilityError, UnknownNameError, nearest, require_kind
from stability.training.control.controller import Controller
from stability.training.control.policies import Policy, policy_of
from stability.training.monitoring.arguments import require_arguments
from stability.training.monitoring.episodes import stopping
from stability.training.monitoring.history import require_count
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.processes import reports
from stability.training.monitoring.readings import Reading
from stability.training.monitoring.scalars import scalars

OPTIONS = [name for name in signature(Monitor).parameters if name not in ("model", "every")]
"""What a monitor may be given besides."""

Logger = Callable[[Reading], Any]
LogNumbers = Callable[[dict[str, float], Reading], None]


class MonitoredTraining:
    """A monitor of a network, and a controller if there is a policy, from the start of a training to its end.

    Parameters
    ----------
    every : int
        A reading at every K-th step.
    policy : str or Policy, optional
        Lets a `Controller` intervene by this policy; else nothing is changed.
    module : str, optional
        The name of the part of the network that is monitored, as "model.encoder".
    loggers : iterable of callable
        Get every reading.
    controlling : mapping
        Further arguments of `Controller`, as `per_example_loss`.
    **options
        Further arguments of `Monitor`.

    Attributes
    ----------
    monitor : Monitor or None
        None before the training starts; afterwards its readings stay.
    controller : Controller or None

    Raises
    ------
    UnknownNameError, KindError, NumberError
        If there is no argument, policy or alarm of a name, or an argument is of another kind.
    """

    def __init__(
        self,
        every: int = 50,
        policy: str | Policy | None = None,
        module: str | None = None,
        loggers: Iterable[Logger] | Logger = (),
        controlling: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.monitor: Monitor | None = None
        self.controller: Controller | None = None
        self.module, self.policy = module, policy
        self._given = {"every": every, "policy": policy, "module": module, "controlling": controlling, **options}
        self._every, self._options, self._controlling = every, options, dict(controlling or {})
        self._loggers, self._loaded = [loggers] if callable(loggers) else [*loggers], dict[str, Any]()
        for each in self._loggers:
            require_kind(each, Callable, "loggers", "Write loggers=[CsvLogger(file)].")  # type: ignore[arg-type]
        self._require_options()

    def _require_options(self) -> None:
        """Refuse what a monitor or a controller refuses, before the training."""
        for name in self._options:
            if name not in OPTIONS:
                raise UnknownNameError(
                    f"Expected an argument of Monitor; got {name!r}.", nearest(name, ["every", *OPTIONS])
                )
        require_count("every", self._every)
        require_arguments(**self._options)
        stopping(self._options.get("stop_on", ()))
        if self.policy is not None:
            policy_of(self.policy)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copies begin anew: with the same settings, without readings, hooks and loggers."""
        return _anew, (getattr(type(self), "opened", type(self)), self._given)

    def begin(self, network: nn.Module, write: LogNumbers, spread: bool) -> None:
        """Monitor a network, and go on where the state that was loaded ended.

        Parameters
        ----------
        network : Module
        write : callable
            Gets the numbers of every reading by their names, in every process.
        spread : bool
            Whether several processes train it together; then the first one hands readings to loggers.
        """
        self.end()
        options = dict(self._options)
        if self.policy is not None:
            options = {"detail": "latest", "passes": "last"} | options
        if not reports(spread):
            options |= {"stream": None, "live": False}
        own = options.pop("log", None)

        def log(reading: Reading) -> None:
            write(scalars(reading), reading)
            for each in (*self._loggers, *([own] if own is not None else [])) if reports(spread) else ():
                each(reading)

        self.monitor = Monitor(network, self._every, log=log, **options)
        self.monitor.spread = spread
        self.controller = None
        if self.policy is not None:
            self.controller = Controller(self.monitor, self.policy, **self._controlling)
        if self._loaded:
            active = self.monitor if self.controller is None else self.controller
            active.load_state_dict(self._loaded)
            self._loaded = {}

    def part_of(self, network: nn.Module) -> nn.Module:
        """Return the part of a network that is monitored: the one of the name, or all of it.

        Raises
        ------
        StabilityError
            If there is no part of this name.
        """
        if self.module is None:
            return network
        try:
            return network.get_submodule(self.module)
        except AttributeError as error:
            known = ", ".join(name for name, _ in network.named_children())
            raise StabilityError(
                f"Expected the name of a part of {type(network).__name__}; got {self.module!r}.", f"Try one of {known}."
            ) from error

    def end(self) -> None:
        """Leave the network as it was found; the readings and the log stay."""
        for each in (self.controller, self.monitor, *self._loggers):
            close = getattr(each, "close", None)
            if close is not None:
                close()

    def saved(self) -> dict[str, Any]:
        """Return what is needed to go on, as plain data and tensors; nothing before the training starts."""
        if self.controller is not None:
            return self.controller.state_dict()
        return self._loaded if self.monitor is None else self.monitor.state_dict()

    def loaded(self, state: Mapping[str, Any]) -> None:
        """Let the training that starts next go on from a state."""
        self._loaded = dict(state)


def _anew(kind: Any, given: dict[str, Any]) -> Any:
    return kind(**given)
