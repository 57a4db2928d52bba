"""The claims of section 8: how reliable and efficient it is."""

from stability import Claim
from stability.audit.vocabulary import Study

from .experiments import LIVE, NORMAL, SPHERES, compared
from .judgements import faster

CONCLUSION = [
    Claim(
        "reliable-beside-standard",
        "8",
        "The rule makes training more reliable than the standard start.",
        measure=compared(SPHERES, NORMAL, "facing the data, standard"),
        weight="central",
    ),
    Claim(
        "reliable-beside-rejection",
        "8",
        "The rule makes training more reliable than rejection of dead data.",
        measure=compared(SPHERES, LIVE, "facing the data, rejection"),
        because="It is less so: it trades dead points for outputs 1/2.",
        weight="central",
    ),
    Claim(
        "efficient",
        "5.2, 8",
        "The rule is more efficient than rejection (read: successful runs need fewer epochs; a few draws cost nothing).",
        measure=Study([SPHERES, LIVE], faster),
        because="The draws that are saved, three of four, cost less than the epochs that are added.",
        weight="ours",
    ),
    Claim(
        "broader-applications",
        "8",
        "Shrinking spheres are elegant and suggest broader applications.",
        opinion="A matter of taste, and a hope.",
    ),
]
