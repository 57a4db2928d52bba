"""The sweeps that have a name."""

from dataclasses import replace

from stability.compute.grids import Arguments, Grid
from stability.errors import UnknownNameError, nearest

TASKS = "stability.studies"
DEEP = f"{TASKS}.deep_tasks:deep"
METHODS = ["relu", "relu-bn", "sep-pu", "sep-u", "sep-p", "sep-l"]
"""The methods of Figure 1 of separation-constraints, in its order."""

CHOICES = {
    "method": [*METHODS, "leaky", "crelu"],
    "data": ["moons", "xor", "digits"],
    "device": ["cpu", "cuda", "auto"],
}


def _layers(each: Arguments) -> tuple[float, ...]:
    """Return the parts of an epoch of a deep network: once, per layer, per unit, and per weight."""
    depth, width = each["depth"], each["width"]
    return 5, depth, depth * width / 8, depth * (width / 12) ** 2


FIGURE_1 = Grid(
    "figure-1",
    DEEP,
    axes={"method": METHODS, "width": range(2, 26), "depth": range(2, 151, 4)},
    fixed={"data": "moons", "seeds": 8, "epochs": 5000, "lr": 0.01, "weight": 1e-4, "device": "cpu"},
    choices=CHOICES,
    title="Figure 1 of separation-constraints: accuracy by depth and width, six methods, 8 seeds",
    steps="epochs",
    sizes=_layers,
    group="method",
)

SWEEPS: dict[str, Grid] = {
    grid.name: grid
    for grid in (
        FIGURE_1,
        replace(
            FIGURE_1.set(width=[2, 4, 8, 16, 25], depth=[2, 10, 30, 50, 70, 100, 120], seeds=[4], epochs=[1000]),
            name="figure-1-coarse",
            title="the same on 35 depths and widths, with 4 seeds and 1,000 epochs",
        ),
        Grid(
            "tangency",
            f"{TASKS}.tangency_tasks:tangency",
            axes={"p": [0.0, 0.25, 0.5, 0.75, 1.0], "alpha": [0.1, 0.3, 0.5, 0.7, 1.0]},
            fixed={"restarts": 1000, "epochs": 500, "seed": 0, "model": "relu2", "device": "cpu"},
            choices={"device": ["cpu", "cuda", "auto"]},
            title="two ReLU units on XOR from partial tangencies: how often all points are correct",
            steps="epochs",
        ),
        Grid(
            "demo",
            f"{TASKS}.small_tasks:descend_on_xor",
            axes={"step": [round(0.002 * k, 3) for k in range(1, 21)], "seed": range(50)},
            fixed={"starts": 200, "epochs": 3000},
            title="1,000 small tasks: one absolute-value unit on XOR by gradient descent",
            steps="epochs",
        ),
    )
}
"""The sweeps of the command line, by name."""


def named(name: str) -> Grid:
    """Return a sweep by its name.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    if name not in SWEEPS:
        raise UnknownNameError(f"Expected the name of a sweep; got {name!r}.", nearest(name, [*SWEEPS]))
    return SWEEPS[name]
