"""Formulas of statements about points, read by the grammar below and no other. Standard library only."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from math import isqrt
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits = part("limits")
need = limits.need

# relation  = sum (("<" | "<=" | ">" | ">=" | "==" | "!=") sum)+ | landscape "." constraint "(" arguments ")"
# sum       = product (("+" | "-") product)*
# product   = signed (("*" | "/") signed)*
# signed    = "-" signed | power
# power     = factor ["**" (digits | "(" digits ")")]
# factor    = digits | variable | "(" sum ")" | landscape "." function "(" arguments ")"
#           | ("abs" | "relu") "(" sum ")" | ("max" | "min") "(" sum ("," sum)+ ")" | "sqrt" "(" digits ")"

Node = tuple[Any, ...]
TOKEN = re.compile(r" *([A-Za-z_][A-Za-z0-9_]*|[0-9]+|\*\*|[<>=!]=|[-+*/<>()\[\],.])")
ROOT = re.compile(r"\bsqrt *\( *([0-9]+) *\)")
RELATIONS = {">": ">", ">=": ">=", "<": "<", "<=": "<=", "==": "=", "!=": "!="}
BINARY = ("+", "-", "*", "/", "**", *RELATIONS)
FUNCTIONS = {
    "loss": "p",
    "d1": "pp",
    "d2": "ppp",
    "autograd": "pp",
    "slope": "ppp",
    "pre": "pji",
    "out": "pi",
    "rest": "ps",
    "generic": "pp",
    "differentiable": "p",
    "twice_differentiable": "p",
}
"""For every function its arguments: a point or direction, slopes at every kink, a unit, an example."""
TRAINED = ("loss", "out", "pre")
"""What is a polynomial where output weights are parameters too."""
CONSTRAINTS = ("rest", "generic", "differentiable", "twice_differentiable")
PIECEWISE = ("abs", "relu", "max", "min")


@dataclass(frozen=True)
class Scope:
    """What the names in formulas stand for; every formula is read once.

    Attributes
    ----------
    names : tuple of str
        The variables.
    shapes : dict
        How large every landscape is.
    meter : Meter
    """

    names: tuple[str, ...]
    shapes: dict[str, Any]
    meter: Any
    read: dict[tuple[str, bool], Node] = field(default_factory=dict)

    @cached_property
    def known(self) -> frozenset[str]:
        """The variables, to be looked up."""
        return frozenset(self.names)

    def expression(self, text: Any) -> Node:
        """Return the tree of a formula that stands for a number."""
        return self._parsed(text, False)

    def relation(self, text: Any) -> Node:
        """Return the tree of a relation: ("compare", sides, relations), or ("call", ...) of constraints."""
        return self._parsed(text, True)

    def _parsed(self, text: Any, relation: bool) -> Node:
        need(type(text) is str, f"expected a formula as text; got {text!r:.60}")
        if (text, relation) not in self.read:
            limits.within(len(text), limits.FORMULA, "characters of a formula")
            self.meter.spend(len(text))
            reader = Reader(self, text)
            self.read[text, relation] = reader.relation() if relation else reader.whole_sum()
        return self.read[text, relation]


def tokens(text: str) -> list[str]:
    """Return the words and signs of a formula."""
    found, at = [], 0
    while match := TOKEN.match(text, at):
        found.append(match.group(1))
        at = match.end()
    need(not text[at:].strip(" "), f"expected a formula; got {text!r:.60}, which cannot be read at character {at + 1}")
    return found


class Reader:
    """Reads one formula from left to right."""

    def __init__(self, scope: Scope, text: str) -> None:
        self.scope, self.text, self.at, self.depth = scope, text, 0, 0
        self.tokens = [*tokens(text), ""]

    def fail(self, wanted: str) -> Exception:
        """Return the rejection of a formula."""
        token = self.tokens[self.at]
        rejected: Exception = limits.Rejected(f"expected {wanted}; got {token!r:.40} in the formula {self.text!r:.60}")
        return rejected

    def take(self, *known: str) -> str:
        """Return the next token if it is one of these, else nothing."""
        token = self.tokens[self.at]
        if token in known and token:
            self.at += 1
            return token
        return ""

    def expect(self, token: str) -> None:
        """Take a token that must come."""
        if not self.take(token):
            raise self.fail(repr(token))

    def inside(self, by: int) -> None:
        """Count how deeply brackets and signs are nested."""
        self.depth += by
        limits.within(self.depth, limits.NESTING, "brackets in each other, in a formula")

    def whole_sum(self) -> Node:
        """Return the formula of a number, which is all that is written."""
        found = self.sum()
        if self.tokens[self.at]:
            raise self.fail("an end")
        return found

    def relation(self) -> Node:
        """Return the relation that is all that is written."""
        first = self.factor(constraints=True) if self.constraint() else self.sum()
        sides, signs = [first], []
        while first[0] != "call" or first[2] not in CONSTRAINTS:
            sign = self.take(*RELATIONS)
            if not sign:
                break
            signs.append(RELATIONS[sign])
            sides.append(self.sum())
        if self.tokens[self.at]:
            raise self.fail("a relation")
        if signs:
            return "compare", sides, signs
        if not self.constraint(first):
            raise self.fail("a relation")
        return first

    def constraint(self, node: Node | None = None) -> bool:
        """Return whether constraints come next, or are what was read."""
        if node is not None:
            return bool(node[0] == "call" and node[2] in CONSTRAINTS)
        return self.tokens[self.at + 1 : self.at + 2] == ["."] and self.tokens[self.at + 2] in CONSTRAINTS

    def sum(self) -> Node:
        """Return a sum."""
        terms = [(1, self.product())]
        while sign := self.take("+", "-"):
            terms.append((1 if sign == "+" else -1, self.product()))
        return terms[0][1] if len(terms) == 1 else ("sum", terms)

    def product(self) -> Node:
        """Return a product, with quotients."""
        factors = [("*", self.signed())]
        while sign := self.take("*", "/"):
            factors.append((sign, self.signed()))
        return factors[0][1] if len(factors) == 1 else ("product", factors)

    def signed(self) -> Node:
        """Return a power with as many signs before it as there are."""
        turn, deep = 1, 0
        while self.take("-"):
            self.inside(1)
            turn, deep = -turn, deep + 1
        found = self.power()
        self.inside(-deep)
        return found if turn > 0 else ("sum", [(-1, found)])

    def power(self) -> Node:
        """Return a power, or what it is of."""
        base = self.factor()
        if not self.take("**"):
            return base
        bracket = self.take("(")
        exponent = self.digits("a whole number as exponent")
        if bracket:
            self.expect(")")
        limits.within(exponent, limits.EXPONENT, "as the exponent of a power")
        if self.tokens[self.at] == "**":
            raise self.fail("brackets around a power of a power")
        return "power", base, exponent

    def digits(self, wanted: str) -> int:
        """Return a whole number as it is written."""
        token = self.tokens[self.at]
        if not token.isdigit():
            raise self.fail(wanted)
        limits.within(len(token), limits.DIGITS, "digits of a number")
        self.at += 1
        return int(token)

    def factor(self, constraints: bool = False) -> Node:
        """Return a number, a variable, a sum in brackets, or a call of a landscape."""
        if self.take("("):
            self.inside(1)
            found = self.sum()
            self.inside(-1)
            self.expect(")")
            return found
        token = self.tokens[self.at]
        if token.isdigit():
            return "number", self.digits("a number")
        if self.tokens[self.at + 1 : self.at + 2] == ["."] and token in self.scope.shapes:
            return self.call(constraints)
        if token == "sqrt" and self.tokens[self.at + 1] == "(":
            return self.root()
        if token in PIECEWISE and self.tokens[self.at + 1] == "(":
            return self.piecewise(token)
        if token not in self.scope.known:
            raise self.fail("a number, a variable or a landscape that is known")
        self.at += 1
        return "variable", token

    def root(self) -> Node:
        """Return the square root of a whole number that is no square: ("root", number)."""
        self.at += 2
        whole = self.digits("a whole number below a square root")
        limits.within(whole, limits.ROOT, "below a square root")
        need(isqrt(whole) ** 2 != whole, f"expected no square below a square root; got {whole} in {self.text!r:.60}")
        self.expect(")")
        return "root", whole

    def piecewise(self, name: str) -> Node:
        """Return a function of numbers: ("abs", argument), ("max", arguments)."""
        self.at += 2
        self.inside(1)
        found = [self.sum()]
        while name in ("max", "min") and self.take(","):
            found.append(self.sum())
        if name in ("max", "min") and len(found) < 2:
            raise self.fail("a comma and one more number")
        self.inside(-1)
        self.expect(")")
        return name, found

    def call(self, constraints: bool) -> Node:
        """Return a call of a landscape, whose arguments have the right number and lengths."""
        name, function = self.tokens[self.at], self.tokens[self.at + 2]
        if function not in FUNCTIONS or (function in CONSTRAINTS) != constraints:
            self.at += 2
            raise self.fail("a function of landscapes that is known here")
        shape = self.scope.shapes[name]
        need(not shape.one_hot, f"expected a landscape of one output in formulas; {name} has two")
        simple = not shape.outer or function in TRAINED
        need(simple, f"expected {', '.join(TRAINED)} where output weights are trainable; got {name}.{function}")
        self.at += 3
        self.expect("(")
        self.inside(1)
        units, examples = shape.units, shape.examples
        sizes = {"p": shape.parameters, "s": units * examples, "j": units, "i": examples}
        found: list[Any] = []
        for kind in FUNCTIONS[function]:
            if found:
                self.expect(",")
            found.append(self.vector(sizes[kind]) if kind in "ps" else self.index(sizes[kind]))
        self.inside(-1)
        self.expect(")")
        return "call", name, function, found

    def vector(self, size: int) -> list[Node]:
        """Return a list of so many numbers."""
        self.expect("[")
        self.inside(1)
        found = [self.sum()]
        while self.take(","):
            found.append(self.sum())
        self.inside(-1)
        self.expect("]")
        if len(found) != size:
            raise self.fail(f"a list of {size} numbers before this (not {len(found)})")
        return found

    def index(self, most: int) -> int:
        """Return the number of a unit or an example, counted from 0."""
        found = self.digits("the number of a unit or an example")
        need(found < most, f"expected units and examples up to {most - 1}; got {found} in {self.text!r:.60}")
        return found


def roots(texts: Iterable[str]) -> list[int]:
    """Return the number whose square root occurs in formulas, or nothing; reject formulas with several."""
    found = sorted({int(each) for text in texts for each in ROOT.findall(text)})
    need(len(found) < 2, f"expected one square root in a statement; got those of {', '.join(map(str, found))}"[:200])
    return found


def said(text: str) -> str:
    """Return a formula as it is said: with even blanks, and nothing else changed."""
    words, valued = [], False
    for token in tokens(text):
        words.append(f" {token} " if valued and token in BINARY else ", " if token == "," else token)
        valued = token not in (*BINARY, "(", "[", ",", ".")
    return "".join(words)
