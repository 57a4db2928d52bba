"""Small pictures of the points of which a claim speaks: the data in the plane, and where units of a network are on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stability.audit.instances import POINT
from stability.logic.records import Judged
from stability.report.markup import Markup, element

MOST = 4
"""Pictures of one claim."""

MOST_UNITS, MOST_EXAMPLES, LONGEST = 4, 40, 14
"""Of a network that is drawn; and characters of a number in a picture."""

SIZE, ROOM = 100.0, 0.45
"""Sides of a picture, and the room around the data, as a share of their extent."""

Plane = tuple[float, float]


@dataclass(frozen=True)
class _Drawn:
    """A point of a landscape.

    Attributes
    ----------
    name : str
        Of the landscape.
    place : dict
        The landscape, as a record holds it.
    units : tuple of tuples of Fraction
        Weights and bias of each unit.
    """

    name: str
    place: Mapping[str, Any]
    units: tuple[tuple[Fraction, ...], ...]

    def output(self, example: Sequence[str]) -> Fraction:
        """Return what the network computes at an example."""
        slopes = {sign: Fraction(self.place["slopes"][sign]) for sign in "-+"}
        x = [Fraction(each) for each in example]
        found = [sum((w * each for w, each in zip(unit, x, strict=False)), unit[-1]) for unit in self.units]
        return sum((slopes["+" if z > 0 else "-"] * z for z in found), Fraction())

    @property
    def loss(self) -> Fraction:
        """The loss there."""
        labels = [Fraction(each) for each in self.place["labels"]]
        outputs = [self.output(each) for each in self.place["points"]]
        total = sum(((f - y) ** 2 for f, y in zip(outputs, labels, strict=True)), Fraction())
        return total / len(labels) if self.place["loss"] == "mean" else total


def pictures_of(judged: Judged | None) -> Markup | None:
    """Return pictures of the points of landscapes in the plane that the records of a statement name.

    Parameters
    ----------
    judged : Judged or None

    Returns
    -------
    Markup or None
        None where there is nothing to draw.
    """
    if judged is None:
        return None
    found: dict[tuple[str, Any], _Drawn] = {}
    for record in judged.records:
        for each in _points(record, judged.shown or {}):
            found.setdefault((each.name, each.units), each)
    drawn = list(found.values())[:MOST]
    if not drawn:
        return None
    said = (
        "Shaded: the positive side of a unit. Filled: a label above 0, hollow: another. Beside an example: the output."
    )
    figures = element("div", [_figure(each) for each in drawn], class_="pictures")
    return element("div", figures, element("p", said, class_="quiet"))


def _points(record: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[_Drawn]:
    """Yield the points that a record names: that of a set that decides, values of variables, and given numbers."""
    places = record["landscapes"]
    if "point" in shown and len(places) == 1:
        [name] = places
        yield from _drawn(name, places, [each for unit in shown["point"] for each in unit])
    for formal, proof in _parts(record["statement"], record["proof"]):
        if "set of" in formal:
            yield from _drawn(formal["set of"], places, [each for unit in formal["at"] for each in unit])
        values = proof.get("witness") or proof.get("instance") or {}
        for text in _relations(formal):
            for name, inner in POINT.findall(text):
                yield from _drawn(name, places, [values.get(x.strip(), x.strip()) for x in inner.split(",")])


def _parts(formal: Mapping[str, Any], proof: Any) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield the statements within one, each with its part of the proof."""
    own = proof if isinstance(proof, Mapping) else {}
    if "not" in formal:
        yield from _parts(formal["not"], own)
    elif "all of" in formal:
        parts = own.get("parts", [])
        for k, part in enumerate(formal["all of"]):
            inner = parts[k] if isinstance(parts, list) and k < len(parts) else {}
            yield from _parts(part, own.get("proof", {}) if own.get("part") == k else inner)
    else:
        yield formal, own


def _relations(formal: Mapping[str, Any]) -> Iterator[str]:
    yield from formal.get("then", [[]])[0]
    yield from formal.get("such that", ())
    yield from formal.get("given", ())


def _drawn(name: str, places: Mapping[str, Any], entries: Sequence[Any]) -> Iterator[_Drawn]:
    """Yield a point if it is one of a network in the plane that is small enough, and its entries are numbers."""
    place = places.get(name)
    if place is None or len(place["points"][0]) != 2 or len(entries) != 3 * place["units"]:
        return
    if {"output_weights", "output_bias", "hidden_biases"} & {*place}:
        return
    if place["units"] > MOST_UNITS or len(place["points"]) > MOST_EXAMPLES:
        return
    try:
        numbers = [Fraction(str(each).replace(" ", "")) for each in entries]
    except (ValueError, ZeroDivisionError):
        return
    yield _Drawn(name, place, tuple(tuple(numbers[k : k + 3]) for k in range(0, len(numbers), 3)))


def _figure(each: _Drawn) -> Markup:
    units = "; ".join(", ".join(map(_short, unit)) for unit in each.units)
    said = f"{each.name} at ({units}): loss {_short(each.loss)}"
    svg = element("svg", _drawing(each), viewBox=f"0 0 {SIZE:.0f} {SIZE:.0f}", role="img", aria_label=said)
    return element("figure", svg, element("figcaption", said), class_="unit-picture")


def _short(value: Fraction) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f"~{float(value):.4g}"


def _drawing(each: _Drawn) -> Iterator[Markup]:
    """Yield the sides on which units are on, their boundaries, and the examples."""
    examples = [(float(Fraction(x)), float(Fraction(y))) for x, y in each.place["points"]]
    frame = _Frame(examples)
    for unit in each.units:
        yield from frame.side([float(w) for w in unit])
    for example, at, label in zip(each.place["points"], examples, each.place["labels"], strict=True):
        x, y = frame.at(at)
        hollow = Fraction(label) <= 0
        yield element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="3.2", class_="hollow" if hollow else "filled")
        right = x > SIZE * 0.72
        where = f"{x - 5:.1f}" if right else f"{x + 5:.1f}"
        value = _short(each.output(example))
        yield element("text", value, x=where, y=f"{y - 4:.1f}", text_anchor="end" if right else "start")


class _Frame:
    """The square of the plane that holds the examples, with room around them."""

    def __init__(self, examples: Sequence[Plane]) -> None:
        (left, right), (low, high) = ((min(side), max(side)) for side in zip(*examples, strict=True))
        self.half = (max(right - left, high - low) or 2.0) * (0.5 + ROOM)
        self.centre = ((left + right) / 2, (low + high) / 2)

    def at(self, point: Plane) -> Plane:
        """Return where a point of the plane is drawn."""
        x, y = ((each - centre) / self.half for each, centre in zip(point, self.centre, strict=True))
        return (1 + x) * SIZE / 2, (1 - y) * SIZE / 2

    def side(self, unit: Sequence[float]) -> Iterator[Markup]:
        """Yield the side of the frame on which a unit is positive, and its boundary."""
        u, v, b = unit
        (x, y), r = self.centre, self.half
        corners = [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]
        kept, cut = list[Plane](), list[Plane]()
        for k, corner in enumerate(corners):
            after = corners[(k + 1) % 4]
            here, there = (u * p[0] + v * p[1] + b for p in (corner, after))
            if here > 0:
                kept.append(corner)
            if here * there < 0:
                t = here / (here - there)
                crossing = (corner[0] + t * (after[0] - corner[0]), corner[1] + t * (after[1] - corner[1]))
                kept.append(crossing)
                cut.append(crossing)
            elif here == 0:
                kept.append(corner)
                cut.append(corner)
        if len(kept) > 2:
            places = " ".join(f"{p:.1f},{q:.1f}" for p, q in map(self.at, kept))
            yield element("polygon", points=places, class_="on")
        if len(cut) == 2:
            (p, q), (s, t) = map(self.at, cut)
            yield element("line", x1=f"{p:.1f}", y1=f"{q:.1f}", x2=f"{s:.1f}", y2=f"{t:.1f}", class_="boundary")
