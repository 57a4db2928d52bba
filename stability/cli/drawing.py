"""Drawing of a phase portrait on the command line, with progress and in little time."""

import sys
from pathlib import Path

from stability.cli.application import INTERRUPTED
from stability.cli.atlas import prepare_atlas
from stability.cli.options import print_result
from stability.cli.terminal import shown_progress
from stability.dynamics.phase_plane.named_planes import known_planes, named_plane
from stability.dynamics.phase_plane.phase_plane import FINE, PIXELS, affordable
from stability.geometry.atlas.atlas import is_affordable
from stability.geometry.sections.plane_sections import Section, section, width
from stability.landscapes import Landscape
from stability.model.network_loss import Point
from stability.model.restrictions import NOT_LINEAR, require_fixed
from stability.model.update_rules import UpdateRule
from stability.plot.figures import save_figure
from stability.plot.phase_portrait import portrait_figure


def draw_portrait(
    landscape: Landscape,
    output: Path,
    plane: str | None,
    origin: Point | None,
    span: str,
    rule: UpdateRule | None,
    pixels: int | None,
    max_faces: int | None = None,
    as_json: str | None = None,
) -> int:
    """Draw the portrait of a plane, print the path of the picture, or what it shows, and return the exit status.

    Without a plane the first is taken that does not lie on a kink; without pixels, as many as take some seconds.
    """
    require_fixed(landscape, "a phase portrait", NOT_LINEAR)
    half = width(span)
    name = plane or known_planes(landscape, origin)[0]
    place = section(landscape, named_plane(landscape, name, origin))
    if place.on_a_kink:
        _suggest(landscape, name, origin)
    try:
        count = 0
        if is_affordable(landscape, max_faces):
            prepare_atlas(landscape, max_faces)
            count = _pixels(place, float(half), rule) if pixels is None else pixels
        else:
            print(f"Sets and basins are left out: {landscape!r} is too large for an atlas.", file=sys.stderr)
        with shown_progress() as progress:
            drawn = save_figure(
                lambda: portrait_figure(
                    landscape,
                    name,
                    half,
                    origin=origin,
                    rule=rule,
                    progress=progress,
                    pixels=count,
                    sharp=count >= FINE or pixels is not None,
                ),
                output,
            )
    except KeyboardInterrupt:
        print("Interrupted; no picture was written.", file=sys.stderr)
        return INTERRUPTED
    shown = {"picture": str(drawn), "plane": name, "span": str(half), "pixels": count, "basins": count > 0}
    ruled = "flow" if rule is None else str(rule)
    print_result({**landscape.names, **shown, "rule": ruled}, as_json, lambda: [])
    if as_json != "-":
        print(drawn)
    return 0


def _suggest(landscape: Landscape, name: str, origin: Point | None) -> None:
    """Name a plane with basins, if there is one."""
    others = known_planes(landscape, origin)
    if not section(landscape, named_plane(landscape, others[0], origin)).on_a_kink:
        print(f"All of the plane {name} lies on a kink, so it has no basins; --plane {others[0]} has.", file=sys.stderr)


def _pixels(place: Section, span: float, rule: UpdateRule | None) -> int:
    """Return how many samples take some seconds, and say so where that is fewer than usual."""
    if place.landscape.units == 1 or place.on_a_kink:
        return PIXELS
    count = affordable(place, span, rule)
    if count < PIXELS:
        shown = f"basins are sampled {count} x {count}" if count else "basins are left out"
        print(f"So that it takes some seconds, {shown}; --pixels {PIXELS} takes longer.", file=sys.stderr)
    return count
