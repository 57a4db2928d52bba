"""The command that searches for stationary points in floats: a second witness of atlases, and for networks without."""

from typing import Annotated

import typer

from stability.cli.application import command
from stability.cli.options import Data, Form, Json, Loss, MaxFaces, Seed, count_option, print_result


@command(
    "fixed-points",
    "stability fixed-points abs1 xor --starts 200",
    "stability fixed-points relu2-out2+c data.csv --starts 500",
    "stability fixed-points tanh2 xor --output-layer --starts 20 --json points.json",
)
def fixed_points(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="abs1, relu2, ... or tanh2, softplus2, ...", show_default=False)
    ],
    data: Data,
    starts: Annotated[int, count_option(1, help="random starts of the search")] = 200,
    seed: Seed = 0,
    spread: Annotated[float, typer.Option(metavar="NUMBER", help="standard deviation of every parameter")] = 1.5,
    output_layer: Annotated[
        bool, typer.Option("--output-layer", help="train output weights and a constant too")
    ] = False,
    loss: Loss = "sum",
    max_faces: MaxFaces = None,
    as_json: Json = None,
    table: Form = None,
) -> None:
    """Search for stationary points numerically, from many starts.

    A search may miss points. Where there is an atlas, what was found is compared with it. Of networks with an output
    layer, as relu2-out2, points that are isolated in an open cell, up to scaling units, are certified.
    """
    from stability.cli.search_report import compared_with, fixed_points_parts, report, searched
    from stability.cli.terminal import shown_progress
    from stability.dynamics.search.fixed_points import fixed_points as search

    place = searched(model, data, loss, output_layer)
    with shown_progress() as progress:
        found = search(place, starts, seed, spread, progress=progress)
    compared = compared_with(found, max_faces)
    print_result(report(found, compared), as_json, lambda: fixed_points_parts(found, compared), table)
