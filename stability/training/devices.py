"""The device that a training runs on."""

from stability.errors import StabilityError

DEVICES = ("auto", "cpu", "cuda")


def device_for(device: str) -> str:
    """Return "cpu" or "cuda" for a setting: "auto" is "cuda" where there is one.

    Raises
    ------
    StabilityError
        If there is no such device.
    """
    require_device(device)
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise StabilityError("Expected a CUDA device; torch sees none.", "Write auto or cpu.")
    return "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"


def require_device(device: str) -> None:
    """Raise StabilityError if a device is none of `DEVICES`; whether there is one is not asked."""
    if device not in DEVICES:
        raise StabilityError(f"Expected the device auto, cpu or cuda; got {device!r}.", "Write auto, or leave it out.")
