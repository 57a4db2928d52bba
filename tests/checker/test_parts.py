"""Each file of the checker is loaded once, from beside the file that asks for it."""

import shutil
import sys
from pathlib import Path

import pytest

from stability.checker import parts


@pytest.fixture
def loaded():
    """Put the loaded files back in the end."""
    names = [name for name in sys.modules if name.startswith("stability_checker.")]
    kept = {name: sys.modules[name] for name in names}
    yield
    for name in [name for name in sys.modules if name.startswith("stability_checker.")]:
        del sys.modules[name]
    sys.modules.update(kept)


def test_a_file_is_loaded_once():
    first = parts.part("limits")
    assert parts.part("limits") is first
    assert sys.modules["stability_checker.limits"] is first
    assert Path(first.__file__) == Path(parts.__file__).resolve().with_name("limits.py")
    assert parts.part("text") is not first
    assert parts.part("grammar").limits is first


def test_another_folder_has_its_own_files(tmp_path, loaded):
    here = parts.part("limits")
    for name in ("parts.py", "limits.py"):
        shutil.copy(Path(parts.__file__).with_name(name), tmp_path / name)
    (tmp_path / "limits.py").write_text("WHERE = 'there'")
    code = compile((tmp_path / "parts.py").read_text(), str(tmp_path / "parts.py"), "exec")
    there = {"__file__": str(tmp_path / "parts.py"), "__name__": "there"}
    exec(code, there)
    assert there["part"]("limits").WHERE == "there"
    assert there["part"]("limits") is there["part"]("limits")
    again = parts.part("limits")
    assert again is not here
    assert again.BITS == here.BITS


def test_a_file_that_is_not_there(loaded):
    with pytest.raises(FileNotFoundError):
        parts.part("no_such_file")
