"""What does a phase portrait show of a landscape in a plane of parameter space?"""

from dataclasses import dataclass
from fractions import Fraction

from stability.dynamics import Plane
from stability.dynamics.swarm import Ints
from stability.errors import NumberError
from stability.exact.numbers import Exact, rational
from stability.geometry.atlas import Atlas, known_atlas
from stability.model.landscapes import Landscape
from stability.view import shading
from stability.view.edges import Areas, areas
from stability.view.plane import Numbers
from stability.view.sections import Section, SetTrace, kink_lines, section, set_traces, traces, width
from stability.view.slices import Body
from stability.view.speeds import arrow_field, coordinates, is_invariant, nullclines
from stability.view.tracks import orbit, ring, track

JUMPS = 60
"""Steps of an orbit of gradient descent."""


@dataclass(frozen=True)
class PhasePortrait:
    """What a phase portrait shows.

    Attributes
    ----------
    place : Section
    span : Fraction
        Both axes run from -span to span.
    step : float or None
        That of gradient descent; None for gradient flow.
    invariant : bool
        Whether gradient flow that starts in the plane stays in it.
    kinks, sideways, upwards : lists of Body
        Kinks, and where the flow does not move sideways and upwards.
    parts : list of SetTrace
        Of stationary sets.
    arrows : pair of arrays of shape (n, 2)
        Spots, and the velocity of gradient flow there.
    basins : Areas or None
        Labelled with positions in the atlas.
    tracks : list of arrays of shape (times, 2)
        Sample trajectories or orbits.
    """

    place: Section
    span: Fraction
    step: float | None
    invariant: bool
    kinks: list[Body]
    sideways: list[Body]
    upwards: list[Body]
    parts: list[SetTrace]
    arrows: tuple[Numbers, Numbers]
    basins: Areas | None
    tracks: list[Numbers]

    @property
    def atlas(self) -> Atlas:
        """The atlas of the landscape."""
        return known_atlas(self.place.landscape)

    @property
    def caption(self) -> str:
        """What must be known to read the picture."""
        if self.place.on_a_kink:
            return "All of the plane lies on a kink: arrows follow torch's gradient; basins and curves are left out."
        if self.invariant:
            return "The plane is invariant: what starts in it stays in it."
        return "The plane is not invariant: arrows and curves are projected on it, basins are those of starts in it."


def phase_portrait(
    landscape: Landscape,
    plane: Plane,
    span: Exact = Fraction(3, 2),
    step: Exact | None = None,
    arrows: int | None = None,
    pixels: int = 80,
    tracks: int = 12,
) -> PhasePortrait:
    """Compute a phase portrait.

    Parameters
    ----------
    landscape : Landscape
    plane : Plane
        As `stability.dynamics.plane` or `named_plane` makes it.
    span : int, float, str or Fraction
        Both axes run from -span to span.
    step : int, float, str or Fraction, optional
        That of gradient descent, which then takes the place of gradient flow in basins and curves.
    arrows, pixels, tracks : int
        Arrows (16, or 8 steps of descent) and samples of the basins along each axis, and sample trajectories;
        0 for none.

    Raises
    ------
    NumberError
        If the span, or the step, is not finite or not above 0.
    PointError
        If the plane is none of this landscape's.
    TooLargeError
        If the landscape is too large for an atlas.
    """
    half, size = width(span), None if step is None else _checked_step(step)
    count = (16 if size is None else 8) if arrows is None else arrows
    place = section(landscape, plane)
    found = traces(place, half)
    sideways, upwards = nullclines(place, found)
    return PhasePortrait(
        place,
        half,
        size,
        is_invariant(place),
        kink_lines(place, half),
        sideways,
        upwards,
        set_traces(known_atlas(landscape), place, found),
        arrow_field(place, float(half), count),
        _basins(place, float(half), size, 0 if place.on_a_kink else pixels),
        _tracks(place, float(half), size, 0 if place.on_a_kink else tracks),
    )


def _checked_step(step: Exact) -> float:
    if not rational(step) > 0:
        raise NumberError(f"Expected a step above 0; got {step}.", "Write step=0.1, or leave it out for gradient flow.")
    return float(rational(step))


def _basins(place: Section, span: float, step: float | None, pixels: int) -> Areas | None:
    if not pixels:
        return None

    def label(spots: Numbers) -> Ints:
        points = place.plane.points(*spots.T)
        if step is None:
            return shading.flow_labels(place.landscape, points)
        return shading.descent_labels(place.landscape, points, step)

    return areas(label, *shading.samples(span, pixels))


def _tracks(place: Section, span: float, step: float | None, count: int) -> list[Numbers]:
    starts = [place.plane.points(x, y) for x, y in ring(span, count)]
    if step is None:
        return [track(place.landscape.flow(start.tolist()), place.plane) for start in starts]
    return [
        coordinates(place.plane, orbit(place.landscape, start, step, JUMPS) - place.plane.origin) for start in starts
    ]
