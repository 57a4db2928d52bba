"""The words in which claims about landscapes are stated."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from stability.errors import PointError, StatementError
from stability.exact.numbers import Exact, formatted_vector
from stability.geometry.arrangement.unit_faces import rests
from stability.geometry.stationary.senses import directionally_stationary
from stability.landscapes import Landscape, landscape
from stability.logic.branches import Landscapes
from stability.logic.statements import AllOf, ForAll, Statement
from stability.logic.validation import exact_number, exact_rows
from stability.model.network_loss import Matrix, Point
from stability.model.update_rules import UpdateRule, update_rule

Texts = Sequence[str]


def on(model: str, data: str = "xor", loss: str = "sum") -> Landscape:
    """Return the landscape of a model, by default on centred XOR with the sum of squared errors."""
    return landscape(model, data, loss)


def landscapes(**named: Landscape | str) -> Landscapes:
    """Return landscapes under the names by which formulas call them; a text is a model on XOR with the sum."""
    return {name: (on(each) if isinstance(each, str) else each).to_record() for name, each in named.items()}


def data_of(landscape: Landscape) -> list[tuple[list[Fraction], Fraction]]:
    """Return the examples as (point, label)."""
    return [(list(x), y) for x, y in zip(landscape.data.points, landscape.data.labels, strict=True)]


def flat(point: Point) -> str:
    """Return a point as the flat list of a formula."""
    return f"[{', '.join(str(x) for row in exact_rows(point, 'a point') for x in row)}]"


def spot(rows: Matrix) -> str:
    """Return a point as people read it, unit by unit."""
    return "; ".join(map(formatted_vector, rows))


def axis(k: int, size: int) -> str:
    """Return the unit vector along a parameter as a flat list of a formula."""
    return f"[{', '.join(str(int(c == k)) for c in range(size))}]"


def pre(name: str, point: str, unit: int = 0) -> list[str]:
    """Return the formulas of the four pre-activations on XOR, in the order of the data."""
    return [f"{name}.pre({point}, {unit}, {i})" for i in range(4)]


def turn(name: str, weights: tuple[str, str], bias: str = "b") -> tuple[str, str]:
    """Return the formulas of the one-sided angular slope and curvature of a single unit in the plane.

    With w = `weights` and J the quarter turn, the curve w cos t + Jw sin t has velocity Jw and acceleration -w.
    """
    x, y = weights
    point, along, inward = f"[{x}, {y}, {bias}]", f"[-({y}), {x}, 0]", f"[-({x}), -({y}), 0]"
    return f"{name}.d1({point}, {along})", f"{name}.d2({point}, {along}, {inward})"


def number_fact(*relations: str, **named: Landscape | str) -> ForAll:
    """State relations between numbers, without variables."""
    return ForAll("", [], list(relations), landscapes(**named))


def local_minimum_at(place: Landscape, point: Point) -> Statement:
    """State that a point is a local minimum."""
    return directionally_stationary(place, point)


def global_minimum_at(place: Landscape, point: Point) -> Statement:
    """State that no parameters have a smaller loss than this point.

    Tried by completing squares of the errors around every fitted vector at which the loss is this small.
    """
    point = exact_rows(point, "a point")
    names = [f"p{k}" for k in range(place.parameters)]
    somewhere = f"[{', '.join(names)}]"
    levels = sorted({Fraction(0), Fraction(1, 2), Fraction(1), *place.outputs(point)})
    squares = [f"{place.formula_name}.out({somewhere}, {i}) - {t}" for i in range(len(place.rows)) for t in levels]
    lowest = f"{place.formula_name}.loss({somewhere}) >= {place.loss(point)}"
    return ForAll(" ".join(names), [], [lowest], {place.formula_name: place.to_record()}, squares=squares)


def hessian_is(place: Landscape, point: Point, matrix: Sequence[Sequence[Exact]]) -> Statement:
    """State that the loss is twice differentiable at the point, with this Hessian.

    Raises
    ------
    PointError
        If the matrix is not symmetric or of the wrong size.
    """
    entries = exact_rows(matrix, "a Hessian")
    mirrored = [list(column) for column in zip(*entries, strict=False)]
    if entries != mirrored or len(entries) != place.parameters:
        raise PointError(f"Expected a symmetric matrix of {place.parameters} rows; got {matrix}.", "Mind the order.")
    names = [f"d{k}" for k in range(place.parameters)]
    d, back = f"[{', '.join(names)}]", f"[{', '.join('-' + n for n in names)}]"
    at, still = flat(point), f"[{', '.join('0' for _ in names)}]"
    form = (
        " + ".join(
            f"({x})*{a}*{b}"
            for a, row in zip(names, entries, strict=True)
            for b, x in zip(names, row, strict=True)
            if x
        )
        or "0"
    )
    smooth = f"{place.formula_name}.d1({at}, {d}) + {place.formula_name}.d1({at}, {back}) == 0"
    return ForAll(
        " ".join(names),
        [],
        [smooth, f"{place.formula_name}.d2({at}, {d}, {still}) == {form}"],
        {place.formula_name: place.to_record()},
    )


def not_differentiable_at(place: Landscape, point: Point, along: Sequence[Exact]) -> Statement:
    """State that the two one-sided slopes along a direction differ."""
    d, back = flat([along]), flat([[-x for x in exact_rows([along], "a direction")[0]]])
    return ForAll(
        "",
        [],
        [f"{place.formula_name}.d1({flat(point)}, {d}) + {place.formula_name}.d1({flat(point)}, {back}) != 0"],
        {place.formula_name: place.to_record()},
    )


def autograd_rests_at(place: Landscape, point: Point) -> Statement:
    """State that torch's gradient is zero at the point."""
    names = [f"d{k}" for k in range(place.parameters)]
    goal = f"{place.formula_name}.autograd({flat(point)}, [{', '.join(names)}]) == 0"
    return ForAll(" ".join(names), [], [goal], {place.formula_name: place.to_record()})


def stationary_points_are(place: Landscape, alternatives: Sequence[Texts]) -> ForAll:
    """State that every stationary point of a single unit in the plane, kinks included, is among the alternatives.

    Stationary in the widest sense: slopes at kinks may be anything between the two slopes. The alternatives are
    relations in w1, w2, b. Points that the finder knows serve as possible counterexamples.
    """
    n = len(place.rows)
    slopes = [f"s{i}" for i in range(n)]
    equations = f"{place.formula_name}.rest([w1, w2, b], [{', '.join(slopes)}])"
    known = [
        dict(zip(["w1", "w2", "b", *slopes], map(str, [*rest.witness, *rest.slopes]), strict=True))
        for rest in rests(place)
    ]
    return ForAll(
        " ".join(["w1", "w2", "b", *slopes]),
        [equations],
        [list(each) for each in alternatives],
        {place.formula_name: place.to_record()},
        try_at=known,
        splits=[f"{place.formula_name}.pre([w1, w2, b], 0, {i})" for i in range(n)],
        samples=0,
    )


def gradient_descent_visits(place: Landscape, step: Exact, points: Sequence[Point]) -> Statement:
    """State that gradient descent with this step visits exactly these points, the loss being differentiable there."""
    return rule_visits(place, update_rule("gd", step=exact_number(step, "the step")), points)


def rule_visits(
    place: Landscape, rule: UpdateRule, points: Sequence[Point], name: str = "", before: Point | None = None
) -> Statement:
    """State that an update rule visits exactly these points, the loss being differentiable there.

    Parameters
    ----------
    place : Landscape
    rule : UpdateRule
        Gradient descent, heavy ball or Nesterov's method.
    points : sequence of points
    name : str
        How the record calls the landscape; its formula name if left out.
    before : point, optional
        Where it was before the first, by which its momentum is known; needed with momentum.

    Raises
    ------
    StatementError
        If the rule is another one, or its momentum is not known.
    """
    if rule.name not in MOVES or (rule.family.buffers and before is None):
        wanted = f"{', '.join(MOVES)}, those with momentum from a point before"
        raise StatementError(f"Expected one of {wanted}; got {rule}.", "Write gradient descent with step = 1/10.")
    name = name or place.formula_name
    names = [f"d{k}" for k in range(place.parameters)]
    d, back, record = f"[{', '.join(names)}]", f"[{', '.join('-' + n for n in names)}]", {name: place.to_record()}
    parts: list[Statement] = []
    past = before
    for here, there in pairwise(points):
        at, old = flat(here), here if past is None else past
        moves = [
            entries
            for rows in zip(*(place.point(each) for each in (here, there, old)), strict=True)
            for entries in zip(*rows, strict=True)
        ]
        arrives = []
        for k, (x, y, z) in enumerate(moves):
            slope, past_slope = (f"{name}.d1({spot}, {axis(k, len(names))})" for spot in (at, flat(old)))
            arrives.append(f"{y} == {MOVES[rule.name](rule.parameters, x, z, slope, past_slope)}")
        smooth = f"{name}.d1({at}, {d}) + {name}.d1({at}, {back}) == 0"
        parts += [ForAll(" ".join(names), [], [smooth], record), ForAll("", [], arrives, record)]
        past = here
    return AllOf(parts)


MOVES: dict[str, Callable[[dict[str, Fraction], Fraction, Fraction, str, str], str]] = {
    "gd": lambda c, x, old, slope, past: f"{x} - {c['step']}*{slope}",
    "heavy-ball": lambda c, x, old, slope, past: f"{x} + {c['momentum']}*({x} - ({old})) - {c['step']}*{slope}",
    "nesterov": lambda c, x, old, slope, past: (
        f"{x} + {c['momentum']}*({x} - ({old})) - {c['step']}*(1 + {c['momentum']})*{slope} "
        f"+ {c['step']}*{c['momentum']}*{past}"
    ),
}
"""For every rule, where a parameter goes, given where it was before, and the slopes at both points.

The velocity is known from the two points: v = (old - x)/step for heavy ball, and for Nesterov's method
momentum * v = (old - x)/step - (slope at the point before), both in the conventions of `stability.model.update_rules`.
"""
