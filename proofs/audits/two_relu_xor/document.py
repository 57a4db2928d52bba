"""The claims of "Two ReLU Units Summed for XOR Classification", in our words, with what was found.

Words    The document calls the sum of two units relu1. Here relu1 is the single unit that 2.3.2 analyses and relu2
         the sum of two, of which all the rest speaks. The loss is the sum of squared errors; training used the mean,
         a quarter. A trap is a set of local minima with loss above 0; a point is dead where no unit sees it.
Data     x1 = (1, -1), x2 = (-1, 1) with label 1; x3 = (1, 1), x4 = (-1, -1) with label 0; formulas count from 0.
Angles   3 pi/4 is w = c(-1, 1) and pi/4 is w = c(1, 1), with c > 0, so r = c sqrt 2.
Found    The angle called a trap is that of the solutions, and it attracts. The angle called true is the one from which
         runs fail. What the prose describes (both class-1 points seen, equal outputs, cancelling tugs) is the plateau
         on which the network is linear and outputs 1/2 everywhere; it has no preferred orientation.
         Half of all starts from zero biases have a dead class-1 point, whatever the scale of the weights: 2^(1-k) for k
         units. For gradient flow that decides all: with both class-1 points live it solves the task, with one dead it
         ends in a trap, as long as the units are not very long. Large steps can do either, and other biases lead to
         traps without a dead example.
         All published figures are compatible with the measured ones: 53% failures, 3.2% of live starts, 0.9%, 0.13% and
         0.012% with the three margins. But what fails after the liveness test fails by Adam: plain gradient descent
         solves the task from all live starts, without a margin, and so does Adam from short weights. The failures left
         are of the same kind, a class-1 point that is lost on the way, and all start with a unit near pi/4. The margin
         guarantees nothing: not at 3/10, less for longer weights, and with random biases a fifth of the runs fail.
         All solutions form one connected family, up to the order of the units. A third unit leaves traps of the same
         losses; failures become rare with width, more slowly than dead examples, and not with the dimension.
"""

from stability.audit.vocabulary import Writeup

from .section_1_overview import OVERVIEW
from .section_2_1_dead_data import FAILURES
from .section_2_2_margins import FAILURES_WHEN_LIVE
from .section_2_3_1_boundary import BOUNDARY
from .section_2_3_1_tugs import TUGS
from .section_2_3_2_curvatures import CURVATURES
from .section_2_3_2_slopes import SLOPES_AT_EQ
from .section_2_3_3_initialisation import INITIALISATION
from .section_2_3_definition import DEFINITION
from .section_3_surfaces import SURFACES
from .section_4_future import FUTURE

CLAIMS = [
    *OVERVIEW,
    *FAILURES,
    *FAILURES_WHEN_LIVE,
    *DEFINITION,
    *TUGS,
    *BOUNDARY,
    *SLOPES_AT_EQ,
    *CURVATURES,
    *INITIALISATION,
    *SURFACES,
    *FUTURE,
]
WRITEUP = Writeup("two-relu-xor", "Two ReLU Units Summed for XOR Classification", CLAIMS)
