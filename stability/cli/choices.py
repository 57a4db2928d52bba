"""The words that options take one of: listed by --help, completed by the shell, refused before anything heavy loads.

The tables themselves stand where the words mean something; tests compare each list with its table.
"""

from dataclasses import dataclass
from typing import Any

import typer

from stability.errors import UnknownNameError, nearest


@dataclass(frozen=True)
class Choice:
    """Words of which an option takes one.

    Attributes
    ----------
    what : str
        What is expected, as an error says it.
    names : tuple of str
    also : tuple of str
        Further spellings, which are accepted and not listed.
    """

    what: str
    names: tuple[str, ...]
    also: tuple[str, ...] = ()

    def require(self, word: str) -> None:
        """Raise UnknownNameError if a word is none of the names."""
        if not {word, word.replace("_", "-")} & {*self.names, *self.also}:
            raise UnknownNameError(f"Expected {self.what}; got {word!r}.", nearest(word, [*self.names]))

    @property
    def metavar(self) -> str:
        """How the help shows the choice."""
        return "|".join(self.names)


def _settings(choice: Choice) -> dict[str, Any]:
    def require(ctx: typer.Context, value: Any) -> Any:
        if not ctx.resilient_parsing:
            for word in value if isinstance(value, list | tuple) else [value]:
                if word is not None:
                    choice.require(word)
        return value

    def complete(incomplete: str) -> list[str]:
        return [name for name in choice.names if name.startswith(incomplete)]

    return {"callback": require, "autocompletion": complete}


def choice_option(choice: Choice, *flags: str, help: str, panel: str | None = None) -> Any:
    """Return an option that takes one of the words of a choice; of several in a list, each."""
    shown = f"[{choice.metavar}]"
    return typer.Option(*flags, help=help, metavar=shown, rich_help_panel=panel, **_settings(choice))


def choice_argument(choice: Choice, help: str, metavar: str) -> Any:
    """Return arguments that are words of a choice."""
    text = f"{help}: {', '.join(choice.names)}"
    return typer.Argument(help=text, metavar=metavar, show_default=False, **_settings(choice))


LOSSES = Choice("the loss 'sum' or 'mean'", ("sum", "mean"))
KINKS = Choice("the kinks 'filippov' or 'torch'", ("filippov", "torch"))
COORDINATES = Choice("the coordinates", ("cartesian", "polar", "angular"))
RULES = Choice(
    "flow or an update rule",
    ("flow", "gd", "heavy-ball", "nesterov", "adam", "sign"),
    ("gradient-descent", "momentum", "sign-descent"),
)
LINEARISED = Choice("an update rule that is linear near a minimum", RULES.names[1:-1], RULES.also[:-1])
OPTIMISERS = Choice("an optimizer", RULES.names[1:], ("sgd", *RULES.also))
DEVICES = Choice("the device auto, cpu or cuda", ("auto", "cpu", "cuda"))
DTYPES = Choice("the dtype float32 or float64", ("float32", "float64"))
MODES = Choice("a mode of training", ("auto", "compiled", "eager", "torch"))
LEVELS = Choice("the level quick or full", ("quick", "full"))
STATUSES = Choice(
    "a status",
    ("proved", "refuted", "vacuous", "reproduced", "not-reproduced", "open", "opinion", "error"),
)
ORDERS = Choice("an order", ("weight", "document"))
METHODS = Choice("a method", ("relu", "relu-bn", "leaky", "crelu", "sep-u", "sep-p", "sep-pu", "sep-l"))
DEEP_DATA = Choice("the data moons or xor", ("moons", "xor"))
DEEP_INITS = Choice("an initialisation", ("glorot", "zero", "torch-default"))
TIES = Choice("a way with ties", ("split", "first"))
CONTROL_TASKS = Choice("a task", ("xor", "moons", "digits"))
POLICIES = Choice(
    "the name of a policy",
    ("as-written", "corrected", "revive-by-bias", "revive", "separate", "constrain", "better", "careful"),
)
SCAN_OPTIMISERS = Choice("an optimizer", ("sgd", "momentum", "nesterov", "adam", "adamw"))
SCAN_FAILURES = Choice("what a scan fails on", ("dead", "for-ever"))
