"""Version, arguments and moment of a result."""

import re
import sys
from datetime import UTC, datetime, timedelta

from paths import ROOT

from stability.io.provenance import provenance


def test_it_names_version_arguments_and_moment(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/bin/stability", "atlas", "abs1", "xor"])
    found = provenance()
    assert set(found) == {"version", "made", "arguments"}
    assert found["arguments"] == ["atlas", "abs1", "xor"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", found["made"])
    assert timedelta(seconds=-1) < datetime.now(UTC) - datetime.fromisoformat(found["made"]) < timedelta(seconds=60)
    written = (ROOT / "stability" / "version.py").read_text()
    assert found["version"] in re.findall(r'__version__ = "(.+)"', written)


def test_without_arguments_the_list_is_empty(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["python"])
    assert provenance()["arguments"] == []
