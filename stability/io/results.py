"""What all results have in common: a table in words, shown as text and as HTML, and data frames."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import isfinite
from typing import Any, ClassVar, Protocol, TypeVar

from stability.errors import MissingPackageError
from stability.io.html import Cells, html_card
from stability.io.printable import amount, printable

FEW = 12
"""Rows of a table that are shown as text; how many more there are is said below."""


@dataclass(frozen=True)
class ResultTable:
    """A result in words.

    Attributes
    ----------
    caption : str
        What it is, in a line.
    finding : str
        What it says above all, in a line; there may be none.
    head : sequence of str
        Of the columns; there may be none.
    rows : sequence of sequences of str
    notes : sequence of str
        Lines below the table.

    Examples
    --------
    >>> print(ResultTable("Sets of abs1", ["kind", "loss"], [["saddle", "2"], ["minimum", "0"]]).text())
    Sets of abs1
      kind     loss
      saddle   2
      minimum  0
    """

    caption: str
    head: Cells = ()
    rows: Sequence[Cells] = ()
    notes: Sequence[str] = ()
    finding: str = ""

    def text(self) -> str:
        """Return it for a terminal, columns aligned; nothing in it moves the cursor."""
        lines = [*([self.head] if self.head else []), *self.rows[:FEW]]
        first = f"{self.caption}: {self.finding}" if self.finding else self.caption
        return "\n".join(map(printable, [first, *(f"  {line}" for line in aligned(lines)), *self._below()]))

    def html(self) -> str:
        """Return it as a card for a notebook, everything escaped."""
        return html_card(self.caption, self.head, self.rows, self.notes, self.finding)

    def _below(self) -> list[str]:
        left = len(self.rows) - FEW
        return [*([f"and {amount(left, 'row')} more"] if left > 0 else []), *self.notes]


def aligned(rows: Sequence[Cells]) -> list[str]:
    """Return rows of texts as lines whose columns stand below each other; nothing in them moves the cursor.

    Examples
    --------
    >>> aligned([["a", "bc"], ["def", "g"]])
    ['a    bc', 'def  g']
    """
    shown = [[printable(" ".join(cell.split("\n"))) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in shown]


class Displayed(ABC):
    """A result that a person can read, in a terminal and in a notebook."""

    __slots__ = ()

    @abstractmethod
    def _table(self) -> ResultTable:
        """Return the result in words."""

    def __repr__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return self._table().html()


class Tabular(Displayed):
    """A result that is a table of numbers as well."""

    @abstractmethod
    def _records(self) -> Sequence[Mapping[str, Any]]:
        """Return the rows, each with the same names."""

    def to_frame(self) -> Any:
        """Return the rows as a pandas DataFrame.

        Raises
        ------
        MissingPackageError
            If pandas is not installed.
        """
        return frame(self._records())


class Plain(Protocol):
    """What has plain data."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""


Each = TypeVar("Each", bound=Plain)


class ResultList(Tabular, list[Each]):
    """Results of one kind, which print as one table; a list in everything else.

    Parameters
    ----------
    results : iterable
    **asked
        What was asked for, as plain data: the head of what `to_json` returns.

    Attributes
    ----------
    asked : dict
    part : str
        The name of the results in `to_json`.
    """

    part: ClassVar[str]

    def __init__(self, results: Iterable[Each], **asked: Any) -> None:
        super().__init__(results)
        self.asked = asked

    def to_json(self) -> dict[str, Any]:
        """Return what was asked for, and all results, as plain data."""
        return {**self.asked, self.part: [each.to_json() for each in self]}


def json_data(value: Any) -> Any:
    """Return a value as JSON has it: lists for arrays and tuples, None for floats that are not finite.

    Examples
    --------
    >>> json_data({"losses": (1.5, float("nan")), "kind": "saddle"})
    {'losses': [1.5, None], 'kind': 'saddle'}
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): json_data(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_data(each) for each in value]
    return value


def frame(records: Sequence[Mapping[str, Any]]) -> Any:
    """Return rows as a pandas DataFrame, one column a name.

    Raises
    ------
    MissingPackageError
        If pandas is not installed.
    """
    try:
        pandas = import_module("pandas")
    except ImportError:
        raise MissingPackageError(
            "A data frame needs pandas, which is not installed; no extra has it.", "pip install pandas"
        ) from None
    return pandas.DataFrame([dict(record) for record in records])
