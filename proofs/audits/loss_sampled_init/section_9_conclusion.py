"""The claims of section 9: the conclusion."""

from stability import Claim
from stability.audit.hypothesis_tests import all_of, higher
from stability.audit.vocabulary import Study

from .experiments import CONTROL, FILTERED, LOWEST, PLAIN, SAFE, TENTH

CONCLUSION = [
    Claim(
        "works-across-architectures",
        "9.1",
        "Sampling starts by their loss raises the success rate in every architecture tried: two units and two layers.",
        measure=Study(
            [CONTROL, LOWEST, PLAIN, FILTERED],
            lambda a, b, c, d: all_of(
                higher(b.whole, a.whole, "< 0.072, none"), higher(d.whole, c.whole, "< 0.326, none")
            ),
        ),
        weight="central",
    ),
    Claim(
        "bottom-tenth-is-best",
        "9.2",
        "Starts from the lowest 1 to 10% of losses do best (read: in both networks the lowest tenth beats no filter).",
        measure=Study(
            [SAFE, CONTROL, TENTH, PLAIN],
            lambda a, b, c, d: all_of(
                higher(a.whole, b.whole, "two units, < 1/4, a tenth of all, and all"),
                higher(c.whole, d.whole, "two layers, lowest tenth and all"),
            ),
        ),
        because="For two units any of these always succeeds. For two layers the lowest tenth does no better than all; "
        "it takes filters like < 0.326, half a percent.",
        weight="central",
    ),
    Claim(
        "sampling-overcomes",
        "Summary, 9.3",
        "Smart sampling overcomes many optimisation challenges; initialisation has been overcomplicated.",
        opinion="A judgement without a criterion.",
        uses=["hard-means-far"],
    ),
]
