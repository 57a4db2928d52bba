"""The landscapes, points and formulas with which several sections of "Prototype-Surface Control Theory for ReLU Networks" state their claims."""

import numpy as np

from stability import Dataset, ForAll
from stability.audit.vocabulary import landscapes, on, pre

ABS1, RELU1, RELU2 = on("abs1"), on("relu1"), on("relu2")

P = "[u, v, b]"

ANY = ["[1, 0, 0]", "[0, 1, 0]", "[0, 0, 1]"]

BEST = [["-1/2", "1/2", 0]]

TRAPS = [[[0, 0, "1/2"]], [[0, 0, "-1/2"]]]

SADDLES = [[[0, 0, 0]]] + [[[f"{s}/6", f"{-s}/6", f"{t}/3"]] for s in (1, -1) for t in (1, -1)]

SOLVED, TRAPPED, SADDLE = (("kind", "=", kind) for kind in ("global minimum", "local minimum", "saddle"))
"""What a stationary set may be: minima of the least loss, minima above it, or neither minima nor maxima."""


def smooth(name: str) -> list[str]:
    """Return the condition that no pre-activation of a single unit is zero."""
    return [f"{z} != 0" for z in pre(name, P)]


def all_off(name: str, relation: str = "<") -> list[str]:
    """Return the condition that every example is on the inactive side."""
    return [f"{z} {relation} 0" for z in pre(name, P)]


NT, SEPARATOR, OPPOSITE = ("c", "c"), ("-c", "c"), ("c", "-c")

TORQUE = "[-v, u, 0]"


def rests_near_collapse() -> ForAll:
    """State that every point of a box around the dead parameters (0, 0, -1) rests."""
    box = [f"-1/8 <= {d} <= 1/8" for d in ("x", "y", "t")]
    still = [f"relu1.autograd([x, y, -1 + t], {axis}) == 0" for axis in ANY]
    return ForAll("x y t", box, still, landscapes(relu1="relu1"))


def preactivations(points: np.ndarray) -> np.ndarray:
    """Return the pre-activations on XOR, runs by units by examples."""
    rows = np.array([[1, -1, 1], [-1, 1, 1], [1, 1, 1], [-1, -1, 1]], dtype=float)
    return np.einsum("rkc,nc->rkn", points, rows)


SIX = "[u1, v1, b1, u2, v2, b2]"

SIX_NAMES = "u1 v1 b1 u2 v2 b2"

FITS2 = {"u1": "1/2", "v1": "-1/2", "b1": 0, "u2": "-1/2", "v2": "1/2", "b2": 0}

WEIGHTS2 = [f"[{', '.join(str(int(i == k)) for i in range(6))}]" for k in (0, 1, 3, 4)]
"""The directions of the weights of two units, without the biases."""

ONE_EXAMPLE = Dataset("one example", ((1, -1),), (1,))
