"""The units and points that each layer of a network kills, forwards or separates, on a batch or dataset.

The sets are those of separation-constraints.md, section 2: a unit's upper part is open (z > 0), its lower part closed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from stability.errors import DataError, StabilityError
from stability.io.printable import amount, printable
from stability.io.results import Displayed, ResultTable, Tabular, aligned
from stability.training.introspection.batches import arguments, batches, taken_by_the_network
from stability.training.introspection.forward_passes import TracedActivation, require_relus, see_all
from stability.training.introspection.preserve_state import left_as_found
from stability.training.introspection.stated_units import StatedUnits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Tensor = torch.Tensor

HEADS = ("layer", "units", "dead", "affine", "separating", "points", "dead", "in A", "images", "separates")


def upper(z: Tensor) -> Tensor:
    """Return where pre-activations lie in the upper part, z > 0."""
    return z > 0


def lower(z: Tensor) -> Tensor:
    """Return where pre-activations lie in the lower part, z <= 0."""
    return z <= 0


@dataclass(frozen=True, eq=False, repr=False)
class LayerGeometry(Displayed):
    """What one layer does to the points it was shown; where a unit has many places (pixels), to all of them.

    Attributes
    ----------
    name : str
    units, points, places : int
        A unit is a channel after convolutions, and a feature of a sequence. If examples differ in places, the most.
    dead_units, affine_units : bool tensors (units,)
        Whether all points, at all places, lie in the unit's lower part; in its upper part.
    dead_examples, affine_points : bool tensors (points,)
        Whether a point lies in the zero set Z (in the lower parts of all units, at all places); in the affine component
        A (in all upper parts). Points stand in the order in which they were shown.
    upper_shares : float64 tensor (units,)
        The share of points and places in each unit's upper part.
    images : int
        How many distinct points the layer sends its points to: distinct rows of relu(z), or of z where the slope left
        of 0 is not 0. 1 says that the data have collapsed.
    slope : float or None
        Left of 0. With another slope than 0 "dead" examples and units still pass something on.
    """

    name: str
    units: int
    points: int
    places: int
    dead_units: Tensor
    affine_units: Tensor
    dead_examples: Tensor
    affine_points: Tensor
    upper_shares: Tensor
    images: int
    slope: float | None = 0.0

    @property
    def separating_units(self) -> Tensor:
        """Which units have points in both parts."""
        return ~self.dead_units & ~self.affine_units

    @property
    def interzone_points(self) -> Tensor:
        """Which points lie neither in the zero set nor in the affine component."""
        return ~self.dead_examples & ~self.affine_points

    @property
    def has_dead_examples(self) -> bool:
        """Whether some point lies in the zero set."""
        return bool(self.dead_examples.any())

    @property
    def separates(self) -> bool:
        """Whether some points, but not all, lie in the affine component (separation-constraints.md, prop. 2.2)."""
        return bool(self.affine_points.any()) and not bool(self.affine_points.all())

    @property
    def counts(self) -> dict[str, int]:
        """The number of units and points of each kind."""
        kinds = ("dead_units", "affine_units", "separating_units", "dead_examples", "affine_points", "interzone_points")
        return {kind: int(getattr(self, kind).sum()) for kind in kinds}

    def _table(self) -> ResultTable:
        dead, units = self.counts["dead_units"], amount(self.units, "unit", ",")
        return ResultTable(f"Layer {self.name}", HEADS[1:], [_row(self)[1:]], finding=f"{dead:,} of {units} dead")

    def to_json(self) -> dict[str, Any]:
        """Return the counts, and which units and points are dead and affine, as lists of their numbers from 0."""
        which = ("dead_units", "affine_units", "dead_examples", "affine_points")
        return {
            "name": self.name,
            "units": self.units,
            "points": self.points,
            "places": self.places,
            "counts": self.counts,
            "images": self.images,
            "separates": self.separates,
            "slope": self.slope,
            "which": {name: getattr(self, name).nonzero()[:, 0].tolist() for name in which},
            "upper_shares": self.upper_shares.tolist(),
        }


@dataclass(frozen=True, eq=False, repr=False)
class NetworkGeometry(Tabular):
    """What a network does to the points it was shown, layer by layer.

    Attributes
    ----------
    layers : tuple of LayerGeometry
        In the order of the computation.
    skipped : mapping of str to str
        The layers that were left out, and why: their axis of units is not certain, or they got no example.
    """

    layers: tuple[LayerGeometry, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def points(self) -> int:
        """How many points there are."""
        return len(self._dead()[0])

    @property
    def dead_somewhere(self) -> Tensor:
        """Which points lie in the zero set of some layer: without skips nothing of them passes that layer."""
        return self._dead().any(0)

    @property
    def dead_everywhere(self) -> Tensor:
        """Which points lie in the zero set of every layer."""
        return self._dead().all(0)

    @property
    def dead_beyond_first(self) -> Tensor:
        """Which points lie in the zero set of every layer but the first, as eq. 9 has it; all if there is no other."""
        return self._dead()[1:].all(0)

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of units of each kind over all layers, and of points that are dead in each sense."""
        kinds = ("dead_units", "affine_units", "separating_units")
        found = {kind: sum(layer.counts[kind] for layer in self.layers) for kind in kinds}
        senses = ("dead_somewhere", "dead_everywhere", "dead_beyond_first")
        return found | {sense: int(getattr(self, sense).sum()) for sense in senses}

    @property
    def separating_layers(self) -> tuple[str, ...]:
        """The names of the layers that separate."""
        return tuple(layer.name for layer in self.layers if layer.separates)

    def _dead(self) -> Tensor:
        if not self.layers:
            raise StabilityError(
                f"Expected a layer that can be read; {len(self.skipped)} of {len(self.skipped)} were left out.",
                "See .skipped for the reasons.",
            )
        if len({layer.points for layer in self.layers}) > 1:
            raise StabilityError(
                f"Expected layers that see the same examples; they see {[layer.points for layer in self.layers]}.",
                "Ask the layers one by one: .layers[k].dead_examples.",
            )
        return torch.stack([layer.dead_examples for layer in self.layers])

    def __str__(self) -> str:
        return "\n".join(map(printable, [*aligned([HEADS, *map(_row, self.layers)]), *self._notes()]))

    def _notes(self) -> list[str]:
        left_out = [f"{name} is left out: {reason}" for name, reason in self.skipped.items()]
        if len({layer.points for layer in self.layers}) != 1:
            return left_out
        somewhere, everywhere = (self.counts[f"dead_{where}"] for where in ("somewhere", "everywhere"))
        dead = f"{somewhere} of {self.points} points are dead at some layer, {everywhere} at every layer"
        return [dead, *left_out]

    def _table(self) -> ResultTable:
        caption = f"Geometry of {amount(len(self.layers), 'layer')}"
        dead, units = self.counts["dead_units"], sum(layer.units for layer in self.layers)
        finding = f"{dead:,} of {amount(units, 'unit', ',')} dead"
        return ResultTable(caption, HEADS, [_row(layer) for layer in self.layers], self._notes(), finding)

    def _records(self) -> list[dict[str, Any]]:
        return [
            {"layer": each.name, "units": each.units, "points": each.points, **each.counts}
            | {"images": each.images, "separates": each.separates}
            for each in self.layers
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the layers, and those that were left out with the reasons."""
        return {"layers": [each.to_json() for each in self.layers], "skipped": dict(self.skipped)}

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how many units of every layer are dead, affine and separating; return the Axes."""
        from stability.plot.layers import draw_network_geometry

        return draw_network_geometry(ax, self)


def _row(layer: LayerGeometry) -> tuple[str, ...]:
    counts = layer.counts
    units = (layer.units, counts["dead_units"], counts["affine_units"], counts["separating_units"])
    points = (layer.points, counts["dead_examples"], counts["affine_points"], layer.images)
    return (layer.name, *map(str, units + points), "yes" if layer.separates else "no")


def layer_geometry(
    model: nn.Module,
    data: Any,
    mode: str = "eval",
    batch_size: int = 256,
    inputs: Callable[[Any], Any] | None = None,
    strict: bool = False,
    units: Mapping[str, int] | None = None,
    skip: Iterable[str] = (),
) -> NetworkGeometry:
    """Return which units and points are dead, affine or separating at every layer of ReLUs.

    The network is left as it was found: modes, buffers (running statistics), random states, gradients, hooks.

    Parameters
    ----------
    model : Module
    data : any
        A batch (tensor, array, tuple, mapping, packed sequence, dataclass), a list of batches or of examples, a
        Dataset, a DataLoader, or anything that yields batches; see `batches`. A loader that shuffles is taken in the
        order that it would have next.
    mode : str
        "eval", "train", or "found" for that of each module as it is. In "train" batch normalisation uses the
        statistics of each batch, so that answers depend on the batches, and dropout drops.
    batch_size : int
        Of a Dataset.
    inputs : callable, optional
        Gets a batch and returns the arguments of the network, as a tuple or by name; see `arguments`.
    strict : bool
        Whether to refuse layers whose axis of units is not certain; else they are left out with one warning.
    units : mapping of str to int, optional
        Which axis of what a ReLU gets counts its units, by the name of the layer or of the module that calls the ReLU,
        where it is not known or another is meant: `units={"block.relu": 1}`.
    skip : iterable of str
        Layers to leave out, or modules with all that is in them.

    Raises
    ------
    StabilityError
        If the mode is unknown, there is no ReLU, nothing can be seen inside, or batches run through different layers.
    DataError
        If there is no example, the data are none of these, the network does not take them, or a pre-activation is not
        a number.

    Examples
    --------
    >>> import torch
    >>> from stability import layer_geometry
    >>> model = torch.nn.Sequential(torch.nn.Linear(1, 2), torch.nn.ReLU(), torch.nn.Linear(2, 1))
    >>> _ = model[0].weight.data.fill_(1), model[0].bias.data.copy_(torch.tensor([0.0, -9.0]))
    >>> layer_geometry(model, torch.tensor([[-1.0], [1.0]])).layers[0].dead_units.tolist()
    [False, True]
    """
    stated = StatedUnits(model, units, skip)
    parts: list[_Parts] = []
    skipped: dict[str, str] = {}
    shown = False
    with left_as_found(model, mode, data), torch.no_grad():
        for batch in batches(data, batch_size):
            with taken_by_the_network():
                seen, left_out = see_all(model, *arguments(batch, model, inputs), strict=strict, stated=stated)
            skipped |= left_out
            require_relus(model, seen, skipped)
            parts = parts or [_Parts(each) for each in seen]
            if [each.name for each in seen] != [part.name for part in parts]:
                raise StabilityError(
                    f"Expected the same layers for all batches; saw {[part.name for part in parts]}, then "
                    f"{[each.name for each in seen]}.",
                    "Give batches that run through the same layers.",
                )
            for part, each in zip(parts, seen, strict=True):
                part.add(each)
            shown = True
    if not shown:
        raise DataError("Expected at least one example; got none.", "Give a batch, or a dataset that is not empty.")
    skipped |= {part.name: "it got no example" for part in parts if not part.total}
    return NetworkGeometry(tuple(part.layer() for part in parts if part.total), skipped)


def geometry_of_layer(seen: TracedActivation) -> LayerGeometry:
    """Return the geometry of one layer on one batch, from what was seen there.

    Raises
    ------
    DataError
        If a pre-activation is not a number.
    """
    part = _Parts(seen)
    part.add(seen)
    return part.layer()


class _Parts:
    """Adds up one layer over batches."""

    def __init__(self, seen: TracedActivation) -> None:
        self.name, self.slope, self.units = seen.name, seen.slope, seen.table.shape[1]
        self._above = torch.zeros(self.units, dtype=torch.int64)
        self._dead: list[Tensor] = []
        self._affine: list[Tensor] = []
        self._images: set[bytes] = set()
        self.total = self._places = 0

    def add(self, seen: TracedActivation) -> None:
        if not seen.z.numel():
            return
        z = seen.table.detach()
        if z.isnan().any():
            raise DataError(
                f"Expected pre-activations that are numbers; {self.name} has {int(z.isnan().sum())} NaN.",
                "Look for NaN in the data and weights: training may have diverged.",
            )
        above = upper(z)
        self._above += above.sum((0, 2)).cpu()
        self._dead.append(~above.flatten(1).any(1).cpu())
        self._affine.append(above.flatten(1).all(1).cpu())
        image = (z.clamp(min=0) if self.slope == 0 else z) + 0.0
        rows = image.flatten(1).cpu()
        rows = rows.float() if rows.dtype in (torch.bfloat16, torch.float16) else rows
        self._images.update(blake2b(row.tobytes(), digest_size=16).digest() for row in rows.numpy())
        self.total += len(z) * z.shape[2]
        self._places = max(self._places, z.shape[2])

    def layer(self) -> LayerGeometry:
        dead, affine = torch.cat(self._dead), torch.cat(self._affine)
        return LayerGeometry(
            self.name,
            self.units,
            len(dead),
            self._places,
            self._above == 0,
            self._above == self.total,
            dead,
            affine,
            self._above.double() / self.total,
            len(self._images),
            self.slope,
        )
