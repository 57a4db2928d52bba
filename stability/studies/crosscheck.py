"""Agreement of real training runs with what the exact side predicts.

A prediction is a probability, or says that something always or never happens. Training by torch measures how often it
happens; they agree if the predicted probability is in the 99.9% interval of the measured share.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import atan, pi, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stability.audit.end_states import labels
from stability.compute.notebook import reporting
from stability.compute.progress import Progress
from stability.dynamics.flow.batch import flow_limits
from stability.dynamics.maps.stability_regions import stability_regions
from stability.errors import StabilityError
from stability.exact.limits import require_memory
from stability.geometry.atlas.atlas import known_atlas
from stability.initialisation.sampling import starts
from stability.io.results import Displayed, ResultList, ResultTable
from stability.landscapes import Landscape, landscape
from stability.model.flat_points import layer_order
from stability.model.update_rules import update_rule
from stability.model.wilson import wilson
from stability.training.ensembles import unit_geometry as geometry
from stability.training.ensembles.ensemble import Ensemble, train
from stability.training.ensembles.problem import task

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CONFIDENCE = 0.999
"""Of the interval in which a prediction must lie, so that a correct one fails once in a thousand times."""

SLOW = "1/100"
"""A step so small that descent follows gradient flow closely."""

CLEAR = 1 / 20
"""How far from 0 pre-activations must start, so that a finite step does not leap over what the flow would meet."""

Hits = tuple[int, int]
"""(how often, of how many)."""


@dataclass(frozen=True)
class Crosscheck:
    """A prediction and how it is measured.

    Attributes
    ----------
    id, says : str
        A short name, and the prediction in words.
    source : str
        Where it comes from.
    predict : callable
        () -> probability; 1 and 0 stand for always and never.
    measure : callable
        (runs, seed) -> Hits
    share : float
        The share of the runs that are enough.
    """

    id: str
    says: str
    source: str
    predict: Callable[[], float]
    measure: Callable[[int, int], Hits]
    share: float = 1.0


@dataclass(frozen=True, repr=False)
class Compared(Displayed):
    """A prediction beside what was measured."""

    check: Crosscheck
    predicted: float
    hits: int
    runs: int

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of the measured share."""
        return wilson(self.hits, self.runs, CONFIDENCE)

    @property
    def agrees(self) -> bool:
        """Whether the prediction is in it; what always, or never, happens must do so in every run."""
        if self.predicted in (0, 1):
            return self.hits == self.predicted * self.runs
        return self.interval[0] <= self.predicted <= self.interval[1]

    @property
    def bar(self) -> tuple[str, float, float, float, float, bool]:
        """What it says, the predicted share, the measured one with its interval, and whether they agree."""
        return self.check.says, self.predicted, self.hits / self.runs, *self.interval, self.agrees

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the measured share with its interval beside the predicted one; return the Axes."""
        from stability.plot.agreement import draw_agreement

        return draw_agreement(ax, [self.bar], f"share of runs, with {CONFIDENCE:.1%} interval")

    def _table(self) -> ResultTable:
        low, high = self.interval
        rows = [
            ("says", f"{self.check.says} ({self.check.source})"),
            ("predicted", f"{self.predicted:.2%}"),
            ("measured", f"{self.hits:,} of {self.runs:,} runs, {low:.2%} to {high:.2%} ({CONFIDENCE:.1%} interval)"),
        ]
        return ResultTable(self.check.id, (), rows, finding="agrees" if self.agrees else "does NOT agree")

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        low, high = self.interval
        return {
            "id": self.check.id,
            "says": self.check.says,
            "source": self.check.source,
            "predicted": self.predicted,
            "hits": self.hits,
            "runs": self.runs,
            "measured": self.hits / self.runs,
            "low": low,
            "high": high,
            "agrees": self.agrees,
        }


class Comparisons(ResultList[Compared]):
    """Predictions of the exact side, each beside what training measured.

    Parameters
    ----------
    results : iterable of Compared
    runs, seed : int
        Runs of the largest comparisons, and where their random numbers begin.
    """

    part = "checks"

    def __init__(self, results: Iterable[Compared], runs: int, seed: int) -> None:
        super().__init__(results, runs=runs, seed=seed)

    def _table(self) -> ResultTable:
        agreeing = sum(each.agrees for each in self)
        finding = f"{agreeing} of {len(self)} predictions agree with training, seed {self.asked['seed']}"
        columns = ("prediction", "from", "predicted", "measured", f"{CONFIDENCE:.1%} interval", "agrees")
        return ResultTable("Predictions and training", columns, [_row(each) for each in self], finding=finding)

    def _records(self) -> list[dict[str, Any]]:
        return [each.to_json() for each in self]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw every measured share with its interval beside the predicted one; return the Axes."""
        from stability.plot.agreement import draw_agreement

        return draw_agreement(ax, [each.bar for each in self], f"share of runs, with {CONFIDENCE:.1%} interval")


def _row(each: Compared) -> tuple[str, ...]:
    low, high = each.interval
    measured = f"{each.hits:,} of {each.runs:,} ({each.hits / each.runs:.2%})"
    said = {0.0: "never", 1.0: "always"}.get(each.predicted, f"{each.predicted:.4f}")
    agrees = "yes" if each.agrees else "NO"
    return each.check.says, each.check.source, said, measured, f"{low:.4f} to {high:.4f}", agrees


def _trained(
    model: str, init: str | NDArray[Any], runs: int, seed: int, loss: str = "sum", **settings: Any
) -> Ensemble:
    """Train in float64 by gradient descent, or as `settings` say."""
    how = {"epochs": 4000, "dtype": "float64", "restarts": runs, "seed": seed, **settings}
    numbers = {key: how.pop(key) for key in ("step", "momentum") if key in how}
    update = update_rule(how.pop("optimizer", "gd"), **{"step": SLOW, **numbers})
    given = init if isinstance(init, str) else init.reshape(len(init), -1)
    return train(task(model, "xor", loss), given, update, **how)


def _counted(which: NDArray[np.bool_]) -> Hits:
    return int(which.sum()), len(which)


def trap_share_of_abs1(std: float, bias_std: float) -> float:
    """Return the probability that one absolute-value unit on XOR flows to a trap (theorem basins_of_abs1)."""
    return 2 / pi * atan(bias_std / (std * sqrt(2)))


def _abs1_fails(std: float, bias_std: float, runs: int, seed: int) -> Hits:
    found = _trained("abs1", f"normal:{std}:{bias_std}", runs, seed, epochs=1500)
    return _counted(~found.success)


def _lands_as_flow_says(model: str, law: str, runs: int, seed: int) -> Hits:
    """Count the runs that end on the set on which gradient flow from the same start ends."""
    place = landscape(model, "xor")
    begin = starts(place, law, runs, seed)
    found = labels(_trained(model, begin, runs, seed, step="1/200", epochs=8000))
    predicted = flow_limits(place, begin).sets
    decided = predicted >= 0
    assert found is not None
    return int((found == predicted)[decided].sum()), int(decided.sum())


def _near(place: Landscape, index: int, runs: int, seed: int, size: float = 1e-3) -> NDArray[np.float64]:
    """Return starts close to a point of a set of the atlas."""
    point = np.array([[float(x) for x in row] for row in known_atlas(place).sets[index].witness])
    noise = np.random.default_rng(seed).normal(size=(runs, *point.shape)) * size
    return np.asarray(point + noise)


def _leaves(optimizer: str, momentum: str | None, factor: Fraction, runs: int, seed: int) -> Hits:
    """Count runs from beside the solution of abs1 that move away, at a multiple of the largest stable step."""
    place = landscape("abs1", "xor")
    region = next(each for each in stability_regions(place, optimizer) if each.set is not None and each.set.loss == 0)
    limit = region.limit(momentum or 0)
    assert limit is not None
    assert region.set is not None
    numbers: dict[str, Any] = {"step": limit.low * factor, **({} if momentum is None else {"momentum": momentum})}
    begin = _near(place, region.set.index, runs, seed, 1e-6)
    found = _trained("abs1", begin, runs, seed, optimizer=optimizer, epochs=400, **numbers)
    return _counted(np.asarray(~(np.abs(found.points - begin.reshape(runs, -1)).max(1) < 1e-4)))


ON_XOR = [[1, -1, -1, 1], [-1, 1, -1, 1]]
"""A solution of relu2-out on XOR, off all kinks: rows (w, b, a)."""


def _leaves_a_point(factor: Fraction, runs: int, seed: int) -> Hits:
    """Count runs from beside a point with trained output weights that move away, at a multiple of its stable step."""
    place = landscape("relu2-out", "xor")
    limit = place.stable_steps(ON_XOR).limit()
    assert limit is not None
    point = np.array(ON_XOR, dtype=float).ravel()[layer_order(place)]
    begin = point + np.random.default_rng(seed).normal(size=(runs, len(point))) * 1e-6
    found = _trained("relu2-out", begin, runs, seed, epochs=400, step=limit.low * factor)
    return _counted(np.asarray(~(np.abs(found.points - begin).max(1) < 1e-4)))


def _at_a_set(model: str, step: str, runs: int, seed: int) -> Hits:
    found = labels(_trained(model, "normal:0.5:0.5", runs, seed, epochs=8000, step=step))
    assert found is not None
    return _counted(np.asarray(found >= 0))


def _minimum(model: str, step: str, runs: int, seed: int) -> Hits:
    """Count runs that end at a local minimum of the atlas."""
    place = landscape(model, "xor")
    found = labels(_trained(model, "normal:0.5:0.5", runs, seed, epochs=8000, step=step))
    assert found is not None
    minima = [each.index for each in known_atlas(place).sets if each.kind.endswith("minimum")]
    return _counted(np.isin(found, minima))


def _live(units: int, runs: int, seed: int) -> Hits:
    found = _trained(f"relu{units}", "normal:0.5", runs, seed, epochs=0)
    return _counted(np.asarray(~geometry.dead_examples(found, found.starts)[:, :2].any(1)))


def _dead_under(init: str, runs: int, seed: int) -> Hits:
    found = _trained("relu2", init, runs, seed, epochs=0)
    return _counted(np.asarray(geometry.dead_examples(found, found.starts).any(1)))


def _solves_if_live(live: bool, runs: int, seed: int) -> Hits:
    found = _trained("relu2", "normal:0.5", runs, seed, epochs=8000, step="1/200")
    clear = (np.abs(geometry.preactivations(found, found.starts)[:, :, :2]) > CLEAR).all((1, 2))
    own = clear & (geometry.dead_examples(found, found.starts)[:, :2].any(1) ^ live)
    return int(found.success[own].sum()), int(own.sum())


def _trapped_below(threshold: float, runs: int, seed: int) -> Hits:
    found = _trained("relu2", f"loss-below:0.5:{threshold}", runs, seed, loss="mean", epochs=8000, step="1/50")
    return _counted(~found.success)


def _checks() -> Iterator[Crosscheck]:
    for std, bias in ((1.0, 0.25), (0.5, 0.5), (0.5, 2.0)):
        says = f"one |.| unit fails from normal:{std:g}:{bias:g} with probability (2/pi) arctan(t/(s sqrt 2))"
        share, runs = partial(trap_share_of_abs1, std, bias), partial(_abs1_fails, std, bias)
        yield Crosscheck(f"abs1-fails-{std:g}-{bias:g}", says, "theorem basins_of_abs1", share, runs)
    yield Crosscheck(
        "abs1-never-fails-without-bias",
        "one |.| unit that starts without bias never fails",
        "theorem basins_of_abs1",
        lambda: 0.0,
        partial(_abs1_fails, 0.5, 0.0),
    )
    for model in ("abs1", "relu1"):
        says = f"descent of {model} with a small step ends on the set on which gradient flow ends"
        yield Crosscheck(
            f"{model}-ends-as-flow",
            says,
            "flow",
            lambda: 1.0,
            partial(_lands_as_flow_says, model, "normal:0.5:0.5"),
            0.1,
        )
    for name, momentum in (("gd", None), ("heavy-ball", "9/10"), ("nesterov", "9/10")):
        words = f"{name}{'' if momentum is None else f' with momentum {momentum}'}"
        for factor, leaves in ((Fraction(99, 100), 0.0), (Fraction(102, 100), 1.0)):
            says = (
                f"{words} {'leaves' if leaves else 'stays at'} the solution of abs1 at {float(factor):g} of the limit"
            )
            share, runs = partial(float, leaves), partial(_leaves, name, momentum, factor)
            yield Crosscheck(f"{name}-at-{factor.numerator}-percent", says, "stability region", share, runs, 0.02)
    for factor, leaves in ((Fraction(99, 100), 0.0), (Fraction(102, 100), 1.0)):
        does = "leaves" if leaves else "stays at"
        says = f"gd {does} a solution of relu2-out at {float(factor):g} of the limit by its exact Hessian"
        share, runs = partial(float, leaves), partial(_leaves_a_point, factor)
        yield Crosscheck(f"gd-at-{factor.numerator}-percent-out", says, "stable steps at a point", share, runs, 0.02)
    for model, step in (("abs1", SLOW), ("relu2", SLOW), ("relu2-out+c", "1/50"), ("relu2-linear", "1/50")):
        says = f"every run of {model} ends at a stationary set of the atlas"
        at_sets, at_minima = partial(_at_a_set, model, step), partial(_minimum, model, step)
        yield Crosscheck(f"{model}-all-explained", says, "atlas", lambda: 1.0, at_sets, 0.1)
        says = f"every run of {model} ends at a minimum of the atlas"
        yield Crosscheck(f"{model}-all-minima", says, "atlas", lambda: 1.0, at_minima, 0.1)
    for units in (2, 3, 4):
        says = f"{units} ReLU units without bias see both class-1 points with probability 1 - 2^{1 - units}"
        yield Crosscheck(
            f"live-{units}", says, "sign symmetry", partial(float, 1 - 2.0 ** (1 - units)), partial(_live, units)
        )
    for init in ("hypersphere", "dead-data-rejection:0.5"):
        says = f"{init} leaves no dead example on XOR"
        yield Crosscheck(f"alive-{init.split(':')[0]}", says, "guarantee", lambda: 0.0, partial(_dead_under, init))
    source = "theorems live_points_train_two_relus, dead_examples_trap_two_relus"
    for live in (True, False):
        says = f"two ReLU units without bias {'solve' if live else 'never solve'} XOR if both class-1 points are "
        yield Crosscheck(
            f"relu2-{'live' if live else 'dead'}",
            says + ("live, by 1/20" if live else "not both live, by 1/20"),
            source,
            partial(float, live),
            partial(_solves_if_live, live),
            0.2,
        )
    says = "two ReLU units that start below the loss of every trap (1/4) never fail"
    yield Crosscheck("below-all-traps", says, "atlas", lambda: 0.0, partial(_trapped_below, 0.25), 0.1)


RUN_BYTES = 256
"""What is kept of a run at least."""

CHECKS = tuple(_checks())
"""Every prediction that is compared."""


def crosscheck(runs: int = 20_000, seed: int = 0, progress: Progress | None = None) -> Comparisons:
    """Return every prediction beside what training measured.

    Parameters
    ----------
    runs : int
        Runs of the largest comparisons; those that take longer, or must hold in every run, get a share of them.
    seed : int
    progress : callable, optional
        Called with (prediction, how many are compared, how many there are);
        in a notebook there is a bar if it is left out.
    """
    if runs < 1:
        raise StabilityError(f"Expected at least one run; got {runs}.", "Write --restarts 20000.")
    require_memory(runs, RUN_BYTES, "runs")
    found: list[Compared] = []
    with reporting(progress, "crosscheck") as report:
        for done, check in enumerate(CHECKS):
            report(check.id, done, len(CHECKS))
            hits, count = check.measure(max(20, round(runs * check.share)), seed)
            found.append(Compared(check, check.predict(), hits, count))
    return Comparisons(found, runs, seed)
