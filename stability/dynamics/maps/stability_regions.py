"""Steps and momenta for which a minimum is stable under an update rule: one exact answer for each minimum."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from stability.arrays import Floats
from stability.dynamics.maps.hessians import curvatures
from stability.dynamics.maps.modes import hessian_factors
from stability.dynamics.maps.stable_steps import MEMORY, known, limit_of_mode
from stability.errors import DifferentiabilityError, NumberError, PointError
from stability.exact.eigenvalues import Eigenvalue, is_positive_definite, real_roots
from stability.exact.numbers import Exact, decimal, formatted, rational
from stability.exact.unit_circle_roots import Poly, coefficients, polynomial
from stability.geometry.atlas.atlas import known_atlas
from stability.geometry.stationary.sets import StationarySet
from stability.io.results import Displayed, ResultList, ResultTable
from stability.model.network_loss import Matrix, NetworkLoss, require_landscape
from stability.model.several_outputs import require_one_output

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEMORIES = [Fraction(k, 20) for k in range(20)]
"""At which momenta (or beta1) the border of a region is computed."""

ADAM_EPS = "1/100000000"


@dataclass(frozen=True, repr=False)
class Region(Displayed):
    """The steps and memories (momenta, or Adam's beta1) at which every bent mode of some Hessians shrinks.

    Flat modes (curvature 0) keep the multiplier 1 whatever the step and do not count. The answer is about the
    linearised map: of gd, heavy-ball and nesterov inside a cell, where the step is affine, that is the map itself.

    Attributes
    ----------
    rule : str
        "gd", "heavy-ball", "nesterov" or "adam".
    hessians : list of matrices
        All have to be stable; empty where the loss has none.
    scales : list of Fraction
        By what each parameter's step is divided: 1, and for Adam sqrt(v) + eps.
    set : StationarySet or None
        The minimum, if it is one of an atlas.
    """

    rule: str
    hessians: list[Matrix]
    scales: list[Fraction]
    set: StationarySet | None = None

    def limit(self, memory: Exact = 0) -> Eigenvalue | None:
        """Return the step below which the minimum is stable, as an exact number; None where every step is stable.

        Raises
        ------
        NumberError
            If the memory is not from 0 to below 1.
        DifferentiabilityError
            If the loss has no Hessian there.
        """
        most = limit_of_mode(self.rule, _memory(self.rule, memory))
        levels = self._levels
        if levels.degree() < 1:
            return None
        inverse = polynomial([c / most**k for k, c in enumerate(reversed(coefficients(levels)))])
        return real_roots(coefficients(inverse))[0]

    @property
    def memory(self) -> str | None:
        """The parameter besides the step on which stability depends; None if there is none."""
        return MEMORY[self.rule]

    def border(self) -> tuple[Floats, Floats]:
        """Return memories and the limits of the step there, rounded; nan where every step is stable.

        Returns
        -------
        pair of arrays (n,)
            At 20 memories from 0 to 0.95; at 0 alone where the rule has none.

        Raises
        ------
        DifferentiabilityError
            If the loss has no Hessian there.
        """
        memories = MEMORIES if self.memory else MEMORIES[:1]
        limits = [self.limit(memory) for memory in memories]
        heights = [nan if limit is None else float(limit.low + limit.high) / 2 for limit in limits]
        return np.array(memories, dtype=float), np.array(heights)

    @cached_property
    def worst(self) -> Eigenvalue | None:
        """The largest curvature, divided by the scales; None where there is no curvature at all."""
        return real_roots(coefficients(self._levels))[-1] if self._levels.degree() > 0 else None

    @property
    def place(self) -> str:
        """At which point its Hessians are: "witness" or "set" (at all points of it), or "given" ones."""
        if self.set is None:
            return "given"
        return "witness" if self.set.landscape.network.trainable or self.set.isolated else "set"

    def _table(self) -> ResultTable:
        where = "given Hessians" if self.set is None else f"the {self.set.kind} of loss {formatted(self.set.loss)}"
        head = f"Stable steps of {self.rule} at {where}"
        if not self.hessians:
            return ResultTable(head, finding="not defined, the loss is not twice differentiable there")
        limits = self.limits()
        rows = [("largest curvature", "none" if self.worst is None else self.worst.shown), *limits]
        return ResultTable(head, (), rows, finding=", ".join(map(": ".join, limits)))

    def limits(self) -> list[tuple[str, str]]:
        """Return in words at which memory (0, and 9/10 where the rule has one) which steps are stable."""
        name = self.memory
        return [(f"stable at {name} = {m}" if name else "stable", self._below(m)) for m in memories(self.rule)]

    def _below(self, memory: Fraction) -> str:
        """Return which steps are stable, as a decimal with ~ where the exact number is long."""
        limit = self.limit(memory)
        if limit is None or self.worst is None:
            return "every step"
        if not limit.shown.startswith("~"):
            return f"steps below {limit.shown}"
        curvature = (self.worst.low + self.worst.high) / 2  # small limits have wide intervals, their curvatures do not
        return f"steps below ~{decimal(limit_of_mode(self.rule, memory) / curvature)}"

    def to_json(self) -> dict[str, Any]:
        """Return Hessians, scales, largest curvature, and the limit of the step by the memory; numbers as text."""
        known = bool(self.hessians)
        limits = {str(memory): self.limit(memory) for memory in memories(self.rule)} if known else {}
        witness = None if self.set is None else [[str(x) for x in row] for row in self.set.witness]
        return {
            "rule": self.rule,
            "set": None if self.set is None else self.set.index,
            "witness": witness,
            "curvature_at": self.place,
            "hessians": [[[str(x) for x in row] for row in each] for each in self.hessians],
            "scales": [str(s) for s in self.scales],
            "worst": self.worst.to_json() if known and self.worst is not None else None,
            "limits": {memory: None if e is None else e.to_json() for memory, e in limits.items()},
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the region: stable steps lie below the line; return the Axes.

        Raises
        ------
        DifferentiabilityError
            If the loss has no Hessian there.
        """
        from stability.plot.stability_regions import draw_region

        return draw_region(ax, self)

    def contains(self, step: Exact, memory: Exact = 0) -> bool:
        """Return exactly whether a step (above 0) and a memory are inside; on the border they are not.

        Raises
        ------
        NumberError
            If the step is not above 0, or the memory is not from 0 to below 1.
        DifferentiabilityError
            If the loss has no Hessian there.
        """
        eta = rational(step)
        if eta <= 0:
            raise NumberError(f"Expected a step above 0; got {step}.", "Write '1/10'.")
        most = limit_of_mode(self.rule, _memory(self.rule, memory)) / eta
        return all(is_positive_definite(_gap(most, self.scales, each)) for each in self._smooth)

    @property
    def _smooth(self) -> list[Matrix]:
        if not self.hessians:
            raise DifferentiabilityError(
                "The loss is not twice differentiable at this minimum, so that no multiplier is defined.",
                "Follow runs from nearby starts instead.",
            )
        return self.hessians

    @cached_property
    def _levels(self) -> Poly:
        """The polynomial whose roots are the different curvatures but 0, divided by the scales; real ones all."""
        scaled = [[[x / s for x in row] for row, s in zip(each, self.scales, strict=True)] for each in self._smooth]
        different = {str(factor): factor for each in scaled for factor, _ in hessian_factors(each) if factor[0]}
        total = polynomial([1])
        for factor in different.values():
            total *= factor
        return total


class Regions(ResultList[Region]):
    """The regions of stable steps at every minimum of a landscape, in the order of the atlas.

    Parameters
    ----------
    results : iterable of Region
    landscape : NetworkLoss
    rule : str
        "gd", "heavy-ball", "nesterov" or "adam".
    """

    part = "regions"

    def __init__(self, results: Iterable[Region], landscape: NetworkLoss, rule: str) -> None:
        super().__init__(results, **landscape.names, rule=rule)
        self.landscape, self.rule = landscape, rule

    @property
    def caption(self) -> str:
        """What it is, in a line."""
        return f"{self.landscape!r}: stable steps of {self.rule} at the minima"

    @property
    def columns(self) -> tuple[str, ...]:
        """What stands in a `row` of the table."""
        memory = MEMORY[self.rule]
        limits = [f"stable at {memory} = {each}" for each in memories(self.rule)] if memory else ["stable"]
        return (*ABOUT, "largest curvature", *limits)

    @property
    def notes(self) -> list[str]:
        """By what curvatures are divided, and at which points of sets they are: one, or, of fixed outputs, all."""
        scales = sorted({scale for each in self for scale in each.scales} - {Fraction(1)})
        said = [DIVIDED.format(scales[0])] if scales else []
        if self.landscape.network.trainable:
            return [*said, SCALING] if len(self) else []
        return [*said, WHOLE] if any(each.place == "set" for each in self) else said

    def _table(self) -> ResultTable:
        finding = f"{len(self)} {'minimum' if len(self) == 1 else 'minima'}"
        return ResultTable(self.caption, self.columns, [row(each) for each in self], self.notes, finding)

    def _records(self) -> list[dict[str, Any]]:
        return [
            {
                **dict(zip(ABOUT, _about(each), strict=True)),
                "curvature": each.worst.value if each.hessians and each.worst else None,
                **{f"limit at {memory}": _height(each, memory) for memory in memories(self.rule)},
            }
            for each in self
        ]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw below which steps each minimum is stable, over the momentum where there is one; return the Axes."""
        from stability.plot.step_limits import draw_step_limits

        places = [Fraction(k, 20) for k in range(20)] if MEMORY[self.rule] else [Fraction(0)]
        lines: dict[tuple[float, ...], list[str]] = {}
        for each in (each for each in self if each.hessians):
            lines.setdefault(tuple(_height(each, place) for place in places), []).append(str(_about(each)[0]))
        named = [(f"set{'s' if len(sets) > 1 else ''} {', '.join(sets)}", limits) for limits, sets in lines.items()]
        return draw_step_limits(ax, self.rule, MEMORY[self.rule], [float(each) for each in places], named)


DIVIDED = "curvatures are divided by {}, as steps of Adam are at rest (sqrt(v) + eps, where v is 0)"
"""What curvatures are where the rule scales its steps."""

SCALING = (
    "at the witness of each set (the point in --json): curvature changes where a unit is scaled, (w, b) by t and its "
    "output weight by 1/t"
)
"""Why limits are those of a point where output weights are trained."""

WHOLE = (
    "largest curvature: the largest in any cell that the set meets, so that steps below the limit are stable at all of "
    "its smooth points"
)
"""What limits are where a set is more than a point."""

ABOUT = ("set", "minimum", "loss")
"""What names a minimum in a table."""


def _about(each: Region) -> tuple[Any, ...]:
    return ("", "", "") if each.set is None else (each.set.index, each.set.kind, float(each.set.loss))


def row(each: Region) -> tuple[str, ...]:
    """Return a row of the table of regions."""
    loss = "" if each.set is None else formatted(each.set.loss)
    index, kind, _ = map(str, _about(each))
    if not each.hessians:
        return index, kind, loss, "not defined", *("not twice differentiable" for _ in memories(each.rule))
    worst = "none" if each.worst is None else each.worst.shown
    return index, kind, loss, worst, *(text for _, text in each.limits())


def _height(each: Region, memory: Fraction) -> float:
    """Return the limit of the step as a float: infinite where every step is stable, nan where it is not defined."""
    limit = each.limit(memory) if each.hessians else None
    return (inf if each.hessians else nan) if limit is None else limit.value


def memories(rule: str) -> list[Fraction]:
    """Return the momenta (or beta1) whose limits are listed: 0 and 9/10, or 0 alone for a rule without memory."""
    return [Fraction(0)] if MEMORY[rule] is None else [Fraction(0), Fraction(9, 10)]


def _memory(name: str, given: Exact) -> Fraction:
    value = rational(given)
    if MEMORY[name] is None and value:
        raise NumberError(f"{name} has no momentum; got {given}.", "Take heavy-ball or nesterov.")
    return value


def _gap(most: Fraction, scales: Sequence[Fraction], hessian: Matrix) -> Matrix:
    """Return most * diag(scales) - hessian: positive definite if and only if every scaled curvature is below `most`."""
    return [
        [most * s * (i == j) - x for j, x in enumerate(row)]
        for i, (row, s) in enumerate(zip(hessian, scales, strict=True))
    ]


def region(
    name: str, hessians: Sequence[Matrix], scales: Sequence[Exact] | None = None, at: StationarySet | None = None
) -> Region:
    """Return the region of stable steps for given Hessians.

    For Adam this is the linearised rule with a frozen preconditioner: m <- beta1 m + (1 - beta1) g,
    p <- p - step m / scale, bias corrections gone. Stable exactly for step * h < 2 (1 + beta1)/(1 - beta1), h an
    eigenvalue of Hessian/scales: 38 / step for beta1 = 9/10 (Cohen et al. 2022, Adaptive gradient methods at the edge
    of stability). What it does not cover: v moves. At a fixed point v = 0 and the scales are eps, so with the usual eps
    (1e-8) and step (1e-3) only curvatures below 3.8e-4 are stable; every other minimum repels, and what is seen instead
    is motion around it in which v, hence the scale, stays above 0. During a run scales are those of that moment.

    Parameters
    ----------
    name : str
        "gd", "heavy-ball", "nesterov" or "adam".
    hessians : sequence of symmetric matrices without negative eigenvalues
    scales : sequence of numbers above 0, one for each parameter, optional
        sqrt(v) + eps for Adam; 1 by default.
    at : StationarySet, optional

    Raises
    ------
    UnknownNameError, DifferentiabilityError
        If there is no such rule, or it has no Jacobian (sign descent).
    PointError
        If the scales do not fit.
    """
    exacts = [[[rational(x) for x in row] for row in each] for each in hessians]
    sizes = {len(each) for each in exacts}
    given = [Fraction(1)] * max(sizes, default=0) if scales is None else [rational(s) for s in scales]
    if len(sizes) > 1 or sizes - {len(given)} or any(s <= 0 for s in given):
        raise PointError(
            f"Expected one scale above 0 for each of {sorted(sizes)} parameters; got {[str(s) for s in given]}.",
            "Write sqrt(v) + eps for each, exactly.",
        )
    return Region(known(name), exacts, given, at)


def stability_regions(landscape: NetworkLoss, name: str, eps: Exact = ADAM_EPS) -> Regions:
    """Return the region of stable steps at every minimum of a landscape, in the order of the atlas.

    A set of minima that meets cells with different Hessians is stable where all of them are. For Adam the
    preconditioner is that at the fixed point, 1/eps.

    Raises
    ------
    UnknownNameError, DifferentiabilityError
        If there is no such rule, or it has no Jacobian (sign descent).

    Examples
    --------
    >>> from stability import landscape, stability_regions
    >>> found = stability_regions(landscape("abs1", "xor"), "gd")
    >>> found
    abs1 on xor (sum of squares): stable steps of gd at the minima: 4 minima
      set  minimum         loss  largest curvature  stable
      0    global minimum  0     8                  steps below 1/4
      1    global minimum  0     8                  steps below 1/4
      2    local minimum   1     8                  steps below 1/4
      3    local minimum   1     8                  steps below 1/4
    >>> found[0].contains("6/25"), found[0].contains("1/4")
    (True, False)
    """
    require_landscape(landscape)
    require_one_output(landscape, "the stable steps of all minima")
    atlas, spelling = known_atlas(landscape), known(name)
    scale = eps if spelling == "adam" else 1
    found = (
        region(spelling, [c.hessian for c in curvatures(atlas, each)], [scale] * landscape.parameters, each)
        if curvatures(atlas, each)
        else Region(spelling, [], [], each)
        for each in atlas.minima
    )
    return Regions(found, landscape, spelling)
