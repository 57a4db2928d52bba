"""Feasibility of switching units and examples on and off as required."""

from dataclasses import dataclass
from fractions import Fraction

from stability.errors import CertificateError, PatternError
from stability.exact.systems import Vector, solve
from stability.geometry.arrangement.cells import ONE, ZERO, exact
from stability.logic.records import Judged, prove
from stability.logic.statements import Exists
from stability.model.network_loss import Matrix, NetworkLoss, Switches
from stability.model.several_outputs import require_one_output


@dataclass(frozen=True)
class ActiveSet:
    """Whether some parameters switch examples on and off as required.

    Attributes
    ----------
    point : list of rows (w_1, ..., w_d, b), as the landscape writes points, or None
        Parameters that do it, where there are any.
    certificate : Judged
        The record: the parameters, or Farkas multipliers that show that there are none.
    """

    point: Matrix | None
    certificate: Judged

    @property
    def possible(self) -> bool:
        """Whether there are such parameters."""
        return self.point is not None


def switch(landscape: NetworkLoss, on: Switches = (), off: Switches = ()) -> ActiveSet:
    """Return parameters that switch the (unit, example) pairs on and off, or a proof that there are none.

    Raises
    ------
    PatternError
        If a unit or an example does not exist.
    CertificateError
        If neither could be certified.
    """
    require_one_output(landscape, "an active set")
    judged = prove(active_set(landscape, on, off))
    if judged.record is None:
        raise CertificateError("Neither parameters nor a contradiction were certified.", judged.reason)
    if judged.conclusion == "refuted":
        return ActiveSet(None, judged)
    found = list(judged.record["proof"]["witness"].values())
    return ActiveSet(landscape.by_unit([Fraction(x) for x in found]), judged)


def active_set(landscape: NetworkLoss, on: Switches = (), off: Switches = (), name: str = "") -> Exists:
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
    return Exists(" ".join(names), texts or ["0 == 0"], {name: landscape.to_record()}, witness, samples=0)


def _row(landscape: NetworkLoss, unit: int, example: int, side: int) -> Vector:
    row = [ZERO] * landscape.parameters
    start = unit * landscape.stride
    row[start : start + landscape.width] = [side * exact(x) for x in landscape.rows[example]]
    return row
