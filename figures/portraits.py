"""How does gradient flow run on the invariant plane w = (p/2, -p/2) of XOR, and where does it rest?"""

from fractions import Fraction

from matplotlib.figure import Figure

from stability.model import Landscape, landscape
from stability.model.landscapes import Point
from stability.view.portrait import draw_portrait, legend_entries


def at(p: str | int, b: str | int) -> Point:
    """Return the point of the plane with these coordinates."""
    half = Fraction(p) / 2
    return [[half, -half, Fraction(b)]]


ABS = [at(1, 0), at(-1, 0), at(0, "1/2"), at(0, "-1/2"), at(0, 0)]
ABS += [at(p, b) for p in ("1/3", "-1/3") for b in ("1/3", "-1/3")]
RELU = [at(0, "1/2"), at("1/3", "1/3"), at("-1/3", "1/3")]
RAYS = [(at(1, 0), at("5/2", "-3/2")), (at(-1, 0), at("-5/2", "-3/2"))]


def kind(model: Landscape, point: Point) -> str:
    """Return the kind of a point in all of parameter space; the least loss is 0 for abs1 and 1 for relu1."""
    found = model.classify(point)
    least = {"abs1": 0, "relu1": 1}[model.network.name]
    return "global minimum" if found.loss == least else found.kind


def draw() -> Figure:
    """Return the portraits of abs1 and relu1 on XOR."""
    figure = Figure(figsize=(7.2, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    absolute, relu = landscape("abs1", "xor"), landscape("relu1", "xor")
    points = [(point, kind(absolute, point)) for point in ABS]
    draw_portrait(left, absolute, points).set_title("one absolute-value unit")
    rays = [(first, last, kind(relu, first)) for first, last in RAYS]
    draw_portrait(right, relu, [(point, kind(relu, point)) for point in RELU], rays).set_title("one ReLU unit")
    right.label_outer()
    entries = legend_entries({name for _, name in points}, flat=True)
    figure.legend(handles=entries, loc="outside lower center", ncols=6)
    return figure
