"""The claims of section 2: networks, data, starts, and what success means."""

from stability import AllOf, Claim, ForAll, Repair, every_set
from stability.audit.hypothesis_tests import average
from stability.audit.vocabulary import AllAboutSets, Study, number_fact, pre

from .experiments import CONTROL_DETAILS, LOWEST_DETAILS, ROWS, STANDARD
from .judgements import most_converged, readings
from .vocabulary import BEST, ONE, RELU2, SOLVES, SYMMETRIC, TRAP, entries, flat


def two_layers_fit() -> ForAll:
    """State that Linear-ReLU-Linear fits the one-hot targets: h = |(x1 - x2)/2| by two units, outputs 1 - h and h."""
    hidden = [f"relu1.out([{s}1/2, {t}1/2, 0], {{i}})" for s, t in (("", "-"), ("-", ""))]
    both = [" + ".join(hidden).format(i=i) for i in range(4)]
    return ForAll("", [], [f"{entries([(f'1 - ({h})', h) for h in both])} == 0"], ONE)


SETUP = [
    Claim(
        "six-parameters",
        "2.1",
        "The first model has 6 parameters: 2 x 2 weights and 2 biases.",
        statement=number_fact("2*2 + 2 == 6"),
        weight="notation",
    ),
    Claim(
        "ten-parameters",
        "2.1",
        "The second model has 10 parameters: 2 x 2 + 2 in each of two layers.",
        statement=number_fact("(2*2 + 2) + (2*2 + 2) == 10"),
        repair=Repair("They are 12.", number_fact("(2*2 + 2) + (2*2 + 2) == 12")),
        weight="notation",
        decision="stands",
    ),
    Claim(
        "both-can-solve-it",
        "2.1",
        "Two summed ReLUs and the network of two layers can both fit their task exactly.",
        statement=lambda: AllOf([number_fact(f"relu2.loss({flat(SYMMETRIC)}) == 0", relu2=RELU2), two_layers_fit()]),
    ),
    Claim(
        "centred",
        "2.1",
        "XOR is centred: pre-activations add up to four times the bias.",
        statement=lambda: ForAll("u v b", [], [" + ".join(pre("relu1", "[u, v, b]")) + " == 4*b"], ONE),
        weight="notation",
    ),
    Claim(
        "standard-normal",
        "2.2",
        "Starts are drawn from the standard normal law, weights N(0, 1) (read: then 100 starts have the mean loss "
        "0.581).",
        measure=Study(
            [STANDARD],
            lambda m: average(m.numbers["mean"], m.numbers["deviation"], 0.581, 100, "initial losses under N(0, 1)"),
        ),
        because="The published losses are those of weights N(0, 1/4), see initial-mean.",
        weight="notation",
    ),
    Claim(
        "success-means-solved",
        "2.3",
        "A run that rests with all four points right has found a solution: no trap has all four right.",
        statement=lambda: AllAboutSets(
            [
                every_set(RELU2, [TRAP], [("loss", ">", 0), ("right", "<", 4)]),
                every_set(RELU2, [BEST], [SOLVES, ("right", "=", 4)]),
            ]
        ),
        weight="notation",
    ),
    Claim(
        "epochs-to-convergence",
        "2.3, A.1",
        "The epochs that are counted are those to convergence (read: most successful runs have a loss of 1e-7 or less when they stop, "
        "without a filter and with the strictest one).",
        measure=Study([CONTROL_DETAILS, LOWEST_DETAILS], most_converged),
        because="They are those to the stop, by the rule of 11 epochs; with the filter four runs of five stop before they converge.",
        weight="central",
    ),
    Claim(
        "epochs-of-successful-runs",
        "2.3",
        "The epochs in the tables are those of the successful runs.",
        measure=Study([row.experiment for row in ROWS], readings),
        because="They fit all 50 runs, failures included.",
        weight="notation",
    ),
]
