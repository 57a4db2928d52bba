"""The cards of results in a browser: readable on a light and on a dark page, and within a narrow one."""

import pytest

from stability import Claim, landscape

GROUNDS = {"light": "body { color: #212121; background: white }", "dark": "body { color: #e0e0e0; background: #111 }"}
"""As pages of notebooks have it."""
PAGE = (
    "<!doctype html><meta charset=utf-8><title>t</title><style>body { margin: 8px } td { text-align: right } %s</style>"
)


def cards():
    place = landscape("abs1", "xor")
    opinion = Claim("taste", "3", "The method is elegant.", opinion="a matter of taste")
    many = landscape("relu2", "xor").atlas()
    found = [place, place.atlas(), many, place.classify([[0, 0, 0]]), place.basins("normal:0.5", 50)]
    long = Claim("long", "3", "All that is said here is long. " * 20, opinion="it is an opinion")
    return [*found, place.derive("+-0+"), opinion, long]


@pytest.mark.parametrize("theme", GROUNDS)
def test_cards_read_well(opened, tmp_path, theme, pictures):
    path = tmp_path / "cards.html"
    shown = "".join(each._repr_html_() + "<br>" for each in cards())
    path.write_text(PAGE % GROUNDS[theme] + shown, encoding="utf-8")
    page = opened(path)
    for width in (400, 1280):
        page.show(width, theme, height=1800)
        assert page.low_contrasts() == []
        assert page.overflow() == []
        page.driver.save_screenshot(str(pictures / f"cards-{width}-{theme}.png"))
    sides = page.run("return [...document.querySelectorAll('td')].map(each => getComputedStyle(each).textAlign)")
    assert {*sides} == {"left"}, "a page's own tables outweigh those of cards"
    assert page.run("return document.querySelectorAll('math').length") == 5
