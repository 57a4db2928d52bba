"""The claims of "Increasing separation in units", in our words, with what was found.

Words    A layer at points is a table z[i][j] of pre-activations, i counting points and j units. A unit is dead on a set if it
         is positive at no point of it, affine if at all, separating if neither. A point is dead in a layer if no unit is
         positive there. Slacks are what a largest value lacks to 1 and a smallest to -1: of a unit over points (Sep-U), of a
         point over units (Sep-P), both (Sep-P+U), of a layer (Sep-L). Statements about layers are proved for two units
         and two or three points where that is the general case: they compare two of either.
Settings Measured: the 85 + 15 points of the moons (no noise, 44 of 85 in one class), full batch, Glorot weights, zero biases,
         Adam 0.01, binary cross-entropy plus 1e-4 times the sum of squared g, as the authors' program has it; 5000 epochs
         without early stops; 64 seeds of 50 x 4 for Table 2, 8 to 32 of the shapes of Figure 1 that claims name; its other
         shapes are left. "Works": at its best a network gets 90% of training right. Numbers are the best over the epochs,
         as in the document, unless said otherwise; last values stand beside them. Training accuracies and losses of
         ReLU + BN are by batch statistics, as Keras logs them, with those by running means beside; validation is by
         running means.
Found    Zero sets are closed, not open, and interzones neither; one dead layer is enough to lose a point; later biases learn
         from dead examples. Separating units and layers are different things, neither excludes dead examples. The text exchanges
         the two slacks; its Eq. 1, 9, 25 and 27 need other indices. Zero slack does what it says for what it constrains,
         but stops neither vanishing nor exploding gradients, whatever the bounds on pre-activations. From zero weights units
         stay equal until dropout separates them. Training confirms Table 2 but for one loss, that constraints beat ReLU
         and batch normalisation, the depths that Figure 1 gives most methods, and how representations collapse. It does not
         confirm that Sep-L is best, that maxima last (at 120 layers nearly all is lost again) or that accuracies drop less
         than others: ReLU's is one class for all points. "63%" is a loss, not an accuracy.
"""

from stability.audit.vocabulary import Writeup

from .section_1_introduction import INTRODUCTION
from .section_2_dead_examples import DEATH
from .section_2_separation import SEPARATION
from .section_2_sets import SETS
from .section_3_kinds import KINDS
from .section_3_slacks import SLACKS
from .section_3_zero_start import ZERO_START
from .section_4_1_maps import MAPS
from .section_4_1_performance import PERFORMANCE
from .section_4_1_table_2 import TABLE_2
from .section_4_positions import POSITIONS
from .section_5_conclusions import CONCLUSIONS
from .section_captions import CAPTIONS
from .section_figures import FIGURES

CLAIMS = [
    *INTRODUCTION,
    *SETS,
    *DEATH,
    *SEPARATION,
    *SLACKS,
    *ZERO_START,
    *KINDS,
    *TABLE_2,
    *PERFORMANCE,
    *MAPS,
    *CONCLUSIONS,
    *POSITIONS,
    *CAPTIONS,
    *FIGURES,
]
WRITEUP = Writeup("separation-constraints", "Increasing separation in units", CLAIMS)
