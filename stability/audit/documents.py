"""Reading of documents, so that what cannot be made costs the claim in which it stands, and no other.

A document is Python, as trusted as any other module of a project: one file, or a folder with `document.py` and the
files that it imports from beside it. It is imported with its syntax tree guarded: every claim is made by itself, and a
definition that fails leaves a `Missing` under its name, which raises why it failed. Each file has its own guard, so
that an error names the file in which it stands.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from stability.audit.claims import Claim, SourcePosition, Writeup, fit_for_id, wrong_premises
from stability.audit.guarding import GUARD, guarded
from stability.audit.missing import Missing, error_line
from stability.errors import StatementError, missing_extra
from stability.logic.formulas import short

Text = Callable[[], Any]

MAIN = "document.py"
"""The file of a folder that has its write-up."""


class Guard:
    """What the guarded syntax tree of one file of a document calls.

    Parameters
    ----------
    path : Path
        The file.
    document : Guard, optional
        That of the document to which the file belongs; by default the file is the document.

    Attributes
    ----------
    caught : type
        What is handed to `failed`.
    """

    caught = BaseException

    def __init__(self, path: Path, document: "Guard | None" = None) -> None:
        self.path = path
        self.id: str = document.id if document else named(path)
        self.missing: list[Missing] = document.missing if document else []
        self._raising: list[Any] = document._raising if document else []

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
        found = self._with_premises(found)
        try:
            return Writeup(id, title, found)
        except KeyboardInterrupt:
            raise
        except BaseException as problem:
            title = title if isinstance(title, str) and title.strip() else self.id
            return Writeup(self.id, title, [self.broken(problem, 1, lambda: "write-up"), *found])

    def _with_premises(self, claims: Sequence[Claim]) -> list[Claim]:
        """Return the claims; one whose premises are no claims raises that."""
        problems = wrong_premises(claims)
        return [self._failing(each, problems[each.id]) if each.id in problems else each for each in claims]

    def _failing(self, claim: Claim, problem: StatementError) -> Claim:
        found = self.broken(problem, 1, lambda: claim.id, lambda: claim.where, lambda: claim.says)
        return replace(found, place=claim.place or found.place)

    def failed(self, problem: BaseException, line: int, name: str) -> Missing:
        """Return what stands for a definition that failed; Ctrl-C goes on."""
        if isinstance(problem, KeyboardInterrupt):
            raise problem
        found = Missing(
            problem, self._place(line), name, self.broken(problem, line, lambda: fit_for_id(name) or f"line-{line}")
        )
        self.missing.append(found)
        return found

    def broken(self, problem: BaseException, line: int, *texts: Text) -> Claim:
        """Return a claim that raises an error when it is judged, under its own id and words as far as known."""
        id, where, says = (_text(*texts[k : k + 1]) for k in range(3))

        def fails() -> Any:
            raise problem

        self._raising.append(fails)
        return Claim(
            fit_for_id(id) or f"line-{line}",
            where,
            says or error_line(problem),
            statement=fails,
            place=self._place(line),
        )

    def _place(self, line: int) -> SourcePosition:
        return SourcePosition(shown(self.path), line)

    def _again(self, claim: Claim, first: Claim, number: int) -> Claim:
        """Return a claim whose id stands already as an error; one that is an error anyway keeps its own."""
        id = f"{claim.id}.again-{number}"
        if claim.statement in self._raising:
            return replace(claim, id=id)
        where = f" ({first.place.file}, line {first.place.line})" if first.place else ""
        problem = StatementError(f"Expected different ids of claims; got {claim.id!r} again{where}.", "Rename one.")
        return self._failing(replace(claim, id=id), problem)


def _text(*read: Text) -> str:
    try:
        value = read[0]() if read else ""
        return value if isinstance(value, str) else ""
    except KeyboardInterrupt:
        raise
    except BaseException:
        return ""


def named(path: Path) -> str:
    """Return the id of the write-up in a file, in a folder, or in the folder of a `document.py`."""
    name = path.parent.name if path.name == MAIN else path.name.removesuffix(".py")
    return name.replace("_", "-")


def main_file(path: Path) -> Path:
    """Return the file that has the write-up of a document: itself, or that of a folder."""
    return path / MAIN if path.is_dir() else path


def shown(path: Path) -> str:
    """Return a path as people see it: below the folder that holds proofs/, if it is there."""
    for parent in path.parents:
        if parent.name == "proofs":
            return path.relative_to(parent.parent).as_posix()
    return str(path)


class _Loader(SourceFileLoader):
    """Imports a file of a document with its syntax tree guarded; keeps no compiled file for plain imports."""

    def __init__(self, fullname: str, guard: Guard, name: str) -> None:
        super().__init__(fullname, str(guard.path))
        self._guard, self._name = guard, name

    def get_code(self, fullname: str) -> CodeType:
        """Return the guarded code of the file."""
        path = self.get_filename(fullname)
        return self.source_to_code(guarded(self.get_data(path), path), path)

    def exec_module(self, module: ModuleType) -> None:
        """Run the file; one that cannot be run has, under every name, what raises why."""
        module.__dict__[GUARD] = self._guard
        try:
            super().exec_module(module)
        except KeyboardInterrupt:
            raise
        except BaseException as problem:
            missing = self._guard.failed(problem, getattr(problem, "lineno", None) or 1, self._name)

            def given(name: str) -> Missing:
                if name.startswith("__"):
                    raise AttributeError(name)
                return missing

            module.__dict__["__getattr__"] = given


class _Beside(MetaPathFinder):
    """Finds the files of one folder, each with a guard of its own."""

    def __init__(self, package: str, document: Guard) -> None:
        self._package, self._document = package, document

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return how a file of the folder is imported, or None for any other module."""
        package, _, name = fullname.rpartition(".")
        file = self._document.path.parent / f"{name}.py"
        if package != self._package or not file.is_file():
            return None
        guard = self._document if file == self._document.path else Guard(file, self._document)
        return spec_from_loader(fullname, _Loader(fullname, guard, name))


def read(path: Path) -> Writeup:
    """Return the write-up of a document, a file or a folder; what cannot be made is a claim that raises why.

    Examples
    --------
    >>> from stability.audit.discovery import proofs_folder
    >>> read(proofs_folder() / "audits" / "two_relu_xor").title
    'Two ReLU Units Summed for XOR Classification'
    """
    file = main_file(path)
    name = f"{module_name(path)}_guarded"
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(file):
        return known.READ  # type: ignore[no-any-return]
    guard = Guard(file)
    module = _read_folder(name, guard) if file != path else _read_file(name, guard)
    found = _finished(guard, module.__dict__.get("WRITEUP"))
    sys.modules[name].__dict__["READ"] = found
    return found


def module_name(path: Path) -> str:
    """Return the name under which a file or folder of proofs/ is imported."""
    return re.sub(r"\W", "_", f"proofs_{path.parent.name}_{path.name.removesuffix('.py')}")


def _read_file(name: str, guard: Guard) -> ModuleType:
    loader = _Loader(name, guard, "document")
    spec = spec_from_loader(name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


def _read_folder(name: str, guard: Guard) -> ModuleType:
    folder = guard.path.parent
    with importing(name, folder, _Beside(name, guard)):
        if not guard.path.is_file():
            problem = StatementError(f"Expected {MAIN} in {shown(folder)}; found none.", "Define WRITEUP in it.")
            guard.failed(problem, 1, "document")
            return ModuleType(name)
        document = import_module(f"{name}.document")
    for file in sorted(folder.glob("section_*.py")):
        if f"{name}.{file.stem}" not in sys.modules and not hasattr(document, "__getattr__"):
            problem = StatementError(f"Expected {MAIN} to import each section; got none of {file.name}.", "Import it.")
            Guard(file, guard).failed(problem, 1, file.stem)
    return document


@contextmanager
def importing(name: str, folder: Path, *finders: MetaPathFinder) -> Iterator[ModuleType]:
    """Make a folder a package of this name, read anew; these finders look for its files as long as it lasts."""
    for known in [each for each in sys.modules if each.startswith(f"{name}.")]:
        del sys.modules[known]
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    package.__file__ = str(folder / MAIN)
    sys.modules[name] = package
    sys.meta_path[:0] = finders
    try:
        yield package
    finally:
        for finder in finders:
            sys.meta_path.remove(finder)


def _finished(guard: Guard, found: Any) -> Writeup:
    """Return a write-up that also reports failed definitions, unless something that uses them does."""
    id = guard.id
    claims = list(found.claims) if isinstance(found, Writeup) else list[Claim]()
    if isinstance(found, Writeup) and found.id != id:
        problem = StatementError(
            f"Expected the write-up {id!r}; got {found.id!r}.",
            "Name the file or folder after the id, with underscores.",
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
