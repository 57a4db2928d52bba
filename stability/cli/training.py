"""Commands that train."""

from pathlib import Path
from typing import Annotated

import typer

from stability.cli.options import AsJson, Data, Form, ListInits, Momentum, app, print_result


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
    table: Form = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="one row per run, as .parquet")] = None,
    list_inits: ListInits = False,
) -> None:
    """Train from many starts at once; say how many succeed, when they stop, and on which stationary sets they end."""
    from stability.initialisation.table import parse
    from stability.io.files import require_ending, require_folder
    from stability.model.update_rules import optimiser
    from stability.training.ensembles.problem import task
    from stability.training.ensembles.settings import require_settings

    require_folder(output)
    require_ending(output, ".parquet")
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
        raise typer.Exit(130)
