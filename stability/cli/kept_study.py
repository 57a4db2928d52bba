"""Results that commands show: those that are kept, or measured anew."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stability.studies.kept_measurements import KeptMeasurement


def study_of(
    kept: "KeptMeasurement", file: Path | None, keep: bool, workers: int | None, *stages: str
) -> dict[str, Any] | None:
    """Return the result of a measurement, as plain data; None if it was interrupted.

    Parameters
    ----------
    kept : KeptMeasurement
    file : Path, optional
        Where it is measured, or the measurement goes on; the kept result by default.
    keep : bool
        Whether to keep what is measured.
    workers : int, optional
    stages : str
        Whose progress is shown from the start.
    """
    if file is None:
        return kept.read()
    from stability.cli.terminal import shown_stages

    with shown_stages(*stages) as progress:
        study = kept.measure(file, workers=workers, progress=progress)
    if keep and study is not None:
        kept.keep(study)
    return study
