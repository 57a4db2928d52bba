"""The notebooks of the documentation run from top to bottom, use public names only, and are kept without outputs."""

import ast
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import stability

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
SECONDS = 120

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(each["source"]) for each in found if each["cell_type"] == kind]


def environment(folder):
    """Return the variables of a process that draws into no window and writes nothing but into a folder."""
    return {
        **os.environ,
        "MPLBACKEND": "Agg",
        "TMPDIR": str(folder),
        "IPYTHONDIR": str(folder),
        "PYTHONPATH": str(ROOT),
    }


LONG, SHORT = "epochs=800", "epochs=50"
"""How long a notebook trains, and for how long it does here but for the slow tests."""


def run_as_script(path, folder, whole):
    """Run the code of all cells in a fresh Python; return what it printed."""
    script = folder / f"{path.stem}.py"
    code = "\n\n".join(cells(path, "code"))
    assert "epochs=" not in code or code.count(LONG) == 1
    script.write_text(code if whole else code.replace(LONG, SHORT), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script], cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_it_runs_from_top_to_bottom(path, whole, tmp_path):
    before = sorted(path.parent.iterdir())
    run_as_script(path, tmp_path, whole)
    assert sorted(path.parent.iterdir()) == before


@pytest.mark.slow
@pytest.mark.skipif(
    not (find_spec("nbclient") and find_spec("ipykernel")), reason="needs nbclient and ipykernel: pip install '.[docs]'"
)
def test_its_results_show_as_cards_and_pictures(path, tmp_path, monkeypatch):
    nbformat, client = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MPLBACKEND")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    client.NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = [data for output in outputs for data in output.get("data", {}).items()]
    assert sum(kind == "text/html" and 'class="stability-card"' in text for kind, text in shown) >= 2
    assert any(kind == "image/png" for kind, _ in shown)
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


def test_it_uses_public_names_only(path):
    for node in ast.walk(ast.parse("\n".join(cells(path, "code")))):
        if isinstance(node, ast.Import):
            assert not [each.name for each in node.names if each.name.startswith("stability")]
        if isinstance(node, ast.ImportFrom) and node.module.startswith("stability"):
            assert node.module == "stability"
            assert {each.name for each in node.names} <= {*stability.__all__}


def test_it_is_kept_without_outputs_and_begins_with_a_title(path):
    data = json.loads(path.read_text(encoding="utf-8"))
    assert (data["nbformat"], data["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in data["cells"]}) == len(data["cells"])
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in data["cells"] if "outputs" in cell)
    assert data["cells"][0]["cell_type"] == "markdown"
    assert cells(path, "markdown")[0].startswith("# ")
    assert path.stat().st_size < 20_000


def test_the_files_that_it_links_exist(path):
    for name in re.findall(r"\]\((?!https?:)([^)#]+)", "\n".join(cells(path, "markdown"))):
        assert (path.parent / name).exists(), name
