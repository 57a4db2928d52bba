"""The claims of "Bounded Hypersphere Initialization for ReLU Networks", and of the chat below it, with what was found.

Words    A unit faces the data if b = |w| R - w . m, with their mean m and R = max |x_i - m| + margin (0.1), as steps 1 to
         3 have it. Step 4, the proof and the code leave out w . m: b = |w| R, "as written"; on XOR m is 0, and both are
         one. An inverted unit has b = -|w| R; alpha stands before R. A point is dead where no unit sees it. "Chat" is
         the second part, an answer by ChatGPT.
Data     x1 = (1, -1), x2 = (-1, 1) with label 1; x3 = (1, 1), x4 = (-1, -1) with label 0; formulas count from 0. The
         network is the sum of two units; exact statements have the sum of squared errors, training the mean.
Training Table 5.1: 800 epochs of Adam (0.01; 0.9, 0.99) with early stops, weights normal (0.5). The grid: 500 epochs
         of Adam (0.01; 0.9, 0.999), no stops. Units that face the data have Xavier-normal weights.
Found    Once w . m is back, no point is dead at the start, and on XOR no class-1 point is dead in the end. But where all
         units see all points the network is affine on the data: its loss is 1 at least, and it flows to outputs 1/2, a
         trap, if the units are much alike, as all short ones are. So 82% of the runs succeed: more than from the standard
         start (47%), fewer than after rejecting dead data (97%). Inverted units at alpha = 1 are dead for ever; flips
         help nowhere, alpha = 0.7 does (88%). The class spheres of XOR are one sphere. The promised 99% is true in one
         reading only: weights along the axis of each class, alpha = 0.3.
"""

from stability.audit.vocabulary import Writeup

from .section_1_introduction import INTRODUCTION
from .section_2_construction import CONSTRUCTION
from .section_3_guarantees import GUARANTEES
from .section_4_code import CODE
from .section_5_experiments import EXPERIMENTS
from .section_6_analysis import ANALYSIS
from .section_7_limitations import LIMITATIONS
from .section_8_conclusion import CONCLUSION
from .section_chat_fixes import FIXES
from .section_chat_next_step import NEXT
from .section_chat_reasons import REASONS
from .section_preface import PREFACE

CLAIMS = [
    *PREFACE,
    *INTRODUCTION,
    *CONSTRUCTION,
    *GUARANTEES,
    *CODE,
    *EXPERIMENTS,
    *ANALYSIS,
    *LIMITATIONS,
    *CONCLUSION,
    *REASONS,
    *FIXES,
    *NEXT,
]
WRITEUP = Writeup("bounded-hypersphere-init", "Bounded Hypersphere Initialization for ReLU Networks", CLAIMS)
