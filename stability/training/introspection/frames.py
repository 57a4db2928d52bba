"""Which calls are under way in this thread, as the frames of Python say."""

import sys
from types import FrameType

import torch


def is_repeated() -> bool:
    """Return whether this is a part of a forward pass that a checkpoint which is not reentrant makes once more."""
    if torch._C._current_graph_task_id() == -1:
        return False
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        code = frame.f_code
        if code.co_name == "unpack_hook" and code.co_filename.endswith("checkpoint.py"):
            return True
        frame = frame.f_back
    return False


def has_raised(frame: FrameType | None) -> bool:
    """Return whether a call ends by an exception: its hooks get None then, as where a network returns None."""
    where = sys.exc_info()[2]
    while where is not None and where.tb_frame is not frame:
        where = where.tb_next
    return where is not None


def is_running(frame: FrameType | None) -> bool:
    """Return whether a call is still under way in this thread."""
    now: FrameType | None = sys._getframe()
    while now is not None and now is not frame:
        now = now.f_back
    return now is not None
