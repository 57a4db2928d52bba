"""The command line: thin; everything it shows is computed elsewhere."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from stability.errors import StabilityError
from stability.version import __version__

app = typer.Typer(
    name="stability",
    help="Decide, with certificates, where training stops and what is stable there.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Model = Annotated[str, typer.Argument(help="abs1, relu1, relu2, ... or leaky1/100:2", show_default=False)]
Data = Annotated[str, typer.Argument(help="xor, parity:D, moons:N:SEED or a CSV file", show_default=False)]
Loss = Annotated[str, typer.Option(help="'sum' or 'mean' of squared errors")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Rule = Annotated[str, typer.Option(help="flow, gd, heavy-ball, nesterov, adam or sign")]
Step = Annotated[str | None, typer.Option(help="of the rule, as 1/10")]
Momentum = Annotated[str | None, typer.Option(help="of heavy-ball and nesterov; 9/10 by default")]
Beta1 = Annotated[str | None, typer.Option(help="of adam; 9/10 by default")]
Beta2 = Annotated[str | None, typer.Option(help="of adam; 999/1000 by default")]
Eps = Annotated[str | None, typer.Option(help="of adam; 1/100000000 by default")]


def main() -> None:
    """Run the command line; errors are told without a traceback, with exit status 2."""
    try:
        app()
    except StabilityError as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"stability {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="show it")] = False,
) -> None:
    """Decide, with certificates, where training stops and what is stable there."""


@app.command()
def classify(
    model: Model,
    data: Data,
    at: Annotated[str, typer.Option(help="the point, as '[[w1, w2, b], ...]', one row per unit")],
    loss: Loss = "sum",
    as_json: AsJson = False,
    record: Annotated[Path | None, typer.Option(help="write the certificate to this file")] = None,
) -> None:
    """Say what a point is: smooth or a kink, stationary in which sense, of which kind."""
    from stability.audit.reports import classification_table
    from stability.audit.screen import show
    from stability.exact.points import read_point
    from stability.exact.records import write
    from stability.model import landscape

    found = landscape(model, data, loss).classify(read_point(at))
    _print(found.to_json(), as_json, lambda: show(classification_table(found)))
    if record is not None:
        write(found.certificate, record)


@app.command()
def atlas(
    model: Model,
    data: Data,
    loss: Loss = "sum",
    json_file: Annotated[Path | None, typer.Option("--json", help="write the result to this file, or -")] = None,
    record: Annotated[Path | None, typer.Option(help="write the certificate to this file")] = None,
    workers: Annotated[int, typer.Option(help="processes that share the work")] = 1,
    max_faces: Annotated[int | None, typer.Option(help="most choices of faces that are searched")] = None,
    resume: Annotated[Path | None, typer.Option(help="keep partial results in this file")] = None,
    table: Annotated[str | None, typer.Option(help="print a 'markdown' or 'latex' table")] = None,
) -> None:
    """List all stationary points of a landscape, kinks included, and prove the list complete."""
    from stability.audit.mapping import run_atlas
    from stability.model import landscape

    raise typer.Exit(run_atlas(landscape(model, data, loss), json_file, record, workers, max_faces, resume, table))


@app.command()
def flow(
    model: Model,
    data: Data,
    start: Annotated[str, typer.Option("--from", help="the start, as '[[w1, w2, b], ...]', one row per unit")],
    loss: Loss = "sum",
    kinks: Annotated[str, typer.Option(help="'filippov', or 'torch' for its convention at the start")] = "filippov",
    as_json: AsJson = False,
    record: Annotated[Path | None, typer.Option(help="write the certificate to this file")] = None,
) -> None:
    """Follow gradient flow from a start, event by event, to the stationary set it ends on."""
    from stability.audit.moving import flow_table
    from stability.audit.screen import show
    from stability.exact.files import require_folder
    from stability.exact.points import read_point
    from stability.exact.records import write
    from stability.model import landscape

    require_folder(record)
    found = landscape(model, data, loss).flow(read_point(start), kinks)
    _print(found.to_json(), as_json, lambda: show(*flow_table(found)))
    if record is not None:
        if found.certificate.record is None:
            print(f"No certificate was found. {found.certificate.reason}", file=sys.stderr)
            raise typer.Exit(1)
        write(found.certificate, record)


@app.command()
def basins(
    model: Model,
    data: Data,
    init: Annotated[str, typer.Option(help="normal:STD[:BIAS_STD] (biases 0) or uniform:A[:B]")],
    samples: Annotated[int, typer.Option(help="random starts")] = 10_000,
    seed: Annotated[int, typer.Option(help="of the random starts")] = 0,
    rule: Rule = "flow",
    step: Step = None,
    momentum: Momentum = None,
    beta1: Beta1 = None,
    beta2: Beta2 = None,
    eps: Eps = None,
    steps: Annotated[int | None, typer.Option(help="the most steps of the rule; 10000 by default")] = None,
    loss: Loss = "sum",
    as_json: AsJson = False,
) -> None:
    """Say which share of random starts each stationary set attracts under gradient flow, or an update rule."""
    from stability.audit.moving import basins_table, compute_basins, rule_or_flow
    from stability.audit.screen import show
    from stability.model import landscape

    update = rule_or_flow(rule, {"step": step, "momentum": momentum, "beta1": beta1, "beta2": beta2, "eps": eps})
    found = compute_basins(landscape(model, data, loss), init, samples, seed, update, steps)
    _print(found.to_json(), as_json, lambda: show(*basins_table(found)))


@app.command()
def bifurcation(
    model: Model,
    data: Data,
    vary: Annotated[str, typer.Option(help="slope, label:K, coordinate:K:AXIS (counted from 1), or ratio (b/r)")],
    span: Annotated[str, typer.Option("--range", help="from where to where, as 0,-1")],
    radius: Annotated[str | None, typer.Option(help="of the weights where the ratio varies; 1 by default")] = None,
    loss: Loss = "sum",
    as_json: AsJson = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="a picture: .png, .svg or .pdf")] = None,
) -> None:
    """List the stationary sets as a slope, a label, a point or a ratio varies, and where they change."""
    from functools import cache

    from stability.audit import branching
    from stability.audit.screen import show
    from stability.model import landscape

    place, asked = landscape(model, data, loss), branching.question(vary, span)
    story = cache(lambda: branching.answer(place, asked, radius))
    if output is not None:
        from stability.view.figures import save_figure
        from stability.view.stories import story_figure

        save_figure(lambda: story_figure(story(), branching.title(place, asked)), output)
    _print(branching.to_json(place, asked, story()), as_json, lambda: show(*branching.tables(place, asked, story())))
    if output is not None:
        print(output, file=sys.stderr)


@app.command()
def portrait(
    model: Model,
    data: Data,
    output: Annotated[Path, typer.Option("-o", "--output", help="the picture: .png, .svg or .pdf")],
    plane: Annotated[str, typer.Option(help="p,b or w1,w2 or p@1,p@2 ...: the axes")] = "p,b",
    at: Annotated[str | None, typer.Option(help="the point in the middle, as '[[w1, w2, b], ...]'")] = None,
    span: Annotated[str, typer.Option(help="half the width of the picture")] = "3/2",
    rule: Rule = "flow",
    step: Step = None,
    momentum: Momentum = None,
    beta1: Beta1 = None,
    beta2: Beta2 = None,
    eps: Eps = None,
    loss: Loss = "sum",
) -> None:
    """Draw a phase portrait on a plane: arrows, kinks, stationary sets, basins, separatrices, trajectories."""
    from stability.audit.moving import rule_or_flow
    from stability.exact.points import read_point
    from stability.model import landscape
    from stability.view.figures import save_figure
    from stability.view.phase_portrait import portrait_figure

    update = rule_or_flow(rule, {"step": step, "momentum": momentum, "beta1": beta1, "beta2": beta2, "eps": eps})
    place, origin = landscape(model, data, loss), None if at is None else read_point(at)
    print(save_figure(lambda: portrait_figure(place, plane, span, origin=origin, rule=update), output))


def _list_inits(wanted: bool) -> None:
    if wanted:
        from stability.model.initialisations import listing

        for form, line in listing():
            print(f"{form:42} {line}")
        raise typer.Exit


@app.command()
def train(
    model: Annotated[str, typer.Argument(help="relu2, abs1, ..., or relu2-linear (Linear-ReLU-Linear)")],
    data: Data,
    init: Annotated[str, typer.Option(help="how parameters start; --list-inits lists the names")],
    optimizer: Annotated[str, typer.Option(help="gd (or sgd), heavy-ball, nesterov, adam or sign")] = "adam",
    lr: Annotated[str, typer.Option(help="the step size")] = "0.01",
    momentum: Momentum = None,
    betas: Annotated[str | None, typer.Option(help="of adam; 0.9,0.999 by default")] = None,
    epochs: Annotated[int, typer.Option(help="the most steps of a run")] = 800,
    stop_loss: Annotated[float, typer.Option(help="a run stops below this loss; 0 for never")] = 0.0,
    patience: Annotated[int | None, typer.Option(help="a run stops after so many epochs without a new best")] = None,
    restarts: Annotated[int, typer.Option(help="runs")] = 20_000,
    seed: Annotated[int, typer.Option(help="of the starts")] = 0,
    loss: Annotated[str, typer.Option(help="'mean' (as in torch) or 'sum' of squared errors")] = "mean",
    dtype: Annotated[str, typer.Option(help="float32 or float64")] = "float32",
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto")] = "auto",
    mode: Annotated[str, typer.Option(help="auto, compiled, eager, or torch for the bits of torch.optim")] = "auto",
    as_json: AsJson = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="one row per run, as .parquet")] = None,
    list_inits: Annotated[
        bool, typer.Option("--list-inits", callback=_list_inits, is_eager=True, help="list them and stop")
    ] = False,
) -> None:
    """Train from many starts at once; say how many succeed, when they stop, and on which stationary sets they end."""
    from stability.audit.screen import show
    from stability.audit.training_runs import optimiser, report, train_and_label, training_tables, write_parquet
    from stability.exact.files import require_folder
    from stability.training.tasks import task

    require_folder(output)
    rule = optimiser(optimizer, lr, momentum, betas)
    settings = {"epochs": epochs, "stop_loss": stop_loss, "patience": patience, "restarts": restarts, "seed": seed}
    how = {"dtype": dtype, "device": device, "mode": mode}
    trained = task(model, data, loss)
    trained.require_labels()
    found, sets = train_and_label(task=trained, init=init, rule=rule, **settings, **how)
    _print(report(found, sets), as_json, lambda: show(*training_tables(found, sets)))
    if output is not None:
        write_parquet(found, sets, output)
    if found.restarts < found.wanted:
        raise typer.Exit(130)


@app.command()
def derive(
    model: Model,
    data: Data,
    pattern: Annotated[str | None, typer.Option(help="signs per unit, as '+-0+,++--'")] = None,
    coordinates: Annotated[str, typer.Option(help="cartesian, polar or angular")] = "cartesian",
    loss: Loss = "sum",
    latex: Annotated[bool, typer.Option("--latex", help="print LaTeX")] = False,
) -> None:
    """Derive loss, gradient, Hessian and flow in one activation cell, or the whole angular loss."""
    from stability.model import landscape
    from stability.symbolic import angular_loss
    from stability.symbolic import derive as derivation

    place = landscape(model, data, loss)
    found = angular_loss(place) if pattern is None else derivation(place, pattern, coordinates)
    print(found.latex() if latex else found.pretty())


@app.command()
def check(
    records: Annotated[list[Path] | None, typer.Argument(help="files or folders", show_default=False)] = None,
) -> None:
    """Verify records again, without searching, and say what each concludes."""
    from stability.audit.library import proofs_folder
    from stability.exact.checker import main as check_all

    raise typer.Exit(check_all([str(path) for path in records or [proofs_folder() / "records"]]))


@app.command()
def audit(
    writeups: Annotated[list[str] | None, typer.Argument(help="ids; all by default", show_default=False)] = None,
    only: Annotated[list[str] | None, typer.Option(help="only the claim with this id")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the result to this file, or - ")] = None,
    fail_on: Annotated[list[str] | None, typer.Option(help="exit with 1 if a claim has this status")] = None,
    record: Annotated[bool, typer.Option("--record", help="renew proofs/records")] = False,
    runs: Annotated[bool, typer.Option(help="compare predictions with training runs")] = True,
    level: Annotated[str, typer.Option(help="quick: kept results of experiments; full: train anew")] = "quick",
    keep: Annotated[
        bool, typer.Option("--keep", help="with --level full: keep the results in proofs/measured")
    ] = False,
) -> None:
    """Give every claim of the write-ups a verdict, with a certificate where it has one."""
    from stability.audit.command import run_audit

    raise typer.Exit(run_audit(writeups or [], only or [], json_file, fail_on or [], record, runs, level, keep))


@app.command()
def crosscheck(
    restarts: Annotated[int, typer.Option(help="runs of the largest comparisons")] = 20_000,
    seed: Annotated[int, typer.Option(help="of the starts")] = 0,
    as_json: AsJson = False,
) -> None:
    """Compare predictions of the exact side with training runs; exit status 1 if one is off."""
    from stability.audit.crosscheck import crosscheck as compare
    from stability.audit.crosscheck import crosscheck_table
    from stability.audit.screen import show
    from stability.audit.training_runs import provenance

    found = compare(restarts, seed)
    data = {**provenance(), "seed": seed, "checks": [each.to_json() for each in found]}
    _print(data, as_json, lambda: show(crosscheck_table(found)))
    raise typer.Exit(int(not all(each.agrees for each in found)))


@app.command()
def figures(
    names: Annotated[list[str] | None, typer.Argument(help="all by default", show_default=False)] = None,
) -> None:
    """Draw the figures, as SVG and PNG."""
    from stability.view.figures import make

    for path in make(names or []):
        print(path)


def _print(data: Any, as_json: bool, table: Callable[[], None]) -> None:
    if as_json:
        print(json.dumps(data, indent=2))
    else:
        table()


if __name__ == "__main__":
    main()
