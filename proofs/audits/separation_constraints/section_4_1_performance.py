"""The claims of section 4.1 on how well networks with constraints learn."""

import numpy as np

from stability import Claim
from stability.audit.hypothesis_tests import all_of, differs, most
from stability.audit.vocabulary import Study

from .experiments import EVERY, FOUR, LINEAR, MAIN
from .judgements import (
    all_better,
    at_best,
    best,
    better,
    even,
    fall,
    final,
    gap,
    label,
    loss_beside,
    vanishes,
    works,
)
from .published_table import greatest_validation, published_table, validation_at_best
from .vocabulary import BOTH, ROWS, SEPARATING

TABLE = [MAIN[row.name] for row in ROWS]

PERFORMANCE = [
    Claim(
        "table-2",
        "4.1, Table 2",
        "The numbers of Table 2 are those of six runs, one of each method, at their best (read: each column is as near to our runs as one "
        "of six of them would be; losses may be those of the first or of the last epoch that is best).",
        measure=Study(TABLE, lambda *found: published_table(found)),
        weight="central",
    ),
    Claim(
        "sep-pu-loss",
        "4.1, Table 2",
        "Sep-P+U has the training loss 0.6988 where it gets 98.82% right.",
        measure=Study([MAIN["sep-pu"]], lambda m: loss_beside(m, float(BOTH.loss), 0.98)),
        because="No seed has such a loss at so good an epoch.",
    ),
    Claim(
        "gradients-vanish-with-depth",
        "1",
        "Deep networks have vanishing gradients (read: at the start of ReLU at 50 x 4 the first layer has less than a millionth of the "
        "gradient of the last).",
        measure=Study([MAIN["relu"]], vanishes),
    ),
    Claim(
        "normalisation-evens-gradients",
        "Table 1",
        "Batch normalisation helps against vanishing and exploding gradients (read: at the start at 50 x 4 the gradients of the first "
        "and the last layer are within a factor of 100).",
        measure=Study([MAIN["relu-bn"]], lambda m: even(m, "start")),
        because="They no longer vanish; they explode.",
    ),
    Claim(
        "constraints-keep-gradients",
        "5",
        "With constraints gradients do not vanish (read: at the end of training at 50 x 4, with each of them, those of the first and "
        "the last layer are within a factor of 100).",
        measure=Study([MAIN[row.name] for row in SEPARATING], lambda *found: all_of(*(even(m, "end") for m in found))),
        because="With Sep-U they do.",
        weight="central",
    ),
    Claim(
        "validation-is-maximal",
        "4.1, Table 2",
        "The validation accuracies of Table 2 are the best over all epochs (read: by the test of the whole table).",
        measure=Study(TABLE, lambda *found: published_table(found, columns=["validation"], other=validation_at_best)),
    ),
    Claim(
        "validation-at-the-best",
        "4.1, Table 2",
        "The validation accuracies of Table 2 are those of the epoch of the best training accuracy.",
        measure=Study(
            TABLE,
            lambda *found: published_table(
                found, columns=["validation"], validation=validation_at_best, other=greatest_validation
            ),
        ),
        because="Sep-L's and Sep-P+U's are above those of all our seeds.",
        weight="ours",
    ),
    Claim(
        "layer-is-best",
        "4.1",
        "The highest performance is that of Sep-L (read: its best training accuracy is higher than those of the other "
        "constraints in the mean of the seeds).",
        measure=Study([MAIN[m] for m in ("sep-l", "sep-p", "sep-u", "sep-pu")], better),
        because="Sep-P does a little better in the mean, and Sep-P+U as well as Sep-L.",
        weight="central",
    ),
    Claim(
        "layer-reaches-100",
        "4.1, Table 2",
        "Sep-L gets everything right, in training and validation (read: most seeds at their best).",
        measure=Study(
            [MAIN["sep-l"]],
            lambda m: all_of(
                most(best(m) == 1, "get all training points right at their best"),
                most(m.values("val_accuracy_max") == 1, "get all validation points right at their best"),
            ),
        ),
        because="Three seeds of ten do so in training, fewer in validation.",
        weight="central",
    ),
    Claim(
        "maxima-are-kept",
        "4.1, Table 2",
        "The performance is what training leads to (read: with each constraint most seeds end with their best training accuracy).",
        measure=Study(
            FOUR,
            lambda *found: all_of(
                *(
                    most(m.values("train_accuracy_final") >= best(m), f"of {label(m)} end as well as they ever were")
                    for m in found
                )
            ),
        ),
        because="Most are passed on the way; Sep-U loses most.",
        weight="central",
    ),
    Claim(
        "constraints-are-superior",
        "4.1",
        "All constraints have better training accuracies than ReLU and ReLU + BN, at their best (read: in the mean of the seeds; of "
        "ReLU + BN by batch statistics, as Keras logs it).",
        measure=Study(EVERY, lambda *found: all_better(found[2:], found[:2])),
        weight="central",
    ),
    Claim(
        "constraints-are-superior-in-validation",
        "4.1",
        "All constraints have better validation accuracies than ReLU and ReLU + BN, at their best (read: in the mean of the seeds).",
        measure=Study(EVERY, lambda *found: all_better(found[2:], found[:2], greatest_validation)),
        weight="central",
    ),
    Claim(
        "constraints-are-superior-at-the-end",
        "4.1",
        "All constraints have better training accuracies than ReLU and ReLU + BN after the last epoch (read: in the mean of the "
        "seeds; of ReLU + BN by batch statistics).",
        measure=Study(EVERY, lambda *found: all_better(found[2:], found[:2], final)),
        weight="ours",
    ),
    Claim(
        "drops-are-smaller",
        "4.1",
        "From training to validation accuracies drop less with constraints (read: relative to training, at the best training "
        "epoch, in the mean of the seeds).",
        measure=Study(
            EVERY,
            lambda *found: all_of(
                *(
                    differs(
                        fall(b, at_best(b, "val_accuracy")),
                        fall(a, at_best(a, "val_accuracy")),
                        f"{label(b)} and {label(a)}",
                    )
                    for a in found[2:]
                    for b in found[:2]
                )
            ),
        ),
        because="They are smaller than with ReLU + BN, but larger than with ReLU, whose drop is that of one class for all points.",
        weight="central",
    ),
    Claim(
        "drops-are-below-14",
        "4.1",
        "With constraints they drop by less than 14% (read: each at its own best epoch, in the mean of the seeds).",
        measure=Study(
            FOUR,
            lambda *found: all_of(
                *(
                    differs(np.full(m.count, 0.14), fall(m, greatest_validation(m)), f"14% and {label(m)}")
                    for m in found
                )
            ),
        ),
        because="Sep-L is about there.",
    ),
    Claim(
        "losses-differ-more",
        "4.1",
        "The losses of training and validation differ more with constraints (read: relative to validation, at the best epoch of "
        "training, in the mean of the seeds).",
        measure=Study(
            EVERY,
            lambda *found: all_of(
                *(differs(gap(a), gap(b), f"{label(a)} and {label(b)}") for a in found[2:] for b in found[:2])
            ),
        ),
    ),
    Claim(
        "printed-penalty",
        "3, 4.1",
        "The penalty that is printed, linear in the slacks, trains networks as good as those of Table 2 (read: most of 50 x 4 with "
        "Sep-P+U work).",
        measure=Study([LINEAR], works),
        because="The authors' program squares it.",
        weight="ours",
    ),
]
