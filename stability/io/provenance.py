"""Which version, which arguments and which moment made a result."""

import sys
from datetime import UTC, datetime
from typing import Any

from stability.version import __version__


def provenance() -> dict[str, Any]:
    """Return which version and which arguments made a result, and when."""
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return {"version": __version__, "made": made, "arguments": sys.argv[1:]}
