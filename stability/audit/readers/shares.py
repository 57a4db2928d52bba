"""Clauses `basins` and `probability`: shares of random starts, counted and compared with what is claimed.

basins normal:0.5: share of loss 1 = 0.392 +- 0.01
probability uniform:1: loss(p) < 1 = 1/2

Starts are drawn from one seed, so that everybody gets the same verdict. Without a tolerance it is half a unit of the
last digit that is written, and nothing for fractions.
"""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil

from stability.audit.measurements import EstimatedMeasure, Measurement, with_instead
from stability.audit.readers.clauses import Clause, expected, partition, split
from stability.audit.readers.conditions import conditions, number
from stability.audit.readers.defaults import DocumentContext
from stability.audit.readers.dynamics import rule
from stability.audit.readers.statements import Reader
from stability.errors import StatementError, TooLargeError
from stability.geometry.atlas.conditions import Condition, checked, satisfies
from stability.geometry.atlas.size import most_choices
from stability.geometry.atlas.wording import in_words
from stability.initialisation.table import parse
from stability.io.printable import LARGEST
from stability.landscapes import Landscape
from stability.logic.branches import Ground, UniversalStatement
from stability.model.update_rules import UpdateRule
from stability.model.wilson import wilson

SEED = 0
DECIMALS = 4
"""Of a share that was measured, as of 1."""

STARTS_OF_A_RULE = 2_000
STARTS_OF_A_PROBABILITY = 4_000

SECONDS = {"flow": 1.5e-6, "rule": 2e-3, "probability": 1e-3}
"""Of a start at a nominal speed: by choice of faces for the flow, by itself for rules and conditions."""

AMOUNT = re.compile(r"(.*?)={1,2}\s*(\S+?)\s*(?:(?:\+-|\+/-|±)\s*(\S+)\s*)?", re.DOTALL)
LOSS = re.compile(r"loss\s+(?=[-0-9.])")


def basins(reader: Reader, _: DocumentContext, found: Sequence[Clause]) -> list[EstimatedMeasure]:
    """Return what `basins INIT: share of CONDITIONS = NUMBER +- NUMBER` measures, one measure a clause."""
    return [_placed(_basins, reader, clause) for clause in found]


def _placed(read: Callable[[Reader, Clause], EstimatedMeasure], reader: Reader, clause: Clause) -> EstimatedMeasure:
    """Return what a clause measures; its errors have its place."""
    with clause.located():
        return read(reader, clause)


def _basins(reader: Reader, clause: Clause) -> EstimatedMeasure:
    match = re.fullmatch(r"(.*?):\s*share\s+of\b(.*)", clause.text, re.DOTALL)
    if match is None:
        raise expected(clause, "INIT: share of CONDITIONS = NUMBER +- NUMBER", clause.text)
    text, _, ruled = partition(match[1], r"\bby\b")
    last, _, name = partition(ruled or text, r"\bin\b")
    law, place = (text if ruled else last), reader.place(name, clause)
    said, share, tolerance = _amount(match[2], clause)
    wanted = conditions(LOSS.sub("loss = ", said), clause)
    moves = rule(last, clause) if ruled else None
    return _share(place, clause, _law(law, clause), moves, wanted, share, tolerance)


def _share(
    place: Landscape,
    clause: Clause,
    law: str,
    moves: UpdateRule | None,
    wanted: Sequence[Condition],
    share: Fraction,
    up_to: Fraction,
) -> EstimatedMeasure:
    """Return the measure of the share of starts whose flow, or rule, ends on sets with conditions."""
    from stability.audit.share_tests import share_within, starts_for

    samples, chosen = STARTS_OF_A_RULE if moves else starts_for(float(up_to)), checked(wanted, "conditions")

    def measured() -> Measurement:
        try:
            found = place.basins(law, samples, SEED, moves)
        except TooLargeError as problem:
            return Measurement(None, str(problem))
        hits = sum(each.count for each in found.shares if satisfies(each.set, chosen))
        unclear = found.undecided + found.several
        what = f"starts by {law} end, by {moves or 'gradient flow'}, on sets that {in_words(chosen, several=True)}"
        judged = share_within(hits, unclear, samples, float(share), float(up_to), what)
        return with_instead(judged, _measured(clause, hits, unclear, samples))

    each = SECONDS["rule"] if moves else SECONDS["flow"] * min(most_choices(place), LARGEST)
    return EstimatedMeasure(measured, samples * each)


def probability(reader: Reader, _: DocumentContext, found: Sequence[Clause]) -> list[EstimatedMeasure]:
    """Return what `probability INIT: CONDITIONS = NUMBER` measures: relations of the start p; one measure a clause."""
    return [_placed(_probability, reader, clause) for clause in found]


def _probability(reader: Reader, clause: Clause) -> EstimatedMeasure:
    match = re.fullmatch(r"(\S+)(?:\s+in\s+(\w+))?:\s+(.*)", clause.text, re.DOTALL)
    if match is None:
        raise expected(clause, "INIT: CONDITIONS = NUMBER", clause.text)
    place, law = reader.place(match[2] or "", clause), _law(match[1], clause)
    said, share, tolerance = _amount(match[3], clause)
    texts = split(said)
    reading = reader.notation(["p"], texts)
    relations = [formula for text in texts for formula in reading.relations(text)]
    names = [f"p_{k + 1}" for k in range(place.parameters)]
    if reading.variables != names:
        raise clause.error(f"Expected conditions on the start p, of {len(names)} numbers.", "Write loss(p) < 1.")
    question = UniversalStatement(names, relations, [], reader.records())

    def measured() -> Measurement:
        from stability.audit.share_tests import share_within
        from stability.initialisation.sampling import starts

        drawn = starts(place, law, STARTS_OF_A_PROBABILITY, SEED).reshape(STARTS_OF_A_PROBABILITY, -1)
        hits = sum(
            Ground(question, dict(zip(names, map(Fraction, row.tolist()), strict=True))).satisfies(relations)
            for row in drawn
        )
        what = f"starts by {law} have {' and '.join(texts)}"
        judged = share_within(hits, 0, len(drawn), float(share), float(tolerance), what)
        return with_instead(judged, _measured(clause, hits, 0, len(drawn)))

    return EstimatedMeasure(measured, STARTS_OF_A_PROBABILITY * SECONDS["probability"])


def _measured(clause: Clause, hits: int, unclear: int, runs: int) -> str:
    """Return a clause with the share that was measured, whose tolerance covers the 95% interval, and the counts."""
    head, _, said = clause.text.rpartition("=")
    low, high = Fraction(wilson(hits, runs)[0]), Fraction(wilson(hits + unclear, runs)[1])
    middle = round((low + high) / 2, DECIMALS)
    wide = Fraction(ceil(max(high - middle, middle - low) * 10**DECIMALS), 10**DECIMALS)
    share, up_to = (f"{float(100 * x):.{DECIMALS - 2}f}%" if "%" in said else f"{float(x):.{DECIMALS}f}"
                    for x in (middle, wide))  # fmt: skip
    open_ = f", and of {unclear} it is not decided" if unclear else ""
    clause_ = f"{clause.kind} {head.rstrip('= ')} = {share} +- {up_to}"
    return f"{clause_}, from {hits} of {runs} (95% interval {float(low):.1%} to {float(high):.1%}{open_})"


def _law(text: str, clause: Clause) -> str:
    """Return the spelling of an initialisation, refused if there is none."""
    law = text.strip()
    if not law or re.search(r"\s", law):
        raise expected(clause, "an initialisation, as normal:0.5", text)
    parse(law)
    return law


def _amount(text: str, clause: Clause) -> tuple[str, Fraction, Fraction]:
    """Return what is said, and the share and the tolerance that are claimed of it."""
    match = re.fullmatch(r"(.*)(={1,2}[^=]*)", text.strip(), re.DOTALL)
    ends = match and AMOUNT.fullmatch(match[2])
    if match is None or not ends or not match[1].strip():
        raise expected(clause, "CONDITIONS = NUMBER, or NUMBER +- NUMBER", text)
    share = _share_number(ends[2], clause)
    tolerance = _share_number(ends[3], clause) if ends[3] else _half_a_unit(ends[2])
    if not (0 <= share <= 1 and 0 <= tolerance < 1):
        raise expected(clause, "a share from 0 to 1, or 0% to 100%", f"{ends[2]} +- {ends[3] or tolerance}")
    return match[1].rstrip().removesuffix("=").strip(), share, tolerance


def _share_number(text: str, clause: Clause) -> Fraction:
    try:
        value = number(text.removesuffix("%"))
    except StatementError as problem:
        raise clause.error(f"Expected a share; got {text!r}.", problem.remedy) from None
    return value / 100 if text.endswith("%") else value


def _half_a_unit(text: str) -> Fraction:
    """Return half a unit of the last digit of a decimal or a percentage; 0 for fractions and whole numbers."""
    match = re.fullmatch(r"[0-9]*\.?([0-9]*)(%?)", text)
    if match is None or not (match[1] or match[2]):
        return Fraction(0)
    return Fraction(1, 2 * 10 ** len(match[1])) / (100 if match[2] else 1)
