"""The claims of the preface: whether the method was a bust."""

from stability import Claim
from stability.audit.hypothesis_tests import fails, higher
from stability.audit.vocabulary import Study

from .experiments import LIVE, NORMAL, SPHERES, compared

PREFACE = [
    Claim(
        "was-a-bust",
        "Preface",
        "Tried on XOR the idea was a failure (read: it succeeds no more often than the standard start).",
        measure=Study([SPHERES, NORMAL], lambda s, n: fails(higher(s.whole, n.whole, "facing the data, standard"))),
        because="It succeeds far more often than the standard start, though not always.",
        weight="central",
    ),
    Claim(
        "was-a-bust-beside-rejection",
        "Preface",
        "Tried on XOR the idea was a failure beside the method that it should replace (read: it succeeds less often "
        "than rejection of dead data).",
        measure=compared(LIVE, SPHERES, "rejection, facing the data"),
        weight="ours",
    ),
]
