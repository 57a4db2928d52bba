"""Claims that a document could have, proposed in a file of their own."""

from collections.abc import Sequence
from pathlib import Path

from stability.audit.readers.proposals import Proposal, propose
from stability.cli.audit import Request
from stability.cli.options import print_result
from stability.errors import StabilityError
from stability.io.printable import amount


def propose_and_report(asked: Request, output: Path | None) -> None:
    """Write proposals for each document after `init`, and say what there are and which numbers disagree."""
    refused = {"--only": asked.only, "--fail-on": asked.fail_on, "--record": asked.record, "--keep": asked.keep,
               "--write": asked.write, "--check": asked.check, "--table": asked.form}  # fmt: skip
    given = [name for name, value in refused.items() if value]
    if given:
        raise StabilityError(f"Expected init without options of an audit; got {', '.join(given)}.", "Leave them out.")
    names = [Path(name) for name in asked.names[1:]]
    if not names or (output is not None and len(names) > 1):
        wanted = "one document with -o" if names else "a document after init"
        raise StabilityError(f"Expected {wanted}; got {len(names)}.", "Write stability audit init notes.md.")
    made = [(name, *propose(name, output)) for name in names]
    data = [
        {
            "document": str(name),
            "output": str(place) if found else None,
            "proposals": [each.to_json() for each in found],
        }
        for name, place, found in made
    ]
    print_result(data, asked.as_json, lambda: [_said(*each) for each in made])


def _said(name: Path, place: Path, found: Sequence[Proposal]) -> str:
    if not found:
        return f"{name}: nothing to propose: no percentages of counts, sums or tables of successes."
    wrong = [f"{name}, line {each.line}: {each.correction}." for each in found if each.correction]
    waiting = sum(bool(each.opinion) for each in found)
    rows = [f"{amount(len(found), 'block')} proposed in {place}", *wrong]
    if waiting:
        rows.append(
            f"{amount(waiting, 'block')} of training to be completed: model, data and initialisation are guessed."
        )
    return "\n".join(rows)
