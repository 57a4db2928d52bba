"""Numbers of a text that must agree with each other: counts with their percentages, sums of terms and of tables."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stability.audit.readers.passages import TextPassage, TextTable

WHOLE = r"(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,12})"
SOME_WORDS = r"(?:\s+[^\W\d]+){0,3}"
COUNT = rf"(?<![\w.,/-])(?P<k>{WHOLE})(?:\s?/\s?|\s(?:out\s)?of\s(?:the\s)?)(?P<n>{WHOLE})"
PERCENT = r"(?P<p>\d{1,3}(?:\.\d{1,6})?)\s?(?:%|percent\b|per\scent\b)"
NO_RANGE = r"(?!\s?(?:CI\b|confidence|interval|±|\+|-|\u2013|to\b|quantile|percentile))"
"""What does not follow a percentage that is a share: 95% CI, 58% ± 3."""

SAME = r"(?:\s?\((?:i\.e\.,?\s|or\s|=\s?)?|\s?=\s?|,\s(?:i\.e\.,?|or)\s)"
COUNT_FIRST = re.compile(COUNT + SOME_WORDS + SAME + PERCENT + NO_RANGE)
PERCENT_FIRST = re.compile(rf"(?<![\w.,-]){PERCENT}{SOME_WORDS}\s?\({COUNT}{SOME_WORDS}\s?\)")
TERMS = rf"(?<![\w.,/*^+=-])(?<![/*^+=-]\s)(?P<terms>{WHOLE}(?:\s?\+\s?{WHOLE})+)"
SUM = re.compile(rf"{TERMS}\s?=\s?(?P<sum>{WHOLE})(?![\w.,]?\d|\s?[%/*+^-])")
MOST_CHARACTERS, MOST_ROWS = 400, 60
"""Of a sum that is written out, and of a column that is added up."""

PLAIN = re.compile(WHOLE)
OF = rf"(?P<k>{WHOLE})(?:\s?/\s?|\s(?:out\s)?of\s)(?P<n>{WHOLE})"
SHARE = re.compile(rf"{OF}(?:\s?\([^()]*\))?")
SHARE_LAST = re.compile(rf"\d{{1,3}}(?:\.\d{{1,6}})?\s?%\s?\({OF}\)")
"""A percentage with its count behind it."""

RATE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s?%")
TOTAL = re.compile(r"(?:in\s+)?(?:total|sum|altogether|overall|all)s?\b", re.IGNORECASE)
NO_SUM = re.compile(r"epoch|median|mean|average|loss|rate|share|%|time|second|seed|accuracy", re.IGNORECASE)
"""Headers of columns whose last row is no sum of the others."""

RATES = re.compile(r"%|rate|share|percent|success", re.IGNORECASE)


@dataclass(frozen=True)
class Equation:
    """Numbers that a text says are equal.

    Attributes
    ----------
    left, right : str
        As the clause `numbers` takes them.
    line : int
    heading, says : str
    """

    left: str
    right: str
    line: int
    heading: str
    says: str

    @property
    def text(self) -> str:
        """The equation as it stands in a clause."""
        return f"{self.left} = {self.right}"

    @property
    def correction(self) -> str:
        """What the right side should be, to as many digits, or "" where it is right.

        Examples
        --------
        >>> Equation("24/50", "58%", 1, "", "").correction
        '48%'
        >>> Equation("29/50", "58%", 1, "", "").correction
        ''
        """
        written, percent = self.right.rstrip("%"), self.right.endswith("%")
        value, said = _value(self.left) * (100 if percent else 1), Fraction(written)
        digits = len(written.partition(".")[2])
        half = Fraction(1, 2 * 10**digits) if percent else 0
        if abs(value - said) <= half:
            return ""
        return f"{_rounded(value, digits)}%" if percent else str(value)


def _value(left: str) -> Fraction:
    count, slash, of = left.partition("/")
    return Fraction(int(count), int(of)) if slash else Fraction(sum(int(term) for term in left.split("+")))


def _rounded(value: Fraction, digits: int) -> str:
    before, after = divmod(round(value * 10**digits), 10**digits)
    return f"{before}.{after:0{digits}d}" if digits else str(before)


def whole(text: str) -> int:
    """Return a whole number that may have commas between its thousands."""
    return int(text.replace(",", ""))


def written_equations(passage: TextPassage) -> Iterator[Equation]:
    """Yield the counts with percentages, and the sums, that stand in a sentence."""
    shares = [match for pattern in (COUNT_FIRST, PERCENT_FIRST) for match in pattern.finditer(passage.text)]
    for match in sorted(shares, key=lambda each: each.start()):
        if whole(match["n"]):
            yield _equation(passage, match, f"{whole(match['k'])}/{whole(match['n'])}", f"{match['p']}%")
    for match in SUM.finditer(passage.text):
        terms = [whole(term) for term in match["terms"].split("+")]
        if len(match[0]) > MOST_CHARACTERS:
            continue
        yield _equation(passage, match, " + ".join(map(str, terms)), str(whole(match["sum"])))


def _equation(passage: TextPassage, match: "re.Match[str]", left: str, right: str) -> Equation:
    says = " ".join(match[0].split())
    says += ")" * (says.count("(") - says.count(")"))
    return Equation(left, right, passage.line_of(match.start()), passage.heading, f"{says}.")


def table_equations(table: TextTable) -> Iterator[Equation]:
    """Yield the sums of rows and columns of a table, and percentages beside counts."""
    for k in range(len(table.header)):
        yield from _column_sums(table, k)
    for cells, line in zip(table.rows, table.lines, strict=True):
        yield from _row_sum(table, cells, line)
        yield from _row_rate(table, cells, line)


def _column_sums(table: TextTable, k: int) -> Iterator[Equation]:
    """Yield that the last row, where it is a total, is the sum of the others: of numbers, or of counts and of runs."""
    if k == 0 or len(table.rows) < 3 or not TOTAL.match(table.rows[-1][0]):
        return
    cells = [row[k] for row in table.rows]
    for name, numbers in (
        ("", _all(PLAIN, cells, "")),
        ("", _all(SHARE, cells, "k")),
        ("runs", _all(SHARE, cells, "n")),
    ):
        if numbers:
            *terms, total = numbers
            says = f"{table.rows[-1][0]}, {table.header[k]}{f', {name}' if name else ''}: {total}."
            yield Equation(" + ".join(map(str, terms)), str(total), table.lines[-1], table.heading, says)


def share_in(cell: str) -> tuple[int, int] | None:
    """Return the count and the runs of an entry: 24/50, 24 of 50 (48%), or 48% (24/50).

    Examples
    --------
    >>> share_in("48% (24/50)"), share_in("24 of 50"), share_in("24")
    ((24, 50), (24, 50), None)
    """
    match = SHARE.fullmatch(cell) or SHARE_LAST.fullmatch(cell)
    return (whole(match["k"]), whole(match["n"])) if match else None


def _all(pattern: "re.Pattern[str]", cells: Sequence[str], group: str) -> list[int]:
    """Return one number of each cell; none if a cell is something else."""
    matches = [pattern.fullmatch(cell) for cell in cells]
    return [whole(match[group] if group else match[0]) for match in matches if match] if all(matches) else []


def _row_sum(table: TextTable, cells: Sequence[str], line: int) -> Iterator[Equation]:
    numbers = _all(PLAIN, cells[1:], "")
    if 3 <= len(numbers) <= MOST_ROWS and TOTAL.match(table.header[-1]):
        *terms, total = numbers
        yield Equation(" + ".join(map(str, terms)), str(total), line, table.heading, f"{cells[0]}, total: {total}.")


def _row_rate(table: TextTable, cells: Sequence[str], line: int) -> Iterator[Equation]:
    """Yield that the only percentage of a row is that of its only count."""
    shares = [match for match in map(SHARE.fullmatch, cells) if match and whole(match["n"])]
    if len(shares) == 1:
        yield from rate_of(table, cells, line, whole(shares[0]["k"]), whole(shares[0]["n"]))


def rate_of(table: TextTable, cells: Sequence[str], line: int, count: int, of: int) -> Iterator[Equation]:
    """Yield that the only percentage of a row, with its sign or below a header that has it, is that of a count."""
    pairs = [(head, cell if "%" in cell else f"{cell}%") for head, cell in zip(table.header, cells, strict=True)
             if "%" in f"{cell}{head}" and RATES.search(head)]  # fmt: skip
    rates = [match for _, cell in pairs if (match := RATE.fullmatch(cell))]
    if len(rates) == 1:
        says = f"{cells[0]}: {count} of {of}, {rates[0][1]}%."
        yield Equation(f"{count}/{of}", f"{rates[0][1]}%", line, table.heading, says)
