"""What is studied, as exact data: units, networks, datasets, landscapes."""

from stability.model.datasets import DATASETS, Dataset, dataset
from stability.model.landscapes import Landscape, landscape
from stability.model.networks import Network, network
from stability.model.units import UNITS, Unit, absolute, leaky_relu, relu, unit

__all__ = [
    "DATASETS",
    "UNITS",
    "Dataset",
    "Landscape",
    "Network",
    "Unit",
    "absolute",
    "dataset",
    "landscape",
    "leaky_relu",
    "network",
    "relu",
    "unit",
]
