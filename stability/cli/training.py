"""Commands that train."""

from pathlib import Path
from typing import Annotated

import typer

from stability.cli.application import INTERRUPTED, command
from stability.cli.choices import DEVICES, DTYPES, LOSSES, MODES, OPTIMISERS, choice_option
from stability.cli.options import RULE, Data, Form, Json, ListInits, Momentum, Seed, print_result, rows_option

STOP = "Stopping"
COMPUTE = "How it is computed"


@command(
    "train",
    "stability train relu2 xor --init normal:0.5 --restarts 2000",
    "stability train abs1 xor --init normal:0.5:0.5 --optimizer gd --lr 0.02 -o runs.parquet",
    "stability train relu2-out+c xor --init torch-default --restarts 2000",
    "stability train --list-inits",
)
def train(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="relu2, relu[+,-], relu2-out+c, ..., or relu2-linear (Linear-ReLU-Linear)",
            show_default=False,
        ),
    ],
    data: Data,
    init: Annotated[str, typer.Option(metavar="LAW", help="how parameters start; --list-inits lists the names")],
    optimizer: Annotated[
        str, choice_option(OPTIMISERS, help="what moves the parameters; sgd is gd", panel=RULE)
    ] = "adam",
    lr: Annotated[str, typer.Option(metavar="NUMBER", rich_help_panel=RULE, help="the step size")] = "0.01",
    momentum: Momentum = None,
    betas: Annotated[
        str | None, typer.Option(metavar="B1,B2", rich_help_panel=RULE, help="of adam; 0.9,0.999 by default")
    ] = None,
    epochs: Annotated[int, typer.Option(metavar="N", rich_help_panel=STOP, help="the most steps of a run")] = 800,
    stop_loss: Annotated[
        float, typer.Option(metavar="LOSS", rich_help_panel=STOP, help="a run stops below this loss; 0 for never")
    ] = 0.0,
    patience: Annotated[
        int | None,
        typer.Option(metavar="N", rich_help_panel=STOP, help="a run stops after so many epochs without a new best"),
    ] = None,
    restarts: Annotated[int, typer.Option(metavar="N", help="runs")] = 20_000,
    seed: Seed = 0,
    loss: Annotated[str, choice_option(LOSSES, help="of squared errors; torch takes the mean")] = "mean",
    dtype: Annotated[str, choice_option(DTYPES, help="of all numbers", panel=COMPUTE)] = "float32",
    device: Annotated[str, choice_option(DEVICES, help="where it runs", panel=COMPUTE)] = "auto",
    mode: Annotated[
        str, choice_option(MODES, help="the loops; torch gives the bits of torch.optim", panel=COMPUTE)
    ] = "auto",
    as_json: Json = None,
    table: Form = None,
    output: Annotated[Path | None, rows_option("one row per run, as .parquet")] = None,
    list_inits: ListInits = False,
) -> None:
    """Train from many starts, and say on which sets they end.

    Says how many runs succeed, when they stop, and on which stationary set each ends.
    """
    from stability.initialisation.table import parse
    from stability.model.update_rules import optimiser
    from stability.training.ensembles.problem import task
    from stability.training.ensembles.settings import require_settings

    parse(init)
    rule, given = optimiser(optimizer, lr, momentum, betas), task(model, data, loss)
    settings = {"epochs": epochs, "stop_loss": stop_loss, "patience": patience, "restarts": restarts, "seed": seed}
    how = {"dtype": dtype, "device": device, "mode": mode}
    require_settings(
        restarts=restarts,
        seed=seed,
        epochs=epochs,
        stop_loss=stop_loss,
        patience=patience,
        dtype=dtype,
        device=device,
        mode=mode,
    )
    from stability.audit.end_states import named_states
    from stability.cli.training_report import report, train_and_label, training_tables, write_parquet

    found, sets = train_and_label(task=given, init=init, rule=rule, **settings, **how)
    states = named_states(found, sets)
    try:
        if output is not None:
            write_parquet(found, sets, output, states)
    finally:
        print_result(report(found, sets, states), as_json, lambda: training_tables(found, sets, states), table)
    if found.restarts < found.wanted:
        raise typer.Exit(INTERRUPTED)
