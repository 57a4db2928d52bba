"""Pictures over time and of shares show what is true; each of the gallery is small and has a finding."""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from stability import landscape
from stability.errors import FileError, UnknownNameError
from stability.plot.compression import FAR, compress_png, compress_svg
from stability.plot.figures import (
    LETTERS_PER_INCH,
    figure_names,
    figures_folder,
    finding,
    make,
    write_finding,
)
from stability.plot.shares import draw_shares
from stability.plot.trajectory import draw_loss, draw_preactivations, event_lines, happenings, legend, moment

UNTIL = 1.8


@cache
def trajectory():
    return landscape("relu2", "xor").flow([["5/4", "3/2", "3/2"], ["-1/2", "-5/4", "3/4"]])


def axes():
    return Figure().subplots()


def test_the_loss_drawn_is_that_of_the_points():
    (line, *_) = draw_loss(axes(), trajectory(), UNTIL).get_lines()
    times, heights = line.get_data()
    assert (times[0], times[-1]) == (0, UNTIL)
    for k in range(0, len(times), 97):
        point = trajectory().at([times[k]])[0].tolist()
        assert heights[k] == pytest.approx(float(landscape("relu2", "xor").loss(point)))
    assert (np.diff(heights) <= 1e-12).all(), "the flow descends"


@pytest.mark.parametrize("unit", [0, 1])
def test_preactivations_drawn_are_those_of_the_points(unit):
    ax = draw_preactivations(axes(), trajectory(), unit, UNTIL)
    for example, line in enumerate(ax.get_lines()[:4]):
        times, heights = line.get_data()
        for k in range(0, len(times), 211):
            point = trajectory().at([times[k]])[0].tolist()
            exact = landscape("relu2", "xor").preactivations(point)[unit][example]
            assert heights[k] == pytest.approx(float(exact), abs=1e-9)


def test_a_unit_slides_from_the_event_on_which_it_begins():
    for unit, spans in ((0, [("sliding begins", "sliding ends")]), (1, [("sliding begins", None)])):
        ax = draw_preactivations(axes(), trajectory(), unit, UNTIL)
        shaded = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]
        times = {event.kind: moment(event) for event in happenings(trajectory()) if event.unit == unit}
        assert (min(a for a, _ in shaded), max(b for _, b in shaded)) == pytest.approx(
            (times[spans[0][0]], times.get(spans[0][1], UNTIL))
        )


def test_events_are_lettered_and_reported():
    ax = draw_loss(axes(), trajectory(), UNTIL)
    assert [text.get_text() for text in ax.texts] == ["A", "B", "C", "D"]
    assert [text.get_position()[0] for text in ax.texts] == [moment(event) for event in happenings(trajectory())]
    assert event_lines(trajectory())[1:3] == [
        "B: unit 1 begins to slide on the kink of $(-1, -1)$",
        "C: unit 1 leaves the kink of $(-1, -1)$",
    ]
    assert len(legend(trajectory())["handles"]) == len(legend(trajectory())["labels"]) == 4 + 1 + 4


def test_shares_are_counted():
    found = landscape("abs1", "xor").basins("normal:1:1", 200)
    middle, low, high = found.share_of(lambda each: each.loss > 0)
    count = sum(each.count for each in found.shares if each.set.index in (2, 3))
    assert middle == count / 200
    assert low < middle < high
    assert found.share_of(lambda each: False)[:2] == (0, 0)
    ax = draw_shares(axes(), [0, 1], [found, found], lambda each: each.loss > 0, [0, Fraction(1, 4)])
    assert ax.get_lines()[0].get_ydata() == pytest.approx([middle, middle - 0.25])


LIMIT = 300_000
"""Bytes of a picture that is kept in the repository."""


def test_no_picture_of_the_repository_is_large():
    sizes = {path.name: path.stat().st_size for kind in ("png", "svg") for path in figures_folder().glob(f"*.{kind}")}
    assert sizes
    assert not {name: size for name, size in sizes.items() if size > LIMIT}


@pytest.mark.parametrize("name", figure_names())
def test_every_figure_has_a_finding_in_one_sentence(name):
    text = finding(name)
    assert text.endswith(".")
    assert text.count(". ") == 0
    assert "?" not in text
    assert len(text.split()) > 8


def test_findings_are_written_over_figures_in_as_many_lines_as_they_need():
    figure = write_finding(Figure(figsize=(5, 3)), "one two " * 20)
    lines = figure.get_suptitle().split("\n")
    assert len(lines) == 3
    assert max(map(len, lines)) <= 5 * LETTERS_PER_INCH


def test_an_unknown_figure_has_no_finding():
    with pytest.raises(UnknownNameError, match="angular_loss"):
        finding("angular_los")


def test_png_are_packed_without_a_visible_change(tmp_path):
    draw = np.random.default_rng(0)
    shades = np.linspace(0, 255, 200).astype(np.uint8)
    few = np.stack([np.tile(shades, (200, 1)), np.full((200, 200), 7, np.uint8), np.full((200, 200), 90, np.uint8)], 2)
    many = draw.integers(0, 256, (200, 200, 3), dtype=np.uint8)
    for name, pixels, mode in (("few", few, "P"), ("many", many, "RGB")):
        path = tmp_path / f"{name}.png"
        Image.fromarray(pixels).save(path)
        with Image.open(compress_png(path)) as packed:
            assert packed.mode == mode
            assert np.abs(np.asarray(packed.convert("RGB")).astype(int) - pixels).max() <= (FAR if mode == "P" else 0)


def test_svg_are_rounded_but_for_small_numbers_and_embedded_pictures(tmp_path):
    path = tmp_path / "a.svg"
    path.write_text('<path d="M 12.345678 -0.000123 1.5"/>  \n<image href="data:image/png;base64,1.23456"/>')
    assert compress_svg(path).read_text() == (
        '<path d="M 12.35 -0.0001 1.5"/>\n<image href="data:image/png;base64,1.23456"/>'
    )


def test_without_scripts_there_is_an_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stability.plot.figures.project_folder", lambda: tmp_path)
    with pytest.raises(FileError, match="checkout"):
        make()
