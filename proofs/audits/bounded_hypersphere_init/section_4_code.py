"""The claim of section 4: the printed code runs."""

from stability import Claim

from .judgements import code_runs

CODE = [
    Claim(
        "code-runs",
        "4",
        "The code runs.",
        measure=code_runs,
        because="It assigns to entries of a parameter outside torch.no_grad; inside it runs, and gives b = |w| R.",
        weight="central",
    ),
]
