"""The claims of section 6: earlier work."""

from stability import Claim
from stability.audit.vocabulary import number_fact

from .vocabulary import rounds

PRIOR = [
    Claim(
        "goldilocks-speed-up",
        "6",
        "Fort and Scherlis (2019) found speed-ups of 20 to 35% by choosing starts by the loss of a first batch.",
        opinion="What another paper reports, on MNIST. Its abstract reports faster training after choosing starts of "
        "high local convexity or low initial loss; the figure could not be traced here, and no run on XOR "
        "bears on it.",
    ),
    Claim(
        "speed-up-of-60",
        "6",
        "From 123 to 49 epochs is 60% less.",
        statement=number_fact(rounds("(123 - 49)/123", 60)),
        because="As a factor it is the 2.5 of 3.3.",
    ),
    Claim(
        "explains-goldilocks",
        "6",
        "The distance theory explains why the method of that paper works.",
        opinion="Nothing of that paper is analysed.",
        uses=["time-is-linear-in-distance"],
    ),
    Claim(
        "adaptive-thresholds",
        "6",
        "Thresholds adapt, being taken from the actual distribution.",
        opinion="A description of the method; what such a threshold is worth is settled under A.3.",
    ),
]
