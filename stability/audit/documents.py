"""Reading of documents, so that what cannot be made costs the claim in which it stands, and no other.

A document is Python, as trusted as any other module of a project. It is imported with its syntax tree guarded: every
claim is made by itself, and a definition that fails leaves a `Missing` under its name, which raises why it failed.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import CodeType
from typing import Any

from stability.audit.claims import Claim, Place, Writeup, fit_for_id
from stability.audit.guarding import GUARD, guarded
from stability.audit.missing import Missing, told
from stability.errors import StatementError, missing_extra
from stability.logic.formulas import short

Text = Callable[[], Any]


class Guard:
    """What the guarded syntax tree of one document calls.

    Parameters
    ----------
    path : Path
        The document.

    Attributes
    ----------
    caught : type
        What is handed to `failed`.
    """

    caught = BaseException

    def __init__(self, path: Path) -> None:
        self.path = path
        self.missing: list[Missing] = []
        self._raising: list[Any] = []

    def claim(self, build: Callable[[], Any], line: int, *texts: Text) -> Claim:
        """Return a claim with its place; one that cannot be made is a claim that raises why."""
        try:
            return self._placed(build(), line)
        except KeyboardInterrupt:
            raise
        except BaseException as problem:
            return self.broken(problem, line, *texts)

    def claims(self, build: Callable[[], Any], line: int, name: str) -> list[Any]:
        """Return what is listed; where one cannot be made, those before it and a claim that raises why."""
        found: list[Any] = []
        try:
            found.extend(build())
        except KeyboardInterrupt:
            raise
        except BaseException as problem:
            found.append(self.broken(problem, line, lambda: name))
        return found

    def _placed(self, found: Any, line: int) -> Claim:
        if not isinstance(found, Claim):
            raise StatementError(f"Expected a claim; got {short(found)}.", "Write Claim(...).")
        return found if found.place is not None else replace(found, place=self._place(line))

    def writeup(self, id: Any, title: Any = None, claims: Any = ()) -> Writeup:
        """Return the write-up; of claims with one id the later ones are errors."""
        found: list[Claim] = []
        seen: dict[str, Claim] = {}
        for entry in self.claims(lambda: claims, 1, "claims"):
            each = self.claim(lambda entry=entry: entry, 1)  # type: ignore[misc]
            first = seen.setdefault(each.id, each)
            found.append(each if first is each else self._again(each, first, len(found)))
        try:
            return Writeup(id, title, found)
        except KeyboardInterrupt:
            raise
        except BaseException as problem:
            title = title if isinstance(title, str) and title.strip() else named(self.path)
            return Writeup(named(self.path), title, [self.broken(problem, 1, lambda: "write-up"), *found])

    def failed(self, problem: BaseException, line: int, name: str) -> Missing:
        """Return what stands for a definition that failed; Ctrl-C goes on."""
        if isinstance(problem, KeyboardInterrupt):
            raise problem
        found = Missing(problem, line, name, self.broken(problem, line, lambda: fit_for_id(name) or f"line-{line}"))
        self.missing.append(found)
        return found

    def broken(self, problem: BaseException, line: int, *texts: Text) -> Claim:
        """Return a claim that raises an error when it is judged, under its own id and words as far as known."""
        id, where, says = (_text(*texts[k : k + 1]) for k in range(3))

        def fails() -> Any:
            raise problem

        self._raising.append(fails)
        return Claim(
            fit_for_id(id) or f"line-{line}", where, says or told(problem), statement=fails, place=self._place(line)
        )

    def _place(self, line: int) -> Place:
        return Place(shown(self.path), line)

    def _again(self, claim: Claim, first: Claim, number: int) -> Claim:
        """Return a claim whose id stands already as an error; one that is an error anyway keeps its own."""
        id = f"{claim.id}.again-{number}"
        if claim.statement in self._raising:
            return replace(claim, id=id)
        where = f" (line {first.place.line})" if first.place else ""
        problem = StatementError(f"Expected different ids of claims; got {claim.id!r} again{where}.", "Rename one.")
        line = claim.place.line if claim.place else 1
        return self.broken(problem, line, lambda: id, lambda: claim.where, lambda: claim.says)


def _text(*read: Text) -> str:
    try:
        value = read[0]() if read else ""
        return value if isinstance(value, str) else ""
    except KeyboardInterrupt:
        raise
    except BaseException:
        return ""


def named(path: Path) -> str:
    """Return the id of the write-up in a file."""
    return path.stem.replace("_", "-")


def shown(path: Path) -> str:
    """Return a path as people see it: below the folder that holds proofs/, if it is there."""
    for parent in path.parents:
        if parent.name == "proofs":
            return path.relative_to(parent.parent).as_posix()
    return str(path)


class _Loader(SourceFileLoader):
    """Imports a document with its syntax tree guarded; keeps no compiled file, which plain imports would find."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the guarded code of the document."""
        path = self.get_filename(fullname)
        return self.source_to_code(guarded(self.get_data(path), path), path)


def read(path: Path) -> Writeup:
    """Return the write-up of a document; what cannot be made is a claim that raises why when it is judged.

    Examples
    --------
    >>> from stability.audit.discovery import proofs_folder
    >>> read(proofs_folder() / "audits" / "two_relu_xor.py").title
    'Two ReLU Units Summed for XOR Classification'
    """
    name = f"proofs_{path.parent.name}_{path.stem}_guarded"
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known.READ  # type: ignore[no-any-return]
    guard, loader = Guard(path), _Loader(name, str(path))
    spec = spec_from_loader(name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    module.__dict__[GUARD] = guard
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        line = getattr(problem, "lineno", None) or 1
        guard.failed(problem, line, "document")
    found = _finished(guard, getattr(module, "WRITEUP", None))
    module.__dict__["READ"] = found
    return found


def _finished(guard: Guard, found: Any) -> Writeup:
    """Return a write-up that also tells of failed definitions, unless something that uses them does."""
    id = named(guard.path)
    claims = list(found.claims) if isinstance(found, Writeup) else list[Claim]()
    if isinstance(found, Writeup) and found.id != id:
        problem = StatementError(
            f"Expected the write-up {id!r}; got {found.id!r}.", "Name the file after the id, with underscores."
        )
        claims = [guard.broken(problem, 1, lambda: "write-up"), *claims]
    if not claims:
        problem = StatementError(f"Expected WRITEUP, a Writeup with claims; got {short(found)}.", "Define WRITEUP.")
        claims = _unreported(guard, claims) or [guard.broken(problem, 1, lambda: "write-up")]
    title = found.title if isinstance(found, Writeup) else id
    return Writeup(id, title, claims, faults=lambda: _unreported(guard, claims))


def _unreported(guard: Guard, claims: Sequence[Claim]) -> list[Claim]:
    """Return the failed definitions that no claim has raised so far; a missing extra concerns who uses it only."""
    present, ids = {id(claim.statement) for claim in claims}, [claim.id for claim in claims]
    unraised = [each for each in guard.missing if not each.raised and missing_extra(each.problem) is None]
    found = [each.claim for each in unraised if id(each.claim.statement) not in present]
    return [replace(each, id=f"{each.id}.definition") if each.id in ids else each for each in found]
