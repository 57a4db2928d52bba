"""The command that writes a page on which a landscape is explored."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from stability.cli.application import INTERRUPTED, command
from stability.cli.options import BUDGET, Axes, Data, Json, Loss, MaxFaces, Middle, Model, file_option, print_result


@command(
    "explore",
    "stability explore abs1 xor -o abs1.html",
    "stability explore relu2 xor --plane p@1,b@1 --vary label:2 -o relu2.html",
)
def explore(
    model: Model,
    data: Data,
    output: Annotated[
        Path,
        file_option("-o", "--output", help="the page: an .html file that stands alone", suffixes=(".html", ".htm")),
    ],
    plane: Axes = None,
    at: Middle = None,
    span: Annotated[str, typer.Option(metavar="NUMBER", help="half the width of the plane")] = "3/2",
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="WHAT", help="what a slider varies: slope, label:K (counted from 1); may be repeated"),
    ] = None,
    limits: Annotated[
        str | None, typer.Option("--range", metavar="A,B", help="from where to where it varies, as -1,1")
    ] = None,
    pixels: Annotated[
        int | None,
        typer.Option(min=0, max=400, metavar="N", rich_help_panel=BUDGET, help="samples of the basins along each axis"),
    ] = None,
    max_faces: MaxFaces = None,
    loss: Loss = "sum",
    as_json: Json = None,
) -> None:
    """Write a page on which a landscape is explored.

    It shows a plane of parameters; a click starts gradient flow there. The page needs no network and no server.
    """
    from stability.cli.parsing import read_point
    from stability.cli.terminal import shown_stages
    from stability.dynamics.bifurcation.questions import ends
    from stability.landscapes import landscape
    from stability.report.explorer.explorer import explore as explorer

    place, origin = landscape(model, data, loss), None if at is None else read_point(at)
    low, high = (None, None) if limits is None else ends(limits)
    try:
        with shown_stages() as progress:
            found = explorer(
                place,
                plane,
                span=span,
                origin=origin,
                vary=vary,
                low=low,
                high=high,
                pixels=pixels,
                max_faces=max_faces,
                progress=progress,
            )
            found.save(output)
    except KeyboardInterrupt:
        print("Interrupted; no page was written.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    print_result({**place.names, "page": str(output), **found.summary()}, as_json, lambda: [])
    if as_json != "-":
        print(output)
