"""The trainings behind the measured claims of "Increasing separation in units"."""

from stability.audit.deep_experiments import DeepExperiment

from .vocabulary import SEPARATING

METHODS = ("relu", "relu-bn", "sep-l", "sep-p", "sep-u", "sep-pu")

MAIN = {method: DeepExperiment(f"{method}-50x4", method) for method in METHODS}
"""Table 2: 50 layers of 4 units, 5000 epochs, 64 seeds."""

WIDE, DEEP = 8, 32
"""Seeds of networks of 25 units where few or most work beyond doubt, and of the deepest ones that are said to work.

Of ReLU + BN at 70 x 25 the first 16, of which 11 worked, decided nothing; 16 more were trained.
"""

SHAPES = {
    "relu": {(10, 4): 16, (30, 4): 16, (40, 4): 16, (30, 10): 16, (50, 10): 16, (30, 25): WIDE, (50, 25): WIDE},
    "relu-bn": {(10, 4): 16, (30, 4): 16, (70, 4): 16, (30, 3): 16, (70, 10): 16, (70, 25): DEEP},
    "sep-pu": {
        (10, 4): 16,
        (30, 4): 16,
        (70, 4): 16,
        (120, 4): 16,
        (150, 4): 16,
        (30, 3): 16,
        (50, 2): 16,
        (120, 10): DEEP,
    },
    "sep-p": {(10, 4): 16, (30, 4): 16, (70, 4): 16, (100, 4): 16, (50, 10): 16, (70, 10): 16},
    "sep-u": {(10, 4): 16, (70, 4): 16, (50, 2): 16, (50, 10): 16},
    "sep-l": {(10, 4): 16, (120, 4): 16, (50, 10): 16, (70, 10): 16, (50, 25): WIDE},
}
"""The shapes of Figure 1, depth and width, that claims name, with their seeds."""

MAP = {
    (method, depth, width): DeepExperiment(
        f"{method}-{depth}x{width}", method, depth=depth, width=width, restarts=seeds
    )
    for method, sizes in SHAPES.items()
    for (depth, width), seeds in sizes.items()
}
"""Figure 1, coarsely: as many epochs as for Table 2."""

ZERO_STARTS = {
    name: DeepExperiment(f"zero-{name}", method, init="zero", restarts=16, **more)
    for name, method, more in (
        ("relu", "relu", {"dropout": 0.9}),
        ("sep-pu", "sep-pu", {"dropout": 0.9}),
        ("sep-pu-no-dropout", "sep-pu", {}),
    )
}
"""From zero weights, dropout annealed from 0.9 to 0 over 1000 epochs where there is any."""

NO_LOSS = {
    method: DeepExperiment(f"no-loss-{method}", method, main_loss=False, restarts=16)
    for method in ("relu", "relu-bn", "sep-l", "sep-pu")
}
"""Figure 8: trained on the penalty alone; ReLU and ReLU + BN, which have none, stay at their starts."""

LINEAR = DeepExperiment("sep-pu-linear", "sep-pu", power=1, restarts=16)
"""With the penalty as it is printed, linear in the slacks."""


EVERY = [MAIN[method] for method in METHODS]

FOUR = [MAIN[row.name] for row in SEPARATING]

ON_RELU, ON_NORM, ON_LAYER, ON_POINT, ON_UNIT, ON_BOTH = EVERY


def at(method: str, *sizes: tuple[int, int]) -> list[DeepExperiment]:
    """Return experiments of Figure 1."""
    return [MAIN[method] if size == (50, 4) else MAP[method, *size] for size in sizes]
