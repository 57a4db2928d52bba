"""The claims of section 4.1 on Figure 1: which depths and widths work."""

from stability import Claim
from stability.audit.hypothesis_tests import all_of
from stability.audit.vocabulary import Study

from .experiments import MAIN, at
from .judgements import better, degrades, fails, lost_points_cost, one_pair, still_works, works, works_somewhere

MAPS = [
    Claim(
        "relu-until-30",
        "4.1, Figure 1a",
        "ReLU works up to 30 layers (read: at some width).",
        measure=Study(at("relu", (30, 4), (30, 10), (30, 25)), works_somewhere),
        weight="central",
    ),
    Claim(
        "relu-fails-beyond-30",
        "4.1, Figure 1a",
        "ReLU fails in networks deeper than 30 layers (read: few of 40 x 4, 50 x 4, 50 x 10, 50 x 25 work).",
        measure=Study(at("relu", (40, 4), (50, 4), (50, 10), (50, 25)), lambda *found: all_of(*map(fails, found))),
        weight="central",
    ),
    Claim(
        "normalisation-until-70",
        "4.1, Figure 1b",
        "ReLU + BN works up to 70 layers (read: most networks of 70 layers do at a width of 4, 10 or 25, by batch statistics, as Keras "
        "logs it).",
        measure=Study(at("relu-bn", (70, 4), (70, 10), (70, 25)), works_somewhere),
        weight="central",
    ),
    Claim(
        "both-until-120",
        "4.1, Figure 1c",
        "Sep-P+U works up to 120 layers (read: most networks of 120 layers do at a width of 4 or 10, at their best).",
        measure=Study(at("sep-pu", (120, 4), (120, 10)), works_somewhere),
        weight="central",
    ),
    Claim(
        "both-fails-beyond-120",
        "4.1, Figure 1c",
        "Beyond 120 layers Sep-P+U fails (read: few of 150 x 4 work).",
        measure=Study(at("sep-pu", (150, 4)), fails),
        weight="central",
    ),
    Claim(
        "both-work-better",
        "4.1, Figure 1c",
        "Sep-P+U works significantly better than ReLU and ReLU + BN (read: at 30 x 4, and at 70 x 4 than ReLU + BN).",
        measure=Study(
            [
                *at("sep-pu", (30, 4)),
                *at("relu", (30, 4)),
                *at("relu-bn", (30, 4)),
                *at("sep-pu", (70, 4)),
                *at("relu-bn", (70, 4)),
            ],
            lambda a, b, c, d, e: all_of(better(a, b, c), better(d, e)),
        ),
        weight="central",
    ),
    Claim(
        "deeper-than-normalisation",
        "1",
        "At the same width constraints allow more depth than batch normalisation (read: at 4 units most work with Sep-P+U at a "
        "depth, of 30, 50 and 70, at which few do with ReLU + BN).",
        measure=Study(
            [*at("sep-pu", (30, 4), (50, 4), (70, 4)), *at("relu-bn", (30, 4), (50, 4), (70, 4))],
            lambda *found: one_pair(found[:3], found[3:]),
        ),
        weight="central",
    ),
    Claim(
        "all-degrade-with-depth",
        "4.1, Figure 1",
        "With every method accuracies fall with depth (read: of 4 units, from 10 layers to 40 with ReLU, 70 with ReLU + BN and Sep-U, "
        "100 with Sep-P, 120 with Sep-P+U and Sep-L).",
        measure=Study(
            [
                *at("relu", (10, 4), (40, 4)),
                *at("relu-bn", (10, 4), (70, 4)),
                *at("sep-u", (10, 4), (70, 4)),
                *at("sep-p", (10, 4), (100, 4)),
                *at("sep-pu", (10, 4), (120, 4)),
                *at("sep-l", (10, 4), (120, 4)),
            ],
            degrades,
        ),
        weight="central",
    ),
    Claim(
        "width-compensates",
        "1, 4.1, Figure 1",
        "More width makes up for depth in part, with all methods (read: from 4 to 10 units, of ReLU + BN and Sep-P at 70 layers, Sep-U "
        "at 50, Sep-P+U at 120; of ReLU to 25 units at 30).",
        measure=Study(
            [
                *at("relu", (30, 25), (30, 4)),
                *at("relu-bn", (70, 10), (70, 4)),
                *at("sep-p", (70, 10), (70, 4)),
                *at("sep-u", (50, 10), (50, 4)),
                *at("sep-pu", (120, 10), (120, 4)),
            ],
            degrades,
        ),
        because="Not with Sep-P, and with ReLU + BN not clearly at 10 units.",
        weight="central",
    ),
    Claim(
        "skinny-networks",
        "4.1",
        "In skinny networks Sep-P+U works where ReLU + BN fails (read: at 30 x 3).",
        measure=Study([*at("sep-pu", (30, 3)), *at("relu-bn", (30, 3))], lambda a, b: all_of(works(a), fails(b))),
        weight="central",
    ),
    Claim(
        "skinniest-networks",
        "4.1",
        "Sep-P+U works from a width of 2 on (read: most of 50 x 2 work).",
        measure=Study(at("sep-pu", (50, 2)), works),
        weight="central",
    ),
    Claim(
        "units-allow-depth",
        "4.1, Figure 1d",
        "Sep-U allows deeper networks (read: than ReLU; at 50 x 4 it is better).",
        measure=Study([MAIN["sep-u"], MAIN["relu"]], better),
        weight="central",
    ),
    Claim(
        "units-need-width",
        "4.1, Figure 1d",
        "The accuracy of Sep-U falls as networks get narrower (read: from 10 to 4 to 2 units at 50 layers).",
        measure=Study(at("sep-u", (50, 10), (50, 4), (50, 2)), lambda a, b, c: all_of(better(a, b), better(b, c))),
    ),
    Claim(
        "units-suffer-from-dead-points",
        "4.1",
        "The accuracy of Sep-U falls because of dead points, which it does not address (read: at 50 x 4 seeds with "
        "more points dead in some layer have lower final training accuracies).",
        measure=Study([MAIN["sep-u"]], lost_points_cost),
        weight="ours",
    ),
    Claim(
        "points-until-50",
        "4.1, Figure 1e",
        "Sep-P works up to 50 layers.",
        measure=Study(at("sep-p", (30, 4), (50, 4), (50, 10)), lambda *found: all_of(*map(works, found))),
        weight="central",
    ),
    Claim(
        "points-break-down",
        "4.1, Figure 1e",
        "Beyond that it breaks down (read: few of 70 x 4, 70 x 10, 100 x 4 work).",
        measure=Study(at("sep-p", (70, 4), (70, 10), (100, 4)), lambda *found: all_of(*map(fails, found))),
        because="At 70 layers half of them or more still work.",
        weight="central",
    ),
    Claim(
        "layer-suffers-from-width",
        "4.1, Figure 1f",
        "Sep-L suffers from larger widths (read: at 50 layers 25 units are worse than 10).",
        measure=Study(at("sep-l", (50, 10), (50, 25)), better),
        because="There is no clear difference.",
    ),
    Claim(
        "layer-until-70",
        "4.1, Figure 1f",
        "Sep-L has acceptable performance at 70 layers with a medium width (read: most of 70 x 10 work).",
        measure=Study(at("sep-l", (70, 10)), works),
        weight="central",
    ),
    Claim(
        "maps-are-kept",
        "4.1, Figure 1",
        "Figure 1 shows what training leads to (read: at shapes where most networks work at their best, most do after the last "
        "epoch: Sep-P+U at 30 x 4, 70 x 4 and 120 x 10, Sep-P and Sep-L at 50 x 4, ReLU + BN at 10 x 4).",
        measure=Study(
            [
                *at("sep-pu", (30, 4), (70, 4), (120, 10)),
                *at("sep-p", (50, 4)),
                *at("sep-l", (50, 4)),
                *at("relu-bn", (10, 4)),
            ],
            lambda *found: all_of(*map(still_works, found)),
        ),
        because="At 70 layers and more Sep-P+U loses most of what it had.",
        weight="ours",
    ),
]
