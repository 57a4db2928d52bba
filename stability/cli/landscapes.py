"""Commands that look at one landscape."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from stability.cli.application import command
from stability.cli.choices import COORDINATES, KINKS, choice_option
from stability.cli.options import (
    BUDGET,
    RULE,
    SCREEN,
    Axes,
    Beta1,
    Beta2,
    Data,
    Eps,
    Form,
    Json,
    ListInits,
    Loss,
    MaxFaces,
    Middle,
    Model,
    Momentum,
    Record,
    Rule,
    Seed,
    Step,
    file_option,
    picture_option,
    print_result,
)


@command("classify", "stability classify abs1 xor --at '[[-1/2, 1/2, 0]]'")
def classify(
    model: Model,
    data: Data,
    at: Annotated[str, typer.Option(metavar="POINT", help="the point, as '[[w1, w2, b], ...]', one row per unit")],
    loss: Loss = "sum",
    as_json: Json = None,
    table: Form = None,
    record: Record = None,
) -> None:
    """Say what a point is: stationary, in which sense, which kind."""
    from stability.cli.parsing import read_point
    from stability.cli.tables import classification_table
    from stability.landscapes import landscape
    from stability.logic.records import write

    found = landscape(model, data, loss).classify(read_point(at))
    if record is not None:
        write(found.certificate, record)
    print_result(found.to_json(), as_json, lambda: [classification_table(found)], table)


@command(
    "atlas",
    "stability atlas abs1 xor",
    "stability atlas relu2 xor --minima --top 3 --json atlas.json",
    "stability atlas abs1 xor --table latex",
)
def atlas(
    model: Model,
    data: Data,
    loss: Loss = "sum",
    record: Record = None,
    workers: Annotated[
        int, typer.Option(metavar="N", rich_help_panel=BUDGET, help="processes that share the work")
    ] = 1,
    max_faces: MaxFaces = None,
    resume: Annotated[
        Path | None, file_option("--resume", help="keep partial results in this file", panel=BUDGET)
    ] = None,
    minima: Annotated[bool, typer.Option("--minima", help="show the minima alone; all sets are counted")] = False,
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="show so many rows, the least losses first")
    ] = None,
    as_json: Json = None,
    table: Form = None,
) -> None:
    """List all stationary points, and prove the list complete.

    Kinks are included; a set may be a point or a flat piece of any dimension.
    """
    from stability.cli.atlas import run_atlas
    from stability.landscapes import landscape

    place = landscape(model, data, loss)
    raise typer.Exit(run_atlas(place, as_json, record, workers, max_faces, resume, table, minima, top))


@command(
    "flow",
    "stability flow abs1 xor --from '[[1, 1/2, 1/10]]'",
    "stability flow abs1 xor --from '[[1, 1/2, 1/10]]' --record end.json",
)
def flow(
    model: Model,
    data: Data,
    start: Annotated[
        str, typer.Option("--from", metavar="POINT", help="the start, as '[[w1, w2, b], ...]', one row per unit")
    ],
    loss: Loss = "sum",
    kinks: Annotated[
        str, choice_option(KINKS, help="every mean of slopes at kinks, or at the start that of torch")
    ] = "filippov",
    as_json: Json = None,
    table: Form = None,
    record: Record = None,
    max_faces: MaxFaces = None,
) -> None:
    """Follow gradient flow from a start to the set it ends on.

    Events are crossings of kinks and sliding along them; every sign is decided.
    """
    from stability.cli.atlas import prepare_atlas
    from stability.cli.flow import flow_table
    from stability.cli.parsing import read_point
    from stability.landscapes import landscape
    from stability.logic.records import write

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


@command(
    "basins",
    "stability basins abs1 xor --init normal:0.5:0.5 --samples 2000",
    "stability basins abs1 xor --init normal:0.5:0.5 --rule adam --step 1/100",
)
def basins(
    model: Model,
    data: Data,
    init: Annotated[
        str, typer.Option(metavar="LAW", help="how starts are drawn, as normal:0.5; --list-inits lists the names")
    ],
    samples: Annotated[int, typer.Option(metavar="N", help="random starts")] = 10_000,
    seed: Seed = 0,
    rule: Rule = "flow",
    step: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER", rich_help_panel=RULE, help="of the rule, as 1/10; several, as 1/20,1/10, share a table"
        ),
    ] = None,
    momentum: Momentum = None,
    beta1: Beta1 = None,
    beta2: Beta2 = None,
    eps: Eps = None,
    max_steps: Annotated[
        int | None,
        typer.Option(
            "--max-steps",
            "--steps",
            metavar="N",
            rich_help_panel=RULE,
            help="the most steps of the rule; 10000 by default",
        ),
    ] = None,
    within: Annotated[
        float, typer.Option(metavar="D", help="up to this distance a run at no set counts as near one")
    ] = 0.05,
    max_faces: MaxFaces = None,
    loss: Loss = "sum",
    as_json: Json = None,
    table: Form = None,
    list_inits: ListInits = False,
) -> None:
    """Say which share of random starts each set attracts.

    The starts follow gradient flow, or an update rule.
    """
    from stability.cli import flow as moving
    from stability.cli.atlas import prepare_atlas
    from stability.cli.flow import basins_table, compute_basins, steps_table
    from stability.geometry.atlas.atlas import is_affordable
    from stability.landscapes import landscape

    given = {"step": step, "momentum": momentum, "beta1": beta1, "beta2": beta2, "eps": eps}
    updates, place = moving.rules_or_flow(rule, given), landscape(model, data, loss)
    ruled = [update for update in updates if update is not None]
    if ruled and not is_affordable(place, max_faces):
        levels = [moving.compute_levels(place, init, samples, seed, update, max_steps) for update in ruled]
        reports = [each.to_json() for each in levels]
        parts = [part for each in levels for part in moving.levels_table(each)]
        print_result(reports if len(levels) > 1 else reports[0], as_json, lambda: parts, table)
        return
    prepare_atlas(place, max_faces)
    found = [compute_basins(place, init, samples, seed, update, max_steps, within) for update in updates]
    if len(found) == 1:
        print_result(found[0].to_json(), as_json, lambda: basins_table(found[0]), table)
        return
    words = [str(update.parameters["step"]) for update in ruled]
    print_result([each.to_json() for each in found], as_json, lambda: steps_table(found, words), table)


@command(
    "bifurcation",
    "stability bifurcation relu1 xor --vary slope --range 0,-1",
    "stability bifurcation relu1 xor --vary label:2 --range 0,1 -o labels.png",
)
def bifurcation(
    model: Model,
    data: Data,
    vary: Annotated[
        str, typer.Option(metavar="WHAT", help="slope, label:K, coordinate:K:AXIS (counted from 1), or ratio (b/r)")
    ],
    span: Annotated[str, typer.Option("--range", metavar="A,B", help="from where to where, as 0,-1")],
    radius: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="of the weights where the ratio varies; 1 by default")
    ] = None,
    max_faces: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", rich_help_panel=BUDGET, help="most choices of faces that are followed; 5000 by default"
        ),
    ] = None,
    loss: Loss = "sum",
    as_json: Json = None,
    table: Form = None,
    output: Annotated[Path | None, picture_option()] = None,
) -> None:
    """List the stationary sets as a slope, label or point varies.

    Says where they meet, change or vanish. The ratio b/r of one unit may vary as well.
    """
    from functools import cache

    from stability.cli import bifurcation as branching
    from stability.cli.terminal import shown_progress
    from stability.dynamics.bifurcation.questions import AnyBifurcation, answer, question
    from stability.landscapes import landscape

    place, asked = landscape(model, data, loss), question(vary, span)

    def found() -> AnyBifurcation:
        with shown_progress() as progress:
            return answer(place, asked, radius, max_faces, progress)

    diagram = cache(found)
    if output is not None:
        from stability.plot.bifurcation import bifurcation_figure
        from stability.plot.figures import save_figure

        save_figure(lambda: bifurcation_figure(diagram(), branching.title(place, asked)), output)
    print_result(
        branching.to_json(place, asked, diagram()), as_json, lambda: branching.tables(place, asked, diagram()), table
    )
    if output is not None:
        print(output, file=sys.stderr)


@command(
    "portrait",
    "stability portrait abs1 xor --plane p,b -o portrait.png",
    "stability portrait abs1 xor --rule heavy-ball --step 1/50 -o portrait.svg",
)
def portrait(
    model: Model,
    data: Data,
    output: Annotated[Path, picture_option("the picture: .png, .svg or .pdf")],
    plane: Axes = None,
    at: Middle = None,
    span: Annotated[str, typer.Option(metavar="NUMBER", help="half the width of the picture")] = "3/2",
    rule: Rule = "flow",
    step: Step = None,
    momentum: Momentum = None,
    beta1: Beta1 = None,
    beta2: Beta2 = None,
    eps: Eps = None,
    pixels: Annotated[
        int | None,
        typer.Option(min=0, max=400, metavar="N", help="samples of the basins along each axis"),
    ] = None,
    max_faces: MaxFaces = None,
    loss: Loss = "sum",
    as_json: Json = None,
) -> None:
    """Draw a phase portrait on a plane of parameters.

    It shows arrows, kinks, stationary sets, basins, separatrices and trajectories.
    """
    from stability.cli.drawing import draw_portrait
    from stability.cli.flow import rule_or_flow
    from stability.cli.parsing import read_point
    from stability.landscapes import landscape

    update = rule_or_flow(rule, {"step": step, "momentum": momentum, "beta1": beta1, "beta2": beta2, "eps": eps})
    place, origin = landscape(model, data, loss), None if at is None else read_point(at)
    raise typer.Exit(draw_portrait(place, output, plane, origin, span, update, pixels, max_faces, as_json))


@command(
    "derive",
    "stability derive relu1 xor --pattern '+-0+' --coordinates polar --latex",
    "stability derive relu1 xor",
)
def derive(
    model: Model,
    data: Data,
    pattern: Annotated[str | None, typer.Option(metavar="SIGNS", help="signs per unit, as '+-0+,++--'")] = None,
    coordinates: Annotated[str | None, choice_option(COORDINATES, help="of a cell; cartesian by default")] = None,
    loss: Loss = "sum",
    latex: Annotated[bool, typer.Option("--latex", help="print LaTeX")] = False,
    max_terms: Annotated[
        int | None,
        typer.Option(
            "--max-terms",
            "--budget",
            min=1,
            metavar="N",
            rich_help_panel=BUDGET,
            help="most terms in a cell, or pieces of the angular loss; 2000 by default, enough for 7 points",
        ),
    ] = None,
    as_json: Json = None,
) -> None:
    """Derive loss, gradient, Hessian and flow in a cell.

    Without a pattern, derive the whole angular loss, with its breakpoints.
    """
    from stability.errors import StabilityError
    from stability.landscapes import landscape
    from stability.symbolic.angular import MOST_PIECES, angular_loss
    from stability.symbolic.derive import MOST_TERMS
    from stability.symbolic.derive import derive as derivation

    place = landscape(model, data, loss)
    if pattern is None and coordinates is not None:
        raise StabilityError(
            f"Expected a cell for the coordinates {coordinates}; got no --pattern, which asks for the angular loss.",
            f"Write --pattern '{','.join(['+' * len(place.rows)] * place.units)}', or leave --coordinates out.",
        )
    if pattern is None:
        found: Any = angular_loss(place, max_pieces=max_terms or MOST_PIECES)
    else:
        found = derivation(place, pattern, coordinates or "cartesian", max_terms or MOST_TERMS)
    if as_json != SCREEN:
        print(found.latex() if latex else found.pretty())
    if as_json is not None:
        print_result(found.to_json(), as_json, lambda: [])
