"""The loss of a network on a dataset, with everything that can be asked about it."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from fractions import Fraction
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stability.compute.progress import Progress
from stability.dynamics.basins.basins import Basins, basins
from stability.dynamics.bifurcation.questions import AnyBifurcation, answer, between
from stability.dynamics.flow.flow import Trajectory, flow
from stability.dynamics.maps.line_cycles import LineCycles, line_cycles
from stability.dynamics.maps.point_regions import PointRegion, region_at
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import PhasePortrait, phase_portrait
from stability.errors import require_kind
from stability.exact.numbers import Exact
from stability.geometry.arrangement.feasibility import ActiveSet, switch
from stability.geometry.atlas.atlas import MOST_CHOICES, Atlas, atlas, known_atlas
from stability.geometry.sections.loss_plane import LossPlane, loss_plane
from stability.geometry.sections.planes import Plane
from stability.geometry.stationary.classification import Classification, classify
from stability.geometry.stationary.layer_classification import classify_layer
from stability.model.datasets import Dataset, dataset
from stability.model.label_columns import fitted_outputs
from stability.model.network_loss import NetworkLoss, Point, Switches
from stability.model.networks import Network, network
from stability.model.several_outputs import SeveralOutputsLoss, require_one_output
from stability.model.torque import Torque, angular_curvature, angular_derivative, torque
from stability.model.update_rules import UpdateRule, require_rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stability.dynamics.search.fixed_points import FixedPoints
    from stability.symbolic.derive import Derivation

OTHERWISE = "For other landscapes draw a phase portrait: stability portrait {} {} -o portrait.png"
"""What to try where a landscape has no picture in the plane w = (p/2, -p/2)."""


class Landscape(NetworkLoss):
    """The loss of a network on a dataset: its values, its stationary points, and where training goes on it.

    The loss is scale * sum over i of (f(x_i) - y_i)^2, where scale is 1 ("sum") or 1/n ("mean").
    Points are rows (w_1, ..., w_d, b), one per unit; gradients and Hessians are flat, unit after unit.

    Examples
    --------
    >>> from stability import landscape
    >>> place = landscape("abs1", "xor")
    >>> place.loss([["1/2", "-1/2", 0]])
    Fraction(0, 1)
    >>> place.classify([["1/2", "-1/2", 0]]).kind_in_words
    'strict global minimum'
    """

    def atlas(
        self,
        workers: int = 1,
        executor: Executor | None = None,
        resume: Path | None = None,
        max_faces: int | None = None,
        progress: Progress | None = None,
    ) -> Atlas:
        """Return the complete list of stationary points, kinks included; computed once, if nothing else is asked for.

        Parameters
        ----------
        workers : int
            How many processes share the work.
        executor : concurrent.futures.Executor, optional
            Shares the work instead; that of a dask cluster, for example.
        resume : Path, optional
            A file that keeps what is done, so that an interrupted computation goes on from there.
        max_faces : int, optional
            The most choices of one face per unit that are searched; 500,000 by default.
        progress : callable, optional
            Called with (stage, tasks done, tasks in all); in a notebook there is a bar if it is left out.

        Raises
        ------
        TooLargeError
            If there may be more faces than that; nothing has been computed then.

        Examples
        --------
        >>> from stability import landscape
        >>> len(landscape("abs1", "xor").atlas().sets)
        9
        """
        require_kind(resume, Path | str | None, "the path of a file for resume", 'Write "atlas.jsonl".')
        alone = isinstance(workers, int) and workers == 1
        if alone and all(each is None for each in (executor, resume, max_faces, progress)):
            known = known_atlas(self, MOST_CHOICES)
            return known if known.landscape is self else replace(known, landscape=self)
        return atlas(self, workers, executor, None if resume is None else Path(resume), max_faces, progress)

    def classify(self, point: Point) -> Classification:
        """Return what this point is: smooth or not, stationary in which sense, of which kind."""
        return classify_layer(self, point) if self.network.trainable else classify(self, point)

    def fixed_points(
        self, starts: int = 200, seed: int = 0, spread: float = 1.5, progress: Progress | None = None
    ) -> "FixedPoints":
        """Return the stationary points that a numerical search from random starts ends on; there may be more.

        Of networks with an output layer, those that are isolated in an open cell, up to scaling units, are certified.

        Parameters
        ----------
        starts, seed : int
        spread : float
            The standard deviation of every parameter at the start.
        progress : callable, optional
            Called with (stage, starts followed, starts in all); in a notebook there is a bar if it is left out.

        Examples
        --------
        >>> from stability import Dataset, landscape
        >>> line = Dataset("line", [[-2], [-1], [1], [2]], [3, 1, 1, 2])
        >>> [(each.kind, round(each.loss, 6)) for each in landscape("relu1-out", line).fixed_points(50).certified]
        [('minimum', 2.35), ('minimum', 5.0), ('minimum', 10.0)]
        """
        from stability.dynamics.search.fixed_points import fixed_points

        return fixed_points(self, starts, seed, spread, progress=progress)

    def flow(self, start: Point, kinks: str = "filippov", max_events: int = 1000) -> Trajectory:
        """Return the trajectory of gradient flow from a start, event by event, with every sign decided exactly.

        Parameters
        ----------
        start : rows (w_1, ..., w_d, b), one per unit
        kinks : str
            "filippov", or "torch": a start on kinks rests or leaves them as torch's gradient there says.
        max_events : int
            After so many events the trajectory is returned as far as it got.
        """
        return flow(self, start, kinks, max_events)

    def basins(
        self,
        law: str,
        samples: int,
        seed: int = 0,
        rule: UpdateRule | None = None,
        max_steps: int | None = None,
        progress: Progress | None = None,
    ) -> Basins:
        """Return the share of random starts that each stationary set attracts.

        Parameters
        ----------
        law : str
            An initialisation, as "normal:0.5" (biases 0), "uniform:-1:1" or "xavier-normal"; `INITIALISATIONS` has all.
        samples, seed : int
        rule : UpdateRule, optional
            What moves the starts, as `update_rule` makes it; gradient flow if left out.
        max_steps : int, optional
            The most steps of the rule, 10,000 by default.
        progress : callable, optional
            Called with ("starts", how many are done, how many there are); in a notebook there is a bar if it is left
            out.
        """
        require_kind(law, str, "the spelling of an initialisation", 'Write "normal:0.5".')
        require_kind(samples, Integral, "how many starts there are", "Write samples=1000.")
        if rule is not None:
            require_rule(rule)
        return basins(self, law, samples, seed, progress, rule, max_steps)

    def bifurcation(
        self, vary: str, low: Exact, high: Exact, radius: Exact | None = None, max_faces: int | None = None
    ) -> AnyBifurcation:
        """Return how the stationary sets change as one thing varies, complete at every parameter of the range.

        Parameters
        ----------
        vary : str
            "slope" (of the unit left of its kink), "label:K", "coordinate:K:AXIS" (examples and axes counted from 1),
            or "ratio" (of bias and radius, for one unit in the plane).
        low, high : exact numbers
        radius : exact number, optional
            Of the unit, where the ratio varies; 1 by default.
        max_faces : int, optional
            The most choices of one face per unit that are followed.

        Examples
        --------
        >>> from stability import landscape
        >>> len(landscape("relu1", "xor").bifurcation("slope", -1, 1).events)
        3
        """
        return answer(self, between(vary, low, high), radius, max_faces)

    def cycles(
        self, rule: UpdateRule, period: int = 2, origin: Point | None = None, direction: Point | None = None
    ) -> LineCycles:
        """Return the cycles of gradient descent on lines that it does not leave, such as symmetries of the data fix.

        Parameters
        ----------
        rule : UpdateRule
            Gradient descent with its step, as `update_rule` makes it.
        period : int
            1 for fixed points, 2 for two points in turn, and so on; on each line the list is complete.
        origin, direction : rows (w_1, ..., w_d, b), one per unit
            The line; by default, those through two isolated stationary points.

        Raises
        ------
        StabilityError
            If the rule is another one, or the period is below 1.
        LineError
            If descent leaves the line that is given.

        Examples
        --------
        >>> from stability import landscape, update_rule
        >>> place = landscape("abs1", "xor")
        >>> found = place.cycles(update_rule("gd", step="3/10"), direction=[[0, 0, 1]])
        >>> found
        abs1 on xor (sum of squares): cycles of period 2 of gd (step 3/10) on 1 line: 1 cycle, 0 attracting
          line         points (c)  multiplier
          c (0, 0, 1)  (-3, 3)     49/25
        """
        require_rule(rule)
        return line_cycles(self, rule, period, origin, direction)

    def stable_steps(self, point: Point, rule: str = "gd") -> PointRegion:
        """Return the steps of an update rule at which a smooth minimum is stable, by its largest exact curvature.

        Parameters
        ----------
        point : rows (w_1, ..., w_d, b), one per unit
            In the form of the landscape, with output weights and bias where they are trained.
        rule : str
            "gd", "heavy-ball", "nesterov" or "adam".

        Raises
        ------
        PointError, DifferentiabilityError
            If it is no smooth minimum, as `stability.dynamics.maps.point_regions.region_at` says.

        Examples
        --------
        >>> from stability import landscape
        >>> found = landscape("relu2-out", "xor").stable_steps([[1, -1, -1, 1], [-1, 1, -1, 1]], "heavy-ball")
        >>> found.limit("9/10").text, found.flat.scaling
        ('19/40', 2)
        """
        return region_at(self, point, rule)

    def derive(self, pattern: str, coordinates: str = "cartesian", max_terms: int | None = None) -> "Derivation":
        """Return loss, gradient and Hessian in one activation cell, as formulas; refused beyond so many terms."""
        from stability.symbolic.derive import MOST_TERMS, derive

        return derive(self, pattern, coordinates, MOST_TERMS if max_terms is None else max_terms)

    def in_plane(self, span: float = 1.5) -> LossPlane:
        """Return the loss of one unit on a grid of the plane w = (p/2, -p/2), both axes from -span to span.

        Raises
        ------
        PointError
            If there are several units, or the data are not in the plane.
        """
        return loss_plane(self, span, OTHERWISE.format(self.network.name, self.data.name))

    def phase_portrait(
        self,
        plane: str | Plane,
        span: Exact = Fraction(3, 2),
        step: Exact | None = None,
        origin: Point | None = None,
        arrows: int | None = None,
        pixels: int = 80,
        tracks: int = 12,
        rule: UpdateRule | None = None,
        progress: Progress | None = None,
        sharp: bool = True,
    ) -> PhasePortrait:
        """Return how gradient flow, or an update rule, runs in a plane: arrows, kinks, nullclines and basins.

        Parameters
        ----------
        plane : str or Plane
            By name, as "p,b", "w1,w2", "p@1,p@2" or "p@1-p@2,b@1+b@2".
        span : int, float, str or Fraction
            Both axes run from -span to span.
        step : int, float, str or Fraction, optional
            That of gradient descent: short for the rule gd with this step.
        origin : rows (w_1, ..., w_d, b), one per unit, optional
            The point in the middle of a plane given by name; 0 by default.
        arrows, pixels, tracks, rule, progress, sharp
            As in `stability.dynamics.phase_plane.phase_plane.phase_portrait`.

        Raises
        ------
        UnknownNameError, PointError, NumberError, StabilityError, TooLargeError
            If the name is unknown, or a number makes no sense.

        Examples
        --------
        >>> from stability import landscape
        >>> found = landscape("abs1", "xor").phase_portrait("p,b", pixels=0, tracks=0)
        >>> found.invariant, sorted({part.kind for part in found.parts})
        (True, ['global minimum', 'local minimum', 'saddle'])
        """
        chosen = named_plane(self, plane, origin) if isinstance(plane, str) else plane
        return phase_portrait(self, chosen, span, step, arrows, pixels, tracks, rule, progress, sharp)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw levels and kinks of the loss of one unit in the slice w = (p/2, -p/2); return the Axes.

        Raises
        ------
        PointError
            If there are several units, or the data are not in the plane.
        """
        from stability.plot.plane import draw_landscape

        return draw_landscape(ax, self)

    def active_set(self, on: Switches = (), off: Switches = ()) -> ActiveSet:
        """Return a point that switches the (unit, example) pairs on and off, or a proof that there is none."""
        return switch(self, on, off)

    def torque(self, point: Point) -> list[Torque]:
        """Return the radial and tangential part of the gradient, one entry per unit."""
        return torque(self, point)

    def angular_derivative(self, point: Point, unit: int = 0, tangent: Sequence[Exact] | None = None) -> Fraction:
        """Return dL/dtheta of one unit, radius and bias frozen; in d dimensions along a given tangent."""
        return angular_derivative(self, point, unit, tangent)

    def angular_curvature(self, point: Point, unit: int = 0, tangent: Sequence[Exact] | None = None) -> Fraction:
        """Return the second derivative in the angle of one unit, radius and bias frozen."""
        return angular_curvature(self, point, unit, tangent)


def _refused(what: str) -> Any:
    """Return a method that says that there is no such thing where there are several outputs."""

    def method(self: NetworkLoss, *_: Any, **__: Any) -> None:
        require_one_output(self, what)

    return method


class SeveralOutputs(SeveralOutputsLoss, Landscape):
    """The loss of a network of several outputs, with what can be asked about it: what a point is, and searches.

    Examples
    --------
    >>> from stability import landscape
    >>> place = landscape("relu2-linear", "xor")
    >>> place.form
    '([[w1, w2, b, a1, a2], [w1, w2, b, a1, a2]], [c1, c2])'
    """

    flow = _refused("gradient flow")
    basins = _refused("basins")
    bifurcation = _refused("a bifurcation")
    cycles = _refused("cycles")
    derive = _refused("formulas")
    in_plane = _refused("a plane of the loss")
    phase_portrait = _refused("a phase portrait")
    plot = _refused("a picture of the loss")
    active_set = _refused("an active set")
    torque = _refused("a torque")
    angular_derivative = _refused("an angular derivative")
    angular_curvature = _refused("an angular curvature")


def landscape(model: str | Network, data: str | Dataset, loss: str = "sum") -> Landscape:
    """Return the landscape of a model on data, each given by object or by spelling.

    Examples
    --------
    >>> from stability import landscape
    >>> landscape("relu2", "xor", "mean")
    relu2 on xor (mean of squares)
    """
    net, points = network(model) if isinstance(model, str) else model, dataset(data) if isinstance(data, str) else data
    if isinstance(net, Network) and isinstance(points, Dataset):
        net = fitted_outputs(net, points)
        if net.outputs > 1:
            return SeveralOutputs(net, points, loss)
    return Landscape(net, points, loss)
