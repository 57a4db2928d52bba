"""The version of the code that a task depends on, to see whether it has changed."""

import ast
import hashlib
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stability.errors import StabilityError, UnknownNameError
from stability.version import __version__

MAIN = "__main__"
OWN = "stability"


class CodeError(UnknownNameError):
    """A function of a task that cannot be found by its name."""


def address_of(function: Callable[..., Any]) -> str:
    """Return a function at the top of a module as "module:name".

    Raises
    ------
    CodeError
        If another process could not find it: a lambda, a function within a function, one typed at a prompt.
    """
    name, module = getattr(function, "__qualname__", ""), getattr(function, "__module__", "")
    if not name or "<" in name or not module:
        raise CodeError(
            f"Expected a function at the top of a module; got {function!r:.80}.",
            "Other processes find a task by its name: define it with def in a file.",
        )
    return f"{module}:{name}"


def resolve(address: str) -> Callable[..., Any]:
    """Return the function at an address.

    Raises
    ------
    CodeError
        If there is no such module or name.
    """
    module, _, name = address.partition(":")
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except StabilityError:
        raise
    except (ImportError, AttributeError, ValueError) as problem:
        raise _missing(address, str(problem)) from None
    if not callable(found):
        raise _missing(address, "it is no function")
    function: Callable[..., Any] = found
    return function


def _missing(address: str, why: str) -> CodeError:
    return CodeError(f"There is no function {address}: {why}.", 'Write it "package.module:function".')


@dataclass(frozen=True)
class Code:
    """The code of a task, so that other processes can check whether they have the same.

    Attributes
    ----------
    address, version : str
        The function, and the version of its code: "0.2.0+1a2b3c4d5e6f".
    modules : tuple of str
        Those whose sources count.
    digest : str
        Hash of these sources byte by byte; where it agrees, nothing needs to be parsed.
    """

    address: str
    version: str
    modules: tuple[str, ...]
    digest: str

    def is_here(self) -> bool:
        """Return whether the files of this process have the same code."""
        files = {module: _file(module) for module in self.modules}
        contents = {module: _read(file) for module, file in files.items() if file is not None}
        return _digest(contents) == self.digest or code_of(self.address).version == self.version

    def stamps(self) -> dict[str, float]:
        """Return when the file of each module was last written here, in seconds since 1970."""
        files = {module: _file(module) for module in self.modules}
        return {module: file.stat().st_mtime for module, file in files.items() if file is not None}


def code_of(address: str) -> Code:
    """Return the code of a task.

    The digits of its version are a hash of the module of the function and of what it imports, directly or not, without
    comments, docstrings and layout. Followed are this package, the package of the task, and whatever is not installed
    (neither the standard library nor site-packages), but not the modules that run sweeps; imports within functions
    only in the module of the task.

    Raises
    ------
    CodeError
        If the module or the function is not there, or has no source.
    """
    module, _, name = address.partition(":")
    found = sources(module) if module else {}
    if not found or not name:
        raise _missing(address, f"no source of {module}" if name else "it has no ':'")
    if name.partition(".")[0] not in _top_names(found[module]):
        raise _missing(address, f"{module} does not define it")
    texts = [f"{each}\n{_bare(found[each])}" for each in sorted(found)]
    version = f"{__version__}+{hashlib.sha256(chr(0).join(texts).encode()).hexdigest()[:12]}"
    return Code(address, version, tuple(sorted(found)), _digest(found))


def _digest(contents: dict[str, bytes]) -> str:
    hashes = (hashlib.sha256(contents[module]).digest() for module in sorted(contents))
    return hashlib.sha256(b"".join(hashes)).hexdigest()


def sources(module: str) -> dict[str, bytes]:
    """Return the sources of a module and of those that it imports, as far as `code_of` follows them."""
    top = module.partition(".")[0]
    found: dict[str, bytes] = {}
    waiting, met = [module], {module}
    while waiting:
        name = waiting.pop()
        file = _file(name)
        if file is None:
            continue
        found[name] = _read(file)
        imported = _imported(found[name], name, file.name == "__init__.py", name == module)
        parts = dict.fromkeys(part for each in imported for part in _with_parents(each) if part not in met)
        met.update(parts)
        waiting += [part for part in parts if _is_followed(part, top)]
    return found


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise CodeError(f"Could not read {file}: {problem.strerror}.", "Mend the file first.") from None


def _with_parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[: k + 1]) for k in range(len(parts))]


def _file(module: str) -> Path | None:
    """Return the source of a module; None if there is none. Nothing is imported."""
    if module == MAIN:
        given = getattr(sys.modules[MAIN], "__file__", None)
        return Path(given) if given and Path(given).is_file() else None
    top, *rest = module.split(".")
    try:
        spec = find_spec(top)
    except ValueError:
        return None
    if spec is None or (not rest and spec.submodule_search_locations is None):
        origin = None if spec is None else spec.origin
        return Path(origin) if origin and origin.endswith(".py") else None
    for root in spec.submodule_search_locations or ():
        place = Path(root).joinpath(*rest)
        for candidate in (place / "__init__.py", place.with_suffix(".py")):
            if candidate.is_file():
                return candidate
    return None


def _is_followed(module: str, top: str) -> bool:
    root = module.partition(".")[0]
    if module.startswith(f"{__package__}."):
        return False
    if root in (top, OWN):
        return True
    if root in sys.stdlib_module_names:
        return False
    file = _file(root)
    return file is not None and not any(file.is_relative_to(folder) for folder in _installed())


@lru_cache(maxsize=1)
def _installed() -> list[Path]:
    """Return the folders of what is installed."""
    paths = sysconfig.get_paths()
    return [Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")]


@lru_cache(maxsize=4096)
def _imported(source: bytes, module: str, package: bool, lazy: bool) -> tuple[str, ...]:
    """Return the names that a module imports."""
    found: list[str] = []
    base = module.split(".") if package else module.split(".")[:-1]
    for node in _nodes(_parsed(source), lazy):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = base[: len(base) - node.level + 1] if node.level else []
            start = ".".join([*parts, *([node.module] if node.module else [])])
            found += [start, *(f"{start}.{alias.name}" for alias in node.names)]
    return tuple(found)


def _parsed(source: bytes) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError) as problem:
        words = source.decode(errors="replace").lstrip()[:40]
        raise CodeError(f"The module that begins {words!r} has an error: {problem}.", "Mend it first.") from None


def _nodes(tree: ast.AST, lazy: bool) -> Iterator[ast.AST]:
    """Yield what runs: nothing that only type checkers read, and functions only if `lazy`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            continue
        yield node
        if lazy or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _nodes(node, lazy)


@lru_cache(maxsize=4096)
def _top_names(source: bytes) -> frozenset[str]:
    found = set()
    for node in _nodes(_parsed(source), lazy=False):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return frozenset(found)


@lru_cache(maxsize=4096)
def _bare(source: bytes) -> str:
    """Return a source without comments, docstrings and layout."""
    tree = _parsed(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
