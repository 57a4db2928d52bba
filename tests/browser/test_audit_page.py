"""The page of an audit in a browser: claims unfold, filters filter, records verify, and a tampered one fails."""

import re
from time import monotonic

import pytest

from stability import Claim, ForAll, Repair, Writeup, run_audit
from stability.audit.run import Audited
from stability.audit.verdicts import settle
from stability.report.audit_page import audit_page
from stability.report.page import write_page

HOSTILE = '</script><script>window.ran = 1</script><img src=x onerror="window.ran = 1">\u202e"\'&lt; $\\frac{1}{0}$'
VERIFIED = "document.documentElement.dataset.verified"


@pytest.fixture(scope="module")
def found():
    return run_audit(["prototype-surface-control"], runs=False)


@pytest.fixture(scope="module")
def path(found, tmp_path_factory):
    path = tmp_path_factory.mktemp("audit") / "audit.html"
    write_page(path, audit_page(found))
    return path


@pytest.fixture(scope="module")
def page(opened, path):
    shown = opened(path)
    shown.show(1280, "light")
    return shown


def verdicts(found):
    return [verdict for _, own in found for verdict in own]


def shown_claims(page):
    return page.run("return [...document.querySelectorAll('article.claim')].filter(e => e.offsetParent).map(e => e.id)")


def test_it_opens_soon_and_quietly(page, path, found, measured, slack):
    drawn = page.run("return performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000")
    size = path.stat().st_size / 1e6
    measured("page of one write-up", f"{size:.2f} MB, {len(verdicts(found))} claims, first view after {drawn:.2f} s")
    assert size < 12
    assert page.seconds < 5 * slack
    page.assert_quiet()


def test_the_id_of_every_claim_is_that_of_an_element(page, found):
    ids = [verdict.claim.id for verdict in verdicts(found)]
    missing = page.run("return arguments[0].filter(id => !document.getElementById(id)?.matches('article.claim'))", ids)
    assert missing == []
    statuses = page.run("return arguments[0].map(id => document.getElementById(id).dataset.status)", ids)
    assert statuses == [verdict.status for verdict in verdicts(found)]


def test_a_link_to_a_claim_opens_it(page, found):
    claim = verdicts(found)[-1].claim.id
    page.open(f"#{claim}")
    assert page.run("return document.getElementById(arguments[0]).querySelector('details').open", claim)
    top = page.run("return document.getElementById(arguments[0]).getBoundingClientRect().top", claim)
    assert 0 <= top < 900


def test_filters_show_what_is_asked_for(page, found):
    page.open()
    everything = [verdict.claim.id for verdict in verdicts(found)]
    assert sorted(shown_claims(page)) == sorted(everything)
    page.find('.chip[data-filter="refuted"]').click()
    refuted = [verdict.claim.id for verdict in verdicts(found) if verdict.status == "refuted"]
    assert sorted(shown_claims(page)) == sorted(refuted)
    page.find("#_reset").click()
    word = verdicts(found)[3].claim.id
    page.find("#_search").send_keys(word)
    page.wait(f"document.querySelectorAll('article.claim:not([hidden])').length < {len(everything)}")
    assert word in shown_claims(page)
    page.find("#_reset").click()
    assert sorted(shown_claims(page)) == sorted(everything)


def first_record(page):
    """Unfold the first claim with a record; return its record."""
    record = page.find(".record")
    page.run("arguments[0].closest('details').open = true", record)
    return record


def test_one_record_verifies(page):
    page.open()
    record = first_record(page)
    record.find_element("css selector", "button.verify").click()
    page.wait("['good', 'bad', 'none'].includes(document.querySelector('.record .outcome').dataset.outcome) &&"
              " document.querySelector('.record .outcome').textContent.match(/✓|✕|not checked/)")  # fmt: skip
    assert record.find_element("css selector", ".outcome").get_attribute("data-outcome") == "good"
    assert page.run("return document.querySelector('.record').closest('article').dataset.checked") == "good"


def test_all_records_verify_soon(page, measured):
    page.open()
    began = monotonic()
    page.find("#_verify-all").click()
    said = page.wait(VERIFIED, seconds=240)
    seconds = monotonic() - began
    good, all_ = map(int, re.fullmatch(r"(\d+) of (\d+)", said).groups())
    measured("verify all of one write-up", f"{said} records in {seconds:.1f} s")
    assert page.run("return document.querySelectorAll('.record').length") == all_ > 0
    assert page.find_all('.outcome[data-outcome="bad"]') == []
    assert good == all_
    page.assert_quiet()


@pytest.mark.parametrize("change", ["conclusion", "id", "text"])
def test_a_tampered_record_visibly_fails(opened, found, tmp_path, change):
    few = run_audit(["prototype-surface-control"], only=["both-conditions-suffice-one-unit"], runs=False)
    html = audit_page(few)
    path = tmp_path / "tampered.html"
    write_page(path, html)
    page = opened(path)
    page.run(TAMPER, change)
    page.wait("window.tampered")
    record = first_record(page)
    record.find_element("css selector", "button.verify").click()
    page.wait("""document.querySelector('.record .outcome').dataset.outcome === 'bad'""")
    assert record.find_element("css selector", ".outcome").is_displayed()
    assert "✕" in record.find_element("css selector", ".outcome").text
    page.find("#_verify-all").click()
    good, all_ = page.wait(VERIFIED).split(" of ")
    assert int(good) == int(all_) - 1
    assert page.find("#_verified").get_attribute("data-outcome") == "bad"


MISPLACED = {
    "records of two claims swapped": """
        const [a, b] = document.querySelectorAll('.records > div');
        const mark = document.createComment(''); a.replaceWith(mark); b.replaceWith(a); mark.replaceWith(b);""",
    "an id twice": "document.querySelectorAll('.claim')[1].id = document.querySelector('.claim').id;",
    "a claim twice": "const c = document.querySelector('.claim'); c.after(c.cloneNode(true));",
    "another status shown": "document.querySelector('.claim summary .status').dataset.status = 'open';",
    "another status in words": "document.querySelector('.claim summary .status').lastChild.data = 'open';",
    "other words": "document.querySelector('.claim .words').append(' or not');",
}


@pytest.mark.parametrize("change", MISPLACED)
def test_what_is_said_around_a_record_visibly_fails(opened, tmp_path, change):
    claims = [Claim(id, "1", id, ForAll("x", [], [f"x**2 >= {-k}"])) for k, id in enumerate(("first", "second"))]
    path = tmp_path / "misplaced.html"
    settled = [settle(claim, runs=False) for claim in claims]
    write_page(path, audit_page(Audited([(Writeup("notes", "Notes", claims), settled)])))
    page = opened(path)
    page.find("#_verify-all").click()
    assert page.wait(VERIFIED) == "2 of 2"
    page.run(f"delete {VERIFIED}; {MISPLACED[change]}")
    page.find("#_verify-all").click()
    assert page.wait(VERIFIED).split(" of ")[0] in ("0", "1")
    assert page.find("#_verified").get_attribute("data-outcome") == "bad"
    assert page.run("return document.querySelector('.claim').dataset.checked") == "bad"


TAMPER = """
const change = arguments[0], place = document.getElementById("_records");
const name = document.querySelector(".record").dataset.record;
const packed = async text => {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(""));
};
readData("_records").then(async text => {
  const all = JSON.parse(text), record = JSON.parse(all[name]);
  if (change === "conclusion") record.conclusion = record.conclusion === "proved" ? "refuted" : "proved";
  if (change === "id") record.id = "0".repeat(20);
  all[name] = change === "text" ? all[name].replace(/\\d/, "9999") : JSON.stringify(record);
  place.textContent = await packed(JSON.stringify(all));
  window.tampered = true;
});
"""


def hostile():
    formal = ForAll("x", [], ["x**2 > 0"])
    claim = Claim(
        "hostile", HOSTILE, HOSTILE, formal, because=HOSTILE, repair=Repair(HOSTILE, ForAll("x", [], ["x**2 >= 0"]))
    )
    long = Claim("long", "1", "word " * 4000, ForAll("x", [], [" + ".join(["x**2"] * 290) + " >= 0"]))
    turned = Claim(
        "turned", "1", "\u05d0\u05d1\u05d2 \u202e abc \u202c", opinion="\u0627\u0644\u0639\u0631\u0628\u064a\u0629"
    )
    return Writeup("notes", HOSTILE, [claim, long, turned])


def test_a_hostile_write_up_is_text(opened, tmp_path):
    writeup = hostile()
    html = audit_page(Audited([(writeup, [settle(claim, runs=False) for claim in writeup.claims])]))
    write_page(tmp_path / "hostile.html", html)
    page = opened(tmp_path / "hostile.html")
    page.show(400, "dark")
    for details in page.find_all("details"):
        page.run("arguments[0].open = true", details)
    assert page.run("return window.ran") is None
    assert page.find_all("img") == []
    assert "</script><script>window.ran = 1</script>" in page.find("#hostile").text
    assert page.overflow() == []
    page.find("#_verify-all").click()
    page.wait(VERIFIED)
    page.assert_quiet()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_reads_well_wide_and_narrow(page, theme):
    page.open()
    page.run("document.querySelectorAll('details').forEach((each, k) => { each.open = k < 12; })")
    for width in (400, 1280):
        page.show(width, theme)
        assert page.overflow() == []
        assert page.low_contrasts() == []
        assert page.unnamed() == []


def test_screenshots_at_three_widths_in_both_themes(page, pictures):
    page.open()
    assert len({path.read_bytes() for path in page.screenshots(pictures, "audit")}) == 6
    page.run("document.querySelectorAll('article.claim details').forEach((each, k) => { each.open = k < 3; })")
    page.run("document.querySelector('article.claim').scrollIntoView()")
    page.screenshots(pictures, "audit-claims")


def test_nothing_moves_while_it_opens(page):
    page.show(400, "light")
    page.open()
    assert page.layout_shift() == 0


@pytest.mark.parametrize("switched", [False, True], ids=["dark by preference", "dark by the switch"])
def test_on_paper_the_claims_stand_without_buttons_on_white(page, switched):
    page.show(800, "light" if switched else "dark")
    if switched:
        page.run("document.documentElement.dataset.theme = 'dark'")
    features = [{"name": "prefers-color-scheme", "value": "light" if switched else "dark"}]
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})
    shown = page.run(
        "return [...document.querySelectorAll('button, input, select')].filter(e => e.checkVisibility()).length"
    )
    ground = page.run("return getComputedStyle(document.body).backgroundColor")
    contrasts = page.low_contrasts()
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    page.run("delete document.documentElement.dataset.theme")
    assert (shown, ground, contrasts) == (0, "rgb(255, 255, 255)", [])


def test_keys_lead_through_claims(page):
    from selenium.webdriver.common.keys import Keys

    page.open()
    body = page.find("body")
    body.send_keys("/")
    assert page.run("return document.activeElement.id") == "_search"
    page.find("#_search").send_keys(Keys.ESCAPE)
    body.send_keys("j")
    first = page.run("return document.activeElement.closest('article.claim').id")
    page.driver.switch_to.active_element.send_keys("j")
    second = page.run("return document.activeElement.closest('article.claim').id")
    assert [first, second] == shown_claims(page)[:2]


@pytest.mark.slow
def test_the_page_of_all_write_ups_is_small_and_soon_verified(opened, tmp_path, measured, slack):
    everything = run_audit(runs=False)
    write_page(tmp_path / "all.html", audit_page(everything))
    shown = opened(tmp_path / "all.html")
    shown.show(1280, "light")
    shown.open()
    drawn, ready = shown.run(
        "return [performance.getEntriesByName('first-contentful-paint')[0].startTime,"
        " performance.getEntriesByType('navigation')[0].loadEventEnd].map(each => each / 1000)"
    )
    size = (tmp_path / "all.html").stat().st_size / 1e6
    measured("page of all write-ups", f"{size:.2f} MB, first view after {drawn:.2f} s, ready after {ready:.2f} s")
    assert size < 12
    assert ready < 2 * slack
    began = monotonic()
    shown.find("#_verify-all").click()
    said = shown.wait(VERIFIED, seconds=120)
    measured("verify all of all write-ups", f"{said} records in {monotonic() - began:.1f} s")
    assert said == " of ".join([str(len(shown.find_all(".record")))] * 2)
    assert monotonic() - began < 60 * slack
    ids = [verdict.claim.id for verdict in everything.verdicts]
    assert shown.run("return arguments[0].filter(id => !document.getElementById(id))", ids) == []
    shown.assert_quiet()
