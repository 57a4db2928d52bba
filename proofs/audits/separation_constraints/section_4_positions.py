"""The claims of section 4 on positions of planes."""

from stability import Claim, ForAll
from stability.audit.layer_statements import lower_slack, reluing, upper_slack

POSITIONS = [
    Claim(
        "positions-are-to-blame",
        "4",
        "Gradient issues are intertwined with the positions of the planes.",
        opinion="'Intertwined' names no relation. That no positions exclude them is in vanishing-is-prevented.",
    ),
    Claim(
        "force-two-points",
        "4",
        "Sep-U makes each unit separate at least two points: without slack two points differ in it by 2 or more.",
        statement=ForAll(
            "p q",
            [f"{upper_slack('p', 'q')} == 0", f"{lower_slack('p', 'q')} == 0"],
            ["(p - q)**2 >= 4"],
            reluing(),
            [{"p": 1, "q": -1}],
            samples=0,
        ),
    ),
]
