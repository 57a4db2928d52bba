"""What an initialisation of a network did, layer by layer."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stability.io.printable import amount
from stability.io.results import Displayed, ResultTable, aligned, json_data


@dataclass(frozen=True)
class LayerStart:
    """What was done to a layer, and what it does to the data now that all layers are set.

    Attributes
    ----------
    name : str
        As torch has it.
    done : str
        The initialisation, or "left: " with the reason why the layer is as it was found.
    tries : int
        How often it was drawn; 0 if it was left.
    examples : int
        How many reach it, counted by the first axis of its inputs.
    dead : int or None
        Those at which no pre-activation is above 0, in any unit or place; None of the last of several layers, if
        no ReLU follows it.
    scale : float
        The standard deviation of its pre-activations; nan if nothing reaches it.
    """

    name: str
    done: str
    tries: int = 0
    examples: int = 0
    dead: int | None = 0
    scale: float = float("nan")


@dataclass(frozen=True, repr=False)
class NetworkStart(Displayed):
    """What an initialisation of a network did, layer by layer.

    Attributes
    ----------
    spelling : str
    seed : int
    layers : tuple of LayerStart
        In the order in which the network calls them; those that it never calls are last.
    loss : float or None
        Of the start, where it was chosen by its loss: a mean over examples.
    draws : int
        How often the whole network was drawn until it was kept; those that a percentile is taken of do not count.
    threshold : float or None
        What the loss had to be below, or above.
    labels : str
        Where the labels of that loss were taken from; empty without.
    """

    spelling: str
    seed: int
    layers: Sequence[LayerStart]
    loss: float | None = None
    draws: int = 1
    threshold: float | None = None
    labels: str = ""

    @property
    def dead(self) -> int:
        """How many examples are dead in some layer, at most: the sum over layers that were set."""
        return sum(each.dead or 0 for each in self.layers if each.tries)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        found: dict[str, Any] = json_data(asdict(self))
        return found

    def __repr__(self) -> str:
        """Return it for a terminal, with every layer."""
        shown = self._table()
        heads = [f"{shown.caption}: {shown.finding}", *shown.notes]
        return "\n".join([*heads, *(f"  {line}" for line in aligned([shown.head, *shown.rows]))])

    def _table(self) -> ResultTable:
        done = sum(each.tries > 0 for each in self.layers)
        rows = [
            [
                each.name or "(itself)",
                each.done,
                str(each.tries),
                "no ReLU" if each.dead is None else f"{each.dead} of {each.examples}",
                f"{each.scale:.3g}",
            ]
            for each in self.layers
        ]
        return ResultTable(
            f"{self.spelling}, seed {self.seed}",
            ("layer", "what was done", "tries", "dead examples", "scale"),
            rows,
            self._choice(),
            finding=f"{amount(done, 'layer')} of {len(self.layers)} set, layer by layer",
        )

    def _choice(self) -> list[str]:
        """Return by which loss the network was chosen, in a sentence; nothing if it was not."""
        if self.loss is None:
            return []
        limit = "" if self.threshold is None else f" (threshold {self.threshold:.4g})"
        drawn = f"after {amount(self.draws, 'draw')} of the whole network"
        return [f"loss {self.loss:.4g}{limit} {drawn}, labels: {self.labels}"]
