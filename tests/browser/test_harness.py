"""The harness sees what it looks for: messages, requests, low contrasts and what is too wide."""

import pytest

QUIET = "<!doctype html><meta charset=utf-8><title>t</title><link rel=icon href='data:,'><body><h1>Plain</h1><p>Text"
GREY = "<p style='color:#999;background:#fff'>grey</p><p style='color:#767676;background:#fff'>just enough</p>"
FAINT = "<p style='opacity:.3'>faint</p><details><summary>more</summary><p style='color:#eee'>hidden</p></details>"


@pytest.fixture
def page(opened, tmp_path):
    def write(html):
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        return opened(path)

    return write


def test_a_quiet_page_passes(page, pictures):
    shown = page(QUIET)
    shown.assert_quiet()
    assert shown.overflow() == []
    assert shown.low_contrasts() == []
    assert len({path.read_bytes() for path in shown.screenshots(pictures, "harness")}) >= 3


LOUD = [
    "<img src='http://127.0.0.1:9/a.png'>",
    "<script>console.log('hello')</script>",
    "<script>throw Error('x')</script>",
    "<script>try { new WebSocket('ws://127.0.0.1:9') } catch {}</script>",
]


@pytest.mark.parametrize("addition", LOUD)
def test_a_message_or_a_request_is_seen(page, addition):
    shown = page(QUIET + addition)
    shown.run("return new Promise(done => setTimeout(done, 300))")
    with pytest.raises(AssertionError):
        shown.assert_quiet()


def test_low_contrasts_and_wide_things_are_seen(page):
    shown = page(QUIET + GREY + FAINT + "<div style='width:500px'>wide</div>")
    shown.show(400, "light")
    assert [each.split()[-1] for each in shown.low_contrasts()] == ["grey", "faint"]
    width, wide = shown.overflow()
    assert width.endswith("of 400")
    assert wide == "DIV. wide"
    assert len(shown.frame_times(0.3)) >= 10


def test_what_moves_is_seen(page):
    late = "<script>setTimeout(() => document.body.prepend(Object.assign(document.createElement('div'), {textContent: "
    shown = page(QUIET + "<p>x" * 9 + late + "'late', style: 'height:300px'})), 100)</script>")
    shown.run("return new Promise(done => setTimeout(done, 500))")
    assert shown.layout_shift() > 0.05


def test_a_control_without_a_name_is_seen(page):
    assert page(QUIET + "<button></button><button>named</button><input type=range>").unnamed() == ["button", "slider"]
