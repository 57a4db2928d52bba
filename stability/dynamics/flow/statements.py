"""Statements about the end of a trajectory that can be proved by a certificate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from stability.checker import checker
from stability.dynamics.flow.certificates import Care, FlowCertificate, search_certificate
from stability.dynamics.flow.conditions import check_conditions
from stability.dynamics.flow.limits import decimal
from stability.dynamics.flow.solutions import Solution
from stability.dynamics.flow.solve import followed
from stability.errors import CertificateError, StatementError
from stability.logic.branches import Landscapes
from stability.logic.formulas import short
from stability.logic.records import Judged, build, prove
from stability.logic.scopes import is_name
from stability.logic.statements import Conjunction, Settled, Statement, merged_landscapes
from stability.logic.validation import exact_rows
from stability.model.network_loss import NetworkLoss, Point, require_landscape

Condition = Sequence[Any]
"""("loss", relation, number), ("signs", "=", texts), ("within", distance, point), ("events", "=", list)."""

UNDECIDED = "Gradient flow is not piecewise linear where output weights are trained; it is not decided yet."
"""Why the end of a flow is open on networks with trained output weights."""

TESTS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
CARES = (Care(5, 2, 96), Care(1, 4, 112), Care(0.3, 16, 320))
"""How cautious the certificates are that are tried in turn."""


def certify(landscape: NetworkLoss, start: Point) -> Judged:
    """Return where gradient flow from a start ends, with a certificate that the checker accepts; or why it is open.

    Raises
    ------
    PointError, NumberError
        If the start has the wrong shape or is not finite.
    """
    return certificate(followed(landscape, landscape.point(start)))


def certificate(found: Solution) -> Judged:
    """Return the certificate of a trajectory: the loss and the signs of its limit, its place, and the events."""
    reason = ""
    for each in _certificates(found):
        if isinstance(each, str):
            reason = each
            continue
        if found.loss not in (None, each.loss):
            return Judged(None, reason=f"The flow ends with loss {found.loss}, its certificate with {each.loss}.")
        point = found.landscape.by_unit(each.target)
        facts = [("loss", "=", each.loss), ("signs", "=", each.signs), ("within", each.distance, point)]
        said = [*facts, ("events", "=", each.events)]
        judged = prove(AboutFlow(found.landscape, found.start, said, known=Settled("proved", each.proof)))
        if judged.conclusion is not None:
            return judged
        reason = judged.reason
    return Judged(None, reason=reason)


def _certificates(found: Solution) -> Iterator[FlowCertificate | str]:
    """Yield certificates to be checked, more and more cautious ones, or why there is none."""
    for care in CARES:
        try:
            yield search_certificate(found, care)
        except CertificateError as problem:
            yield problem.problem


@dataclass(frozen=True)
class AboutFlow(Statement):
    """The trajectory of gradient flow from a start ends at a stationary point that meets conditions.

    Attributes
    ----------
    landscape : NetworkLoss
    start : rows (w_1, ..., w_d, b), one per unit
    conditions : list of Condition
        On the limit, and on the events on the way there.
    name : str
        How the record calls the landscape; its formula name if left out.
    known : Settled, optional
        What is known already.
    """

    landscape: NetworkLoss
    start: Point
    conditions: Sequence[Condition]
    name: str = ""
    known: Settled | None = None

    def __post_init__(self) -> None:
        require_landscape(self.landscape)
        if self.name != "" and not is_name(self.name):
            raise StatementError(
                f"Expected a name for the landscape; got {short(self.name)}.", "Write letters and digits."
            )
        if self.known is None:
            exact_rows(self.start, "a start")
        check_conditions(self.landscape, self.conditions)
        self.formal()

    @property
    def format(self) -> str:
        """The format of records about trajectories."""
        return "stability-flow/1"

    @property
    def called(self) -> str:
        """How the record calls the landscape."""
        return self.name or self.landscape.formula_name

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscape, under its name."""
        return {self.called: self.landscape.to_record()}

    def formal(self) -> dict[str, Any]:
        """Return the statement as the checker reads it."""
        start = [[str(x) for x in row] for row in self.landscape.point(self.start)]
        return {"flow on": self.called, "from": start, "has": [_plain(each) for each in self.conditions]}

    def settle(self) -> Settled:
        """Follow the flow and look for a certificate."""
        if self.known is not None:
            return self.known
        if self.landscape.network.trainable:
            return Settled(None, reason=UNDECIDED)
        found, reason = followed(self.landscape, self.landscape.point(self.start)), ""
        for each in _certificates(found):
            if isinstance(each, str):
                reason = each
                continue
            try:
                settled = Settled("proved" if self._holds(each) else "refuted", each.proof)
                checker.check(build(self, settled))
            except (checker.Rejected, CertificateError) as problem:
                reason = str(problem)
            else:
                return settled
        return Settled(None, reason=reason)

    def _holds(self, found: FlowCertificate) -> bool:
        return all(_meets(found, condition) for condition in self.conditions)


def flow_ends(landscape: NetworkLoss, start: Point, conditions: Sequence[Condition], name: str = "") -> AboutFlow:
    """State that gradient flow from a start ends at a stationary point, and that this and the way meet conditions.

    Parameters
    ----------
    landscape : NetworkLoss
    start : rows (w_1, ..., w_d, b), one per unit
    conditions : list of tuple
        ("loss", relation, number); ("signs", "=", ["+-0+", ...]) with one text per unit; ("within", distance, point);
        ("events", "=", [(kind, unit, example, from, to), ...]) with the time in bounds, counted from 0.
    name : str
        How the record calls the landscape; its formula name if left out.

    Raises
    ------
    PointError, NumberError
        If the start has the wrong shape or is not finite.
    CertificateError
        If there is no such condition.

    Examples
    --------
    >>> from stability import flow_ends, landscape, prove
    >>> ends = flow_ends(landscape("abs1", "xor"), [["1/2", "-1/3", "1/10"]], [("loss", "=", 0)])
    >>> prove(ends).conclusion
    'proved'
    """
    return AboutFlow(landscape, start, conditions, name)


@dataclass(frozen=True)
class AllAboutFlows(Conjunction):
    """Several statements about trajectories at once."""

    def __post_init__(self) -> None:
        if any(part.format != self.format for part in self.parts):
            raise CertificateError("Only statements about trajectories go together here.", "Use AllOf.")
        merged_landscapes(self.parts)

    @property
    def format(self) -> str:
        """The format of records about trajectories."""
        return "stability-flow/1"

    def settle(self) -> Settled:
        """Settle all parts; one refuted part refutes all."""
        settled = [part.settle() for part in self.parts]
        found = [each.conclusion for each in settled]
        if None in found:
            return Settled(None, reason="; ".join(each.reason for each in settled if each.conclusion is None))
        return Settled("refuted" if "refuted" in found else "proved", {"parts": [each.proof for each in settled]})


def _meets(found: FlowCertificate, condition: Condition) -> bool:
    """Return whether a trajectory meets a condition; the checker decides again."""
    match condition:
        case ("loss", relation, number):
            return bool(TESTS[relation](found.loss, Fraction(number)))
        case ("signs", "=", signs):
            return found.signs == list(signs)
        case ("within", distance, point):
            flat = [Fraction(x) for row in point for x in row]
            square = sum((x - y) ** 2 for x, y in zip(flat, found.target, strict=True))
            return bool(square <= Fraction(distance) ** 2)
        case ("events", "=", events):
            kinds = [list(event[:3]) for event in events] == [event[:3] for event in found.events]
            return kinds and all(_overlap(*pair) for pair in zip(events, found.events, strict=True))
    raise CertificateError(f"Not decidable: {condition!r}.", "Compare signs and events by '='.")


def _overlap(claimed: Sequence[Any], found: Sequence[Any]) -> bool:
    first, last, begin, end = (Fraction(x) for x in (*claimed[3:], *found[3:]))
    return first <= end and begin <= last


def _plain(condition: Condition) -> list[Any]:
    """Return a condition as the checker reads it, numbers as text."""
    match condition:
        case ("loss", relation, number):
            return ["loss", relation, decimal(Fraction(number))]
        case ("signs", relation, signs):
            return ["signs", relation, list(signs)]
        case ("within", distance, point):
            return ["within", decimal(Fraction(distance)), [[decimal(Fraction(x)) for x in row] for row in point]]
        case ("events", relation, events):
            return ["events", relation, [[*event[:3], *(decimal(Fraction(x)) for x in event[3:])] for event in events]]
    raise CertificateError(f"There is no condition {condition!r}.", "Known: loss, signs, within, events.")
