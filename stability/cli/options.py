"""Options that commands share."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from stability.errors import NumberError, StabilityError
from stability.version import __version__

if TYPE_CHECKING:
    from stability.cli.terminal import Part

TOO_LONG = "Exceeds the limit"
"""How the message of Python starts where a number has more digits than it writes or reads as text."""


class Bounded(typer.core.TyperGroup):
    """Commands that refuse in one sentence what is beyond floats, texts or memory, wherever that comes up."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print("Interrupted.", file=sys.stderr)
            raise typer.Exit(130) from None
        except OverflowError:
            raise NumberError(
                "Expected numbers within the range of float64 (2.3e-308 to 1.8e308) on the way to the result; "
                "got larger ones.",
                "Rescale the data before you start.",
            ) from None
        except MemoryError:
            raise StabilityError("Expected what fits into memory; it does not.", "Ask for less at once.") from None
        except ValueError as error:
            if TOO_LONG not in str(error):
                raise
            raise NumberError(
                "Expected a result in numbers of at most 4,300 digits; got longer ones.",
                "Rescale the data, or give numbers of fewer digits.",
            ) from None


app = typer.Typer(
    cls=Bounded,
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
MaxFaces = Annotated[int | None, typer.Option(min=1, help="most choices of faces that are searched; more are refused")]
Rule = Annotated[str, typer.Option(help="flow, gd, heavy-ball, nesterov, adam or sign")]
Step = Annotated[str | None, typer.Option(help="of the rule, as 1/10")]
Momentum = Annotated[str | None, typer.Option(help="of heavy-ball and nesterov; 9/10 by default")]
Beta1 = Annotated[str | None, typer.Option(help="of adam; 9/10 by default")]
Beta2 = Annotated[str | None, typer.Option(help="of adam; 999/1000 by default")]
Eps = Annotated[str | None, typer.Option(help="of adam; 1/100000000 by default")]


def _form(wanted: str | None) -> str | None:
    from stability.io.tables import require_form

    require_form(wanted)
    return wanted


Form = Annotated[
    str | None, typer.Option("--table", callback=_form, help="print tables alone, as 'markdown', 'latex' or 'csv'")
]


def _list_inits(wanted: bool) -> None:
    if wanted:
        from stability.initialisation.table import listing

        for form, line in listing():
            print(f"{form:42} {line}")
        raise typer.Exit


ListInits = Annotated[
    bool,
    typer.Option("--list-inits", callback=_list_inits, is_eager=True, help="list the initialisations and stop"),
]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"stability {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="show it")] = False,
) -> None:
    """Decide, with certificates, where training stops and what is stable there."""


def print_result(data: Any, as_json: bool, parts: Callable[[], Sequence["Part"]], form: str | None = None) -> None:
    """Print a result as JSON, or its sentences and tables on the screen or in a form for a file."""
    if as_json:
        print(json.dumps(data, indent=2))
        return
    from stability.cli.terminal import show

    show(*parts(), form=form)
