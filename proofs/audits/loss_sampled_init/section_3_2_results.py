"""The claims of section 3.2: successes and epochs by filter."""

from collections.abc import Sequence
from functools import partial

from stability import Claim, Repair
from stability.audit.hypothesis_tests import count
from stability.audit.vocabulary import Study, number_fact

from .experiments import ROWS, Row
from .judgements import table_fits
from .vocabulary import rounds

CHANGES = {"median-filter": 21, "quartile-filter": 48, "best-filter": 72, "anti-filter": -52}


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


def epoch_tables(rows: Sequence[Row]) -> list[Claim]:
    """Return the claims on the tables of stop epochs, one each."""
    experiments = [row.experiment for row in rows]
    return [
        Claim(
            "epochs-of-table-3.2",
            "3.2",
            "The stop epochs of the successful runs have the medians and ranges of the table, with and without filters (read: "
            "123, 33 to 275 without one, and so on, all five rows).",
            measure=Study(experiments, partial(table_fits, rows, Row.spans)),
            because="Only the row > 0.468 does not fit: its epochs are those of all 50 runs, failures included.",
        ),
        Claim(
            "epochs-of-table-a.1",
            "A.1",
            "The stop epochs of the successful runs have the quartiles, means and standard deviations of the appendix, in all four "
            "rows.",
            measure=Study(experiments, partial(table_fits, rows, Row.statistics)),
        ),
    ]


RESULTS = [
    *map(success, ROWS),
    *epoch_tables(ROWS),
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
