"""What a run of training may be asked for, checked without torch, which takes seconds to load."""

from stability.errors import StabilityError, UnknownNameError, nearest
from stability.training.devices import require_device

DTYPES = ("float32", "float64")
MODES = ("auto", "compiled", "eager", "torch")
"""Compiled where there is a compiler and the work is worth it; eager gives the same bits; torch gives those of
torch.optim, which rounds a product and a sum at once."""


def require_settings(
    *,
    restarts: int,
    seed: int,
    epochs: int,
    stop_loss: float,
    patience: int | None,
    dtype: str,
    device: str = "auto",
    mode: str = "auto",
) -> None:
    """Refuse settings of `stability.training.ensembles.ensemble.train` that make no sense.

    Raises
    ------
    StabilityError, UnknownNameError
        If a number is out of its range, or there is no such dtype, device or mode.
    """
    wanted: list[tuple[bool, str, object]] = [
        (restarts >= 1, "at least 1 restart", restarts),
        (0 <= seed < 2**63, "a seed from 0 to 2^63 - 1", seed),
        (epochs >= 0, "at least 0 epochs", epochs),
        (stop_loss >= 0, "a stop loss of at least 0", stop_loss),
        (patience is None or patience >= 1, "a patience of at least 1 epoch", patience),
        (dtype in DTYPES, "the dtype float32 or float64", dtype),
    ]
    for fits, what, got in wanted:
        if not fits:
            raise StabilityError(f"Expected {what}; got {got}.", "Leave it out for the usual one.")
    require_device(device)
    require_mode(mode)


def require_mode(mode: str) -> None:
    """Raise UnknownNameError if a mode of training is none of `MODES`."""
    if mode not in MODES:
        raise UnknownNameError(f"Expected a mode of training; got {mode!r}.", nearest(mode, list(MODES)))
