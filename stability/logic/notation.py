"""The notation of documents: relations with vectors, gradients and steps, translated into formulas.

`gradient(p) = 0` becomes one equation for every parameter, and that the loss has a gradient at p: a relation on a
derivative that does not exist is false. What comes out is of the grammar of `stability.logic.formulas`, and only that
is proved and recorded.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from stability.errors import StatementError, nearest
from stability.logic.formulas import (
    COMPARISONS,
    LARGEST,
    LONGEST,
    PIECEWISE,
    RELATIONS,
    exactly,
    parsed_notation,
    short,
)
from stability.logic.formulas import FUNCTIONS as CORE
from stability.logic.landscape_functions import WORDS, asked, word_of
from stability.logic.scopes import Scope
from stability.logic.sizes import Shape
from stability.logic.vectors import (
    Value,
    filled_like,
    flat,
    is_zero,
    mapped,
    number,
    positive,
    rational,
    shown_size,
    square_root,
    summed,
    unit_vector,
)

SIGNS = {"≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "·": "*", "×": "*", "^": "**"}  # noqa: RUF001 - what people type
SINGLE_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")

PLAIN = ("dot", *PIECEWISE)
"""Functions of vectors and numbers."""


@dataclass
class Notation:
    """Reads relations between variables in the notation of documents.

    Parameters
    ----------
    names : sequence of str
        The variables. One that stands where a point is wanted becomes a vector, with variables p_1, p_2, ... for it.
    scope : Scope
        The landscapes, by name; functions without a name are those of the only one.
    texts : sequence of str
        All relations, by which it is known which variables are vectors.
    first_example : int
        The number of the first example.

    Raises
    ------
    StatementError
        If a text cannot be read.

    Examples
    --------
    >>> from stability import landscape
    >>> scope = Scope([], {"L": landscape("relu1", "xor").to_record()})
    >>> reading = Notation(["w", "b"], scope)
    >>> reading.relations("slope([w, w, b], [1, 0, 0]) = 2*w^2")
    ['L.d1([w, w, b], [1, 0, 0]) == 2 * w ** 2']
    """

    names: Sequence[str]
    scope: Scope
    texts: Sequence[str] = ()
    first_example: int = 0
    vectors: dict[str, list[ast.expr]] = field(default_factory=dict, init=False)
    slopes: list[str] = field(default_factory=list, init=False)
    _wanted: list[str] = field(default_factory=list, init=False)
    _sizes: dict[int, tuple[ast.AST, int]] = field(default_factory=dict, init=False, repr=False)
    _text: str = field(default="", init=False)

    def __post_init__(self) -> None:
        for text in self.texts:
            self._find_vectors(tree(text))

    @property
    def variables(self) -> list[str]:
        """The variables of the formulas, those of vectors included."""
        parts = [self.vectors.get(name) or [ast.Name(name)] for name in self.names]
        return [*(ast.unparse(each) for part in parts for each in part), *self.slopes]

    def relations(self, text: str, assumed: bool = False) -> list[str]:
        """Return the formulas that say together what a relation says.

        Parameters
        ----------
        text : str
        assumed : bool
            Whether it is a condition: `stationary(p)` then brings new variables, the slopes at kinks.

        Raises
        ------
        StatementError
            If it is no relation.
        """
        self._wanted, self._text = [], text
        node = tree(text)
        if isinstance(node, ast.Compare):
            sides = [self._value(each) for each in (node.left, *node.comparators)]
            found = [
                formula
                for left, op, right in zip(sides, node.ops, sides[1:], strict=False)
                for formula in self._compared(left, op, right)
            ]
        elif isinstance(node, ast.Call):
            found = self._alone(node, assumed)
        else:
            raise self._error(f"Expected a relation; got {short(text)}", "Compare it with something: x > 0.")
        return list(dict.fromkeys([*self._wanted, *found]))

    def numbers(self, text: str) -> list[str]:
        """Return the formulas of a number or of the entries of a vector."""
        self._wanted, self._text = [], text
        return [ast.unparse(each) for each in flat(self._value(tree(text)))]

    def _error(self, problem: str, remedy: str) -> StatementError:
        within = "" if short(self._text) in problem else f" in {short(self._text)}"
        return StatementError(f"{problem}{within}.", remedy)

    def _compared(self, left: Value, op: ast.cmpop, right: Value) -> list[str]:
        if isinstance(left, list) != isinstance(right, list) and is_zero(right if isinstance(left, list) else left):
            left = left if isinstance(left, list) else filled_like(right, left)
            right = right if isinstance(right, list) else filled_like(left, right)
        one, two = flat(left), flat(right)
        if isinstance(left, list) != isinstance(right, list) or len(one) != len(two):
            raise self._error(
                f"Expected two numbers or two vectors of one length; got {shown_size(left)} and {shown_size(right)}",
                "Compare entry by entry.",
            )
        if isinstance(left, list) and not isinstance(op, ast.Eq):
            raise self._error(
                f"Expected = between vectors; got {COMPARISONS[type(op)]}",
                "Compare their entries, as v[0] > 0, or dot(v, v) > 0 for v that is not 0.",
            )
        return [ast.unparse(ast.Compare(a, [op], [b])) for a, b in zip(one, two, strict=True)]

    def _alone(self, node: ast.Call, assumed: bool) -> list[str]:
        place, name = self._function(node)
        if assumed and name == "stationary" and place is not None:
            return [self._stationary(node, place)]
        if place is None or not (name in RELATIONS or (name in WORDS and WORDS[name].alone)):
            raise self._error(f"Expected a relation; got {short(ast.unparse(node))}", "Compare it: loss(p) > 0.")
        if name in ("stationary", "local_minimum"):
            instead = "stationary = yes" if name == "stationary" else 'kind = "local minimum"'
            about = 'every set where loss > 0 has kind = "saddle"'
            raise self._error(
                f"Expected {name} of a point of numbers, by itself; got it in a formula",
                f"Write at POINT: {instead}, or of all stationary points {about}.",
            )
        return [ast.unparse(self._landscape(node, place, name))]

    def _stationary(self, node: ast.Call, place: str) -> str:
        """Return the equations of a stationary point, with new variables for the slopes at kinks."""
        if len(node.args) != 1:
            raise self._error(
                f"Expected one point for stationary; got {len(node.args)}", WORDS["stationary"].usage("stationary")
            )
        point, shape = self._argument(node.args[0], "p", place, "stationary"), self.scope.shapes[place]
        start = len(self.slopes)
        new = [f"slope_{start + k + 1}" for k in range(shape.units * shape.examples)]
        if {*new} & {*self.names}:
            raise self._error(f"Expected other variables than {new[0]} beside stationary", "Rename them.")
        self.slopes += new
        return ast.unparse(asked(place, "rest", point, [ast.Name(each) for each in new]))

    def _function(self, node: ast.Call) -> tuple[str | None, str]:
        """Return the landscape and the function that a call names; no landscape for functions of numbers."""
        if isinstance(node.func, ast.Name):
            name = node.func.id
            if name in (*PLAIN, "angle", "sqrt"):
                return None, name
            return self._only(name), self._known(name)
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            place = node.func.value.id
            if place not in self.scope.shapes:
                known = list(self.scope.shapes)
                remedy = nearest(place, known) if known else "Name landscapes by :on:."
                raise self._error(f"Expected a landscape; got {short(place)}", remedy)
            return place, self._known(node.func.attr)
        raise self._error(f"Expected a function; got {short(ast.unparse(node.func))}(...)", "Write loss([...]).")

    def _only(self, name: str) -> str:
        known = list(self.scope.shapes)
        if name not in (*WORDS, *CORE) or len(known) == 1:
            return known[0] if known else ""
        remedy = f"Write {known[0]}.{name}(...)." if known else "Name one by :on:."
        raise self._error(f"Expected one landscape for {name}(...); got {len(known) or 'none'}", remedy)

    def _known(self, name: str) -> str:
        if name not in WORDS and name not in CORE:
            known = [*WORDS, *PLAIN, "angle", "sqrt"]
            raise self._error(f"Expected a function; got {short(name)}", nearest(name, known))
        return name

    def _value(self, node: ast.expr) -> Value:
        """Return the number or vector that a part of a formula stands for."""
        match node:
            case ast.Constant() | ast.Name() if not (isinstance(node, ast.Name) and node.id in self.vectors):
                return node
            case ast.Name(id=name):
                return list(self.vectors[name])
            case ast.UnaryOp(op=sign, operand=inner):
                return mapped(self._value(inner), lambda x: ast.UnaryOp(sign, x))
            case ast.List(elts=entries):
                return [self._value(entry) for entry in entries]
            case ast.BinOp(left=left, op=ast.Div(), right=ast.Call(func=ast.Name(id="sqrt"), args=[inner])):
                return self._joined(self._value(left), ast.Mult(), square_root(1 / positive(inner)))
            case ast.BinOp(left=left, op=op, right=right):
                return self._joined(self._value(left), op, self._value(right))
            case ast.Subscript(value=inner, slice=ast.Constant(value=int(k))):
                return self._entry(self._value(inner), k)
            case ast.Call():
                return self._called(node)
        raise self._error(f"Expected a number or a vector; got {short(ast.unparse(node))}", "Write 2*w + 1.")

    def _entry(self, found: Value, k: int) -> Value:
        if not isinstance(found, list) or not 0 <= k < len(found):
            raise self._error(f"Expected a vector with an entry {k}; got {shown_size(found)}", "Entries count from 0.")
        return found[k]

    def _joined(self, left: Value, op: ast.operator, right: Value) -> Value:
        many = isinstance(left, list), isinstance(right, list)
        if not any(many):
            return ast.BinOp(left, op, right)
        if isinstance(op, ast.Add | ast.Sub) and all(many):
            return self._entrywise(left, op, right)
        if isinstance(op, ast.Mult) and all(many) and all(isinstance(row, list) for row in left):
            return [self._dot(row, right) for row in left]
        if isinstance(op, ast.Mult) and many == (False, True):
            return mapped(right, lambda x: ast.BinOp(left, op, x))
        if isinstance(op, ast.Mult | ast.Div) and many == (True, False):
            return mapped(left, lambda x: ast.BinOp(x, op, right))
        raise self._error(
            f"Expected numbers, sums of vectors, or a number times a vector; got {shown_size(left)} and "
            f"{shown_size(right)}",
            "Write dot(u, v) for a product of vectors.",
        )

    def _entrywise(self, left: Value, op: ast.operator, right: Value) -> Value:
        if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            return [self._entrywise(a, op, b) for a, b in zip(left, right, strict=True)]
        if isinstance(left, list) or isinstance(right, list):
            raise self._error(
                f"Expected vectors of one shape; got {shown_size(left)} and {shown_size(right)}", "Count again."
            )
        return ast.BinOp(left, op, right)

    def _dot(self, u: Value, v: Value) -> ast.expr:
        one, two = flat(u), flat(v)
        if not (isinstance(u, list) and isinstance(v, list)) or len(one) != len(two):
            raise self._error(
                f"Expected two vectors of one length; got {shown_size(u)} and {shown_size(v)}", "Count again."
            )
        return summed([ast.BinOp(a, ast.Mult(), b) for a, b in zip(one, two, strict=True)])

    def _called(self, node: ast.Call) -> Value:
        place, name = self._function(node)
        if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
            raise self._error(f"Expected plain arguments for {name}", f"Write {name}(...).")
        if place is not None:
            return self._landscape(node, place, name)
        if name in ("angle", "sqrt"):
            return self._irrational(node, name)
        arguments = [self._value(each) for each in node.args]
        if name == "dot":
            if len(arguments) != 2:
                raise self._error(f"Expected two vectors for dot; got {len(arguments)}", "Write dot(u, v).")
            return self._dot(*arguments)
        if any(isinstance(each, list) for each in arguments):
            raise self._error(f"Expected numbers for {name}; got a vector", "Write it for every entry.")
        return ast.Call(ast.Name(name), arguments, [])

    def _irrational(self, node: ast.Call, name: str) -> Value:
        if len(node.args) != 1:
            raise self._error(f"Expected one number for {name}; got {len(node.args)}", f"Write {name}(...).")
        return square_root(rational(node.args[0])) if name == "sqrt" else unit_vector(node.args[0])

    def _landscape(self, node: ast.Call, place: str, name: str) -> Value:
        """Return what a function of a landscape stands for."""
        word, arguments, usage = word_of(node, name)
        if word is None or (name in CORE and len(arguments) == len(CORE[name]) != len(word.kinds)):
            return self._core(node, place, name)
        if word.value is None:
            raise self._error(f"Expected a number; got the relation {name}", "Let it stand alone.")
        if len(arguments) != len(word.kinds):
            raise self._error(f"Expected {len(word.kinds)} arguments for {name}; got {len(arguments)}", usage)
        found = [self._argument(each, kind, place, name) for each, kind in zip(arguments, word.kinds, strict=True)]
        if word.exists:
            self._wanted += [ast.unparse(self._bounded(asked(place, word.exists, found[k]))) for k in word.at]
        return self._bounded(word.value(place, *found))

    def _core(self, node: ast.Call, place: str, name: str) -> Value:
        kinds = {"point": "p", "slopes": "s", "unit": "j", "example": "i"}
        if len(node.args) != len(CORE[name]):
            raise self._error(
                f"Expected {len(CORE[name])} arguments for {name}; got {len(node.args)}",
                f"Write {place}.{name}({', '.join(CORE[name])}).",
            )
        pairs = zip(node.args, CORE[name], strict=True)
        given = [self._argument(each, kinds[kind], place, name) for each, kind in pairs]
        return self._bounded(asked(place, name, *given))

    def _bounded(self, value: Value) -> Value:
        """Refuse what would be too long to be written: parts stand in it again and again."""
        size = max(self._parts(each) for each in flat(value))
        if size > LARGEST:
            raise self._error(
                f"Expected formulas of at most {LARGEST:,} parts when vectors are written out; got {size:,}",
                "Name parts of it by variables.",
            )
        return value

    def _parts(self, node: ast.AST) -> int:
        """Return how many parts a formula has when it is written; each shared part is counted once and for all."""
        if id(node) not in self._sizes:
            self._sizes[id(node)] = node, 1 + sum(self._parts(each) for each in ast.iter_child_nodes(node))
        return self._sizes[id(node)][1]

    def _argument(self, node: ast.expr, kind: str, place: str, name: str) -> Value:
        found, shape = self._value(node), self.scope.shapes[place]
        if kind in "pds":
            entries, wanted = flat(found), shape.units * shape.examples if kind == "s" else shape.parameters
            if not isinstance(found, list) or len(entries) != wanted:
                raise self._error(
                    f"Expected {wanted} numbers for {place}.{name}, all parameters, unit after unit; "
                    f"got {shown_size(found)}",
                    "Write [w1, ..., b] for one unit, a list of those for several.",
                )
            return entries
        if kind == "i" and isinstance(found, ast.Constant) and isinstance(found.value, int):
            if found.value < self.first_example:
                raise self._error(f"Expected examples from {self.first_example} on; got {found.value}", "Count again.")
            return number(found.value - self.first_example)
        if isinstance(found, list):
            raise self._error(f"Expected a number for {name}; got a vector", f"Write {name} of numbers.")
        return found

    def _find_vectors(self, node: ast.expr) -> None:
        """Note the variables that stand where a landscape takes a point or a direction."""
        for each in ast.walk(node):
            if not isinstance(each, ast.Call) or not isinstance(each.func, ast.Name | ast.Attribute):
                continue
            name = each.func.id if isinstance(each.func, ast.Name) else each.func.attr
            word, arguments, _ = word_of(each, name)
            kinds = word.kinds if word else "".join("p" if x == "point" else "-" for x in CORE.get(name, ()))
            for argument, kind in zip(arguments, kinds, strict=False):
                if kind in "pd" and isinstance(argument, ast.Name) and argument.id in self.names:
                    self._text = ast.unparse(each)
                    place, _ = self._function(each)
                    self._expand(argument.id, self.scope.shapes[place or ""])

    def _expand(self, name: str, shape: Shape) -> None:
        size = shape.parameters
        if len(self.vectors.get(name, range(size))) != size:
            raise self._error(f"Expected {name} to be a point of one landscape; got two sizes", "Use two variables.")
        parts = [f"{name}_{k + 1}" for k in range(size)]
        if {*parts} & {*self.names}:
            raise self._error(f"Expected other variables than {parts[0]} beside {name}", "Rename one of them.")
        self.vectors[name] = [ast.Name(part) for part in parts]


def tree(text: str) -> ast.expr:
    """Return the syntax tree of a text in this notation.

    Raises
    ------
    StatementError
        If it cannot be read.
    """
    if len(text) > LONGEST:
        raise StatementError(
            f"Expected a formula of at most {LONGEST:,} characters; got {len(text):,}.", "Split it into several."
        )
    for sign, plain in SIGNS.items():
        text = text.replace(sign, plain)
    return parsed_notation(SINGLE_EQUALS.sub("==", exactly(" ".join(text.split()))))
