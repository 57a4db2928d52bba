"""Commands that train deep networks."""

from pathlib import Path
from typing import Annotated, Any

import typer

from stability.cli.options import AsJson, Form, app, print_result

Depth = Annotated[int, typer.Option(help="hidden layers")]
Width = Annotated[int, typer.Option(help="units of each hidden layer")]
Weight = Annotated[float, typer.Option(help="what the penalty is multiplied with")]
Rho = Annotated[float | None, typer.Option(help="of the upper slack, 0 to 1; 0.5, or 0.51 with --init zero")]
Power = Annotated[int, typer.Option(help="2 or 1, of the mixed slacks")]
Ties = Annotated[str, typer.Option(help="who bears the slope of a maximum: 'split' or 'first'")]
Epochs = Annotated[int, typer.Option(help="steps of full-batch Adam")]
Seeds = Annotated[int, typer.Option(help="networks, one per seed")]
First = Annotated[int, typer.Option(help="the first seed")]
Rate = Annotated[float, typer.Option(help="the step size")]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto")]
Dtype = Annotated[str, typer.Option(help="float32 or float64")]


@app.command("train-deep")
def train_deep(
    data: Annotated[str, typer.Option(help="moons or xor")] = "moons",
    depth: Depth = 50,
    width: Width = 4,
    method: Annotated[str, typer.Option(help="relu, relu-bn, leaky, crelu, sep-u, sep-p, sep-pu or sep-l")] = "sep-pu",
    weight: Weight = 1e-4,
    rho: Rho = None,
    power: Power = 2,
    ties: Ties = "split",
    init: Annotated[str, typer.Option(help="glorot, zero or torch-default")] = "glorot",
    dropout: Annotated[float, typer.Option(help="share of hidden outputs dropped in the first epoch")] = 0.0,
    anneal: Annotated[int, typer.Option(help="epochs until nothing is dropped; 0 to drop always")] = 1000,
    slope: Annotated[float, typer.Option(help="of leaky")] = 0.01,
    main_loss: Annotated[bool, typer.Option(help="or train on the penalty alone")] = True,
    lr: Rate = 0.01,
    epochs: Epochs = 5000,
    seeds: Seeds = 8,
    seed: First = 0,
    device: Device = "auto",
    dtype: Dtype = "float32",
    every: Annotated[int | None, typer.Option(help="epochs between two moments of the history")] = None,
    as_json: AsJson = False,
    table: Form = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="one row per seed, as .parquet")] = None,
) -> None:
    """Train rectangular networks from many seeds at once; say what they reach, at best and at the end, by layer too."""
    from stability.cli.deep_report import deep_tables, report, run_deep, write_deep_parquet
    from stability.io.files import require_ending, require_folder

    require_folder(output)
    require_ending(output, ".parquet")
    penalty = {"weight": weight, "rho": rho, "power": power, "ties": ties, "main_loss": main_loss}
    begin = {"init": init, "dropout": dropout, "anneal": anneal, "slope": slope}
    how = {"lr": lr, "epochs": epochs, "seeds": seeds, "first_seed": seed, "device": device, "dtype": dtype}
    run = run_deep(data=data, depth=depth, width=width, method=method, every=every, **penalty, **begin, **how)
    try:
        if output is not None:
            write_deep_parquet(run, output)
    finally:
        print_result(report(run), as_json, lambda: deep_tables(run), table)
    if run.interrupted:
        raise typer.Exit(130)


@app.command("deep-table")
def deep_table(
    epochs: Epochs = 5000,
    seeds: Seeds = 8,
    seed: First = 0,
    weight: Weight = 1e-4,
    power: Power = 2,
    ties: Ties = "split",
    device: Device = "auto",
    as_json: AsJson = False,
    table: Form = None,
) -> None:
    """Train every method on the two moons at depth 50 and width 4; print the published table beside what comes out."""
    from stability.cli.deep_report import run_deep
    from stability.cli.deep_table import table_shown
    from stability.studies.deep_table import deep_table as runs_of_all
    from stability.studies.deep_table import table_report

    how: dict[str, Any] = {"weight": weight, "power": power, "ties": ties, "device": device}
    runs = runs_of_all(run_deep, epochs=epochs, seeds=seeds, first_seed=seed, **how)
    print_result(table_report(runs), as_json, lambda: table_shown(runs), table)
    if any(run.interrupted for run in runs.values()):
        raise typer.Exit(130)
