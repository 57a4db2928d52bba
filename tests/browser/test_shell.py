"""The shell of every page in a browser: it runs its own scripts only, gives them their data, and keeps the theme."""

import pytest

from stability.report.markup import Markup, element, joined
from stability.report.page import Compressed, header, page, write_page

HOSTILE = "</script><script>window.ran = 1</script>\"\u202e' onerror=window.ran=1 <img src=x onerror=window.ran=1>"
LONG = f"{HOSTILE} ä→\U0001d53d\n" * 5_000


@pytest.fixture(scope="module")
def shown(opened, tmp_path_factory):
    path = tmp_path_factory.mktemp("shell") / "page.html"
    body = joined(header(HOSTILE, element("p", HOSTILE)), element("main", element("p", HOSTILE), id="content"))
    script = 'Promise.all(["given", "long"].map(readData)).then((all) => { window.data = all; });'
    write_page(path, page(HOSTILE, body, [], [script], {"given": {"text": HOSTILE}, "long": Compressed(LONG)}))
    return opened(path)


def test_hostile_texts_are_shown_and_nothing_runs(shown):
    shown.wait("window.data")
    shown.assert_quiet()
    assert shown.run("return window.ran") is None
    assert shown.find_all("img") == []
    assert shown.find("h1").text.startswith("</script><script>window.ran = 1</script>")
    assert shown.run("return document.title").startswith("</script>")


def test_scripts_get_their_data_as_they_were(shown):
    shown.wait("window.data")
    assert shown.run("return window.data[0].text") == HOSTILE
    assert shown.run("return window.data[1]") == LONG


def test_the_switch_goes_through_the_themes_and_is_kept(shown):
    shown.show(800, "light")
    seen = []
    for _ in range(3):
        shown.find("#_theme").click()
        ground = shown.run("return getComputedStyle(document.body).backgroundColor")
        seen.append((shown.run("return document.documentElement.dataset.theme ?? null"), ground))
    (light, paper), (dark, night), (system, again) = seen
    assert (light, dark, system) == ("light", "dark", None)
    assert paper == again != night
    shown.find("#_theme").click()
    shown.find("#_theme").click()
    shown.open()
    assert shown.run("return document.documentElement.dataset.theme") == "dark"
    shown.run("localStorage.clear()")
    shown.open()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_reads_well(shown, theme):
    shown.open()
    shown.show(400, theme)
    assert shown.low_contrasts() == []
    assert shown.overflow() == []


def test_the_policy_stops_what_is_slipped_in(opened, tmp_path):
    path = tmp_path / "page.html"
    picture, styled = '<img src="http://127.0.0.1:9/a.png">', '<p style="color:red" onclick="1">x</p>'
    slipped = f"<script>window.ran = 1</script>{picture}{styled}"
    write_page(path, page("policy", Markup(slipped)))
    shown = opened(path)
    assert shown.run("return window.ran") is None
    assert shown.run("return getComputedStyle(document.querySelector('p')).color") != "rgb(255, 0, 0)"
    shown.collect()
    assert sum("Content Security Policy" in message for message in shown.console) >= 3
