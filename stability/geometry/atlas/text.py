"""Reports of an atlas: in a few lines for people, and as a table for papers."""

from collections.abc import Sequence
from itertools import product
from typing import Protocol

from stability.exact.numbers import Row, formatted, formatted_vector
from stability.geometry.stationary.sets import StationarySet
from stability.io.printable import numbered
from stability.io.results import aligned
from stability.io.tables import render
from stability.model.correctness import threshold
from stability.model.network_loss import NetworkLoss

Cells = list[str]


PLURALS = {
    "global minimum": "global minima",
    "local minimum": "local minima",
    "saddle": "saddles",
    "local maximum": "local maxima",
    "minimum": "minima",
    "maximum": "maxima",
}


class SetList(Protocol):
    """What texts need to know of an atlas."""

    @property
    def landscape(self) -> NetworkLoss:
        """Whose stationary sets they are."""

    @property
    def sets(self) -> list[StationarySet]:
        """The stationary sets, least loss first."""

    @property
    def complete(self) -> bool:
        """Whether there are no others."""

    @property
    def faces(self) -> int:
        """The number of faces of parameter space."""


def groups(atlas: SetList) -> list[list[StationarySet]]:
    """Return the sets, those together that the symmetries map onto each other."""
    found: dict[int, list[StationarySet]] = {}
    for each in atlas.sets:
        found.setdefault(each.images[0], []).append(each)
    return list(found.values())


def heading(atlas: SetList) -> tuple[str, str]:
    """Return whose atlas it is, and how many sets it has."""
    count = sum(each.orbit for each in atlas.sets)
    noun = "stationary set" if count == 1 else "stationary sets"
    completeness = "complete" if atlas.complete else "NOT complete"
    return f"Atlas of {atlas.landscape!r}", f"{count} {noun}, {completeness} over {atlas.faces:,} faces"


def summary(atlas: SetList) -> str:
    """Return the list of sets, one line for those that are images of each other."""
    lines = [": ".join(heading(atlas))]
    cells = [_line(group) for group in groups(atlas)]
    lines += [f"  {line}" for line in aligned(cells)]
    return "\n".join(lines)


def _line(group: Sequence[StationarySet]) -> Cells:
    first = group[0]
    return [counted(group), f"loss {formatted(first.loss)}", size(first), places(group)]


def counted(group: Sequence[StationarySet]) -> str:
    """Return how many sets of which kind there are, units in every order."""
    count = sum(each.orbit for each in group)
    return f"{count} {group[0].kind if count == 1 else PLURALS[group[0].kind]}"


def several(text: str, count: int) -> str:
    """Return how many there are of something whose name comes first in a text.

    Examples
    --------
    >>> several("local minimum, loss 1", 2)
    '2 local minima, loss 1'
    """
    if count == 1:
        return text
    noun = next((noun for noun in PLURALS if text.startswith(noun)), "")
    return f"{count} {PLURALS.get(noun, noun)}{text.removeprefix(noun)}"


def size(each: StationarySet) -> str:
    """Return whether a set is a point, or its dimension and what its edge does."""
    if each.dimension == 0:
        return "isolated" if each.isolated else "point"
    return f"dimension {each.dimension}" + (", edge repels" if each.repels else "")


def places(group: Sequence[StationarySet]) -> str:
    """Return where the sets of a group are, by one point of each or by the first one."""
    rows = [each.witness for each in group]
    names = group[0].landscape.parameter_names
    if len(rows[0]) == 1 and names[-1] == "b":
        signs = _signs([row[0] for row in rows])
        if signs is not None:
            return _unit(rows[0][0], *signs)
    more = f"  and {len(rows) - 1} image{'s' if len(rows) > 2 else ''}" if len(rows) > 1 else ""
    if names[-1] == "b" and len(rows[0][-1]) > 1:
        return "; ".join(_unit(row) for row in rows[0]) + more
    size = group[0].landscape.data.dimension
    units = [_named(row, names, size) for row in rows[0] if len(row) == len(names)]
    return "; ".join([*units, *(f"c = {', '.join(map(formatted, row))}" for row in rows[0][len(units) :])]) + more


def _signs(rows: Sequence[Row]) -> tuple[str, str] | None:
    """Return "+-" before weights and bias where the rows are those of the first with these signs changed."""
    (*w, b), present = rows[0], {tuple(row) for row in rows}
    for turned in product((False, True), repeat=2):
        sides = [(1, -1) if turn else (1,) for turn in turned]
        if {(*(s * x for x in w), t * b) for s, t in product(*sides)} == present and len(present) == len(rows):
            return "+-" * turned[0], "+-" * turned[1]
    return None


def _unit(row: Row, before_w: str = "", before_b: str = "") -> str:
    *w, b = row
    weights = f"{before_w}{formatted_vector(w)}" if any(w) else "0"
    return f"w = {weights}  b = {before_b if b else ''}{formatted(b)}"


def _named(row: Row, names: Sequence[str], size: int) -> str:
    """Return the weights of a unit as a vector, and its other parameters by their names."""
    weights = formatted_vector(row[:size]) if any(row[:size]) else "0"
    others = [f"{name} = {formatted(x)}" for name, x in zip(names[size:], row[size:], strict=True)]
    return "  ".join([f"w = {weights}", *others])


def table(atlas: SetList, form: str) -> str:
    """Return the list of sets as a table: "markdown", "latex" or "csv".

    Raises
    ------
    UnknownNameError
        If the form has another name.
    """
    return render(form, head(atlas), rows(atlas))


def head(atlas: SetList) -> Cells:
    """Return the heads of the columns of the table; "correct" only where there are two labels."""
    right = [] if threshold(atlas.landscape.data.labels) is None else ["correct"]
    net = atlas.landscape.network
    parts = "; ".join(["w", *["b"] * net.hidden_biases, *["a"] * net.trainable])
    point = f"a point ({parts} per unit{', then c' * net.output_bias})"
    return ["set", "sets", "loss", "dimension", "strict", *right, "torch rests", point]


def rows(atlas: SetList, minima: bool = False, top: int | None = None) -> list[Cells]:
    """Return the texts of the rows of the table, in the order of `head`; on request only minima, or the first ones."""
    chosen = [group for group in groups(atlas) if group[0].is_minimum or not minima]
    return [_cells(group) for group in chosen[:top]]


def _cells(group: Sequence[StationarySet]) -> Cells:
    first = group[0]
    units = first.landscape.units
    biases = [f"c = {', '.join(map(formatted, row))}" for row in first.witness[units:]]
    point = "; ".join([*map(formatted_vector, first.witness[:units]), *biases])
    yes = {True: "yes", False: "no"}
    return [
        numbered([each.index for each in group]),
        counted(group),
        formatted(first.loss),
        size(first).removeprefix("dimension "),
        yes[first.strict],
        *correct_of(first),
        "yes" if first.autograd_rests else "in part" if first.autograd_faces else "no",
        point,
    ]


def correct_of(each: StationarySet) -> Cells:
    """Return how many examples are correct of how many, as one cell; no cell where there are not two labels."""
    return [] if each.right is None else [f"{each.right} of {len(each.outputs)}"]
