"""Those who hear of every reading when it is taken; none of them ends a training."""

from collections.abc import Callable
from typing import Protocol

from stability.training.introspection.unseen import SEEN
from stability.training.monitoring.readings import Reading
from stability.training.monitoring.stream import Stream
from stability.training.monitoring.unread import Unread

Log = Callable[[Reading], None]


class Listener(Protocol):
    """Hears of readings until it is closed."""

    def __call__(self, reading: Reading) -> None:
        """Hear of a reading."""

    def close(self) -> None:
        """Hear of no more."""


class Listeners:
    """A panel, a file, a board: each hears of every reading; where one fails there is one warning.

    Parameters
    ----------
    unread : Unread
        Says what failed.
    """

    def __init__(self, unread: Unread) -> None:
        self._unread = unread
        self._all: dict[str, Listener] = {}

    def __bool__(self) -> bool:
        return bool(self._all)

    def add(self, what: str, listener: Listener) -> None:
        """Let somebody hear of the readings to come, by a name for warnings."""
        self._all[what] = listener

    def hear(self, reading: Reading, log: Log | None) -> None:
        """Hand a reading to all, after the function of the user.

        Raises
        ------
        Exception
            What one of them raised, if the monitor is strict.
        """
        heard: list[tuple[str, Log]] = [("its log function", log)] if log is not None else []
        heard += self._all.items()
        for what, hears in heard:
            try:
                with SEEN():
                    hears(reading)
            except Exception as error:
                self._unread.say(what, error)

    def resume(self) -> None:
        """Let a file of readings go on, since the training does."""
        for listener in self._all.values():
            if isinstance(listener, Stream):
                listener.resume()

    def close(self) -> None:
        """Let all go."""
        while self._all:
            self._all.popitem()[1].close()
