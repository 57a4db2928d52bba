"""The bar of a layer is made of its units of each kind, one on the other."""

from types import SimpleNamespace

from matplotlib.figure import Figure

from stability.plot.layers import draw_network_geometry
from stability.plot.monitor import UNITS


def layer(name, dead, affine, separating):
    return SimpleNamespace(
        name=name, counts={"dead_units": dead, "affine_units": affine, "separating_units": separating}
    )


def test_units_are_stacked_by_kind():
    ax = Figure().subplots()
    found = SimpleNamespace(layers=(layer("net.0", 1, 0, 3), layer("net.$2$", 2, 2, 1)))
    assert draw_network_geometry(ax, found) is ax
    bars = {box.get_label(): [(bar.get_y(), bar.get_height()) for bar in box] for box in ax.containers}
    assert bars == {"dead": [(0, 1), (0, 2)], "affine": [(1, 0), (2, 2)], "separating": [(1, 3), (4, 1)]}
    assert [box[0].get_x() + box[0].get_width() / 2 for box in ax.containers] == [0, 0, 0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["net.0", "net.$2$"]
    assert not any(label.get_parse_math() for label in ax.get_xticklabels())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [kind.split("_")[0] for kind in UNITS]
