"""How does gradient flow run on the invariant plane w = (p/2, -p/2) of XOR, and where does it rest?"""

from fractions import Fraction

from matplotlib.figure import Figure

from stability.model import landscape
from stability.view.marks import TOGETHER
from stability.view.portrait import draw_portrait, legend
from stability.view.slices import plane_parts

TITLES = {"abs1": "one absolute-value unit", "relu1": "one ReLU unit"}


def draw() -> Figure:
    """Return the portraits of abs1 and relu1 on XOR, with the kinds that points have in all of parameter space."""
    figure = Figure(figsize=(7.2, 4.0), layout="constrained")
    places = {model: landscape(model, "xor") for model in TITLES}
    parts = {model: plane_parts(place.atlas(), Fraction(3, 2)) for model, place in places.items()}
    for ax, (model, title) in zip(figure.subplots(1, 2, sharey=True), TITLES.items(), strict=True):
        draw_portrait(ax, places[model], parts[model]).set_title(title)
        ax.label_outer()
    entries = legend([part for each in parts.values() for part in each], flat=True)
    figure.legend(**entries, **TOGETHER, loc="outside lower center", ncols=4)
    return figure
