"""The claims of captions of figures."""

from stability import Claim, Exists, ForAll, Not, Repair
from stability.audit.layer_statements import relu, reluing

CAPTIONS = [
    Claim(
        "figure-1-letters",
        "Figure 1",
        "The networks have depth W and depth D.",
        opinion="A misprint: W is the width, as its range and the text say.",
        weight="notation",
    ),
    Claim(
        "beyond-width-25",
        "4.1, Figure 1",
        "The map shows that Sep-L suffers beyond a width of 25.",
        statement=ForAll("W D", ["2 <= W", "W <= 25", "2 <= D", "D <= 150", "W > 25"], ["W > 25"]),
        because="It ends there.",
        repair=Repair(
            "No network of the map is wider than 25.", Not(Exists("W", ["2 <= W", "W <= 25", "W > 25"], samples=0))
        ),
    ),
    Claim(
        "bn-truncates",
        "Figure 3",
        "Despite the standardisation a unit may be dead after the affine map of gamma and beta (read: with 1 and -1 "
        "standardised).",
        statement=Exists("g s", ["g > 0", "g*1 + s <= 0", "g*(-1) + s <= 0"]),
    ),
    Claim(
        "affine-units-forward",
        "Figure 7",
        "Affine units do not hinder: a unit with weight 1 and bias 0 passes on an earlier output unchanged.",
        statement=ForAll("z", [], [f"{relu('1*' + relu('z') + ' + 0')} == {relu('z')}"], reluing()),
    ),
    Claim(
        "dead-units-do-not-hinder",
        "Figure 7",
        "Dead units do not hinder: beside an affine one, a dead unit leaves what is passed on as it is.",
        statement=ForAll(
            "z w b",
            [f"w*{relu('z')} + b <= 0"],
            [f"{relu(relu('z'))} + {relu('w*' + relu('z') + ' + b')} == {relu('z')}"],
            reluing(),
            [dict.fromkeys("zwb", 0)],
        ),
    ),
]
