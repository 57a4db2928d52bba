"""Computing an atlas on the command line, so that nothing done is lost."""

import sys
from pathlib import Path
from typing import Any

from stability.cli.application import INTERRUPTED
from stability.cli.options import print_result
from stability.cli.tables import atlas_table
from stability.cli.terminal import shown_progress, shown_stages
from stability.compute.progress import parts_reported
from stability.geometry.atlas.atlas import Atlas, fingerprint, known_atlas
from stability.geometry.atlas.size import most_choices
from stability.io.provenance import provenance
from stability.landscapes import Landscape
from stability.logic.records import Record, write_record

SHORT = 20_000
"""Up to this many choices of faces take a second or two; no file of partial results is kept then."""


def run_atlas(
    landscape: Landscape,
    as_json: str | None,
    record: Path | None,
    workers: int,
    max_faces: int | None,
    resume: Path | None,
    form: str | None,
    minima: bool = False,
    top: int | None = None,
) -> int:
    """Compute the atlas, write and show what is wanted, and return the exit status."""
    kept = resume or _place(landscape)
    try:
        found = _compute(landscape, workers, max_faces, kept)
    except KeyboardInterrupt:
        where = f"What was done is kept in {kept}; the same command goes on from there." if kept else ""
        print(f"Interrupted. {where}".rstrip(), file=sys.stderr)
        return INTERRUPTED
    if record is not None:
        write_record(_certified(found), record)
    print_result(lambda: _report(found), as_json, lambda: atlas_table(found, minima, top), form)
    return 0


def _certified(found: Atlas) -> Record:
    """Return the certificate of an atlas, with a sign of life while it is written and checked."""
    with shown_progress() as progress, parts_reported(progress):
        return found.record()


def _place(landscape: Landscape) -> Path | None:
    """Return where partial results of a long computation are kept."""
    return Path(f"atlas-{fingerprint(landscape)}.partial") if most_choices(landscape) > SHORT else None


def prepare_atlas(landscape: Landscape, max_faces: int | None = None) -> Atlas:
    """Return the atlas that another result needs, with a progress bar where there is a terminal.

    Raises
    ------
    TooLargeError
        If it may have more choices of faces than allowed; nothing has been computed then.
    """
    with shown_stages() as progress:
        return known_atlas(landscape, max_faces, progress)


def _compute(landscape: Landscape, workers: int, max_faces: int | None, kept: Path | None) -> Atlas:
    with shown_stages() as progress:
        return landscape.atlas(workers, resume=kept, max_faces=max_faces, progress=progress)


def _report(found: Atlas) -> dict[str, Any]:
    """Return the atlas as plain data, with what made it."""
    return {**found.to_json(), **provenance()}
