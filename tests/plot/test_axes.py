"""Pictures go on the Axes that are given, else on those of a new figure of the size that is asked for."""

import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from stability.plot.axes import axes


def test_given_axes_are_kept_and_no_figure_is_opened():
    given, before = Figure().subplots(), pyplot.get_fignums()
    assert axes(given, 1, 1) is given
    assert pyplot.get_fignums() == before


@pytest.mark.parametrize(("size", "expected"), [({}, (5.6, 4.2)), ({"width": 3, "height": 2}, (3, 2))])
def test_new_axes_are_alone_on_a_figure_of_pyplot(size, expected):
    made = axes(None, **size)
    assert tuple(made.figure.get_size_inches()) == expected
    assert made.figure.axes == [made]
    assert made.figure.number in pyplot.get_fignums()
    pyplot.close(made.figure)
