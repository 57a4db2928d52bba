"""Loggers: functions that get every reading of a monitor and write its numbers, all by the names of `scalars`."""

from pathlib import Path
from typing import Any

from stability.io.closing import Closing
from stability.training.integrations.optional import library
from stability.training.monitoring.readings import Reading
from stability.training.monitoring.scalars import scalars


class TensorBoardLogger(Closing):
    """Writes readings for TensorBoard.

    Parameters
    ----------
    folder : Path, str or SummaryWriter
        A folder, or the writer of your own loop, which stays open.

    Raises
    ------
    MissingPackageError
        If TensorBoard is not installed.

    Examples
    --------
    >>> class Writer:  # stands for torch.utils.tensorboard.SummaryWriter
    ...     def add_scalar(self, name, value, step): print(name, value, step)
    ...     def flush(self): pass
    >>> from stability.training.monitoring.readings import Reading
    >>> TensorBoardLogger(Writer())(Reading(20, (), loss=0.5))  # doctest: +ELLIPSIS
    stability/loss 0.5 20
    ...
    """

    def __init__(self, folder: Any) -> None:
        self._own = isinstance(folder, str | Path)
        self._writer = folder
        if self._own:
            board = library("torch.utils.tensorboard", "tensorboard", "TensorBoardLogger")
            self._writer = board.SummaryWriter(str(folder))

    def __call__(self, reading: Reading) -> None:
        """Write the numbers of a reading."""
        for name, value in scalars(reading).items():
            self._writer.add_scalar(name, value, reading.step)

    def close(self) -> None:
        """Write what waits; a later reading goes into a new file of the same folder."""
        if self._own:
            self._writer.close()
        else:
            self._writer.flush()


class WandbLogger(Closing):
    """Writes readings into a run of Weights & Biases, over an axis "stability/step" of their own.

    Parameters
    ----------
    run : Run, optional
        Stays open. Without one the current run of the process is used, or one is begun at the first reading.
    **settings
        Of `wandb.init`, where a run is begun, as project="name", mode="offline".

    Raises
    ------
    MissingPackageError
        If wandb is not installed and no run is given.

    Examples
    --------
    >>> class Run:  # stands for what wandb.init returns
    ...     def define_metric(self, name, step_metric=None): pass
    ...     def log(self, numbers): print(numbers["stability/step"], numbers["stability/loss"])
    >>> from stability.training.monitoring.readings import Reading
    >>> WandbLogger(Run())(Reading(20, (), loss=0.5))
    20 0.5
    """

    def __init__(self, run: Any = None, **settings: Any) -> None:
        self._run, self._settings, self._begun = run, settings, False
        self._defined: Any = None
        self._wandb = library("wandb", "wandb", "WandbLogger") if run is None else None

    def __call__(self, reading: Reading) -> None:
        """Write the numbers of a reading."""
        run = self._current()
        if self._defined is not run:
            self._defined = run
            run.define_metric("stability/step")
            run.define_metric("stability/*", step_metric="stability/step")
        run.log({"stability/step": reading.step, **scalars(reading)})

    def _current(self) -> Any:
        if self._wandb is None:
            return self._run
        if self._wandb.run is None:
            self._run, self._begun = self._wandb.init(**self._settings), True
            return self._run
        return self._wandb.run

    def close(self) -> None:
        """Finish the run that was begun here; others stay open."""
        if self._begun:
            self._run.finish()
            self._begun = False
