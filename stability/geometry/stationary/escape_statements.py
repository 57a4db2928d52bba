"""The statement that the loss falls along the curve of an escape, which shows that a point is no local minimum."""

from fractions import Fraction

from stability.errors import CertificateError
from stability.geometry.stationary.escapes import EscapeCurve
from stability.logic.records import Judged, prove
from stability.logic.statements import ForAll
from stability.model.network_loss import Matrix, NetworkLoss

SHARES = (1, 4, 32, 1024)
"""The statement is tried up to the step of the escape divided by each of these in turn."""

NO_RECORD = "records know no points of networks with several outputs"


def falls_along(
    landscape: NetworkLoss, point: Matrix, escape: EscapeCurve, bound: Fraction | None = None, name: str = ""
) -> ForAll:
    """State that the loss is lower than at the point at p + t D + t^2 E for all t from 0 to a bound.

    Parameters
    ----------
    landscape : NetworkLoss
        Of one output.
    point : list of rows
    escape : EscapeCurve
    bound : Fraction, optional
        The step of the escape if left out.
    name : str
        How formulas call the landscape.

    Raises
    ------
    CertificateError
        If the network has several outputs.

    Examples
    --------
    >>> from stability import landscape, prove
    >>> place = landscape("relu1-out", "xor")
    >>> found = place.classify([[0, 0, 0, 0]])
    >>> prove(falls_along(place, found.point, found.escape)).conclusion
    'proved'
    """
    if landscape.network.outputs > 1:
        raise CertificateError(
            f"Expected a network of one output; {landscape!r} has {landscape.network.outputs}.",
            f"Check the escape by hand: {NO_RECORD}.",
        )
    name = name or landscape.formula_name
    flat = [x for row in point for x in row]
    entries = []
    for k, x in enumerate(flat):
        powers = [f"({part[k]})*t{f'**{n}' * (n > 1)}" for n, part in enumerate(escape.curve, 1) if part[k]]
        entries.append(" + ".join([str(x)] * bool(x or not powers) + powers))
    goal = f"{name}.loss([{', '.join(entries)}]) < {landscape.loss(point)}"
    given = ["t > 0", f"t <= {escape.step if bound is None else bound}"]
    return ForAll("t", given, [goal], {name: landscape.to_record()})


def proved_fall(landscape: NetworkLoss, point: Matrix, escape: EscapeCurve | None) -> Judged:
    """Return the record of the statement, for the largest of some bounds that is proved; or why there is none."""
    if escape is None:
        return Judged(None, reason="records know no derivatives of trained output weights, and the loss falls nowhere")
    if landscape.network.outputs > 1:
        return Judged(None, reason=NO_RECORD)
    for share in SHARES:
        found = prove(falls_along(landscape, point, escape, escape.step / share))
        if found.conclusion == "proved":
            return found
    return found
