"""A plugin of pytest that writes down every record, and every proof as part of one, on which tests try the checker.

Run as `RECORDED=file python -m pytest -p recorded_proofs tests/checker`, it appends to the file a line for each record:
its text, as JSON.
"""

import json
import os
from pathlib import Path

from forged_records import record_of

from stability.checker import atlas_landscapes, atlas_replay, checker, flow_faces, flow_replay
from stability.checker.parts import part

ALL_SETS = {"sets of": "L", "with": [], "number": [">", 0]}


def note(text):
    """Append the text of a record."""
    with Path(os.environ["RECORDED"]).open("a", encoding="utf-8") as out:
        out.write(json.dumps(text) + "\n")


def before(owner, name, write):
    """Let a function be called as ever, and what it is called with be written down where that makes a record."""
    usual = getattr(owner, name)

    def called(*arguments, **named):
        try:
            text = write(*arguments, **named)
        except (AttributeError, TypeError, ValueError):
            text = None  # this is called with what no record holds
        if text is not None:
            note(text)
        return usual(*arguments, **named)

    setattr(owner, name, called)


def keep_data(land, name, data, meter):
    """Let a landscape remember the data that it is made of."""
    land.recorded = data


def sets_of(atlas, land, proof):
    return json.dumps(record_of("stability-atlas/1", {"L": land.recorded}, ALL_SETS, "proved", {"L": proof}))


def flow_of(tube, land, start, proof):
    statement = {"flow on": "L", "from": start, "has": []}
    return json.dumps(record_of("stability-flow/1", {"L": land.recorded}, statement, "proved", proof))


def pytest_configure(config):
    """Record from outside what the checker is given, in both of the forms in which its files are loaded."""
    before(checker, "check_text", lambda content, patience=1: content if patience == 1 else None)
    for faces in (atlas_landscapes, part("atlas_landscapes"), flow_faces, part("flow_faces")):
        before(faces.Landscape, "__init__", keep_data)
    for replay in (atlas_replay, part("atlas_replay")):
        before(replay.Atlas, "__init__", sets_of)
    for replay in (flow_replay, part("flow_replay")):
        before(replay.Tube, "__init__", flow_of)
