"""The claims of "Loss-Based Sampling Initialization for Neural Networks", in our words, with what was found.

Words    What the document calls a single-layer network is relu2 here, a sum of two ReLU units; the two-layer network is
         relu2-linear. Losses are means of squared errors, over 4 examples or 8 entries; only the formulas that ask the
         landscape relu2 speak of sums. A class-1 point is live where some unit sees it. A filter redraws until the
         loss is beyond a threshold, one of those published. Formulas count points from 0: x1 and x2 have label 1.
Settings Weights N(0, 1/4), zero biases, Adam (0.01; 0.9, 0.99), at most 800 epochs, stop at loss 1e-7 or after 11
         epochs without a new best; two layers: SGD 0.1, 600 epochs, no stop. The document says "standard normal"; its
         losses fit the standard deviation 1/2 only.
Found    What was drawn and how often runs succeed is reproduced throughout. The epochs are said to be those of the
         successful runs, and fit all 50. The filter works for relu2 because a dead class-1 point costs 1/4: below that,
         gradient flow from zero biases always succeeds, and from 1/4 on there are traps. So 0.072 is stricter than it
         need be, and distance is not what separates success from failure: under plain descent nearly every live start
         succeeds, however far, and hardly any other. The stationary points of two layers, all listed, have the losses
         0, 1/8, 1/6 and 1/4, and 16 sets of local minima are no solutions; three hidden units change neither. From below
         1/8 descent can come to rest at solutions only. But from zero biases two layers start at 1/4 or more, so no
         threshold can do this there. 1/8 is not the loss of outputs (1/2, 1/2), which is 1/4, but of those at one point
         of each class, the others fitted; at the edge of that plateau are saddles. Time grows with the logarithm of the
         distance. The two-layer network has 12 parameters. The best of 100 draws takes, in the mean, infinitely many
         draws to beat.
"""

from stability.audit.vocabulary import Writeup

from .section_1_foundation import FOUNDATION
from .section_2_setup import SETUP
from .section_3_1_losses import LOSSES
from .section_3_2_results import RESULTS
from .section_3_3_observations import OBSERVATIONS
from .section_3_4_patterns import PATTERNS
from .section_4_landscape import LANDSCAPE
from .section_4_two_layers import TWO_LAYERS
from .section_5_theory import THEORY
from .section_6_prior_work import PRIOR
from .section_7_limits import LIMITS
from .section_8_implications import IMPLICATIONS
from .section_9_conclusion import CONCLUSION
from .section_a_appendix import APPENDIX

CLAIMS = [
    *FOUNDATION,
    *SETUP,
    *LOSSES,
    *RESULTS,
    *OBSERVATIONS,
    *PATTERNS,
    *TWO_LAYERS,
    *LANDSCAPE,
    *THEORY,
    *PRIOR,
    *LIMITS,
    *IMPLICATIONS,
    *CONCLUSION,
    *APPENDIX,
]
WRITEUP = Writeup("loss-sampled-init", "Loss-Based Sampling Initialization for Neural Networks", CLAIMS)
