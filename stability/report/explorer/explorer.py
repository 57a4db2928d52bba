"""The explorer of one landscape: everything exact is computed here; its page draws it and follows starts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from stability.compute.notebook import reporting
from stability.compute.progress import Progress
from stability.dynamics.phase_plane.named_planes import known_planes, named_plane
from stability.dynamics.phase_plane.phase_plane import FINE, PIXELS, PhasePortrait, affordable, phase_portrait
from stability.errors import UnknownNameError
from stability.exact.numbers import Exact, formatted_vector
from stability.geometry.atlas.atlas import Atlas, known_atlas
from stability.geometry.sections.plane_sections import Section, require_drawable, section, width
from stability.geometry.sections.planes import Plane
from stability.io.results import ResultTable
from stability.model.network_loss import NetworkLoss, Point
from stability.model.restrictions import NOT_LINEAR, require_fixed
from stability.report.explorer.family_data import asked_ranges, family_data, family_records
from stability.report.explorer.page import explorer_page
from stability.report.explorer.plane_data import plane_data
from stability.report.explorer.problem_data import problem_data, sets_data
from stability.report.explorer.space_data import space_data
from stability.report.explorer.step_data import step_data
from stability.report.page import require_page, write_page

SPAN = Fraction(3, 2)
"""Half the width of the plane, unless another is asked for."""

SPACE = Fraction(2, 3)
"""Half the width of the cube, as a share of that of the plane."""

HEIGHT = 1180
"""Of the frame in a notebook, in CSS pixels."""


@dataclass(frozen=True, repr=False)
class Explorer:
    """A page that shows one landscape exactly, and follows gradient flow where a reader starts it.

    Attributes
    ----------
    atlas : Atlas
        All stationary sets, with their certificate.
    portrait : PhasePortrait
        What the plane shows; its basins are decided by the library, start by start.
    plane : str
        The name of the plane, as "p,b".
    families : list of dict
        For the slider: the stationary sets as exact functions of a slope or a label.

    Examples
    --------
    >>> from stability import explore, landscape
    >>> page = explore(landscape("abs1", "xor"), vary=[], pixels=8)
    >>> print(page)
    Explorer of abs1 on xor (sum of squares)
      plane    p,b
      sets     9
      basins   8 x 8 starts
      sliders  step
    >>> page.to_html().startswith("<!doctype html>")
    True
    """

    atlas: Atlas
    portrait: PhasePortrait
    plane: str
    families: list[dict[str, Any]]

    @property
    def landscape(self) -> NetworkLoss:
        """The landscape that is explored."""
        return self.atlas.landscape

    def summary(self) -> dict[str, Any]:
        """Return what the page shows, in short: plane, half its width, samples of basins, sets, and sliders."""
        basins = self.portrait.basins
        return {
            "plane": self.plane,
            "span": str(self.portrait.span),
            "pixels": 0 if basins is None else len(basins.x) - 2,
            "sets": len(self.atlas.sets),
            "sliders": [*(each["vary"] for each in self.families), "step"],
        }

    def __repr__(self) -> str:
        short = self.summary()
        rows = [
            ("plane", self.plane),
            ("sets", str(short["sets"])),
            ("basins", f"{short['pixels']} x {short['pixels']} starts" if short["pixels"] else "none"),
            ("sliders", ", ".join(short["sliders"])),
        ]
        return ResultTable(f"Explorer of {self.landscape!r}", (), rows).text()

    @cached_property
    def _data(self) -> dict[str, Any]:
        return {
            **self.landscape.names,
            "problem": problem_data(self.atlas),
            "plane": plane_data(self.portrait, self.plane),
            "sets": sets_data(self.atlas),
            "space": space_data(self.atlas, SPACE * self.portrait.span),
            "families": self.families,
            "steps": step_data(self.atlas),
        }

    def to_json(self) -> dict[str, Any]:
        """Return what the page draws: exact numbers as text, and floats for pictures."""
        return self._data

    def to_html(self) -> str:
        """Return the page: one document that stands alone and asks no network for anything."""
        records = {"atlas": self.atlas.record()}
        for each in self.families:
            records |= family_records(self.landscape, each)
        return explorer_page(self.landscape, self._data, records, self._caption())

    def _caption(self) -> str:
        """Return what must be known to read the plane."""
        middle = self.portrait.place.origin
        if not any(x for row in middle for x in row):
            return self.portrait.caption
        return f"In the middle is {'; '.join(map(formatted_vector, middle))}. {self.portrait.caption}"

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, whole or not at all; return its path.

        Raises
        ------
        FileError
            If there is no such folder, or it cannot be written to.
        """
        require_page(Path(path))
        write_page(Path(path), self.to_html())
        return Path(path)

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, for notebooks."""
        page = escape(self.to_html(), quote=True)
        name = escape(f"Explorer of {self.landscape!r}", quote=True)
        return f'<iframe srcdoc="{page}" title="{name}" width="100%" height="{HEIGHT}" frameborder="0"></iframe>'


def explore(
    landscape: NetworkLoss,
    plane: str | None = None,
    span: Exact = SPAN,
    origin: Point | None = None,
    vary: Sequence[str] | None = None,
    low: Exact | None = None,
    high: Exact | None = None,
    pixels: int | None = None,
    max_faces: int | None = None,
    progress: Progress | None = None,
) -> Explorer:
    """Return the explorer of a landscape: a page in which a reader starts gradient flow and sees where it goes.

    Parameters
    ----------
    landscape : Landscape
    plane : str, optional
        Its axes, as "p,b", "w1,b" or "p@1,p@2"; by default the first plane that does not lie on a kink, through a
        minimum if those through 0 all do.
    span : exact number
        Both axes run from -span to span.
    origin : rows (w_1, ..., w_d, b), one per unit, optional
        The point in the middle; 0 by default.
    vary : sequence of str, optional
        What sliders vary: "slope" (left of the kink) and "label:K" (examples counted from 1). By default the slope and
        the first label, where that takes some seconds. The step of gradient descent always has one.
    low, high : exact numbers, optional
        The range of what varies; -1 to 1 for the slope by default.
    pixels : int, optional
        Samples of the basins along each axis; by default as many as take some seconds.
    max_faces : int, optional
        The most choices of one face per unit that are searched.
    progress : callable, optional
        Called with (stage, tasks done, tasks in all); in a notebook there is a bar if it is left out.

    Raises
    ------
    KindError, UnknownNameError, PointError, NumberError, StabilityError
        If the landscape is none, or an option makes no sense.
    TooLargeError
        If there may be more faces than allowed.

    Examples
    --------
    >>> from stability import explore, landscape
    >>> page = explore(landscape("relu1", "xor"), plane="p,b", vary=[], pixels=8)
    >>> page.atlas.losses[0]
    Fraction(1, 1)
    """
    require_fixed(landscape, "an explorer", NOT_LINEAR)
    if not landscape.network.hidden_biases:
        net = landscape.network
        raise UnknownNameError(
            f"Expected units with biases for an explorer, whose pictures have them; got {net.name}.",
            f"Write {replace(net, hidden_biases=True).name}, or draw a phase portrait.",
        )
    half, asked = width(span), asked_ranges(landscape, vary, low, high)
    name = plane or known_planes(landscape, origin)[0]
    chosen = named_plane(landscape, name, origin)
    require_drawable(chosen)
    with reporting(progress, "explorer") as report:
        atlas = known_atlas(landscape, max_faces, report)
        if plane is None and origin is None:
            name, chosen = _off_kinks(atlas, name, chosen)
        count = _samples(section(landscape, chosen), half) if pixels is None else pixels
        sharp = count >= FINE or pixels is not None
        shown = phase_portrait(landscape, chosen, half, arrows=1, pixels=count, tracks=0, progress=report, sharp=sharp)
        varied = [family_data(landscape, each, max_faces, report) for each in asked]
    return Explorer(atlas, shown, name, varied)


def _off_kinks(atlas: Atlas, name: str, chosen: Plane) -> tuple[str, Plane]:
    """Return a plane with its name; one through a minimum where all of it lies on a kink and another does not."""
    if not section(atlas.landscape, chosen).on_a_kink:
        return name, chosen
    for each in atlas.minima:
        other = known_planes(atlas.landscape, each.witness)[0]
        through = named_plane(atlas.landscape, other, each.witness)
        if not section(atlas.landscape, through).on_a_kink:
            return other, through
    return name, chosen


def _samples(place: Section, span: Fraction) -> int:
    """Return how many samples of the basins along each axis take some seconds."""
    if place.landscape.units == 1 or place.on_a_kink:
        return PIXELS
    return affordable(place, float(span))
