"""What a phase portrait shows of a landscape in a plane of parameter space."""

from dataclasses import dataclass, field
from fractions import Fraction
from time import process_time
from typing import TYPE_CHECKING

import numpy as np

from stability.arrays import Floats, Ints
from stability.compute.progress import Progress
from stability.dynamics.flow.flow import flow
from stability.dynamics.maps.iterate import require_rule
from stability.dynamics.phase_plane.basin_boundaries import ROUNDS, Areas, areas
from stability.dynamics.phase_plane.basin_labels import CHUNK, flow_labels, rule_labels, samples
from stability.dynamics.phase_plane.tracks import ProjectedEnd, jumps, projected_end, ring, track
from stability.dynamics.phase_plane.vector_field import adds_up, arrow_field, is_invariant, nullclines
from stability.errors import StabilityError
from stability.exact.numbers import Exact
from stability.geometry.atlas.atlas import Atlas, is_affordable, known_atlas
from stability.geometry.sections.plane_sections import (
    Section,
    SetTrace,
    kink_lines,
    require_drawable,
    section,
    set_traces,
    traces,
    width,
)
from stability.geometry.sections.planes import Plane
from stability.geometry.sections.polytopes import Body
from stability.model.correctness import threshold
from stability.model.flat_points import exact_rows_of
from stability.model.network_loss import NetworkLoss
from stability.model.restrictions import NOT_LINEAR, require_fixed
from stability.model.update_rules import UpdateRule, update_rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PIXELS, FINE, COARSE = 80, 32, 8
"""Samples of basins along each axis: as many as are seen; from how many on edges are made sharp; the least of use."""

SOME = 100
"""Starts that are followed between two reports of progress."""


@dataclass(frozen=True)
class PhasePortrait:
    """What a phase portrait shows.

    Attributes
    ----------
    place : Section
    span : Fraction
        Both axes run from -span to span.
    rule : UpdateRule or None
        None for gradient flow.
    invariant : bool
        Whether gradient flow, or the rule, that starts in the plane stays in it.
    kinks, sideways, upwards : lists of Body
        Kinks, and where the flow, or the first step of the rule, does not lead sideways and upwards.
    parts : list of SetTrace
        Of stationary sets.
    arrows : pair of arrays of shape (n, 2)
        Spots, and the velocity of gradient flow there, or the first step of the rule.
    basins : Areas or None
        Labelled with positions in the atlas.
    tracks : list of arrays of shape (times, 2)
        Sample trajectories or orbits.
    sharp : bool
        Whether the edges of basins are found by bisection; else they are as rough as the samples.
    projected : list of ProjectedEnd
        The ends of sample trajectories of the flow that are off the plane.
    """

    place: Section
    span: Fraction
    rule: UpdateRule | None
    invariant: bool
    kinks: list[Body]
    sideways: list[Body]
    upwards: list[Body]
    parts: list[SetTrace]
    arrows: tuple[Floats, Floats]
    basins: Areas | None
    tracks: list[Floats]
    sharp: bool = True
    projected: list[ProjectedEnd] = field(default_factory=list)

    @property
    def atlas(self) -> Atlas:
        """The atlas of the landscape."""
        return known_atlas(self.place.landscape)

    @property
    def title(self) -> str:
        """The landscape, as it is called."""
        return repr(self.place.landscape)

    @property
    def axes(self) -> tuple[str, str]:
        """How the two axes are labelled."""
        return self.place.plane.names

    @property
    def threshold(self) -> Fraction | None:
        """Between the two labels of the data; None where there are not two."""
        return threshold(self.place.landscape.data.labels)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw it, without a legend; return the Axes."""
        from stability.plot.phase_portrait import draw_found

        return draw_found(ax, self)

    @property
    def longer(self) -> int:
        """How many times as long as they are arrows of first steps are drawn, so that short ones are seen."""
        spots, steps = self.arrows
        lengths = np.hypot(*steps.T)
        if self.rule is None or not lengths.any():
            return 1
        gap = 2 * float(self.span) / (len(np.unique(spots[:, 0])) + 1)
        share = gap / float(np.median(lengths[lengths > 0]))
        factors: list[int] = [factor * 10**k for k in range(9) for factor in (1, 2, 5)]
        return max([1, *(factor for factor in factors if 4 * factor < share)])

    @property
    def caption(self) -> str:
        """What must be known to read the picture."""
        if not is_affordable(self.place.landscape):
            return "Too many examples for an atlas: arrows are projected on the plane; sets and basins are left out."
        if self.place.on_a_kink:
            return "All of the plane lies on a kink: arrows follow torch's gradient; basins and curves are left out."
        if self.invariant:
            return "The plane is invariant: what starts in it stays in it."
        starts = "" if self.basins is None else ", basins are those of starts in it"
        return f"The plane is not invariant: arrows and curves are projected on it{starts}."

    @property
    def sampling(self) -> str:
        """What must be known of basins whose edges are not sharp."""
        if self.basins is None or self.sharp:
            return ""
        count = len(self.basins.x) - 2
        return f"Basins are sampled on {count} x {count} starts only, so their edges are rough. "


def phase_portrait(
    landscape: NetworkLoss,
    plane: Plane,
    span: Exact = Fraction(3, 2),
    step: Exact | None = None,
    arrows: int | None = None,
    pixels: int = 80,
    tracks: int = 12,
    rule: UpdateRule | None = None,
    progress: Progress | None = None,
    sharp: bool = True,
) -> PhasePortrait:
    """Compute a phase portrait.

    Parameters
    ----------
    landscape : NetworkLoss
    plane : Plane
        As `stability.dynamics.plane` or `named_plane` makes it.
    span : int, float, str or Fraction
        Both axes run from -span to span.
    step : int, float, str or Fraction, optional
        That of gradient descent: short for the rule gd with this step.
    arrows, pixels, tracks : int
        Arrows (16, or 8 first steps of a rule) and samples of the basins along each axis, and sample trajectories;
        0 for none.
    rule : UpdateRule, optional
        Takes the place of gradient flow in arrows, basins and curves.
    progress : callable, optional
        Called with ("starts followed", how many so far, 0), as it is not known how many there will be.
    sharp : bool
        Whether the edges of basins are bisected, which follows several times as many starts.

    Raises
    ------
    NumberError
        If the span, or the step, is not finite or not above 0, or the picture is out of reach for floats.
    StabilityError
        If both a step and a rule are given, or the rule is none.
    PointError
        If the plane is none of this landscape's.

    Where the landscape is too large for an atlas, only kinks, arrows and orbits of a rule are shown.
    """
    require_fixed(landscape, "a phase portrait", NOT_LINEAR)
    half, chosen = width(span), chosen_rule(step, rule)
    require_drawable(plane)
    count = (16 if chosen is None else 8) if arrows is None else arrows
    place = section(landscape, plane)
    if not is_affordable(landscape):
        return _without_sets(place, half, chosen, count, tracks)
    atlas = known_atlas(landscape)
    found = traces(place, half)
    invariant = is_invariant(place, chosen)
    curves, ends = _tracks(place, float(half), chosen, 0 if place.on_a_kink else tracks)
    sideways, upwards = nullclines(place, found) if invariant or adds_up(chosen) else ([], [])
    return PhasePortrait(
        place,
        half,
        chosen,
        invariant,
        kink_lines(place, half),
        sideways,
        upwards,
        set_traces(atlas, place, found),
        arrow_field(place, float(half), count, chosen),
        _basins(place, float(half), chosen, 0 if place.on_a_kink else pixels, progress, sharp),
        curves,
        sharp,
        ends,
    )


def _without_sets(place: Section, half: Fraction, rule: UpdateRule | None, arrows: int, tracks: int) -> PhasePortrait:
    """Return what a portrait shows without an atlas; whether the plane is invariant is not asked."""
    orbits = [] if rule is None or place.on_a_kink else _tracks(place, float(half), rule, tracks)[0]
    spots = arrow_field(place, float(half), arrows, rule)
    return PhasePortrait(place, half, rule, False, kink_lines(place, half), [], [], [], spots, None, orbits, False)


def chosen_rule(step: Exact | None, rule: UpdateRule | None) -> UpdateRule | None:
    """Return the rule that a step or a rule stands for; None for gradient flow."""
    if rule is not None and step is not None:
        raise StabilityError(
            f"Expected a step, or a rule that has one; got the step {step} and the rule {rule}.",
            "Leave out the step.",
        )
    if rule is not None:
        require_rule(rule)
    return update_rule("gd", step=step) if step is not None else rule


def _basins(
    place: Section, span: float, rule: UpdateRule | None, pixels: int, progress: Progress | None, sharp: bool
) -> Areas | None:
    if not pixels:
        return None
    at_once, done = CHUNK if progress is None else SOME, 0

    def label(spots: Floats) -> Ints:
        nonlocal done
        found = []
        for first in range(0, len(spots), at_once):
            found.append(labels(place, spots[first : first + at_once], rule))
            done += len(found[-1])
            if progress is not None:
                progress("starts followed", done, 0)
        return np.concatenate(found)

    return areas(label, *samples(span, pixels), rounds=ROUNDS if sharp else 0)


def labels(place: Section, spots: Floats, rule: UpdateRule | None) -> Ints:
    """Return the labels of spots in a plane: positions in the atlas of where they end."""
    points = place.plane.points(*spots.T)
    if rule is None:
        return flow_labels(place.landscape, points)
    return rule_labels(place.landscape, points, rule)


def affordable(place: Section, span: float, rule: UpdateRule | None = None, seconds: float = 5.0) -> int:
    """Return how many samples along each axis take about so many seconds, at most `PIXELS`; 0 if fewer than `COARSE`.

    Measured by following some starts, spread over the picture, so the answer depends on the machine.
    """
    line = (np.arange(6) + 0.43) / 3 * span - span
    spots = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    began, done = process_time(), 0
    for k in range(12):
        done += len(labels(place, spots[k::12], rule))
        if process_time() - began > seconds / 4:
            break
    starts = seconds * done / (process_time() - began)
    for pixels in range(PIXELS, COARSE - 1, -1):
        edges = 30 * pixels if pixels >= FINE else 0
        if (pixels + 2) ** 2 + edges <= starts:
            return pixels
    return 0


def _tracks(
    place: Section, span: float, rule: UpdateRule | None, count: int
) -> tuple[list[Floats], list[ProjectedEnd]]:
    """Return sample trajectories or orbits, and the ends of trajectories that are off the plane."""
    land, plane = place.landscape, place.plane
    starts = [plane.points(x, y) for x, y in ring(span, count)]
    if rule is not None:
        return [jumps(land, rule, start, plane, span) for start in starts], []
    found = [flow(land, exact_rows_of(land, start)) for start in starts]
    ends = [projected_end(each, plane, span) for each in found]
    return [track(each, plane) for each in found], [end for end in ends if end is not None]
