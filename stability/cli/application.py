"""The application: how commands are declared, their words parsed, their help laid out, and their failures reported."""

import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer
import typer.core

from stability.errors import NumberError, StabilityError

TOO_LONG = "Exceeds the limit"
"""How the message of Python starts where a number has more digits than it writes or reads as text."""

WITHOUT_VALUE = {"--json": "-", "--table": "markdown"}
"""Options whose value may be left out, and what stands for it then."""

SURE_VALUES = {"--json": ("-",), "--table": ("-", "markdown", "latex", "csv")}
SURE_SUFFIXES = {"--json": (".json",), "--table": (".md", ".tex", ".csv")}
"""What is a value after such an option whatever else is missing."""

WORDS = "stability.words"
"""Where the context keeps the words of the command line, for options that stop before the others are read."""

RENAMED = {"heal": "control"}
"""Commands that had another name."""

INTERRUPTED = 130
"""The exit status after Ctrl-C."""

Takes = Callable[[str, str], bool]


class Commands(typer.core.TyperGroup):
    """Commands that refuse in one sentence what is beyond floats, texts or memory, wherever that comes up."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is named first, with a hint where it has another name now."""
        if args and args[0] in RENAMED:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {RENAMED[args[0]]!r}?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print("Interrupted.", file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None
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


class Command(typer.core.TyperCommand):
    """A command with options whose value may be left out, and with its options in groups."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of a command line.

        The word after `--json` or `--table` is its value, unless it is another option, a choice of an argument, or an
        argument of the command would be missing then: `flow --json abs1 xor` prints, `flow abs1 xor --json end` writes.
        """
        own = {name for each in self.params for name in each.opts} & {*WITHOUT_VALUE}
        offered = [item for each in self._arguments() for item in each.shell_complete(ctx, "") if item.type == "plain"]
        choices = {item.value for item in offered} - {*os.listdir()}
        filled = with_values(args, own, lambda option, following: following not in choices)
        if own & {*args} and self._lacks_an_argument(ctx, filled):
            filled = with_values(args, own, is_surely_a_value)
        ctx.meta[WORDS] = [*filled]
        return super().parse_args(ctx, filled)

    def _lacks_an_argument(self, ctx: Any, args: list[str]) -> bool:
        values, _, _ = self.make_parser(ctx).parse_args([*args])
        given = [values.get(each.name or "") for each in self._arguments()]
        return not all(isinstance(each, str) or (each and all(each)) for each in given)

    def _arguments(self) -> list[Any]:
        return [each for each in self.params if each.param_type_name == "argument"]

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what stands in the line of usage, arguments by their name alone, in brackets if optional."""
        pieces = [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]
        return [re.sub(r"^\[\[(.+?)\](?:\.\.\.)?\](\.\.\.)?$", r"[\1]\2", piece) for piece in pieces]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, then options by group, those without one first."""
        groups: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for each in self.get_params(ctx):
            record = each.get_help_record(ctx)
            if record is not None:
                panel = getattr(each, "rich_help_panel", None)
                if each.param_type_name == "argument":
                    groups["Arguments"].append((record[0].split(" <")[0], record[1]))
                else:
                    groups.setdefault(panel or "Options", []).append(record)
        for name, records in groups.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)


def given(ctx: Any, name: str) -> str | None:
    """Return the text of an option by the name of its parameter, also before it is read; None where it is not given."""
    values, _, _ = ctx.command.make_parser(ctx).parse_args([*ctx.meta[WORDS]])
    found: str | None = values.get(name)
    return found if isinstance(found, str) else None


def with_values(args: Sequence[str], options: set[str], takes: Takes) -> list[str]:
    """Return the words of a command line with the values that were left out after some options.

    Examples
    --------
    >>> with_values(["abs1", "--json", "--minima"], {"--json"}, lambda option, following: True)
    ['abs1', '--json', '-', '--minima']
    """
    end = args.index("--") if "--" in args else len(args)
    found: list[str] = []
    given = False
    for k, word in enumerate(args[:end]):
        found.append(word)
        if given or word not in options:
            given = False
            continue
        following = args[k + 1] if k + 1 < end else None
        given = following is not None and (following == "-" or following[:1] != "-") and takes(word, following)
        if not given:
            found.append(WITHOUT_VALUE[word])
    return [*found, *args[end:]]


def is_surely_a_value(option: str, word: str) -> bool:
    """Return whether a word after `--json` or `--table` can be nothing else than its value."""
    return word in SURE_VALUES[option] or word.endswith(SURE_SUFFIXES[option])


def examples(*lines: str) -> str:
    """Return the text below the options: command lines, as they are typed."""
    return "\n".join(["\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)])


app = typer.Typer(
    cls=Commands,
    name="stability",
    help="Decide, with certificates, where training stops and what is stable there.",
    epilog=examples("stability atlas abs1 xor", "stability atlas --help"),
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def command(name: str, *lines: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the decorator that makes a function the command of this name, with examples for its help."""
    return app.command(name, cls=Command, epilog=examples(*lines))
