"""Options that commands share."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stability.cli.application import app, given
from stability.cli.choices import LOSSES, RULES, choice_option
from stability.errors import FileError, NumberError
from stability.version import __version__

if TYPE_CHECKING:
    from stability.cli.terminal import Part

SCREEN = "-"
"""What stands for the screen where a file may be named."""

TABLE_FILES = {".md": "markdown", ".tex": "latex", ".csv": "csv"}
"""The form of a table by the suffix of the file that it is written to."""

OUTPUT, RULE, BUDGET = "Output", "Update rule", "Budget"
"""Groups of options in the help."""


def _named(*names: str) -> Callable[[str], list[str]]:
    """Return the completion of words that are names or files."""

    def complete(incomplete: str) -> list[str]:
        folder = incomplete[: incomplete.rfind("/") + 1]
        files = sorted(f"{folder}{path.name}" for path in Path(folder).glob("*.csv"))
        return [name for name in (*names, *files) if name.startswith(incomplete)]

    return complete


def file_option(*flags: str, help: str, suffixes: Sequence[str] = (), panel: str = OUTPUT) -> Any:
    """Return an option for a file to be written, which is refused at once if its folder or its suffix does not do."""

    def require(ctx: typer.Context, path: Path | None) -> Path | None:
        if path is not None and not ctx.resilient_parsing:
            from stability.io.files import require_folder, require_suffix

            require_folder(path)
            if suffixes:
                require_suffix(path, *suffixes, flag=f"{flags[0]} ")
        return path

    return typer.Option(*flags, help=help, metavar="FILE", callback=require, rich_help_panel=panel)


def count_option(least: int, *flags: str, help: str, panel: str | None = None) -> Any:
    """Return an option for a whole number, which is refused at once if it is below the least one."""

    def require(ctx: typer.Context, param: typer.CallbackParam, value: int | None) -> int | None:
        if value is not None and value < least and not ctx.resilient_parsing:
            raise NumberError(
                f"Expected at least {least} for {param.opts[-1]}; got {value}.", "Leave it out for the usual number."
            )
        return value

    return typer.Option(*flags, help=help, metavar="N", callback=require, rich_help_panel=panel)


def _json(ctx: typer.Context, wanted: str | None) -> str | None:
    if wanted == "/dev/stdout":
        return SCREEN
    if wanted not in (None, SCREEN) and not ctx.resilient_parsing:
        _require_file(str(wanted))
    return wanted


def _table(ctx: typer.Context, wanted: str | None) -> str | None:
    if wanted is None or ctx.resilient_parsing:
        return wanted
    if wanted == SCREEN:
        return "markdown"
    suffix = Path(wanted).suffix
    if suffix.lower() in TABLE_FILES:
        _require_file(wanted)
        return wanted
    if suffix:
        raise FileError(
            f"Expected a file of tables that ends in {', '.join(TABLE_FILES)}; got {wanted!r}.",
            "Name it so, or write --table latex for the screen.",
        )
    from stability.io.tables import require_form

    require_form(wanted)
    return wanted


def _require_file(name: str) -> None:
    from stability.io.files import require_folder

    if not name:
        raise FileError("Expected the name of a file; got none.", "Write - for the screen.")
    require_folder(Path(name))


def picture_option(help: str = "a picture: .png, .svg or .pdf") -> Any:
    """Return the option for a picture."""
    return file_option("-o", "--output", help=help, suffixes=(".png", ".svg", ".pdf"))


def rows_option(help: str) -> Any:
    """Return the option for a file with a row for each thing that was computed."""
    return file_option("-o", "--output", help=help, suffixes=(".parquet",))


Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="abs1, relu2, leaky1/100:2, relu[+,-], relu3-out+c, ... or relu2-linear (docs/how-to/own-network.md)",
        show_default=False,
        autocompletion=_named("abs1", "abs2", "relu1", "relu2", "relu3", "leaky1/100:1", "relu2-out", "relu2-linear"),
    ),
]
Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="xor, parity:D, moons:N:SEED or a CSV file",
        show_default=False,
        autocompletion=_named("xor", "parity:3", "moons:8:0"),
    ),
]
Loss = Annotated[str, choice_option(LOSSES, help="of squared errors")]
Json = Annotated[
    str | None,
    typer.Option(
        "--json", metavar="[FILE]", callback=_json, rich_help_panel=OUTPUT, help="print JSON, or write it to a file"
    ),
]
Form = Annotated[
    str | None,
    typer.Option(
        "--table",
        metavar="[FORM]",
        callback=_table,
        rich_help_panel=OUTPUT,
        help="print tables alone, as markdown, latex or csv, or write them to a .md, .tex or .csv file",
    ),
]
Record = Annotated[Path | None, file_option("--record", help="write the certificate to this file")]
Axes = Annotated[
    str | None, typer.Option(metavar="AXES", help="p,b or w1,w2 or p@1,p@2 ...: the axes; chosen if left out")
]
"""Of a plane of parameters."""

Middle = Annotated[str | None, typer.Option(metavar="POINT", help="the point in the middle, as '[[w1, w2, b], ...]'")]
"""Of a plane of parameters."""

MaxFaces = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        rich_help_panel=BUDGET,
        help="most choices of faces that are searched; more are refused",
    ),
]
Rule = Annotated[str, choice_option(RULES, help="what moves the parameters", panel=RULE)]


def _number(help: str) -> Any:
    return typer.Option(help=help, metavar="NUMBER", rich_help_panel=RULE)


Step = Annotated[str | None, _number("of the rule, as 1/10")]
Momentum = Annotated[str | None, _number("of heavy-ball and nesterov; 9/10 by default")]
Beta1 = Annotated[str | None, _number("of adam; 9/10 by default")]
Beta2 = Annotated[str | None, _number("of adam; 999/1000 by default")]
Eps = Annotated[str | None, _number("of adam; 1/100000000 by default")]
Seed = Annotated[int, typer.Option(help="of the random starts", metavar="N")]


def _list_inits(ctx: typer.Context, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from stability.initialisation.table import listing

        listed, as_json, form = listing(), _json(ctx, given(ctx, "as_json")), _table(ctx, given(ctx, "table"))
        if as_json != SCREEN and form is None:
            print("\n".join(f"{name:42} {line}" for name, line in listed))
        if as_json is not None or form is not None:
            plain = [{"init": name, "draws": line} for name, line in listed]
            print_result(plain, as_json, lambda: [] if form is None else [_init_table(listed)], form)
        raise typer.Exit


def _init_table(listed: Sequence[tuple[str, str]]) -> "Part":
    from rich.table import Table

    table = Table("initialisation", "how parameters start")
    for row in listed:
        table.add_row(*row)
    return table


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


def print_result(
    data: Any, as_json: str | None, parts: Callable[[], Sequence["Part"]], form: str | None = None
) -> None:
    """Give a result where it is wanted.

    Parameters
    ----------
    data : plain data, or a callable that returns them
        Numbers that are not finite are null in JSON.
    as_json : str, optional
        "-" prints the data as JSON, and nothing else; any other word is the file that they are written to.
    parts : callable
        Returns sentences and tables for the screen.
    form : str, optional
        "markdown", "latex" or "csv" prints the tables alone; a file ending in .md, .tex or .csv holds them then.
    """
    text = None
    if as_json is not None:
        from stability.io.results import json_data

        text = json.dumps(json_data(data() if callable(data) else data), indent=2, allow_nan=False) + "\n"
    if text is not None and as_json == SCREEN:
        print(text, end="")
        return
    from stability.cli.terminal import show, tables_in
    from stability.io.files import write_whole

    if text is not None:
        write_whole(Path(str(as_json)), text)
    shown, suffix = parts(), Path(form or "").suffix.lower()
    if form is not None and suffix in TABLE_FILES:
        write_whole(Path(form), tables_in(shown, TABLE_FILES[suffix]))
        form = None
    show(*shown, form=form)
