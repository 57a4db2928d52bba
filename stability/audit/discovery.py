"""Discovery of the write-ups and theorems that a project holds."""

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from stability.audit.claims import Writeup
from stability.audit.documents import read
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
    """Return the module in a file, imported under its path's name."""
    name = f"proofs_{path.parent.name}_{path.stem}"
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) == str(path):
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise StabilityError(f"Expected a Python file; got {path}.", "Name it *.py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def files(folder: str) -> list[Path]:
    """Return the Python files of a folder of proofs/, without tests and private files."""
    found = sorted((proofs_folder() / folder).glob("*.py"))
    return [path for path in found if not path.name.startswith(("_", "test_", "conftest"))]


def writeups(names: Sequence[str] = ()) -> list[Writeup]:
    """Return the write-ups with these ids, all of them by default; what cannot be read in one is a claim that raises.

    Raises
    ------
    UnknownNameError
        If an id is unknown.
    """
    paths = {path.stem.replace("_", "-"): path for path in files("audits")}
    for name in names:
        if name not in paths:
            raise UnknownNameError(f"Expected the id of a write-up; got {name!r}.", nearest(name, list(paths)))
    return [read(paths[name]) for name in names or paths]
