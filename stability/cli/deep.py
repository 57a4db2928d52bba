"""Commands that train deep networks."""

from pathlib import Path
from typing import Annotated, Any

import typer

from stability.cli.application import INTERRUPTED, command
from stability.cli.choices import DEEP_DATA, DEEP_INITS, DEVICES, DTYPES, METHODS, TIES, choice_option
from stability.cli.options import Form, Json, count_option, print_result, rows_option
from stability.errors import NumberError

PENALTY, START, COMPUTE = "Penalty", "Start", "How it is computed"


def _power(ctx: typer.Context, value: int) -> int:
    if value not in (1, 2) and not ctx.resilient_parsing:
        raise NumberError(f"Expected the power 1 or 2; got {value}.", "Leave it out for 2.")
    return value


Weight = Annotated[
    float, typer.Option(metavar="NUMBER", rich_help_panel=PENALTY, help="what the penalty is multiplied with")
]
Power = Annotated[
    int, typer.Option(metavar="[1|2]", rich_help_panel=PENALTY, callback=_power, help="of the mixed slacks")
]
Ties = Annotated[str, choice_option(TIES, help="who bears the slope of a maximum", panel=PENALTY)]
Epochs = Annotated[int, count_option(1, help="steps of full-batch Adam")]
Seeds = Annotated[int, count_option(1, help="networks, one per seed")]
First = Annotated[int, count_option(0, help="the first seed")]
Device = Annotated[str, choice_option(DEVICES, help="where it runs", panel=COMPUTE)]


@command(
    "train-deep",
    "stability train-deep --depth 10 --method sep-pu --epochs 500 --seeds 2",
    "stability train-deep --data xor --depth 3 --method relu -o seeds.parquet",
)
def train_deep(
    data: Annotated[str, choice_option(DEEP_DATA, help="what is learnt")] = "moons",
    depth: Annotated[int, count_option(1, help="hidden layers")] = 50,
    width: Annotated[int, count_option(1, help="units of each hidden layer")] = 4,
    method: Annotated[str, choice_option(METHODS, help="plain, or with a penalty (sep-...)")] = "sep-pu",
    weight: Weight = 1e-4,
    rho: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            rich_help_panel=PENALTY,
            help="of the upper slack, 0 to 1; 0.5, or 0.51 with --init zero",
        ),
    ] = None,
    power: Power = 2,
    ties: Ties = "split",
    init: Annotated[str, choice_option(DEEP_INITS, help="of the parameters", panel=START)] = "glorot",
    dropout: Annotated[
        float,
        typer.Option(metavar="SHARE", rich_help_panel=START, help="of hidden outputs dropped in the first epoch"),
    ] = 0.0,
    anneal: Annotated[
        int, count_option(0, help="epochs until nothing is dropped; 0 to drop always", panel=START)
    ] = 1000,
    slope: Annotated[float, typer.Option(metavar="NUMBER", help="of leaky")] = 0.01,
    main_loss: Annotated[bool, typer.Option(rich_help_panel=PENALTY, help="or train on the penalty alone")] = True,
    lr: Annotated[float, typer.Option(metavar="NUMBER", help="the step size")] = 0.01,
    epochs: Epochs = 5000,
    seeds: Seeds = 8,
    seed: First = 0,
    device: Device = "auto",
    dtype: Annotated[str, choice_option(DTYPES, help="of all numbers", panel=COMPUTE)] = "float32",
    every: Annotated[
        int | None, count_option(1, help="epochs between two moments of the history", panel=COMPUTE)
    ] = None,
    as_json: Json = None,
    table: Form = None,
    output: Annotated[Path | None, rows_option("one row per seed, as .parquet")] = None,
) -> None:
    """Train deep thin networks from many seeds at once.

    Says what they reach, at best and at the end, by layer too.
    """
    from stability.cli.deep_report import deep_tables, report, run_deep, write_deep_parquet

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
        raise typer.Exit(INTERRUPTED)


@command("deep-table", "stability deep-table --epochs 500 --seeds 2 --table latex")
def deep_table(
    epochs: Epochs = 5000,
    seeds: Seeds = 8,
    seed: First = 0,
    weight: Weight = 1e-4,
    power: Power = 2,
    ties: Ties = "split",
    device: Device = "auto",
    as_json: Json = None,
    table: Form = None,
) -> None:
    """Train every method; print the published table beside it.

    All methods learn the two moons at depth 50 and width 4.
    """
    from stability.cli.deep_report import run_deep
    from stability.cli.deep_table import table_shown
    from stability.studies.deep_table import deep_table as runs_of_all
    from stability.studies.deep_table import table_report

    how: dict[str, Any] = {"weight": weight, "power": power, "ties": ties, "device": device}
    runs = runs_of_all(run_deep, epochs=epochs, seeds=seeds, first_seed=seed, **how)
    print_result(table_report(runs), as_json, lambda: table_shown(runs), table)
    if any(run.interrupted for run in runs.values()):
        raise typer.Exit(INTERRUPTED)
