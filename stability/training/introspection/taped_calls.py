"""What is kept of the calls of a pass: which they were, and what each did to the trace."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import nn

from stability.training.introspection.activations import TracedActivation
from stability.training.introspection.axes import Axes
from stability.training.introspection.kept_passes import KeptPass
from stability.training.introspection.makers import Made

OUT, PARAMETER, OTHER, VALUE, SEVERAL = range(5)
"""Kinds of arguments: what an earlier call returned, a parameter, another tensor, no tensor, a list of these."""

PLAIN = (int, float, bool, str, type(None), type(...), torch.dtype, torch.device, torch.memory_format)
MOST, MISSES = 4, 16
"""How many tapes are kept, and after how many passes that fit to none no more are made."""

NOTHING = torch.empty(0)
"""Stands for the numbers that a tape does not keep, and for an argument that is not compared."""

Token = tuple[int, Any]


class TapedCall(NamedTuple):
    """One call of a torch function, and what it does to a trace.

    Attributes
    ----------
    func : callable
    tokens : tuple of (int, any)
        Its arguments.
    named : dict of str to (int, any)
        Those by name.
    shape : any
        Of the tensor that it returns; or what else it returns.
    is_tensor : bool
    given : tuple
        The arguments themselves, where they may be kept; else `NOTHING`.
    seen : TracedActivation or None
        What it adds, without numbers.
    uses : dict
        How often names were used, after it added something.
    protected : tuple of int
        The places of those whose numbers it is about to overwrite.
    known : (Axes or str, frozenset) or None
        What its output's axes count, and who made the units.
    made : Made or None
        Which map made its output.
    lost : bool
        Whether nobody made its first argument any more.
    enters : bool
        Whether it is the first affine map.
    acts : bool
        Whether it adds something, or overwrites something.
    caller : Module or None
        In which it is called, if it adds something or is the first affine map.
    """

    func: Any
    tokens: tuple[Token, ...]
    named: dict[str, Token]
    shape: Any
    is_tensor: bool
    given: tuple[Any, ...]
    seen: TracedActivation | None
    uses: dict[str, int]
    protected: tuple[int, ...]
    known: tuple[Axes | str, frozenset[int]] | None
    made: Made | None
    lost: bool
    enters: bool
    acts: bool
    caller: nn.Module | None


class Tape(list[TapedCall]):
    """The calls of a pass, in their order, and what passes like it are kept in, as soon as there was one."""

    kept: KeptPass | None = None


class Tapes:
    """The tapes of a network."""

    def __init__(self) -> None:
        self.kept: list[Tape] = []
        self.misses = 0

    def __reduce__(self) -> Any:
        return Tapes, ()

    def drop(self, tape: Tape) -> None:
        """Forget a tape that is not the way of the network any more."""
        self.kept = [each for each in self.kept if each is not tape]

    def add(self, tape: Tape) -> None:
        """Keep a tape, and no more than the latest ones."""
        self.kept = [*self.kept[-MOST + 1 :], tape]


def holds_no_tensor(kind: int, what: Any) -> bool:
    """Return whether an argument may be kept: a parameter, or no tensor."""
    return kind in (VALUE, PARAMETER) or (kind == SEVERAL and all(holds_no_tensor(*each) for each in what[1]))


def flat(tokens: Sequence[Token]) -> list[Token]:
    """Return tokens with those in lists."""
    found: list[Token] = []
    for kind, what in tokens:
        found += flat(what[1]) if kind == SEVERAL else [(kind, what)]
    return found
