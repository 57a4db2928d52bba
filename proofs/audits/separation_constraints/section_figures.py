"""The claims of Figures 2 to 8, and of what they say on the conclusions."""

from stability import Claim
from stability.audit.hypothesis_tests import all_of, differs, most
from stability.audit.vocabulary import Study

from .experiments import (
    NO_LOSS,
    ON_BOTH,
    ON_LAYER,
    ON_NORM,
    ON_POINT,
    ON_RELU,
    ON_UNIT,
    ZERO_STARTS,
)
from .judgements import (
    bad_units,
    best,
    better,
    collapse,
    fails,
    forwards,
    gradient_gone,
    more_images,
    more_readable,
    never_better,
    not_zero,
    progressive,
    spread,
    to_zero,
    works,
)

FIGURES = [
    Claim(
        "figure-2-progressively",
        "Figure 2",
        "ReLU maps the data to zero progressively (read: the images of the points get fewer layer by layer, to one).",
        measure=Study([ON_RELU], progressive),
    ),
    Claim(
        "figure-2-to-zero",
        "Figure 2",
        "ReLU maps the data to zero (read: in the last layer most points are dead).",
        measure=Study([ON_RELU], to_zero),
    ),
    Claim(
        "figure-2-unable",
        "Figure 2",
        "The output layer of ReLU is unable to solve the problem (read: no seed is ever better than one class for "
        "all).",
        measure=Study([ON_RELU], lambda m: never_better(m, 0.9)),
    ),
    Claim(
        "figure-3-few-points",
        "Figure 3",
        "ReLU + BN collapses the data into few points at the feature layer (read: five at most, in most seeds).",
        measure=Study([ON_NORM], lambda m: collapse(m, 5)),
    ),
    Claim(
        "figure-3-not-zero",
        "5, Figure 3",
        "ReLU + BN maps the data through the network with activations that are not zero (read: few points are dead in the last "
        "layer).",
        measure=Study([ON_NORM], not_zero),
    ),
    Claim(
        "figure-3-no-gradient",
        "Figure 3",
        "With ReLU + BN gradients cannot be propagated back (read: at the end they are below 1/100 in every layer, while the loss is "
        "above 0.3 in most seeds).",
        measure=Study([ON_NORM], gradient_gone),
    ),
    Claim(
        "figure-3-fails-like-relu",
        "Figure 3",
        "ReLU + BN fails in the same manner as ReLU, its output being arbitrary (read: its best training accuracy "
        "is no better than one class for all, in most seeds).",
        measure=Study([ON_NORM], never_better),
        because="Most learn something, for a while.",
    ),
    Claim(
        "figure-4-fewer-dead-and-affine",
        "Figure 4",
        "With Sep-U there are fewer dead and affine units (read: than with ReLU).",
        measure=Study(
            [ON_RELU, ON_UNIT],
            lambda a, b: differs(bad_units(a), bad_units(b), "Dead or affine of 200 units, ReLU and Sep-U"),
        ),
    ),
    Claim(
        "figure-4-two-points",
        "Figure 4",
        "Sep-U collapses the data into two points at the feature layer (read: five at most, in most seeds).",
        measure=Study([ON_UNIT], lambda m: collapse(m, 5)),
    ),
    Claim(
        "figure-4-approximately-right",
        "Figure 4",
        "The classification of Sep-U is approximately right (read: most seeds get 80% at their best).",
        measure=Study([ON_UNIT], lambda m: most(best(m) >= 0.8, "of the seeds get 80% or more right at their best")),
    ),
    Claim(
        "figure-4-conjecture",
        "Figure 4",
        "Sep-U collapses the data because of dead points (read: Sep-P+U, which addresses them, keeps more images).",
        measure=Study([ON_BOTH, ON_UNIT], more_images),
    ),
    Claim(
        "figure-5-richer",
        "Figure 5",
        "Sep-P has richer representations and does not collapse the data like Sep-U or ReLU + BN (read: it keeps more images).",
        measure=Study([ON_POINT, ON_UNIT, ON_NORM], more_images),
    ),
    Claim(
        "figure-5-plenty",
        "Figure 5",
        "With Sep-P plenty of units are dead or affine (read: more than half of the 200, and more than with Sep-U).",
        measure=Study(
            [ON_POINT, ON_UNIT],
            lambda a, b: all_of(
                most(bad_units(a) > 100, "of the seeds of Sep-P have more than 100 of 200 units dead or affine"),
                differs(bad_units(a), bad_units(b), "Dead or affine, Sep-P and Sep-U"),
            ),
        ),
    ),
    Claim(
        "figure-5-underfits",
        "Figure 5",
        "The dead and affine units of Sep-P cause underfitting (read: Sep-P+U, which has fewer of them, has better "
        "training accuracies at their best).",
        measure=Study([ON_BOTH, ON_POINT], better),
        because="It is as good as Sep-P+U.",
    ),
    Claim(
        "figure-6-no-collapse",
        "Figure 6",
        "Sep-P+U does not collapse the data (read: most seeds keep more than half of the points apart).",
        measure=Study([ON_BOTH], spread),
    ),
    Claim(
        "figure-6-retains-power",
        "Figure 6",
        "Sep-P+U keeps the classification power of Sep-U (read: its best training accuracy is higher).",
        measure=Study([ON_BOTH, ON_UNIT], better),
    ),
    Claim(
        "both-leave-none-dead",
        "3.2",
        "Sep-P+U ensures that there are neither dead units nor dead points (read: in most trained networks there is none).",
        measure=Study(
            [ON_BOTH],
            lambda m: all_of(
                most(m.values("dead_units") == 0, "of the seeds end without a dead unit"),
                most(m.values("lost_points") == 0, "of the seeds end without a point that is dead in some layer"),
            ),
        ),
        because="A penalty of weight 1e-4 does not ensure anything; without slack there would be none, see both-exclude-both.",
        weight="central",
    ),
    Claim(
        "figure-7-dead-and-affine",
        "Figure 7",
        "With Sep-L there are several affine and dead units.",
        measure=Study(
            [ON_LAYER],
            lambda m: all_of(
                most(m.values("dead_units") > 0, "of the seeds end with dead units"),
                most(m.values("affine_units") > 0, "of the seeds end with affine units"),
            ),
        ),
    ),
    Claim(
        "figure-7-no-hindrance",
        "Figure 7",
        "The affine and dead units of Sep-L do not hinder (read: Sep-L is no worse than Sep-P+U, which has fewer: "
        "its mean best training accuracy is at most 0.05 lower).",
        measure=Study([ON_LAYER, ON_BOTH], lambda a, b: differs(best(a), best(b), "Sep-L and Sep-P+U", -0.05)),
    ),
    Claim(
        "figure-7-forwards",
        "Figure 7",
        "The affine units of Sep-L pass on the solution of the fourth layer to the output (read: linear fits to "
        "layer 4 and to the last get as much right, up to 5 points).",
        measure=Study([ON_LAYER], forwards),
    ),
    Claim(
        "figure-8-collapse",
        "Figure 8",
        "Without the main loss ReLU and ReLU + BN, which then stay at their starts, collapse the data into few points (read: five "
        "at most, in most seeds).",
        measure=Study([NO_LOSS["relu"], NO_LOSS["relu-bn"]], lambda *found: all_of(*(collapse(m, 5) for m in found))),
        because="Half of the starts of ReLU + BN keep more.",
    ),
    Claim(
        "figure-8-structure",
        "Figure 8",
        "Without the main loss Sep-L and Sep-P+U preserve structure (read: most seeds keep more than half of the points apart).",
        measure=Study([NO_LOSS["sep-l"], NO_LOSS["sep-pu"]], lambda *found: all_of(*map(spread, found))),
    ),
    Claim(
        "figure-8-useful",
        "Figure 8",
        "The structure that Sep-L and Sep-P+U preserve without the main loss is useful for back-propagation (read: "
        "a linear fit to the last layer gets more right than for ReLU + BN).",
        measure=Study([NO_LOSS["sep-l"], NO_LOSS["sep-pu"], NO_LOSS["relu-bn"]], more_readable),
    ),
    Claim(
        "zero-start-works",
        "5",
        "From zero weights Sep-P+U with annealed dropout gives good results (read: most seeds work).",
        measure=Study([ZERO_STARTS["sep-pu"]], works),
        weight="central",
    ),
    Claim(
        "zero-start-needs-constraints",
        "5",
        "The constraint makes training from zero weights possible (read: with ReLU and dropout alone few seeds work).",
        measure=Study([ZERO_STARTS["relu"]], fails),
        weight="central",
    ),
    Claim(
        "zero-start-needs-dropout",
        "5",
        "Symmetry had to be broken, by annealed dropout (read: without it few seeds work).",
        measure=Study([ZERO_STARTS["sep-pu-no-dropout"]], fails),
    ),
    Claim(
        "zero-start-is-superior",
        "5",
        "A start from data, as zero weights with constraint and dropout give it, must be superior to any random one "
        "(read: with Sep-P+U its best training accuracies are higher than from Glorot's).",
        measure=Study([ZERO_STARTS["sep-pu"], ON_BOTH], better),
        because="They are not higher.",
        weight="central",
    ),
    Claim(
        "intuitive-separation",
        "5, Figures 4 to 7",
        "The constraints separate the moons in intuitive manners.",
        opinion="'Intuitive' has no criterion.",
    ),
]
