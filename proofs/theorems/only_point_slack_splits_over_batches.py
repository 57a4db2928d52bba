"""The penalty of Sep-P is a sum over points, whatever the batches; slacks of Sep-U are larger on batches than on all.

Setting  Two units; two points, one in each batch. Penalty: rho times the upper plus 1 - rho times the lower slack.
Idea     A slack of Sep-P looks at one point only. A largest value over more points is no smaller, so slacks of a unit
         only fall as points join in.
Scope    Sums over points; with means over batches of one size likewise. A unit with 1 at one point and -1 at another
         has no slack, but a slack of 2 in each batch alone.
"""

from stability.audit.layer_statements import lower_slack, penalty, relu, reluing, upper_slack
from stability.logic.statements import AllOf, ForAll, Statement

NAMES = "a b c d r"
Z = (("a", "b"), ("c", "d"))
SHARE = ["0 <= r", "r <= 1"]


def splits(kind: str) -> ForAll:
    """State that the penalty of two points is the sum of those of batches of one."""
    parts = " + ".join(penalty(kind, [row], "r") for row in Z)
    return ForAll(NAMES, SHARE, [f"{penalty(kind, Z, 'r')} == {parts}"], reluing(), [dict.fromkeys(NAMES.split(), 0)])


def falls(slack: str) -> ForAll:
    """State that a slack does not grow when a point joins in."""
    of = {"upper": upper_slack, "lower": lower_slack}[slack]
    return ForAll("a c", [], [f"{of('a', 'c')} <= {of('a')}"], reluing())


def example() -> Statement:
    """State the slacks of 1 and -1: none together, 2 in each batch."""
    alone = [f"{relu('1 - 1')} + {relu('1 + 1')} == 2", f"{upper_slack('-1')} + {lower_slack('-1')} == 2"]
    both = f"{upper_slack('1', '-1')} + {lower_slack('1', '-1')} == 0"
    return ForAll("", [], [*alone, both], reluing())


def theorem() -> Statement:
    """Return the statement."""
    return AllOf([splits("sep-p"), falls("upper"), falls("lower"), example()])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    grows = ForAll("a c", [], [f"{upper_slack('a', 'c')} >= {upper_slack('a')}"], reluing())
    return {
        "units split as well": splits("sep-u"),
        "layers split as well": splits("sep-l"),
        "slacks grow with points": grows,
    }
