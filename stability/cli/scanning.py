"""The command that says which dead units of a checkpoint never recover."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stability.cli.application import command
from stability.cli.choices import SCAN_FAILURES, SCAN_OPTIMISERS, choice_option
from stability.cli.options import Form, Json, count_option, print_result
from stability.errors import DataError
from stability.io.printable import amount

if TYPE_CHECKING:
    from stability.cli.terminal import Part
    from stability.dead_units.report import RecoveryReport

TRAINING = "Training that goes on"
"""The group of options that say how the checkpoint is trained on."""


def _setting(help: str) -> Any:
    return typer.Option(help=help, metavar="NUMBER", rich_help_panel=TRAINING, show_default=False)


@command(
    "scan",
    "stability scan model.safetensors --data X.npy --optimizer adam --lr 1e-3",
    "stability scan checkpoint.pt --data X.npy --fail-on dead --records certificates",
    "stability scan model.pt --box 0 1 --optimizer sgd --lr 0.1 --layers net.0 --layers net.2",
)
def scan(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CHECKPOINT", help="a .safetensors, .pt or .pth file", show_default=False)
    ],
    data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="all inputs of the training, a row each: a .npy file")
    ] = None,
    box: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="LOW HIGH", help="between which each input is, instead of --data", show_default=False),
    ] = None,
    layers: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="a ReLU layer, in their order; found if left out, repeatable"),
    ] = None,
    optimizer: Annotated[
        str | None, choice_option(SCAN_OPTIMISERS, help="that of the kept state by default", panel=TRAINING)
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="the state of the optimiser, if not in the checkpoint", rich_help_panel=TRAINING
        ),
    ] = None,
    lr: Annotated[float | None, _setting("the greatest learning rate")] = None,
    momentum: Annotated[float | None, _setting("of momentum and nesterov; 0.9 by default")] = None,
    weight_decay: Annotated[float | None, _setting("0 by default, of adamw 0.01")] = None,
    bias_decay: Annotated[float | None, _setting("of biases, that of weights by default")] = None,
    beta1: Annotated[float | None, _setting("of adam; 0.9 by default")] = None,
    beta2: Annotated[float | None, _setting("of adam; 0.999 by default")] = None,
    eps: Annotated[float | None, _setting("of adam; 1e-8 by default")] = None,
    batch_size: Annotated[
        int | None, count_option(1, help="most examples of a batch, for batch normalisation", panel=TRAINING)
    ] = None,
    horizon: Annotated[int, count_option(1, help="most steps that are claimed, where not for ever")] = 1_000_000,
    records: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="write the certificates there", rich_help_panel="Output")
    ] = None,
    fail_on: Annotated[
        list[str] | None, choice_option(SCAN_FAILURES, help="exit with 1 if a unit stays dead; repeatable")
    ] = None,
    as_json: Json = None,
    table: Form = None,
) -> None:
    """Say which dead ReLU units of a checkpoint never recover.

    A unit that is off at all inputs is moved by what the optimiser remembers and by weight decay alone. Each that stays
    dead, for ever or for some steps, has a certificate. With --fail-on dead the exit status is 1 if there is one, with
    --fail-on for-ever only if it is for ever.
    """
    if (data is None) == (box is None):
        got, remedy = ("neither", "Add --data X.npy.") if data is None else ("both", "Leave one out.")
        raise DataError(f"Expected the inputs, as --data or as --box; got {got}.", remedy)
    from stability.dead_units.scan import scan_checkpoint

    given = {
        "lr": lr,
        "momentum": momentum,
        "weight_decay": weight_decay,
        "bias_decay": bias_decay,
        "beta1": beta1,
        "beta2": beta2,
        "eps": eps,
    }
    settings = {key: value for key, value in given.items() if value is not None}
    side = () if box is None else (box,)
    found = scan_checkpoint(checkpoint, data, side, optimizer, settings, state, layers or (), batch_size, horizon)
    if records is not None:
        found.write_records(records)
    print_result(lambda: _report(found, checkpoint), as_json, lambda: _parts(found), table)
    wanted = {*(fail_on or [])}
    asked, failed = ("dead", found.dead) if "dead" in wanted else ("for-ever", found.for_ever)
    if wanted and failed:
        said = f"{amount(len(failed), 'unit')} certified to stay dead{' for ever' * (asked == 'for-ever')}"
        print(f"--fail-on {asked}: {said}, so the exit status is 1.", file=sys.stderr)
    raise typer.Exit(int(bool(wanted and failed)))


def _report(found: "RecoveryReport", checkpoint: Path) -> dict[str, Any]:
    from stability.io.provenance import provenance

    return {**provenance(), "checkpoint": str(checkpoint), **found.to_json()}


def _parts(found: "RecoveryReport") -> list["Part"]:
    from rich.table import Table

    from stability.dead_units.report import HEAD

    table = Table(title=f"ReLU units under {found.rule}", title_justify="left")
    for name in HEAD:
        table.add_column(name, justify="left" if name == "layer" else "right")
    for row in found.rows():
        table.add_row(*row)
    lines = [*found.notes, *found.explained()]
    return [table, *(["\n".join(lines)] if lines else [])]
