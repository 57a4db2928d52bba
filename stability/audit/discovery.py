"""Discovery of the write-ups and theorems that a project holds."""

import importlib.util
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from stability.audit.claims import Writeup
from stability.audit.documents import MAIN, importing, module_name, named, read
from stability.errors import StabilityError, UnknownNameError, nearest
from stability.io.project import is_carried, project_folder


def proofs_folder() -> Path:
    """Return the folder `proofs`: that of the current directory, else that of the checkout or the installed wheel.

    Raises
    ------
    StabilityError
        If there is none.
    """
    places = [Path.cwd() / "proofs", project_folder() / "proofs"]
    for place in places:
        if (place / "audits").is_dir():
            return place
    raise StabilityError(
        f"Expected a folder proofs/ with audits/ in {places[0].parent}; found none.",
        "Run the command in a checkout of the project, or install the package anew.",
    )


def require_own_proofs() -> None:
    """Refuse to renew records or results that an installed wheel carries, before anything is computed.

    Raises
    ------
    StabilityError
        If the proofs are those of the wheel.
    """
    if is_carried(proofs_folder()):
        raise StabilityError(
            f"The proofs of the installed package in {proofs_folder()} are not written to.",
            "Run the command in a checkout of the project, or in a folder with its own proofs/audits.",
        )


def load(path: Path) -> ModuleType:
    """Return the module in a file, under its path's name; a file of a write-up's folder finds those beside it."""
    name = module_name(path)
    if path.parent.name != "audits" and (path.parent / MAIN).is_file():
        return _load_beside(path)
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) == str(path):
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise StabilityError(f"Expected a Python file; got {path}.", "Name it *.py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _load_beside(path: Path) -> ModuleType:
    package = module_name(path.parent)
    if getattr(sys.modules.get(package), "__file__", None) != str(path.parent / MAIN):
        with importing(package, path.parent):
            pass
    return importlib.import_module(f"{package}.{path.stem}")


def files(folder: str) -> list[Path]:
    """Return the Python files of a folder of proofs/, without tests and private files."""
    found = sorted((proofs_folder() / folder).glob("*.py"))
    return [path for path in found if not path.name.startswith(("_", "test_", "conftest"))]


def documents() -> dict[str, Path]:
    """Return the files and folders of write-ups by their ids.

    Raises
    ------
    StabilityError
        If a file and a folder have one id.
    """
    folders = [path for path in sorted((proofs_folder() / "audits").iterdir()) if any(path.glob("*.py"))]
    found: dict[str, Path] = {}
    for path in [*files("audits"), *(folder for folder in folders if not folder.name.startswith((".", "_")))]:
        first = found.setdefault(named(path), path)
        if first != path:
            raise StabilityError(
                f"Expected one document {named(path)}; got {first.name} and {path.name}/.", "Remove one."
            )
    return dict(sorted(found.items()))


def refuse_unheard(ids: Sequence[str]) -> None:
    """Refuse ids of claims that stand neither in a source of the write-ups nor among the statuses that are kept.

    Reading all write-ups takes seconds, and this does not. Where no statuses are kept nothing is refused.

    Raises
    ------
    UnknownNameError
        If there is one, with the nearest id that is known.
    """
    kept = proofs_folder() / "statuses.json"
    if not kept.is_file():
        return
    known = [name.partition("/")[2] for name in json.loads(kept.read_text(encoding="utf-8"))]
    for id in {*ids}.difference(known):
        if not any(id in source.read_text(encoding="utf-8") for source in _sources()):
            raise UnknownNameError(
                f"Expected the id of a claim; got {id!r}.",
                f"{nearest(id, known)} Name the write-up of a claim that is new.",
            )


def _sources() -> Iterator[Path]:
    """Yield the Python files of all write-ups."""
    for path in documents().values():
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def writeups(names: Sequence[str] = ()) -> list[Writeup]:
    """Return the write-ups with these ids, all of them by default; what cannot be read in one is a claim that raises.

    Raises
    ------
    UnknownNameError
        If an id is unknown.
    """
    paths = documents()
    for name in names:
        if name not in paths:
            said = f"Expected the id of a write-up, or a document (.md, .tex); got {name!r}."
            raise UnknownNameError(said, nearest(name, list(paths)))
    return [read(paths[name]) for name in names or paths]
