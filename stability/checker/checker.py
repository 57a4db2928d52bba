"""Verification of records: whether each proves what it says. Standard library only; shares no code with the finders.

See docs/certificates.md. Records of each format have a file of their own, which stands beside this one; here they are
read, sealed, and what they conclude is printed.
"""

import hashlib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, text, files, grammar = map(part, ("limits", "text", "files", "grammar"))

Rejected = limits.Rejected
FORMATS = {
    "stability-record/1": ("point_checker", 50),
    "stability-atlas/1": ("atlas_checker", 3_000),
    "stability-flow/1": ("flow_checker", 50),
    "stability-recovery/1": ("recovery_checker", 50),
}
"""For every format who decides, and how many steps each further character of a long record allows."""

CONCLUSIONS = ("proved", "refuted", "vacuous")
LONGEST = 400  # characters of a reason
HELP = """Say what records conclude, if they prove it.

usage: checker.py [--patience N] [FILE or FOLDER ...]

--patience N   allow N times as much work for each record
The exit status is 0 if all records are confirmed, 1 if some are rejected, 2 if some files are no records."""


def sealed(record: dict[str, Any]) -> str:
    """Return everything in a record but its id, as one line."""
    return json.dumps({**record, "id": ""}, sort_keys=True)


def fingerprint(line: str) -> str:
    """Return the fingerprint of a line."""
    return hashlib.sha256(line.encode()).hexdigest()[:20]


def digest(record: dict[str, Any]) -> str:
    """Return the fingerprint of everything in a record but its id."""
    return fingerprint(sealed(record))


def check(record: dict[str, Any], patience: int = 1) -> str:
    """Return what the record concludes, in words; raise Rejected if it does not prove it.

    Parameters
    ----------
    record : dict
        As `json.loads` reads it.
    patience : int
        How many times the usual work the record may ask for.

    Examples
    --------
    >>> from stability import ForAll, check, prove
    >>> check(prove(ForAll("x", ["x > 1"], ["x**2 > x"])).record)
    'proved: for all x with x > 1: x ** 2 > x'
    """
    try:
        return check_text(json.dumps(record), patience)
    except files.BadInput as problem:
        raise Rejected(text.shown(str(problem), LONGEST)) from None
    except (TypeError, ValueError, RecursionError) as problem:
        raise Rejected(text.shown(f"expected a record as JSON has it; got: {problem}", LONGEST)) from None


def check_text(content: str, patience: int = 1) -> str:
    """Return what a record in JSON concludes, in words.

    Raises
    ------
    Rejected
        If it does not prove that, or passes a limit.
    BadInput
        If it is no record.
    """
    try:
        record = files.parse(content)
        if type(record) is not dict or type(record.get("format")) is not str:
            raise files.BadInput(f"expected a record, which names its format; got {grammar.got(record)}")
        return confirmed(record, patience)
    except files.BadInput:
        raise
    except Rejected as problem:
        raise Rejected(text.shown(str(problem), LONGEST)) from None
    except RecursionError:
        raise Rejected("beyond a limit of the checker: nested too deeply") from None
    except MemoryError:
        raise Rejected("beyond a limit of the checker: the memory of this machine") from None
    except Exception as problem:
        raise Rejected("expected a proof whose parts fit each other and the landscapes; got another") from problem


def confirmed(record: dict[str, Any], patience: int) -> str:
    """Return what a record concludes, once its parts are found to be what they must be."""
    grammar.fields(record, "record", grammar.FIELDS)
    grammar.word(record["format"], "format", FORMATS)
    grammar.word(record["conclusion"], "conclusion", CONCLUSIONS)
    shapes = grammar.landscapes(record["landscapes"])
    line = sealed(record)
    limits.need(record["id"] == fingerprint(line), "the fingerprint does not fit: the record was altered")
    decides, rate = FORMATS[record["format"]]
    return str(part(decides).conclude(record, shapes, limits.Meter(len(line), rate, patience)))


def say(line: str) -> None:
    """Print one line, whatever stands in it."""
    print(text.encodable(text.shown(line), getattr(sys.stdout, "encoding", None)))


def judged(paths: list[str], patience: int = 1) -> Iterator[tuple[str, str, str]]:
    """Yield (verdict, name, words) of the records in files and folders; verdicts are "ok", "FAIL" and "ERROR"."""
    for path in paths:
        for found in files.found(Path(path)):
            name = text.called(os.fspath(found if isinstance(found, Path) else path))
            try:
                if not isinstance(found, Path):
                    raise found
                words = check_text(files.read(found), patience)
            except Rejected as problem:
                yield "FAIL", name, text.short(str(problem))
            except files.BadInput as problem:
                yield "ERROR", name, text.short(text.shown(str(problem), LONGEST))
            else:
                yield "ok", text.called(found.stem), text.short(words)


def exit_status(found: list[tuple[str, str, str]]) -> int:
    """Return 0 if all records are confirmed, 1 if some are rejected, 2 if something is no record."""
    verdicts = {verdict for verdict, _, _ in found}
    return 2 if "ERROR" in verdicts else int("FAIL" in verdicts)


def main(paths: list[str], patience: int = 1) -> int:
    """Check the records in files and folders, say what each concludes, return the exit status (2 without a path)."""
    found = []
    for verdict, name, words in judged(paths, patience):
        found.append((verdict, name, words))
        say(f"{verdict:5} {name}: {words}")
    counts = Counter(verdict for verdict, _, _ in found)
    more = f", {counts['ERROR']} not read" * bool(counts["ERROR"])
    say(f"{counts['ok']} records confirmed, {counts['FAIL']} rejected{more}")
    return exit_status(found) if paths else 2


def command(arguments: list[str]) -> int:
    """Run the checker by itself."""
    patience = 1
    if arguments[:1] in (["-h"], ["--help"]):
        say(HELP.replace("\n", " "))
        return 0
    if arguments[:1] == ["--patience"]:
        if len(arguments) < 2 or not re.fullmatch("[1-9][0-9]{0,8}", arguments[1]):
            say("expected --patience with a whole number above 0, such as --patience 10")
            return 2
        patience, arguments = int(arguments[1]), arguments[2:]
    return main(arguments or ["proofs/records"], patience)


if __name__ == "__main__":
    sys.exit(command(sys.argv[1:]))
