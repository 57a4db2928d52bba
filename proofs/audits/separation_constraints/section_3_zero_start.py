"""The claims of section 3 on starts from zero weights."""

from stability import AllOf, Claim, Exists, ForAll, Not, Repair
from stability.audit.layer_statements import largest, lower_slack, reluing, smallest, upper_slack
from stability.audit.vocabulary import number_fact

from .vocabulary import fact, part

ZERO = "zero_start_keeps_units_equal"


def first_of_equals() -> ForAll:
    """State the slopes in w and b of the penalty at 0 if ties go to the first point, x, in both the maximum and the minimum."""
    return ForAll("x r", [], ["-r*x + (1 - r)*x == (1 - 2*r)*x", "-r*1 + (1 - r)*1 == 1 - 2*r"])


def cancelling() -> ForAll:
    """State that slopes of 1 - 2r times anything are 0 at r = 1/2."""
    return ForAll("r s", ["r == 1/2"], ["(1 - 2*r)*s == 0"], try_at=[{"r": "1/2", "s": 1}])


ZERO_START = [
    Claim(
        "equal-at-zero",
        "3",
        "From zero weights and biases both slacks are equal.",
        statement=fact(f"{upper_slack('0', '0')} == {lower_slack('0', '0')}", f"{upper_slack('0', '0')} == 1"),
    ),
    Claim(
        "cancel-at-zero",
        "3",
        "From zero weights and biases the two slacks cancel each other for r = 1/2 (read: the slopes that training sees are 0, whether "
        "the largest and the smallest value share out ties, as torch's amax and amin do, or take the first of equals, as max and min "
        "of a dimension do).",
        statement=lambda: AllOf([part(ZERO, 2), first_of_equals(), cancelling()]),
    ),
    Claim(
        "flat-at-zero",
        "3",
        "Not the slopes only, the penalty itself cancels at zero weights and biases for r = 1/2: near 0 it does not change.",
        statement=lambda: Not(
            AllOf(
                [
                    part(ZERO, 1),
                    Exists(
                        "w b x y", [f"{largest('w*x + b', 'w*y + b')} > {smallest('w*x + b', 'w*y + b')}"], reluing()
                    ),
                ]
            )
        ),
        because="It falls in every direction that separates two points; what cancels are the slopes that are reported at the tie.",
        repair=Repair(
            "Near 0 it is 1 - (largest - smallest)/2, so that 0 is a peak.",
            lambda: part(ZERO, 1),
        ),
        weight="ours",
    ),
    Claim(
        "tie-is-broken",
        "3",
        "A share of 0.51 breaks the tie: the slope of the bias is then not 0.",
        statement=lambda: AllOf([part(ZERO, 2), number_fact("1 - 2*51/100 != 0", "1 - 2*51/100 == -2/100")]),
    ),
    Claim(
        "share-is-neutral",
        "3",
        "A share of 0.51 does not bias the problem (read: a unit with the same z at all points prefers no z from -1 to 1).",
        statement=lambda: Not(part(ZERO, 5)),
        because="However near to 1/2, it is a preference: for z = 1, an affine unit.",
        repair=Repair(
            "It prefers the largest z with 0.51, and has no preference with 1/2.",
            lambda: part(ZERO, 5, 6),
        ),
    ),
    Claim(
        "enables-zero-start",
        "3",
        "As weights now depend on their outputs, zero initialisation becomes possible (read: without randomness units of a layer "
        "get different gradients at some time).",
        statement=lambda: Not(part(ZERO, 4)),
        because="Equal units have equal outputs and thus equal gradients, of the loss and of the penalty.",
        repair=Repair(
            "Units that start equal stay equal, weights behind a layer of zeros have no influence on the penalty, and only biases "
            "move there; randomness such as dropout must separate the units, as the conclusions admit.",
            lambda: part(ZERO, 3, 4),
        ),
        weight="central",
    ),
]
