"""From which parameters does training start? A table of initialisations, and their draws."""

from stability.model.initialisations.drawing import initial
from stability.model.initialisations.families import GUARANTEES, INITIALISATIONS, NEEDS, Family, listing
from stability.model.initialisations.places import Place, place_of
from stability.model.initialisations.selection import ATTEMPTS

__all__ = [
    "ATTEMPTS",
    "GUARANTEES",
    "INITIALISATIONS",
    "NEEDS",
    "Family",
    "Place",
    "initial",
    "listing",
    "place_of",
]
