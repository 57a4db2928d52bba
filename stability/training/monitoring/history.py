"""The readings so far: numbers wait on the device until somebody asks, and old readings make way."""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

from stability.errors import NumberError, StabilityError, UnknownNameError
from stability.training.monitoring.alarms import Alarm, Limits, reading_of
from stability.training.monitoring.column_readings import readings_of
from stability.training.monitoring.columns import Columns
from stability.training.monitoring.episodes import Episodes
from stability.training.monitoring.pack import Packed
from stability.training.monitoring.readings import Reading, bare, plain
from stability.training.monitoring.unpack import Before, columns_of

KEEP = 1000
"""How many readings are kept by default."""

MANY, MOST = 256, 2**22
"""How many readings, and how many numbers, may wait until they are worked out together."""


class History:
    """The readings of a monitor, with their alarms.

    Parameters
    ----------
    limits : Limits
        Beyond which readings raise alarms.
    detail : bool or "latest"
        Whether readings keep the numbers of every unit, example and row; or only the latest does.
    keep : int or None
        How many readings are kept, the latest ones; None for all.

    Attributes
    ----------
    waiting : list of Packed
        What was read and is not worked out yet.

    Raises
    ------
    NumberError, UnknownNameError
        If `keep` or `detail` is none of these.
    """

    def __init__(self, limits: Limits, detail: bool | str, keep: int | None) -> None:
        require_count("keep", 1 if keep is None else keep)
        if detail not in (True, False, "latest"):
            raise UnknownNameError(f"Expected detail to be True, False or 'latest'; got {detail!r}.", "Try True.")
        self.limits, self.detail, self.keep = limits, detail, keep
        self._readings: list[Reading] = []
        self._columns: list[tuple[Columns, list[tuple[Alarm, ...]]]] = []
        self._count = 0
        self._first: Reading | None = None
        self.episodes = Episodes(limits)
        self._before: Before | None = None
        self.waiting: list[Packed] = []

    @property
    def readings(self) -> list[Reading]:
        """All readings that are kept."""
        self.work_out()
        for columns, alarms in self._columns:
            self._readings += readings_of(columns, alarms)
        self._columns, self._count = [], 0
        if self.keep is not None:
            del self._readings[: -self.keep]
        return self._readings

    def work_out(self) -> None:
        """Work out what waits, and which alarms it raises; readings are made of it when somebody asks for them."""
        waiting, self.waiting = self.waiting, []
        for _, packs in groupby(waiting, key=lambda pack: (pack.layout, pack.numbers.device, pack.numbers.dtype)):
            for columns in self._columns_of([*packs]):
                self._follow(columns)

    def tried(self, failed: Callable[[str, Exception], None], shown: bool = False) -> Reading | None:
        """Work out what waits, and say what went wrong if it cannot be; return the latest reading if it is shown."""
        try:
            self.work_out()
            return self.readings[-1] if shown else None
        except Exception as error:
            failed("the numbers that waited", error)
            return None

    def _columns_of(self, packs: list[Packed]) -> Iterator[Columns]:
        """Yield the columns of packs of one layout."""
        found = columns_of(packs, self._before, bool(self.detail))
        if found is None:
            for pack in packs:
                yield from self._columns_of([pack])
        else:
            columns, self._before = found
            yield columns

    def _follow(self, columns: Columns) -> None:
        """Keep readings, with the alarms that they raise; the first one is judged by itself."""
        if self._first is None:
            head, columns = columns.part(slice(1)), columns.part(slice(1, None))
            alarms = self.episodes.follow_all(head, None)
            self._first = bare(readings_of(head, alarms)[0])
            self._append(head, alarms)
        if columns.steps:
            self._append(columns, self.episodes.follow_all(columns, self._first))

    def add(self, pack: Packed) -> None:
        """Let the numbers of a reading wait."""
        self.waiting.append(pack)

    @property
    def begun(self) -> bool:
        """Whether there was a reading."""
        return self._first is not None or bool(self.waiting)

    @property
    def full(self) -> bool:
        """Whether what waits should be worked out."""
        waiting = self.waiting
        return len(waiting) >= MANY or (bool(waiting) and len(waiting) * waiting[-1].numbers.numel() > MOST)

    def _append(self, columns: Columns, alarms: list[tuple[Alarm, ...]]) -> None:
        """Keep readings, and no more of those before than was asked for."""
        if self.detail:
            self._readings += readings_of(columns, alarms)
            if self.detail == "latest":
                self._readings[-1 - len(alarms) : -1] = map(bare, self._readings[-1 - len(alarms) : -1])
        else:
            self._columns.append((columns, alarms))
            self._count += len(alarms)
        over = 0 if self.keep is None else len(self._readings) + self._count - self.keep
        if over > 0:
            made = min(over, len(self._readings))
            del self._readings[:made]
            over -= made
            while self._columns and over >= len(self._columns[0][1]):
                gone = len(self._columns.pop(0)[1])
                over, self._count = over - gone, self._count - gone

    def state_dict(self) -> dict[str, Any]:
        """Return what is needed to go on, as plain data and tensors."""
        readings, before = self.readings, self._before
        return {
            "readings": [plain(reading) for reading in readings],
            "first": None if self._first is None else plain(self._first),
            "before": None if before is None else before.plain(),
            "alarms": self.episodes.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another history was.

        Raises
        ------
        StabilityError
            If it is not what `state_dict` returned.
        """
        try:
            readings = [reading_of(each) for each in state["readings"]]
            first = None if state["first"] is None else reading_of(state["first"])
            before = None if state["before"] is None else Before.of(state["before"])
            self.episodes.load_state_dict(state["alarms"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise no_state(error) from error
        self.waiting, self._columns, self._count = [], [], 0
        self._readings[:] = readings
        self._first, self._before = first, before


def require_count(name: str, number: Any) -> None:
    """Refuse what is not a whole number of at least 1.

    Raises
    ------
    NumberError
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise NumberError(f"Expected {name} to be a whole number of at least 1; got {number!r}.", f"Try {name}=100.")


def no_state(error: Exception) -> StabilityError:
    """Return what to say of something that no `state_dict` returned."""
    return StabilityError(
        f"Expected the state of a monitor; got something else ({type(error).__name__}: {error}).",
        "Give what monitor.state_dict() returned.",
    )
