"""The explorer in a browser: a start is followed to the end that the library gives, and every number has its record."""

import re
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from stability import Dataset, explore, landscape

LARGEST, FIRST_VIEW = 2_000_000, 3.0
"""Characters of the page of a single unit on XOR, and seconds until it can be used."""

PLANE = '[data-part="above"]'
HOSTILE = '<script>document.title="run"</script>"\u202e\'</script><img src=x onerror="document.title=1">'

DRAG = (Path(__file__).parent / "drag.js").read_text(encoding="utf-8")


def ready(page):
    page.wait('document.documentElement.dataset.explorer === "ready"')
    return page


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    made = explore(landscape("abs1", "xor"), vary=["slope"], pixels=40)
    return made.save(tmp_path_factory.mktemp("explorer") / "explorer.html")


@pytest.fixture(scope="module")
def page(opened, path):
    return ready(opened(path))


def readout(page):
    return page.find('[data-part="readout"]').text


def click_at(page, x, y):
    """Click a place of the plane, both in [-1, 1], up and to the right."""
    from selenium.webdriver import ActionChains

    pad = page.find(PLANE)
    page.run("arguments[0].scrollIntoView({block: 'center'})", pad)
    half = min(pad.size["width"], pad.size["height"]) / 2
    ActionChains(page.driver).move_to_element_with_offset(pad, round(x * half), round(-y * half)).click().perform()


def test_the_column_of_correct_examples_is_left_out_where_nothing_is_correct_or_wrong(opened, page, tmp_path):
    def shown(page):
        return [cell.text for cell in page.driver.find_elements("css selector", "table th") if cell.is_displayed()]

    page.show(1280, "light")
    assert any(word.lower() == "correct" for word in shown(page))
    three = Dataset("three", [[0, 1], [1, 0], [1, 1]], [0, 1, 3])
    other = ready(opened(explore(landscape("relu1", three), pixels=0).save(tmp_path / "three.html")))
    assert not any(word.lower() == "correct" for word in shown(other))
    cells = other.driver.find_elements("css selector", "td.right")
    assert cells
    assert not any(cell.is_displayed() for cell in cells)


def test_it_opens_soon_and_quietly(page, path, measured, slack):
    measured("explorer of abs1 on xor", f"{path.stat().st_size / 1e6:.2f} MB, open in {page.seconds:.2f} s")
    assert path.stat().st_size < LARGEST
    assert page.seconds < FIRST_VIEW * slack
    page.assert_quiet()


@pytest.mark.parametrize(("x", "y"), [(0.5, 0.1), (-0.6, -0.2), (0.05, 0.7), (0.1, -0.6)])
def test_a_click_is_followed_to_the_end_that_the_library_gives(page, x, y):
    page.show(1280, "light")
    click_at(page, x, y)
    page.run("return new Promise(done => setTimeout(done, 500))")  # the address follows a little later
    shown = readout(page).replace("\u2212", "-")
    start = {name: float(value) for name, value in re.findall(r"([pb]) = (-?[\d.]+)", shown)}
    at = page.run("return new URLSearchParams(location.hash.slice(1)).get('start')")
    p, b = map(float, at.split(","))
    assert start == pytest.approx({"p": p, "b": b}, abs=6e-3)
    end = landscape("abs1", "xor").flow([[p / 2, -p / 2, b]]).ends_on
    assert f"{end.kind}, set {end.index}, loss {end.loss}" in shown


def test_dragging_is_smooth(page, measured, slack):
    page.show(1280, "light")
    times = page.driver.execute_async_script(DRAG, 2)
    frames = [later - earlier for earlier, later in pairwise(times)]
    measured("dragging in the explorer", f"{1000 / median(frames):.0f} frames a second")
    assert 1000 / median(frames) > 25 / slack, "a loaded machine may draw less than the 60 frames that are aimed at"


def test_a_number_opens_its_record_which_verifies(page):
    page.find('[data-part="sets"] .loss button').click()
    page.wait("document.querySelector('dialog').open")
    assert "Set 0" in page.find("dialog h2").text
    page.find("dialog .verify").click()
    page.wait("document.querySelector('dialog .verdict').textContent.match(/accepted|rejected/)")
    assert "accepted" in page.find("dialog .verdict").text
    page.find("dialog .close").click()
    assert not page.run("return document.querySelector('dialog').open")


def test_a_tampered_record_visibly_fails(opened, path):
    page = ready(opened(path))
    page.run("""const readAsItWas = window.readData;
        window.readData = async name => {
          const text = await readAsItWas(name);
          return name.startsWith("record-") ? text.replace('"conclusion":"proved"', '"conclusion":"refuted"') : text;
        };""")
    page.find('[data-part="sets"] .loss button').click()
    page.wait("document.querySelector('dialog').open")
    page.find("dialog .verify").click()
    page.wait("document.querySelector('dialog .verdict').textContent.includes('rejected')")
    assert page.find("dialog .verdict.rejected").is_displayed()


def wait_in_frame(page):
    """Enter the frame until its page is ready; what was entered before it had loaded is another document."""
    for _ in range(3000):
        page.driver.switch_to.default_content()
        page.driver.switch_to.frame(0)
        if page.run('return document.documentElement.dataset.explorer === "ready"'):
            return
        time.sleep(0.02)
    raise AssertionError("the page in the frame was not ready in time")


def test_it_works_in_the_frame_of_a_notebook(opened, tmp_path):
    cell = explore(landscape("abs1", "xor"), vary=[], pixels=8)._repr_html_()
    (tmp_path / "cell.html").write_text(f"<!doctype html><title>t</title><link rel=icon href='data:,'>{cell}", "utf-8")
    page = opened(tmp_path / "cell.html")
    page.show(1280, "light")
    wait_in_frame(page)
    before = readout(page)
    click_at(page, -0.6, 0.1)
    page.wait(f"document.querySelector('[data-part=\"readout\"]').innerText !== {before!r}")
    page.driver.switch_to.default_content()
    page.assert_quiet()


def test_the_slider_moves_along_the_branches(page):
    page.run("""const select = document.querySelector('[data-part="slider-select"]'); select.value = "slope";
        select.dispatchEvent(new Event("change", {bubbles: true})); select.dispatchEvent(new Event("input"))""")
    page.wait("""!document.querySelector('[data-part="slider-range"]').disabled""")
    first = page.find('[data-part="sets"]').text
    page.run("""const range = document.querySelector('[data-part="slider-range"]');
        range.value = Math.round(Number(range.max) * 0.7); range.dispatchEvent(new Event("input", {bubbles: true}))""")
    page.wait(f"document.querySelector('[data-part=\"sets\"]').innerText !== {first!r}")
    assert page.find('[data-part="slider-value"]').text
    page.assert_quiet()


def test_the_address_keeps_the_state(page, path):
    page.open("#start=0.9,-0.75&set=3")
    ready(page)
    assert re.search(r"p = 0\.9\d*, b = [-\u2212]0\.75", readout(page))
    assert "pinned" in page.find("#set-3").get_attribute("class")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_reads_well_wide_and_narrow(page, theme, pictures):
    page.open()
    ready(page)
    for width in (400, 1280):
        page.show(width, theme)
        assert page.overflow() == []
        assert page.low_contrasts() == []
        assert page.unnamed() == []


def test_every_number_of_the_table_is_printed(page):
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        numbers = page.find_all('[data-part="sets"] .number-link')
        assert numbers
        assert all(each.is_displayed() for each in numbers)
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_it_looks_different_in_both_themes_and_at_three_widths(page, pictures):
    found = page.screenshots(pictures, "explorer")
    assert len({path.read_bytes() for path in found}) == 6


def test_a_plane_through_a_wider_network_is_explored(opened, tmp_path, measured, pictures):
    path = explore(landscape("relu2", "xor"), vary=[], pixels=24).save(tmp_path / "wider.html")
    page = ready(opened(path))
    page.show(1280, "dark")
    click_at(page, 0.4, -0.3)
    times = page.driver.execute_async_script(DRAG, 2)
    frames = [later - earlier for earlier, later in pairwise(times)]
    measured("dragging, two units", f"{1000 / median(frames):.0f} frames a second, {path.stat().st_size / 1e6:.2f} MB")
    assert "ends on a" in readout(page)
    page.screenshots(pictures, "wider")
    page.assert_quiet()


def test_hostile_names_are_text(opened, tmp_path):
    data = Dataset(HOSTILE, [[1, -1], [-1, 1], [1, 1], [-1, -1]], [1, 1, 0, 0])
    path = explore(landscape("abs1", data), vary=[], pixels=8).save(tmp_path / "hostile.html")
    page = ready(opened(path))
    page.assert_quiet()
    assert page.run("return document.title").startswith("abs1 on <script>")
    assert page.find_all("body img") == []
    assert "<script>document.title" in page.find("h1").text
