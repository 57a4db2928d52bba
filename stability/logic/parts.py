"""The parts of statements: what each is, what becomes of it, and which go together."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stability.errors import CertificateError, StatementError
from stability.logic.branches import Landscapes
from stability.logic.formulas import short
from stability.logic.roots import SURD
from stability.logic.scopes import Scope
from stability.logic.validation import exact_number, listed

Proof = dict[str, Any]


@dataclass(frozen=True)
class Settled:
    """What became of a statement: a conclusion with its proof, or none with the reason.

    Attributes
    ----------
    conclusion : str or None
    proof : dict
    reason : str
        Why it is open.
    shown : dict, optional
        What decides a statement about sets, such as the set that offends: "says" in words, and exact attributes.
    """

    conclusion: str | None
    proof: Proof = field(default_factory=dict)
    reason: str = ""
    shown: dict[str, Any] | None = None


class Statement(ABC):
    """Something that is true or false of landscapes."""

    landscapes: Landscapes

    @property
    def format(self) -> str:
        """The format of the record that certifies it."""
        return "stability-record/1"

    def formulas(self) -> list[str]:
        """Return the formulas in it, as they were written."""
        return []

    @abstractmethod
    def formal(self) -> dict[str, Any]:
        """Return the statement as the checker reads it."""

    @abstractmethod
    def settle(self) -> Settled:
        """Return the conclusion with a proof, or the reason why it stays open."""


def check_part(part: Any) -> None:
    """Refuse what is no statement.

    Raises
    ------
    StatementError
        If it is something else.
    """
    if not isinstance(part, Statement):
        raise StatementError(f"Expected a statement; got {short(part)}.", "Write ForAll(...), for example.")


def check_parts(parts: Any, form: str, other: str) -> None:
    """Refuse parts that are no statements of one form of record, or whose landscapes clash.

    Raises
    ------
    StatementError
        With what was expected.
    CertificateError
        If two different landscapes have the same name.
    """
    for part in listed(parts, "the parts of a statement"):
        check_part(part)
        if part.format != form:
            raise StatementError(
                f"Expected statements with records of format {form}; got one with {part.format}.", f"Use {other}."
            )
    merged_landscapes(parts)


def merged_landscapes(parts: Sequence[Statement]) -> Landscapes:
    """Return the landscapes of several statements.

    Raises
    ------
    CertificateError
        If two different ones have the same name.
    """
    merged: Landscapes = {}
    for part in parts:
        for name, data in part.landscapes.items():
            if merged.setdefault(name, data) != data:
                raise CertificateError(f"Two landscapes are called {name}.", "Rename one of them.")
    return merged


def as_records(landscapes: Any) -> Any:
    """Return landscapes by name as records hold them; anything that knows its record may be given."""
    if not isinstance(landscapes, Mapping):
        return landscapes
    return {name: each.to_record() if hasattr(each, "to_record") else each for name, each in landscapes.items()}


def scope_of(names: Any, landscapes: Any) -> Scope:
    """Return the scope of a statement whose variables are a text of names.

    Raises
    ------
    StatementError
        If they are no such text, or the landscapes are none.
    """
    if not isinstance(names, str):
        raise StatementError(f"Expected variables as a text; got {short(names)}.", 'Write "w1 w2 b".')
    return Scope(names.split(), landscapes)


def check_witnesses(witnesses: Any, scope: Scope) -> None:
    """Refuse hints that do not give every variable, and nothing else, an exact value.

    Raises
    ------
    StatementError
        With what was expected.
    """
    for witness in listed(witnesses, "try_at", empty=True):
        if not isinstance(witness, Mapping) or set(witness) != set(scope.names):
            wanted = ", ".join(scope.names) or "nothing"
            raise StatementError(f"Expected values of {wanted} in try_at; got {short(witness)}.", 'Write {"x": "1/2"}.')
        for name, value in witness.items():
            if not isinstance(value, str) or not SURD.fullmatch(value):
                exact_number(value, f"{name} in try_at")
