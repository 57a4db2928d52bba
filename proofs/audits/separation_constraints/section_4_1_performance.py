"""The claims of section 4.1 on how well networks with constraints learn."""

import numpy as np

from stability import Claim
from stability.audit.hypothesis_tests import all_of, among_runs, differs, most
from stability.audit.vocabulary import Study

from .experiments import (
    EVERY,
    FOUR,
    LINEAR,
    MAIN,
    all_better,
    best,
    better,
    even,
    fall,
    gap,
    named,
    one_reading,
    readings,
    vanishes,
)
from .vocabulary import BOTH, READINGS, ROWS, SEPARATING, Row


def cell(row: Row, column: str) -> Claim:
    """Return the claim of a cell of Table 2."""
    value = getattr(row, column)
    words = {"train": "training accuracy", "validation": "validation accuracy", "loss": "training loss"}
    what = words.get(column, "validation loss")
    return Claim(
        f"{row.name}-{column.replace('_', '-')}",
        "4.1, Table 2",
        f"The {what} of {row.name} is {value} (read: within the range of 64 seeds).",
        measure=Study([MAIN[row.name]], lambda m: among_runs(float(value), readings(m, column), 1e-4)),
        because="No seed has such a loss at so good an epoch." if (row, column) == (BOTH, "loss") else "",
    )


CELLS = [cell(row, column) for row in ROWS for column in READINGS]


PERFORMANCE = [
    *CELLS,
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
        "The validation accuracies of Table 2 are the best over all epochs (read: all within the range of 64 seeds).",
        measure=one_reading("val_accuracy_max"),
    ),
    Claim(
        "validation-at-the-best",
        "4.1, Table 2",
        "The validation accuracies of Table 2 are those of the epoch of the best training accuracy.",
        measure=one_reading("val_accuracy_at_best"),
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
                    most(m.values("train_accuracy_final") >= best(m), f"of {named(m)} end as well as they ever were")
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
        "All constraints have better training accuracies than ReLU and ReLU + BN, at their best.",
        measure=Study(EVERY, lambda *found: all_better(found[2:], found[:2], "train_accuracy_max")),
        weight="central",
    ),
    Claim(
        "constraints-are-superior-in-validation",
        "4.1",
        "All constraints have better validation accuracies than ReLU and ReLU + BN, at their best.",
        measure=Study(EVERY, lambda *found: all_better(found[2:], found[:2], "val_accuracy_max")),
        weight="central",
    ),
    Claim(
        "constraints-are-superior-at-the-end",
        "4.1",
        "All constraints have better training accuracies than ReLU and ReLU + BN after the last epoch.",
        measure=Study(EVERY, lambda *found: all_better(found[2:], found[:2], "train_accuracy_final")),
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
                        fall(b, "val_accuracy_at_best"), fall(a, "val_accuracy_at_best"), f"{named(b)} and {named(a)}"
                    )
                    for a in found[2:]
                    for b in found[:2]
                )
            ),
        ),
        because="They are as large or larger; the drop of ReLU is that of one class for all points.",
        weight="central",
    ),
    Claim(
        "drops-are-below-14",
        "4.1",
        "With constraints they drop by less than 14% (read: each at its own best epoch, in the mean of the seeds).",
        measure=Study(
            FOUR,
            lambda *found: all_of(
                *(differs(np.full(m.count, 0.14), fall(m, "val_accuracy_max"), f"14% and {named(m)}") for m in found)
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
                *(differs(gap(a), gap(b), f"{named(a)} and {named(b)}") for a in found[2:] for b in found[:2])
            ),
        ),
    ),
    Claim(
        "printed-penalty",
        "3, 4.1",
        "The penalty that is printed, linear in the slacks, trains networks like those of Table 2 (read: 0.9882 is within the range "
        "of Sep-P+U).",
        measure=Study([LINEAR], lambda m: among_runs(0.9882, {"best": best(m)}, 1e-4)),
        because="The authors' program squares it.",
        weight="ours",
    ),
]
