"""The page of an explorer: its words, its modules in the order in which they need each other, and its data."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from stability.io.html import escaped
from stability.io.printable import amount
from stability.io.results import json_data
from stability.model.network_loss import NetworkLoss
from stability.report.markup import Markup, element, joined
from stability.report.page import Compressed, header, modules, page, stylesheet

HERE = Path(__file__).parent

CHECKER = HERE.parent / "checker" / "checker.js"

KINDS = {"global minimum": "global", "local minimum": "local", "saddle": "saddle", "local maximum": "maximum"}
"""The name of each kind in the stylesheet."""

MARKS = {
    "global": "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
    "local": "M-5.5-5.5h11v11h-11z",
    "saddle": "M0 2.4l4 4 2.4-2.4-4-4 4-4-2.4-2.4-4 4-4-4-2.4 2.4 4 4-4 4 2.4 2.4z",
    "maximum": "M0-7l6.4 11.6h-12.8z",
}
"""The outline of the mark of each kind."""

NOTES = {
    "steps": "Basins under this step are computed here, in floats.",
    "family": "At {}: sets by their exact functions; basins are computed here, in floats.",
}

MOST_PARAMETERS = 12
"""Up to so many parameters the page shades basins itself where the slider has moved."""


def explorer_page(
    landscape: NetworkLoss, data: Mapping[str, Any], records: Mapping[str, dict[str, Any]], caption: str
) -> str:
    """Return the page of a landscape as one document.

    Parameters
    ----------
    landscape : NetworkLoss
    data : dict
        What the page draws.
    records : dict
        Certificates of atlases by their key: "atlas" is that of the landscape.
    caption : str
        What must be known to read the plane.
    """
    name = f"{landscape.network.name} on {landscape.data.name}"
    given = {
        **data,
        "start": _first_start(data["plane"]["span"]),
        "notes": {**NOTES, "exact": notes_on_basins(data["plane"]["basins"])},
        "shades": len(data["plane"]["origin"]) <= MOST_PARAMETERS,
    }
    texts = {f"record-{key}": Compressed(_text(record)) for key, record in records.items()}
    head = header(name, element("p", _lede(landscape, [each["orbit"] for each in data["sets"]]), class_="lede"))
    template = Template((HERE / "body.html").read_text(encoding="utf-8"))
    body = Markup(template.substitute(_words(landscape, data, caption)))
    script = modules(HERE / "js" / "open.js", last='openExplorer("explorer-data");')
    return page(
        f"{name}: an explorer",
        joined(head, body),
        [stylesheet(HERE / "explorer.css")],
        [modules(CHECKER, last="window.check = check;"), script],
        {"explorer-data": json_data(given), **texts},
    )


def notes_on_basins(basins: Mapping[str, Any] | None) -> str:
    """Return what the basins of the landscape itself are, which the page does not compute."""
    if basins is None:
        return "No basins are shown."
    labels = {*(label for row in basins["rows"] for label in row[::2]), *(label for _, label in basins["pieces"])}
    white = "; white: undecided, or several flows leave the start" if min(labels) < 0 else ""
    return f"Basins: where each of these starts ends is decided exactly{white}."


def _text(record: dict[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":"), sort_keys=True)


def _words(landscape: NetworkLoss, data: Mapping[str, Any], caption: str) -> dict[str, str]:
    """Return what stands in the body where it differs from page to page, as markup."""
    choices = [(each["vary"], each["title"]) for each in data["families"]]
    return {
        "plane": escaped(f"The plane {data['plane']['name']}"),
        "caption": escaped(caption),
        "legend": _legend(each["kind"] for each in data["sets"]),
        "point": f"w; b per unit{', then c' * landscape.network.output_bias}",
        "function": "the function" if landscape.data.dimension < 3 else "outputs and labels",
        "space": _space() if data["space"] else "",
        "choices": joined(
            element("option", words, value=vary) for vary, words in [*choices, ("step", "step of gradient descent")]
        ),
    }


def _lede(landscape: NetworkLoss, orbits: Sequence[int]) -> str:
    unit, rows = landscape.network.unit, len(landscape.rows)
    exchanged = f" ({len(orbits)} are listed; the others are these with units exchanged)"
    return (
        f"{_counted(landscape.units)} slope {_minus(unit.negative)} left of the kink and {_minus(unit.positive)} "
        f"right of it,{_layer(landscape)} on {amount(rows, 'example')}; {landscape.loss_kind} of squared errors. All "
        f"{amount(sum(orbits), 'stationary set')} are known, with a proof"
        f"{exchanged if sum(orbits) > len(orbits) else ''}. Click or drag in the plane to start gradient flow."
    )


def _layer(landscape: NetworkLoss) -> str:
    """Return what a network has beside its units, as words between commas."""
    net = landscape.network
    fixed = ", ".join(map(_minus, net.weights))
    weights = [f"output weight{'s' if net.count > 1 else ''} {fixed}"] if net.output_weights else []
    parts = [*weights, *["an output bias c"] * net.output_bias]
    return f" with {' and '.join(parts)}," if parts else ""


def _counted(units: int) -> str:
    return "One unit of" if units == 1 else f"{units} units, each of"


def _minus(number: object) -> str:
    return str(number).replace("-", "\N{MINUS SIGN}")


def _legend(kinds: Iterable[str]) -> Markup:
    seen = {*kinds}
    entries = [element("li", _mark(name, MARKS[name]), " ", kind) for kind, name in KINDS.items() if kind in seen]
    return joined(entries, element("li", _mark("kink", "M-8 0h16"), " kink"))


def _mark(name: str, outline: str) -> Markup:
    shape = element("path", class_=f"mark-{name}", d=outline)
    return element("svg", shape, class_="mark", viewBox="-8 -8 16 16", aria_hidden="true")


def _space() -> Markup:
    said = "The atlas in space; drag or arrow keys turn it"
    canvas = element("canvas", data_part="space", tabindex="0", role="img", aria_label=said)
    words = element("figcaption", "all of parameter space; drag to turn")
    return element("figure", canvas, words, class_="space-figure")


def _first_start(span: float) -> list[float]:
    """Return the start that the page shows first, off kinks of simple slope."""
    return [0.62 * span, 0.41 * span]
