"""An installed wheel works in an empty folder, and a script beside the clone imports the package."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from stability.errors import DISTRIBUTION
from stability.version import __version__

ROOT = Path(__file__).parent.parent
SOURCES = ["stability", "proofs", "figures", "docs", "README.md", "pyproject.toml", "setup.py", "MANIFEST.in"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """Return a copy of the sources in a folder with the name of the package."""
    target = tmp_path_factory.mktemp("clone") / "stability"
    target.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def wheel(clone, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    called("-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, clone)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return the bin folder of a fresh environment with the wheel, and with the libraries of this one."""
    return environment(tmp_path_factory.mktemp("installed") / "venv", wheel)


ALONE = ("--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed")
"""How pip installs beside the environment that runs the tests, and leaves what that has installed where it is."""


def environment(folder, *arguments):
    venv.create(folder, with_pip=True, symlinks=True)
    binaries = folder / "bin"
    (site,) = folder.glob("lib/python*/site-packages")
    called("-m", "pip", "install", *ALONE, "--prefix", folder, *arguments)
    (site / "libraries_of_the_tests.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return binaries


def called(*arguments, python=Path(sys.executable), cwd=ROOT, status=0):
    """Run Python without the paths of this process; return what it printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    found = subprocess.run(
        [python, *arguments], cwd=cwd, env=clean, capture_output=True, text=True, timeout=900, check=False
    )
    assert found.returncode == status, found.stdout[-2000:] + found.stderr[-2000:]
    return found.stdout + found.stderr


def test_every_extra_and_hint_has_the_name_of_the_distribution():
    extras = PROJECT["optional-dependencies"]
    assert PROJECT["name"] == DISTRIBUTION
    assert {"train", "plot", "all", "docs", "integrations", "peers", "test", "browser"} == set(extras)
    assert f"{DISTRIBUTION}[all]" in extras["test"]
    assert extras["all"] == [f"{DISTRIBUTION}[plot,train]"]
    heavy = ("torch", "scikit-learn", "pyarrow", "matplotlib", "jax")
    assert not [each for each in PROJECT["dependencies"] if each.startswith(heavy)]


def test_the_citation_has_this_version():
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_wheel_carries_all_that_commands_read_and_no_picture_or_test(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    carried = {name.removeprefix("stability/project/") for name in names if name.startswith("stability/project/")}
    wanted = [*ROOT.glob("proofs/**/*.json"), *ROOT.glob("figures/*.py"), *ROOT.glob("docs/data/*")]
    wanted += [path for path in ROOT.glob("proofs/**/*.py") if not path.name.startswith("test_")]
    assert carried == {path.relative_to(ROOT).as_posix() for path in wanted}
    assert "stability/py.typed" in names
    assert {name.split("/")[0] for name in names} == {"stability", f"stability_nn-{__version__}.dist-info"}


@pytest.mark.slow
def test_commands_of_an_installed_wheel_run_in_an_empty_folder(installed, tmp_path):
    def stability(*arguments, status=0):
        return called("-m", "stability", *arguments, python=installed / "python", cwd=tmp_path, status=status)

    where = called("-c", "import stability; print(stability.__file__)", python=installed / "python", cwd=tmp_path)
    assert where.startswith(str(installed.parent))
    assert "0 rejected" in stability("check").splitlines()[-1]
    recorded = json.loads((ROOT / "proofs" / "statuses.json").read_text(encoding="utf-8"))
    assert f"{len(recorded)} claims" in stability("audit", "--no-runs")
    assert not list(tmp_path.iterdir())
    stability("figures", "angular_loss", "depth_width")
    assert {path.name for path in tmp_path.iterdir()} == {"figures"}
    assert len(list((tmp_path / "figures").iterdir())) == 4
    assert "0 failed, 0 missing" in stability(
        "sweep", "demo", "--set", "seed=0,1", "--export", "demo.parquet", "--workers", "1"
    )
    assert "are not written to" in stability("audit", "--record", status=2)


@pytest.mark.slow
def test_a_folder_with_its_own_proofs_goes_first(installed, tmp_path):
    (tmp_path / "proofs" / "audits").mkdir(parents=True)
    shutil.copytree(ROOT / "proofs" / "records" / "theorems", tmp_path / "proofs" / "records")
    (tmp_path / "proofs" / "records" / "broken.json").write_text("{}", encoding="utf-8")
    report = called("-m", "stability", "check", python=installed / "python", cwd=tmp_path, status=2)
    assert "broken" in report


@pytest.mark.slow
def test_a_script_beside_an_editable_clone_imports_it(clone, tmp_path):
    binaries = environment(tmp_path / "venv", "--editable", clone)
    script = clone.parent / "script.py"
    script.write_text("import stability\nprint(stability.landscape('abs1', 'xor').atlas().losses)\n", encoding="utf-8")
    assert "Fraction(4, 3)" in called(script, python=binaries / "python", cwd=clone.parent)


def test_the_wheel_has_the_style_of_latex_and_the_plugin_of_pytest(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (entries,) = (archive.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    assert "stability/audit/readers/stability.sty" in names
    assert "[pytest11]\nstability.audit.pytest_plugin = stability.audit.pytest_plugin" in entries
