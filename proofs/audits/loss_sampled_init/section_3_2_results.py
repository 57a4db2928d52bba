"""The claims of section 3.2: successes and epochs by filter."""

from collections.abc import Callable

from stability import Claim, Repair
from stability.audit.experiments import GroupCounts
from stability.audit.hypothesis_tests import all_of, count, deviation, mean, quantile
from stability.audit.vocabulary import Measurement, Study, number_fact

from .experiments import ROWS, Row
from .judgements import both_readings
from .vocabulary import rounds

CHANGES = {"median-filter": 21, "quartile-filter": 48, "best-filter": 72, "anti-filter": -52}

OVER_ALL = "It fits all 50 runs, failures included."

ONLY_ALL = {"median-filter": {"lower-quartile", "deviation"}, "anti-filter": {"median", "range"}}


def success(row: Row) -> Claim:
    """Return the claim on the successes of a row."""
    says = f"Of 50 runs {row.what} {row.successes} succeed, {2 * row.successes}%."
    return Claim(
        f"{row.id}-succeeds",
        "3.2",
        says,
        measure=Study([row.experiment], lambda m: count(m, row.successes, 50)),
        weight="central",
    )


def epochs(row: Row) -> list[Claim]:
    """Return the claims on the epochs of a row."""
    of, quarters, moments = row.successes, row.quartiles or (), row.moments or ()
    low, high = row.ends

    def ends(counts: GroupCounts, low: float, high: float, of: int, over: str = "success") -> Measurement:
        return all_of(quantile(counts, 0, low, of, over), quantile(counts, 1, high, of, over))

    def at_quantile(counts: GroupCounts, q: float, published: float, of: int, over: str = "success") -> Measurement:
        return quantile(counts, q, published, of, over)

    cells: list[tuple[str, str, str, Callable[..., Measurement], tuple[float, ...]]] = [
        ("median", "3.2, A.1" if quarters else "3.2", f"have the median {row.median}", at_quantile, (0.5, row.median)),
        ("range", "3.2", f"range from {low} to {high}", ends, (low, high)),
        *(
            (f"{name}-quartile", "A.1", f"have the {name} quartile {v}", at_quantile, (q, v))
            for name, q, v in zip(("lower", "upper"), (0.25, 0.75), quarters, strict=False)
        ),
        *(
            (name, "A.1", f"have the {words} {v:g}", judge, (v,))
            for name, words, judge, v in zip(
                ("mean", "deviation"), ("mean", "standard deviation"), (mean, deviation), moments, strict=False
            )
        ),
    ]
    return [
        Claim(
            f"{row.id}-{name}",
            where,
            f"The stop epochs of the successful runs {row.what} {says}.",
            measure=Study(
                [row.experiment], lambda m, judge=judge, published=published: both_readings(judge, m, *published, of=of)
            ),
            because=OVER_ALL if name in ONLY_ALL.get(row.id, ()) else "",
        )
        for name, where, says, judge, published in cells
    ]


RESULTS = [
    *map(success, ROWS),
    *(claim for row in ROWS for claim in epochs(row)),
    Claim(
        "percentages-of-counts",
        "3.2, 4.2",
        "The percentages are those of the counts out of 50.",
        statement=number_fact(
            *(f"{row.successes}/50 == {2 * row.successes}/100" for row in ROWS), "10/50 == 20/100", "19/50 == 38/100"
        ),
    ),
    *(
        Claim(
            f"{row.id}-improvement",
            "3.2",
            f"From 58% to {2 * row.successes}% is a relative change of {CHANGES[row.id]:+d}%.",
            statement=number_fact(rounds(f"({2 * row.successes} - 58)/58", CHANGES[row.id])),
        )
        for row in ROWS
        if row.id in CHANGES
    ),
    Claim(
        "improvements-in-points",
        "3.2",
        "The improvements, +21, +48, +72 and -52, are differences of the success rates in points.",
        statement=number_fact(*(f"{2 * row.successes} - 58 == {CHANGES[row.id]}" for row in ROWS if row.id in CHANGES)),
        because="They are relative to the rate without a filter, and sound larger.",
        repair=Repair(
            "In points they are +12, +28, +42 and -30.",
            number_fact("70 - 58 == 12", "86 - 58 == 28", "100 - 58 == 42", "28 - 58 == -30"),
        ),
        weight="ours",
        decision="stands",
    ),
]
