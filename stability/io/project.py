"""The folder that holds proofs/, figures/ and docs/data/: the source checkout, or what an installed wheel carries."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
CARRIED = PACKAGE / "project"
"""Where a wheel has what stands at the top level of the repository; no such folder is in a checkout."""


def project_folder() -> Path:
    """Return the folder with proofs/, figures/ and docs/data/ of this package.

    Examples
    --------
    >>> (project_folder() / "proofs" / "theorems").is_dir()
    True
    """
    return CARRIED if CARRIED.is_dir() else PACKAGE.parent


def is_carried(path: Path) -> bool:
    """Return whether a file or folder belongs to an installed wheel, where nothing is to be written."""
    return path.resolve().is_relative_to(CARRIED.resolve())
