"""stability: decide where the training of small piecewise-linear networks stops, with certificates."""

from stability.errors import StabilityError
from stability.model import Dataset, Landscape, Network, Unit, dataset, landscape, network
from stability.version import __version__

__all__ = [
    "Dataset",
    "Landscape",
    "Network",
    "StabilityError",
    "Unit",
    "__version__",
    "dataset",
    "landscape",
    "network",
]
