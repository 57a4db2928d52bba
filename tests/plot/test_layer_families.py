"""The drawing of families of stationary sets shows their kinds, silent units, ways out and neighbours."""

from functools import cache

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from stability import landscape
from stability.geometry.atlas.layer_families import layer_families
from stability.plot.layer_families import draw_layer_families, legend
from stability.plot.marks import MARKS

MODELS = ["relu2-out+c", "abs2-out", "relu2"]


@cache
def families(model):
    return layer_families(landscape(model, "xor").atlas())


@cache
def drawn(model):
    return draw_layer_families(Figure().subplots(), families(model))


def marks(ax):
    """Return where marks stand: for each height the kind, and the silent units by the numbers above the columns."""
    columns = {text.get_position()[0]: int(text.get_text()) for text in ax.texts if text.get_text().isdigit()}
    kinds = {(how.marker, to_hex(how.colour)): kind for kind, how in MARKS.items()}
    lines = [line for line in ax.get_lines() if line.get_marker() not in ("None", "")]
    return {
        line.get_ydata()[0]: (
            kinds[line.get_marker(), to_hex(line.get_color())],
            tuple(sorted(columns[x] for x in line.get_xdata())),
        )
        for line in lines
    }


@pytest.mark.parametrize("model", MODELS)
def test_every_family_is_a_row_with_its_silent_units(model):
    rows, found = [], marks(drawn(model))
    words = {text.get_position()[1]: text.get_text() for text in drawn(model).texts if ", dim. " in text.get_text()}
    for family in families(model):
        own = [y for y, text in words.items() if text.startswith(f"{family.count} ") and y not in rows]
        y = next(y for y in own if found[y] == (family.kind, family.silent))
        assert words[y].endswith(f"dim. {family.dimension}")
        rows.append(y)
    assert len(rows) == len(found) == len(words)
    ticks = dict(zip((t.get_text() for t in drawn(model).get_yticklabels()), drawn(model).get_yticks(), strict=True))
    heights = sorted(ticks, key=ticks.get)
    assert heights == list(dict.fromkeys(str(each.loss) for each in families(model)))


@pytest.mark.parametrize("model", MODELS)
def test_arrows_are_ways_out_and_neighbours(model):
    arrows = [each for each in drawn(model).patches if isinstance(each, FancyArrowPatch)]
    ways = sum(len(each.escapes) for each in families(model))
    pairs = [(k, j) for k, each in enumerate(families(model)) for j in each.touches if "minimum" in each.kind]
    assert len(arrows) == ways + len(pairs)
    labels = legend(families(model))["labels"]
    assert any("silent" in each for each in labels) == (ways > 0)
    assert any("touch" in each for each in labels) == (len(pairs) > 0)
    assert [each for each in labels if each in MARKS] == [k for k in MARKS if k in {f.kind for f in families(model)}]
