"""Statements that follow from others, each of which has a record of its own."""

from abc import abstractmethod
from typing import TYPE_CHECKING

from stability.logic.parts import Settled, Statement

if TYPE_CHECKING:
    from stability.logic.records import Judged


class Deduced(Statement):
    """A statement that follows from facts which are found, and proved one by one, when it is settled."""

    @property
    def format(self) -> str:
        """No format of records: each fact has its own."""
        return ""

    @abstractmethod
    def judged(self) -> "Judged":
        """Return what becomes of it, with the facts that decide it as parts; see `records.deduced`."""

    def settle(self) -> Settled:
        """Leave it to `stability.logic.records.prove`, which settles fact by fact."""
        return Settled(None, reason="Its facts are settled one by one.")
