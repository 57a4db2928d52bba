"""The claims of "Prototype-Surface Control Theory for ReLU Networks", in our words, with what was found.

Names in the formulas: [u, v, b] are the weights and the bias of a single unit; w = c(1, 1) is the angle pi/4 and
w = c(-1, 1) the angle 3 pi/4. The examples are numbered from 0: (1, -1) and (-1, 1) with label 1, (1, 1) and
(-1, -1) with label 0. Losses are sums of squares, as in the document's formula, unless a name says mean.

Where gradient flow ends is settled by theorems of proofs/theorems: an open region of starts that no flow leaves, and
in it a point towards which the slope is -2 (loss - bottom), so that the loss sinks to the bottom.
"""

from stability.audit.vocabulary import Writeup

from .section_1_scope import SECTION_1
from .section_2_polar_flow import SECTION_2
from .section_3_1_absolute_value import SECTION_31
from .section_3_2_single_relu import SECTION_32
from .section_3_3_active_set import SECTION_33_SETS
from .section_3_3_angles import SECTION_33
from .section_4_dead_data_and_torque import SECTION_4
from .section_5_interventions import SECTION_5
from .section_6_hooks import SECTION_6
from .section_7_control import SECTION_7
from .section_comparison import COMPARISON
from .section_comparison_costs import COSTS

CLAIMS = [
    *SECTION_1,
    *SECTION_2,
    *SECTION_31,
    *SECTION_32,
    *SECTION_33,
    *SECTION_33_SETS,
    *SECTION_4,
    *SECTION_5,
    *SECTION_6,
    *SECTION_7,
    *COMPARISON,
    *COSTS,
]
WRITEUP = Writeup("prototype-surface-control", "Prototype-Surface Control Theory for ReLU Networks", CLAIMS)
