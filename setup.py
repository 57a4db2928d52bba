"""What pyproject.toml cannot say: the wheel carries proofs, scripts of figures and example data inside the package."""

from pathlib import Path
from shutil import copyfile

from setuptools import setup
from setuptools.command.build_py import build_py

CARRIED = {"proofs": ("*.py", "*.json"), "figures": ("*.py",), "docs/data": ("*",)}
"""What of which folder goes to stability/project of a wheel, where `stability.io.project` finds it."""


def carried(root: Path) -> list[Path]:
    """Return the files that a wheel carries, below the root of the repository; tests stay behind."""
    found = [path for folder, kinds in CARRIED.items() for kind in kinds for path in (root / folder).rglob(kind)]
    kept = (path.relative_to(root) for path in found if path.is_file())
    return sorted(path for path in kept if not path.name.startswith(("test_", ".")) and "__pycache__" not in path.parts)


class BuildWithProject(build_py):
    """Builds the package with what it carries; an editable install finds that in the checkout."""

    def run(self) -> None:
        """Build."""
        super().run()
        if not self.editable_mode:
            root, target = Path(__file__).resolve().parent, Path(self.build_lib) / "stability" / "project"
            for path in carried(root):
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                copyfile(root / path, target / path)


setup(cmdclass={"build_py": BuildWithProject})
