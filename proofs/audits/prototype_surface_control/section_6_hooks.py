"""The claims of section 6: hooks, their cost, and when to use them."""

from functools import partial

from stability import Claim
from stability.audit.vocabulary import Study

from .experiments import (
    COST,
    EARLY,
    LATER,
    LOCAL,
    as_good,
    healthy_then_failing,
    hooks,
    most_of_them,
    none_of_them,
    prolongs_by_less,
)

SECTION_6 = [
    Claim(
        "forward-and-gradient-hooks",
        "6",
        "Forward hooks capture the pre-activations and gradient hooks the gradients.",
        measure=hooks,
    ),
    Claim(
        "hooks-are-cheap",
        "6",
        "Capturing pre-activations and gradients is cheap (read: once every 100 steps, K being left open, it prolongs a step by "
        "less than 5%).",
        measure=Study([COST], partial(prolongs_by_less, "every 100", 0.05)),
        because="A reading at every 100th step costs next to nothing; one at every step can be felt.",
    ),
    Claim(
        "interventions-are-local",
        "6",
        "Interventions stay local to their layer: raising its biases leaves the dead data of later layers as they are.",
        measure=Study([LOCAL], none_of_them(0, 1)),
        because="Only the layer's own parameters are written, but all later layers see other inputs.",
    ),
    Claim(
        "first-epochs-suffice",
        "6",
        "Monitoring the first five epochs suffices: runs that are healthy until then succeed.",
        measure=healthy_then_failing,
        because="With random biases some runs that are healthy through epoch 5 still fail.",
        weight="central",
    ),
    Claim(
        "repairs-of-first-epochs-suffice",
        "6",
        "On two ReLUs on XOR, repairs in the first five epochs do as well as repairs at any time.",
        measure=Study([EARLY], as_good),
        because="Some units lose their last class-1 point later, and stay so.",
        weight="ours",
    ),
    Claim(
        "later-layers-correct-themselves",
        "6",
        "Once early geometry is healthy, later layers correct themselves.",
        measure=Study([LATER], most_of_them(1, 0, 2, 3)),
        because="Tried on ten layers of four units on the two moons: a dead later layer passes no gradient back.",
    ),
]
