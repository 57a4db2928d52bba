"""Loads the files of the checker, which stand beside this one, each of them once. Standard library only."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any


def part(name: str) -> Any:
    """Return another file of the checker as a module, wherever the folder stands and whoever runs it."""
    path = Path(__file__).resolve().with_name(f"{name}.py")
    key = f"stability_checker.{name}"
    if getattr(sys.modules.get(key), "__file__", None) != str(path):
        spec = spec_from_file_location(key, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"no file {path}")
        sys.modules[key] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[key])
    return sys.modules[key]
