"""Results that commands show: those that are kept, or measured anew."""

from pathlib import Path
from typing import Any


def study_of(table: Any, file: Path | None, keep: bool, workers: int | None, *stages: str) -> dict[str, Any] | None:
    """Return the result of a measurement, as plain data; None if it was interrupted.

    Parameters
    ----------
    table : module
        Of `stability.studies`, with `KEPT` and `measure`.
    file : Path, optional
        Where it is measured, or the measurement goes on; the kept result by default.
    keep : bool
        Whether to keep what is measured.
    workers : int, optional
    stages : str
        Whose progress is shown from the start.
    """
    if file is None:
        kept: dict[str, Any] = table.KEPT.read()
        return kept
    from stability.cli.terminal import shown_stages

    with shown_stages(*stages) as progress:
        study: dict[str, Any] | None = table.measure(file, workers=workers, progress=progress)
    if keep and study is not None:
        table.KEPT.keep(study)
    return study
