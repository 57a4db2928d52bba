"""The command that says which steps of an update rule are stable."""

from typing import TYPE_CHECKING, Annotated

import typer

from stability.cli.application import command
from stability.cli.choices import LINEARISED, choice_option
from stability.cli.options import RULE, Data, Form, Json, Loss, MaxFaces, Model, print_result

if TYPE_CHECKING:
    from rich.table import Table

    from stability.dynamics.maps.point_regions import PointRegion
    from stability.dynamics.maps.stability_regions import Regions


@command(
    "steps",
    "stability steps abs1 xor --rule heavy-ball",
    "stability steps relu2-out xor --at '[[1, -1, -1, 1], [-1, 1, -1, 1]]'",
)
def steps(
    model: Model,
    data: Data,
    at: Annotated[
        str | None, typer.Option(metavar="POINT", help="a point, as '[[w1, w2, b], ...]'; all minima if left out")
    ] = None,
    rule: Annotated[str, choice_option(LINEARISED, help="what moves the parameters", panel=RULE)] = "gd",
    loss: Loss = "sum",
    max_faces: MaxFaces = None,
    as_json: Json = None,
    table: Form = None,
) -> None:
    """Say below which steps minima are stable.

    By the largest exact curvature; directions in which the loss is flat are counted and change nothing.
    """
    from stability.cli.atlas import prepare_atlas
    from stability.cli.parsing import read_point
    from stability.dynamics.maps.point_regions import region_at
    from stability.dynamics.maps.stability_regions import stability_regions
    from stability.landscapes import landscape
    from stability.model.several_outputs import require_one_output

    place = landscape(model, data, loss)
    if at is not None:
        one = region_at(place, read_point(at), rule)
        print_result(one.to_json(), as_json, lambda: [one.caption, _at_a_point(one)], table)
        return
    require_one_output(place, "the stable steps of all minima (--at POINT takes several)")
    prepare_atlas(place, max_faces)
    found = stability_regions(place, rule)
    print_result(found.to_json(), as_json, lambda: [_at_minima(found), *found.notes], table)


def _at_a_point(found: "PointRegion") -> "Table":
    from rich.table import Table

    table = Table(show_header=False)
    for name, value in found.facts():
        table.add_row(name, value)
    return table


def _at_minima(found: "Regions") -> "Table":
    from rich.table import Table

    from stability.dynamics.maps.stability_regions import row

    table = Table(*found.columns, title=found.caption, title_justify="left")
    for each in found:
        table.add_row(*row(each))
    return table
