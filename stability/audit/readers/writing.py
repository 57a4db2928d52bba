"""What an audit of documents leaves behind: verdicts in their text, and records in a folder beside them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from stability.audit.claims import Writeup
from stability.audit.kept_records import KeptRecords
from stability.audit.readers.annotations import annotated, has_verdicts
from stability.audit.readers.blocks import DocumentError, within
from stability.audit.readers.documents import DocumentWriteup, ReadDocument
from stability.audit.readers.latex_verdicts import latex_verdicts, verdict_file, written_verdicts
from stability.audit.verdicts import Verdict
from stability.errors import FileError
from stability.io.files import write_whole
from stability.logic.records import Record, write_record

Audits = Sequence[tuple[Writeup, Sequence[Verdict]]]


def write_verdicts(found: Audits) -> list[Path]:
    """Write the verdicts on documents into their text, and the records beside them; return the files that changed.

    Raises
    ------
    DocumentError
        If a document cannot be annotated; nothing of it is written then.
    FileError
        If a file cannot be written.
    """
    changed: list[Path] = []
    documents = [(writeup.read, verdicts) for writeup, verdicts in found if isinstance(writeup, DocumentWriteup)]
    planned = [_verdicts_in(read, {each.claim.id: each for each in verdicts}) for read, verdicts in documents]
    for place, before, after in planned:
        if after != before:
            _require_writable(place)
    for (read, verdicts), (place, before, after) in zip(documents, planned, strict=True):
        if after != before:
            _replace(place.resolve(), after)
            changed.append(place)
        changed += write_records_of(read.document.path, verdicts)
    return changed


def stale(found: Audits) -> list[str]:
    """Return what does not agree in documents: verdicts that stand there, and statuses that are expected."""
    problems: list[str] = []
    for writeup, verdicts in found:
        if not isinstance(writeup, DocumentWriteup):
            continue
        path, by_id = writeup.read.document.path, {each.claim.id: each for each in verdicts}
        try:
            place, before, after = _verdicts_in(writeup.read, by_id)
            if before and before != after and (place != path or has_verdicts(writeup.read)):
                problems.append(f"{place}: its verdicts are stale; --write renews them.")
        except DocumentError as problem:
            problems.append(problem.problem)
        for each in writeup.read.claims:
            verdict = by_id.get(each.claim.id)
            if each.expect and verdict is not None and verdict.status != each.expect:
                problems.append(
                    f"{path}, line {each.block.start}: {each.claim.id} is {verdict.status}; {each.expect} was expected."
                )
    return problems


def _verdicts_in(read: ReadDocument, by_id: Mapping[str, Verdict]) -> tuple[Path, str, str]:
    """Return which file holds the verdicts on a document, what stands in it, and what is to stand there."""
    path = read.document.path
    if path.suffix.lower() == ".tex":
        return verdict_file(path), written_verdicts(path), latex_verdicts(read, by_id)
    try:
        return path, read.document.text, annotated(read, by_id)
    except DocumentError as problem:
        said = within(path, problem.line, problem.problem)
        raise DocumentError(said, problem.remedy, problem.line, problem.column) from None


def records_folder(path: Path) -> Path:
    """Return the folder of the records of a document: notes.records beside notes.md."""
    return path.with_suffix(".records")


def write_records_of(path: Path, verdicts: Sequence[Verdict]) -> list[Path]:
    """Write the records of a document, and remove those that no longer belong; return the files that changed.

    Raises
    ------
    FileError
        If the folder is a link or a file, or cannot be written.
    """
    folder, records = records_folder(path), _records(path, verdicts)
    if not records and not folder.exists():
        return []
    _require_own(folder)
    changed = []
    for left in {each for each in folder.glob("*.json") if _is_record(each)} - {*records}:
        left.unlink()
        changed.append(left)
    return [*changed, *_written(records)]


def keep_records(found: Audits) -> list[Path]:
    """Write the records of what was judged of documents, and remove none; return the folders that have some.

    Raises
    ------
    FileError
        If a folder is a link or a file, or cannot be written.
    """
    kept = []
    for writeup, verdicts in found:
        if isinstance(writeup, DocumentWriteup) and (records := _records(writeup.read.document.path, verdicts)):
            folder = records_folder(writeup.read.document.path)
            _require_own(folder)
            _written(records)
            kept.append(folder)
    return kept


def kept_beside(writeup: Writeup) -> KeptRecords | None:
    """Return the records beside a document, to be confirmed; None where there are none of its own."""
    if not isinstance(writeup, DocumentWriteup):
        return None
    folder = records_folder(writeup.read.document.path)
    return KeptRecords(folder) if folder.is_dir() and not folder.is_symlink() else None


def _records(path: Path, verdicts: Sequence[Verdict]) -> dict[Path, Record]:
    """Return the records of verdicts on a document by the files that hold them."""
    folder, records = records_folder(path), dict[Path, Record]()
    for verdict in verdicts:
        for name, judged in verdict.judgements():
            for k, record in enumerate(judged.records):
                part = f".{k + 1}" if len(judged.records) > 1 else ""
                records[folder / f"{name}{part}.json"] = record
    return records


def _require_own(folder: Path) -> None:
    """Make a folder for records; raise FileError where something else stands."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FileError(f"Expected a folder for records at {folder}; got something else.", "Move it away.")
    folder.mkdir(exist_ok=True)


def _written(records: Mapping[Path, Record]) -> list[Path]:
    """Write records; return the files that changed."""
    changed = []
    for place, record in records.items():
        before = place.read_bytes() if place.is_file() else b""
        write_record(record, place)
        if place.read_bytes() != before:
            changed.append(place)
    return changed


def _is_record(path: Path) -> bool:
    """Return whether a file begins as our records do, so that no other file is removed."""
    try:
        return path.is_file() and path.read_bytes()[:500].startswith(b'{"conclusion":"')
    except OSError:
        return False


def _require_writable(path: Path) -> None:
    """Raise FileError if a file may not be written to."""
    if path.exists() and not path.stat().st_mode & 0o222:
        raise FileError(f"{path} is read-only.", "Make it writable, or leave --write out.")


def _replace(path: Path, text: str) -> None:
    """Replace the text of a file, whole or not at all, and keep who may read and write it."""
    mode = path.stat().st_mode if path.exists() else None
    write_whole(path, text.encode())
    if mode is not None:
        path.chmod(mode & 0o7777)
