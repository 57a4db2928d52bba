"""What do the layers of a torch network with ReLUs do to the data, and what constrains them?"""

from typing import TYPE_CHECKING

from stability.training.loading import on_demand

if TYPE_CHECKING:
    from stability.training.watching.baselines import AnnealedDropout, CReLU, thin_network, zero_initialise
    from stability.training.watching.exact_networks import exact_layers
    from stability.training.watching.geometries import LayerGeometry, NetworkGeometry, geometry, layer_geometry
    from stability.training.watching.seeing import Seen, Watch, see
    from stability.training.watching.separation import SeparationLoss

__all__ = [
    "AnnealedDropout",
    "CReLU",
    "LayerGeometry",
    "NetworkGeometry",
    "Seen",
    "SeparationLoss",
    "Watch",
    "exact_layers",
    "geometry",
    "layer_geometry",
    "see",
    "thin_network",
    "zero_initialise",
]

_HOMES = {
    "AnnealedDropout": "baselines",
    "CReLU": "baselines",
    "LayerGeometry": "geometries",
    "NetworkGeometry": "geometries",
    "Seen": "sight",
    "SeparationLoss": "separation",
    "Watch": "seeing",
    "exact_layers": "exact_networks",
    "geometry": "geometries",
    "layer_geometry": "geometries",
    "see": "seeing",
    "thin_network": "baselines",
    "zero_initialise": "baselines",
}
"""In which module each name is."""

__getattr__ = on_demand(__name__, _HOMES)
