"""Two lines in the tools in which people train: callbacks for trainers, and loggers, loaded on demand.

The libraries themselves are not required: what needs one that is missing says what to install.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stability.errors import extras_named

if TYPE_CHECKING:
    from stability.training.integrations.hugging_face import HuggingFaceCallback as HuggingFaceCallback
    from stability.training.integrations.lightning_callback import LightningCallback as LightningCallback
    from stability.training.integrations.loggers import TensorBoardLogger as TensorBoardLogger
    from stability.training.integrations.loggers import WandbLogger as WandbLogger
    from stability.training.integrations.tables import CsvLogger as CsvLogger
    from stability.training.integrations.tables import ParquetLogger as ParquetLogger

HOMES = {
    "CsvLogger": "tables",
    "HuggingFaceCallback": "hugging_face",
    "LightningCallback": "lightning_callback",
    "ParquetLogger": "tables",
    "TensorBoardLogger": "loggers",
    "WandbLogger": "loggers",
}
"""In which module of `stability.training.integrations` each name is."""

__all__ = [
    "CsvLogger",
    "HuggingFaceCallback",
    "LightningCallback",
    "ParquetLogger",
    "TensorBoardLogger",
    "WandbLogger",
]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with extras_named():
        found = globals()[name] = getattr(import_module(f"stability.training.integrations.{HOMES[name]}"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
