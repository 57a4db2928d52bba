"""Alarms over time: each is raised once and lasts, a callback hears of it, and it may stop the training."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from stability.errors import TrainingStopped, UnknownNameError, nearest, require_kind
from stability.training.introspection.unseen import SEEN
from stability.training.monitoring.alarm_kinds import Context, Start
from stability.training.monitoring.alarms import ALARMS, Alarm
from stability.training.monitoring.column_readings import columns_of_reading
from stability.training.monitoring.columns import Columns
from stability.training.monitoring.judging import alarms_of, start_of
from stability.training.monitoring.limits import Limits
from stability.training.monitoring.readings import Reading

ALIASES = {"nan": "not finite", "inf": "not finite", "stuck": "plateau"}
"""Other names of alarms."""

KEEP = 10_000
"""How many episodes are kept, the latest ones."""

Key = tuple[str, str]
Raised = list[tuple[int, Alarm]]


@dataclass
class _Ongoing:
    """A number that is beyond its limit at some layer: since when, and how often in a row it was or was not.

    Its place is that in the list of alarms: None until it is one, and -1 once that entry has made way. It began after
    the step of the reading before, if there was one.
    """

    alarm: Alarm
    since: int
    readings: int = 0
    within: int = 0
    place: int | None = None
    after: int | None = None


class Episodes:
    """The alarms of a training, each from its first reading to its last.

    An alarm begins once a number has been beyond its limit at as many readings in a row as the table says, and is over
    after as many within it.

    Parameters
    ----------
    limits : Limits

    Attributes
    ----------
    raised : list of (int, Alarm)
        Every alarm with the step at which it began to show.
    begun : list of Alarm
        Those that began since somebody last emptied this list.

    Examples
    --------
    >>> from stability.training.monitoring.limits import Limits
    >>> from stability.training.monitoring.readings import Reading
    >>> episodes = Episodes(Limits())
    >>> for step in (0, 10, 20):
    ...     last = episodes.follow(Reading(step, (), dead_fraction=0.75), None)
    >>> [(step, str(alarm)) for step, alarm in episodes.raised]
    [(0, 'dead data: 0.75 (limit 0.5), for 20 steps since step 0')]
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.raised: Raised = []
        self.begun: list[Alarm] = []
        self._open: dict[Key, _Ongoing] = {}
        self._known: Start | None = None
        self._last: int | None = None

    def follow(self, reading: Reading, first: Reading | None) -> Reading:
        """Return a reading with the alarms that last, and remember them.

        Parameters
        ----------
        reading : Reading
            Later than all before.
        first : Reading or None
            The first one; None if it is this.
        """
        return replace(reading, alarms=self.follow_all(columns_of_reading(reading), first)[0])

    def follow_all(self, now: Columns, first: Reading | None) -> list[tuple[Alarm, ...]]:
        """Return the alarms that last at each of some readings, and remember them.

        Parameters
        ----------
        now : Columns
            Later than all before; one reading if it is the first.
        first : Reading or None
            The first one; None if it is this.
        """
        found = alarms_of(Context(now, None if first is None else self._start(first, now.names), self.limits))
        if not found and not self._open:
            self._last = now.steps[-1]
            return [()] * len(now.steps)
        return [self._raised(step, found.get(t, ())) for t, step in enumerate(now.steps)]

    def _start(self, first: Reading, names: Sequence[str]) -> Start:
        """Return the first reading beside layers of these names."""
        known = self._known
        if known is None or known.reading is not first or known.names != names:
            self._known = known = start_of(first, names, self.limits)
        return known

    def _raised(self, step: int, alarms: Sequence[Alarm]) -> tuple[Alarm, ...]:
        """Return the alarms of a reading that last."""
        found = {_key(alarm): alarm for alarm in alarms}
        for key in [key for key in self._open if key not in found]:
            self._within(key)
        persistent = [self._beyond(key, alarm, step) for key, alarm in found.items()]
        self._last = step
        return tuple(alarm for alarm in persistent if alarm is not None)

    def _within(self, key: Key) -> None:
        episode = self._open[key]
        episode.within += 1
        if episode.place is None or episode.within >= ALARMS[key[0]].readings:
            del self._open[key]

    def _beyond(self, key: Key, alarm: Alarm, step: int) -> Alarm | None:
        episode = self._open.setdefault(key, _Ongoing(alarm, step, after=self._last))
        episode.within, episode.readings = 0, episode.readings + 1
        if episode.readings < ALARMS[alarm.kind].readings:
            return None
        began = episode.alarm
        of, since = (began.layer, alarm.value, alarm.limit, began.of), episode.since
        last = Alarm(alarm.kind, *of, since, step - since, episode.readings, episode.after)
        if episode.place is None:
            episode.place = len(self.raised)
            self.raised.append((since, last))
            self.begun.append(last)
            self._make_room()
        elif episode.place >= 0:
            self.raised[episode.place] = since, last
        return last

    def _make_room(self) -> None:
        over = len(self.raised) - KEEP
        if over > 0:
            del self.raised[:over]
            for episode in self._open.values():
                if episode.place is not None:
                    episode.place = max(episode.place - over, -1)

    def state_dict(self) -> dict[str, Any]:
        """Return what is needed to go on, as plain data."""
        return {
            "raised": [(step, asdict(alarm)) for step, alarm in self.raised],
            "open": [(*key, asdict(episode)) for key, episode in self._open.items()],
            "last": self._last,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where other episodes were; those of a state without alarms begin anew."""
        self.raised[:] = [(step, Alarm(**alarm)) for step, alarm in state.get("raised", ())]
        self._open = {
            (kind, layer): _Ongoing(**{**plain, "alarm": Alarm(**plain["alarm"])})
            for kind, layer, plain in state.get("open", ())
        }
        self.begun, self._last = [], state.get("last")


def _key(alarm: Alarm) -> Key:
    """Return what an episode goes by; where one of several layers is named, that of its beginning stays."""
    return alarm.kind, alarm.layer if ALARMS[alarm.kind].of_layer is not None else ""


def stopping(names: Iterable[str]) -> frozenset[str]:
    """Return the names of alarms, where "nan" stands for "not finite".

    Raises
    ------
    KindError, UnknownNameError
        If they are no names; if there is no such alarm.
    """
    require_kind(names, Iterable, "names of alarms as stop_on", 'Write stop_on={"nan"}.')
    found = frozenset(ALIASES.get(name, name) for name in ([names] if isinstance(names, str) else names))
    for name in found:
        if name not in ALARMS:
            raise UnknownNameError(
                f"Expected the names of alarms; got {name!r}.", nearest(str(name), [*ALARMS, *ALIASES])
            )
    return found


def answer(
    begun: list[Alarm],
    call: Callable[[Alarm], Any] | None,
    stop_on: frozenset[str],
    failed: Callable[[str, Exception], None],
) -> None:
    """Hand alarms that have begun to a callback, then stop the training if it was asked for.

    Parameters
    ----------
    begun : list of Alarm
        Is emptied.
    call : callable or None
    stop_on : frozenset of str
    failed : callable
        Gets what failed, and the error, where the callback raises.

    Raises
    ------
    TrainingStopped
    """
    if not begun:
        return
    new = [*begun]
    begun.clear()
    for alarm in new if call is not None else ():
        try:
            with SEEN():
                call(alarm)  # type: ignore[misc]
        except Exception as error:
            failed("on_alarm", error)
    for alarm in new:
        if alarm.kind in stop_on:
            raise TrainingStopped(f"Training stopped by an alarm: {alarm}.", f"Try: {alarm.remedy}.")
