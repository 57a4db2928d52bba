"""Can units and examples be switched on and off as required?"""

from collections.abc import Iterable

from stability.errors import PatternError
from stability.exact.statements import Exists
from stability.exact.systems import Vector, solve
from stability.geometry.cells import ONE, ZERO, exact
from stability.model.landscapes import Landscape

Switches = Iterable[tuple[int, int]]


def active_set(landscape: Landscape, on: Switches = (), off: Switches = (), name: str = "") -> Exists:
    """State that some parameters switch the given (unit, example) pairs on and off.

    Judging the statement gives the parameters, or a Farkas certificate that there are none.

    Raises
    ------
    PatternError
        If a unit or an example does not exist.
    """
    name = name or landscape.formula_name
    wanted = [(j, i, 1) for j, i in on] + [(j, i, -1) for j, i in off]
    for j, i, _ in wanted:
        if not (0 <= j < landscape.units and 0 <= i < len(landscape.rows)):
            raise PatternError(
                f"Expected units 0..{landscape.units - 1} and examples 0..{len(landscape.rows) - 1}; got {(j, i)}.",
                "Count from 0.",
            )
    names = [f"p{k}" for k in range(landscape.parameters)]
    texts = [f"{name}.pre([{', '.join(names)}], {j}, {i}) {'>' if s > 0 else '<'} 0" for j, i, s in wanted]
    found = solve([], [(_row(landscape, j, i, s), ONE) for j, i, s in wanted], landscape.parameters)
    witness = [] if found is None else [{n: str(x) for n, x in zip(names, found, strict=True)}]
    return Exists(" ".join(names), texts, {name: landscape.to_record()}, witness, samples=0)


def _row(landscape: Landscape, unit: int, example: int, side: int) -> Vector:
    row = [ZERO] * landscape.parameters
    start = unit * landscape.width
    row[start : start + landscape.width] = [side * exact(x) for x in landscape.rows[example]]
    return row
