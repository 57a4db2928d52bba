"""The networks of a record: their rows and output weights, and how a landscape is said. Standard library only."""

from fractions import Fraction
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
exact = part("limits").exact


class Network:
    """A sum of units with output weights, which may be parameters, and maybe an output bias.

    Attributes
    ----------
    trained : bool
        Whether output weights are parameters.
    weights : list of Fraction
        Those that are fixed, one per unit; 1 where they are not.
    signs : list of int
        Their signs.
    bias, one_hot : bool
        Whether there is an output bias, and whether there are two outputs.
    rows : list of list of Fraction
        The data points with a 1 appended, or without it where units have no biases.
    slopes : dict
        The slopes for the signs -1, 0 and 1.
    """

    def __init__(self, data: Any) -> None:
        given = data.get("output_weights", ["1"] * data["units"])
        self.trained = given == "trainable"
        self.weights = [Fraction(1)] * data["units"] if self.trained else [*map(exact, given)]
        self.signs = [1 if a > 0 else -1 for a in self.weights]
        self.bias, self.one_hot = "output_bias" in data, "one_hot" in data
        one = [Fraction(1)] * ("hidden_biases" not in data)
        self.rows = [[*map(exact, point), *one] for point in data["points"]]
        self.labels = [exact(y) for y in data["labels"]]
        self.slopes = {s: exact(data["slopes"][k]) for s, k in ((-1, "-"), (0, "0"), (1, "+"))}
        self.scale = {"sum": Fraction(1), "mean": Fraction(1, len(self.rows))}[data["loss"]]


def said(name: str, data: Any, torch: bool = True) -> str:
    """Return what a landscape is, in words; `torch`: with the slope that torch has at kinks."""
    slopes = {k: exact(slope) for k, slope in data["slopes"].items()}
    kink = f" (at 0: {slopes['0']})" if torch else ""
    pairs = ", ".join(f"({', '.join(x)}): {y}" for x, y in zip(data["points"], data["labels"], strict=True))
    units = f"{data['units']} unit(s) with slopes {slopes['-']} and {slopes['+']}{kink}{layer_said(data)}"
    return f"{name} is the {data['loss']} of squared errors of {units} on {pairs}"


def layer_said(data: Any) -> str:
    """Return what is other than in a plain sum of units, in words, with a comma before each."""
    parts = ["no hidden biases"] * ("hidden_biases" in data)
    weights = data.get("output_weights", [])
    if weights:
        parts.append("trainable output weights" if weights == "trainable" else f"output weights {', '.join(weights)}")
    parts += ["an output bias"] * ("output_bias" in data) + ["one-hot outputs"] * ("one_hot" in data)
    return "".join(f", {each}" for each in parts)
