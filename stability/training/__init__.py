"""Where does training by torch end? A witness that knows the model only."""

from typing import TYPE_CHECKING, Any

from stability.model.intervals import wilson
from stability.model.laws import LAWS, starts

if TYPE_CHECKING:
    from stability.training.descent import End, descend

__all__ = ["LAWS", "End", "descend", "starts", "wilson"]


def __getattr__(name: str) -> Any:
    """Load what needs torch when it is asked for: its import takes a second."""
    if name in ("End", "descend"):
        from stability.training import descent

        return getattr(descent, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
