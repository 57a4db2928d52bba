"""Commands that look at one landscape."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from stability.cli.options import (
    AsJson,
    Beta1,
    Beta2,
    Data,
    Eps,
    Form,
    ListInits,
    Loss,
    MaxFaces,
    Model,
    Momentum,
    Rule,
    Step,
    app,
    print_result,
)


@app.command()
def classify(
    model: Model,
    data: Data,
    at: Annotated[str, typer.Option(help="the point, as '[[w1, w2, b], ...]', one row per unit")],
    loss: Loss = "sum",
    as_json: AsJson = False,
    table: Form = None,
    record: Annotated[Path | None, typer.Option(help="write the certificate to this file")] = None,
) -> None:
    """Say what a point is: smooth or a kink, stationary in which sense, of which kind."""
    from stability.cli.parsing import read_point
    from stability.cli.tables import classification_table
    from stability.landscapes import landscape
    from stability.logic.records import write

    found = landscape(model, data, loss).classify(read_point(at))
    if record is not None:
        write(found.certificate, record)
    print_result(found.to_json(), as_json, lambda: [classification_table(found)], table)


@app.command()
def atlas(
    model: Model,
    data: Data,
    loss: Loss = "sum",
    json_file: Annotated[Path | None, typer.Option("--json", help="write the result to this file, or -")] = None,
    record: Annotated[Path | None, typer.Option(help="write the certificate to this file")] = None,
    workers: Annotated[int, typer.Option(help="processes that share the work")] = 1,
    max_faces: MaxFaces = None,
    resume: Annotated[Path | None, typer.Option(help="keep partial results in this file")] = None,
    minima: Annotated[bool, typer.Option("--minima", help="show the minima alone; all sets are counted")] = False,
    top: Annotated[int | None, typer.Option(min=1, help="show so many rows, the least losses first")] = None,
    table: Form = None,
) -> None:
    """List all stationary points of a landscape, kinks included, and prove the list complete."""
    from stability.cli.atlas import run_atlas
    from stability.landscapes import landscape

    place = landscape(model, data, loss)
    raise typer.Exit(run_atlas(place, json_file, record, workers, max_faces, resume, table, minima, top))


@app.command()
def flow(
    model: Model,
    data: Data,
    start: Annotated[str, typer.Option("--from", help="the start, as '[[w1, w2, b], ...]', one row per unit")],
    loss: Loss = "sum",
    kinks: Annotated[str, typer.Option(help="'filippov', or 'torch' for its convention at the start")] = "filippov",
    as_json: AsJson = False,
    table: Form = None,
    record: Annotated[Path | None, typer.Option(help="write the certificate to this file")] = None,
    max_faces: MaxFaces = None,
) -> None:
    """Follow gradient flow from a start, event by event, to the stationary set it ends on."""
    from stability.cli.atlas import prepare_atlas
    from stability.cli.flow import flow_table
    from stability.cli.parsing import read_point
    from stability.io.files import require_folder
    from stability.landscapes import landscape
    from stability.logic.records import write

    require_folder(record)
    place, rows = landscape(model, data, loss), read_point(start)
    place.point(rows)
    prepare_atlas(place, max_faces)
    found = place.flow(rows, kinks)
    print_result(found.to_json(), as_json, lambda: flow_table(found), table)
    if record is not None:
        if found.certificate.record is None:
            print(f"No certificate was found. {found.certificate.reason}", file=sys.stderr)
            raise typer.Exit(1)
        write(found.certificate, record)


@app.command()
def basins(
    model: Model,
    data: Data,
    init: Annotated[str, typer.Option(help="how starts are drawn, as normal:0.5; --list-inits lists the names")],
    samples: Annotated[int, typer.Option(help="random starts")] = 10_000,
    seed: Annotated[int, typer.Option(help="of the random starts")] = 0,
    rule: Rule = "flow",
    step: Annotated[str | None, typer.Option(help="of the rule, as 1/10; several, as 1/20,1/10, share a table")] = None,
    momentum: Momentum = None,
    beta1: Beta1 = None,
    beta2: Beta2 = None,
    eps: Eps = None,
    steps: Annotated[int | None, typer.Option(help="the most steps of the rule; 10000 by default")] = None,
    within: Annotated[float, typer.Option(help="up to this distance a run at no set counts as near one")] = 0.05,
    max_faces: MaxFaces = None,
    loss: Loss = "sum",
    as_json: AsJson = False,
    table: Form = None,
    list_inits: ListInits = False,
) -> None:
    """Say which share of random starts each stationary set attracts under gradient flow, or an update rule."""
    from stability.cli import flow as moving
    from stability.cli.atlas import prepare_atlas
    from stability.cli.flow import basins_table, compute_basins, steps_table
    from stability.geometry.atlas.atlas import is_affordable
    from stability.landscapes import landscape

    given = {"step": step, "momentum": momentum, "beta1": beta1, "beta2": beta2, "eps": eps}
    updates, place = moving.rules_or_flow(rule, given), landscape(model, data, loss)
    ruled = [update for update in updates if update is not None]
    if ruled and not is_affordable(place, max_faces):
        levels = [moving.compute_levels(place, init, samples, seed, update, steps) for update in ruled]
        reports = [each.to_json() for each in levels]
        parts = [part for each in levels for part in moving.levels_table(each)]
        print_result(reports if len(levels) > 1 else reports[0], as_json, lambda: parts, table)
        return
    prepare_atlas(place, max_faces)
    found = [compute_basins(place, init, samples, seed, update, steps, within) for update in updates]
    if len(found) == 1:
        print_result(found[0].to_json(), as_json, lambda: basins_table(found[0]), table)
        return
    words = [str(update.parameters["step"]) for update in ruled]
    print_result([each.to_json() for each in found], as_json, lambda: steps_table(found, words), table)


@app.command()
def bifurcation(
    model: Model,
    data: Data,
    vary: Annotated[str, typer.Option(help="slope, label:K, coordinate:K:AXIS (counted from 1), or ratio (b/r)")],
    span: Annotated[str, typer.Option("--range", help="from where to where, as 0,-1")],
    radius: Annotated[str | None, typer.Option(help="of the weights where the ratio varies; 1 by default")] = None,
    max_faces: Annotated[
        int | None, typer.Option(min=1, help="most choices of faces that are followed; 5000 by default")
    ] = None,
    loss: Loss = "sum",
    as_json: AsJson = False,
    table: Form = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="a picture: .png, .svg or .pdf")] = None,
) -> None:
    """List the stationary sets as a slope, a label, a point or a ratio varies, and where they change."""
    from functools import cache

    from stability.cli import bifurcation as branching
    from stability.cli.terminal import shown_progress
    from stability.dynamics.bifurcation.questions import Story, answer, question
    from stability.landscapes import landscape

    place, asked = landscape(model, data, loss), question(vary, span)

    def found() -> Story:
        with shown_progress() as progress:
            return answer(place, asked, radius, max_faces, progress)

    story = cache(found)
    if output is not None:
        from stability.plot.bifurcation_command import story_figure
        from stability.plot.figures import save_figure

        save_figure(lambda: story_figure(story(), branching.title(place, asked)), output)
    print_result(
        branching.to_json(place, asked, story()), as_json, lambda: branching.tables(place, asked, story()), table
    )
    if output is not None:
        print(output, file=sys.stderr)


@app.command()
def portrait(
    model: Model,
    data: Data,
    output: Annotated[Path, typer.Option("-o", "--output", help="the picture: .png, .svg or .pdf")],
    plane: Annotated[str | None, typer.Option(help="p,b or w1,w2 or p@1,p@2 ...: the axes; chosen if left out")] = None,
    at: Annotated[str | None, typer.Option(help="the point in the middle, as '[[w1, w2, b], ...]'")] = None,
    span: Annotated[str, typer.Option(help="half the width of the picture")] = "3/2",
    rule: Rule = "flow",
    step: Step = None,
    momentum: Momentum = None,
    beta1: Beta1 = None,
    beta2: Beta2 = None,
    eps: Eps = None,
    pixels: Annotated[
        int | None,
        typer.Option(min=0, max=400, help="samples of the basins along each axis"),
    ] = None,
    max_faces: MaxFaces = None,
    loss: Loss = "sum",
) -> None:
    """Draw a phase portrait on a plane: arrows, kinks, stationary sets, basins, separatrices, trajectories."""
    from stability.cli.drawing import draw_portrait
    from stability.cli.flow import rule_or_flow
    from stability.cli.parsing import read_point
    from stability.landscapes import landscape

    update = rule_or_flow(rule, {"step": step, "momentum": momentum, "beta1": beta1, "beta2": beta2, "eps": eps})
    place, origin = landscape(model, data, loss), None if at is None else read_point(at)
    raise typer.Exit(draw_portrait(place, output, plane, origin, span, update, pixels, max_faces))


@app.command()
def derive(
    model: Model,
    data: Data,
    pattern: Annotated[str | None, typer.Option(help="signs per unit, as '+-0+,++--'")] = None,
    coordinates: Annotated[
        str | None, typer.Option(help="of a cell: cartesian, polar or angular; cartesian by default")
    ] = None,
    loss: Loss = "sum",
    latex: Annotated[bool, typer.Option("--latex", help="print LaTeX")] = False,
    budget: Annotated[
        int | None,
        typer.Option(min=1, help="most pieces, or terms in a cell; 2000 by default, enough for 7 points"),
    ] = None,
) -> None:
    """Derive loss, gradient, Hessian and flow in one activation cell, or the whole angular loss."""
    from stability.errors import StabilityError
    from stability.landscapes import landscape
    from stability.symbolic.angular import angular_loss
    from stability.symbolic.derive import derive as derivation

    place = landscape(model, data, loss)
    if pattern is None and coordinates is not None:
        raise StabilityError(
            f"Expected a cell for the coordinates {coordinates}; got no --pattern, which asks for the angular loss.",
            f"Write --pattern '{','.join(['+' * len(place.rows)] * place.units)}', or leave --coordinates out.",
        )
    most = {} if budget is None else {"most": budget}
    if pattern is None:
        whole = angular_loss(place, **most)
        print(whole.latex() if latex else whole.pretty())
        return
    cell = derivation(place, pattern, coordinates or "cartesian", **most)
    print(cell.latex() if latex else cell.pretty())
