"""A numerical search for stationary points on the command line: on which network, and as plain data and tables."""

import re
from typing import Any

from rich.table import Table

from stability.arrays import Floats
from stability.cli.atlas import prepare_atlas
from stability.dynamics.search.fixed_points import Agreement, FixedPoints, has_atlas
from stability.dynamics.search.float_networks import SMOOTH, TwoLayer, two_layer
from stability.dynamics.search.newton import TOLERANCE
from stability.errors import UnknownNameError
from stability.exact.numbers import formatted
from stability.geometry.atlas.atlas import is_affordable
from stability.io.printable import amount
from stability.landscapes import Landscape, landscape
from stability.model.networks import network

LEVELS_SHOWN = 12
SMOOTH_MODEL = re.compile(rf"({'|'.join(SMOOTH)}):?([0-9]{{1,3}})")


def searched(model: str, data: str, loss: str, output_layer: bool) -> Landscape | TwoLayer:
    """Return what is searched: an exact landscape, or a network for which there is none.

    Parameters
    ----------
    model : str
        A unit and a count as everywhere, or a smooth activation and a count, as "tanh2".
    data, loss : str
    output_layer : bool
        Whether output weights and a constant are trained too.
    """
    smooth = SMOOTH_MODEL.fullmatch(model)
    if smooth is not None and int(smooth[2]) > 0:
        return two_layer(smooth[1], int(smooth[2]), data, output_layer, loss)
    if smooth is not None or (re.fullmatch(r"[a-z]+:?[0-9]*", model) and _is_no_unit(model)):
        known = ", ".join(f"{name}2" for name in SMOOTH)
        raise UnknownNameError(
            f"Expected a unit or a smooth activation, and a count from 1; got {model!r}.",
            f"Write abs1, relu2, leaky1/100:2, or {known}.",
        )
    if output_layer:
        own = network(model)
        return two_layer(own.unit, own.count, data, True, loss)
    return landscape(model, data, loss)


def _is_no_unit(model: str) -> bool:
    try:
        network(model)
    except UnknownNameError:
        return True
    return False


def compared_with(found: FixedPoints, max_faces: int | None) -> Agreement | None:
    """Return the comparison with the atlas; None where there is none, or it takes more faces than allowed."""
    if not isinstance(found.problem, Landscape) or not has_atlas(found.problem):
        return None
    if not is_affordable(found.problem, max_faces):
        return None
    prepare_atlas(found.problem, max_faces)
    return found.agreement()


def report(found: FixedPoints, compared: Agreement | None) -> dict[str, Any]:
    """Return what was found as plain data."""
    return {**found.to_json(), "agreement": None if compared is None else compared.to_json()}


def fixed_points_parts(found: FixedPoints, compared: Agreement | None) -> list[str | Table]:
    """Return the levels of loss that were found in a table, and which sets of the atlas that are in another."""
    points, starts = amount(len(found.points), "different point", ","), amount(found.starts, "start", ",")
    lost = amount(found.failed, "start", ",")
    sure = amount(len(found.certified), "point", ",")
    proved = (
        f"Certified: {sure}, each the only one in a box up to scaling units and parameters of dead ones. "
        "Others may be missing."
    )
    nothing = "A search proves nothing."
    head = (
        f"{found.problem!r}: {points} from {starts}, seed {found.seed}; {lost} ended nowhere. "
        f"{proved if found.is_layer else nothing}"
    )
    table = Table("loss", "kind", "points", *["certified"] * found.is_layer, "starts", "one of them")
    levels = found.levels()
    for loss, kind, same in levels[:LEVELS_SHOWN]:
        hits = sum(each.hits for each in same)
        own = [f"{sum(each.enclosure is not None for each in same):,}"] * found.is_layer
        table.add_row(f"~{loss:.6g}", kind, f"{len(same):,}", *own, f"{hits:,}", _numbers(same[0].point))
    if len(levels) > LEVELS_SHOWN:
        table.add_row(f"{len(levels) - LEVELS_SHOWN} more", "", "", *[""] * found.is_layer, "", "--json lists all")
    meaning = "kind: by the eigenvalues of the Hessian; flat: some are 0; kink: at a kink, where there is none"
    return [head, table, meaning, *([] if compared is None else _compared_parts(compared))]


def _compared_parts(compared: Agreement) -> list[str | Table]:
    counts = {each.index: count for each, count in compared.found}
    everything = sorted([*(each for each, _ in compared.found), *compared.missed], key=lambda each: each.index)
    table = Table("set of the atlas", "kind", "loss", "points found")
    for each in everything[:LEVELS_SHOWN]:
        shown = f"{counts[each.index]:,}" if each.index in counts else "missed"
        table.add_row(str(each.index), each.kind, formatted(each.loss), shown)
    if len(everything) > LEVELS_SHOWN:
        table.add_row(f"{len(everything) - LEVELS_SHOWN} more", "", "", "")
    head = (
        f"{len(compared.found):,} of {len(everything):,} stationary sets found, "
        f"{len(compared.strangers):,} points fit none of them."
    )
    return [head, table]


def _numbers(values: Floats) -> str:
    return f"~({', '.join('0' if abs(value) < TOLERANCE else f'{value:.4g}' for value in values)})"
