"""Pages in Debian's Chromium, driven by selenium: each in a fresh profile, with its console and its requests."""

import json
import os
import shutil
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest

BROWSER, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))
FLAGS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]
WIDTHS, THEMES = (400, 800, 1280), ("light", "dark")
HEIGHT, PATIENCE = 900, 60
CONTROLS = {
    "button",
    "link",
    "textbox",
    "searchbox",
    "combobox",
    "slider",
    "checkbox",
    "application",
    "image",
    "dialog",
}
LOCAL = {"file", "data", "blob", "about", "chrome"}
"""Schemes of what never leaves the machine; `chrome:` is the browser's own empty tab."""


def script(name):
    """Return a script that stands beside this file."""
    return (Path(__file__).parent / f"{name}.js").read_text(encoding="utf-8")


CONTRASTS = script("contrasts")

OVERFLOW = """
const root = document.documentElement, limit = root.clientWidth;
if (root.scrollWidth <= limit) return [];
const wide = [...document.body.querySelectorAll("*")].filter(each => each.getBoundingClientRect().right > limit + 1);
const inner = wide.filter(each => !wide.some(other => other !== each && each.contains(other)));
const named = each => `${each.tagName}.${each.className} ${each.textContent.slice(0, 60)}`;
return [`${root.scrollWidth} of ${limit}`, ...inner.map(named)];
"""
"""What stands out of a page to the right, where the page is wider than the window."""

SHIFTS = """
const done = arguments[0];
let sum = 0;
const observer = new PerformanceObserver(list => { for (const each of list.getEntries()) sum += each.value; });
observer.observe({type: "layout-shift", buffered: true});
setTimeout(() => done(sum), 200);
"""

FRAMES = script("frames")


class Page:
    """A page in a browser of its own.

    `driver` is selenium's; `console` and `requests` hold what came so far.
    """

    def __init__(self, driver, path):
        self.driver, self.path = driver, Path(path)
        self.console, self.requests = [], []
        began = monotonic()
        self.open()
        self.seconds = monotonic() - began

    def open(self, fragment=""):
        self.driver.get("about:blank")
        self.driver.get(self.path.resolve().as_uri() + fragment)

    def run(self, script, *arguments):
        """Run the body of a function in the page; return what it returns."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        """Return the first element of a selector; it fails where there is none."""
        return self.driver.find_element("css selector", selector)

    def find_all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def wait(self, script, seconds=PATIENCE):
        """Wait until an expression is true; return its value."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, seconds, 0.05).until(lambda _: self.run(f"return {script}"), script)

    def collect(self):
        """Add to what the console and the network have had."""
        self.console += [f"{entry['level']} {entry['message']}" for entry in self.driver.get_log("browser")]
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [each["params"] for each in messages if each["method"] == "Network.requestWillBeSent"]
        sockets = [each["params"] for each in messages if each["method"] == "Network.webSocketCreated"]
        self.requests += [each["request"]["url"] for each in asked] + [each["url"] for each in sockets]

    def assert_quiet(self):
        """Nothing in the console, and nothing asked for but local things."""
        self.collect()
        assert self.console == []
        assert any(url.startswith("file:") for url in self.requests), "the log of requests is empty"
        assert [url[:200] for url in self.requests if urlsplit(url).scheme not in LOCAL] == []

    def show(self, width, theme, height=HEIGHT):
        """Show it at a width of CSS pixels, to a reader who prefers a theme."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def screenshots(self, folder, name):
        """Take pictures at three widths in both themes; return their files."""
        found = []
        for width in WIDTHS:
            for theme in THEMES:
                self.show(width, theme)
                found.append(Path(folder) / f"{name}-{width}-{theme}.png")
                assert self.driver.save_screenshot(str(found[-1]))
        return found

    def overflow(self):
        return self.run(OVERFLOW)

    def layout_shift(self):
        """Return by how much, as browsers score it, parts moved while it was opened."""
        return self.driver.execute_async_script(SHIFTS)

    def low_contrasts(self):
        return self.run(CONTRASTS)

    def unnamed(self):
        """Return the controls that a screen reader could not name."""
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        seen = [(each.get("role", {}).get("value"), each.get("name", {}).get("value")) for each in nodes]
        return [role for role, name in seen if role in CONTROLS and not (name or "").strip()]

    def frame_times(self, seconds):
        """Return the milliseconds between frames over some seconds."""
        times = self.driver.execute_async_script(FRAMES, seconds)
        return [later - earlier for earlier, later in pairwise(times)]


def missing():
    """Return why no page can be opened here, or None."""
    if find_spec("selenium") is None:
        return "needs selenium: pip install '.[browser]'"
    if not (BROWSER and DRIVER):
        return "needs a browser: apt-get install chromium chromium-driver"
    return None


@pytest.fixture(scope="session", autouse=True)
def _there_is_a_browser():
    reason = missing()
    if reason:
        pytest.skip(reason)


MEASURED = pytest.StashKey[dict[str, str]]()


@pytest.fixture(scope="session")
def slack():
    """Return how much longer things may take: 1, and 5 where other tests run at the same time."""
    return 5 if "PYTEST_XDIST_WORKER" in os.environ else 1


@pytest.fixture
def measured(request):
    """Return a function that keeps what was measured, by name, for the end of the report."""
    return request.config.stash.setdefault(MEASURED, {}).__setitem__


def pytest_terminal_summary(terminalreporter, config):
    """Report what was measured."""
    for name, text in config.stash.get(MEASURED, {}).items():
        terminalreporter.write_line(f"measured: {name}: {text}")


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Return the folder for screenshots: that of the variable BROWSER_PICTURES, or a temporary one."""
    given = os.environ.get("BROWSER_PICTURES")
    folder = Path(given) if given else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Return a function that opens a file in a browser with a fresh profile; all are closed at the end."""
    drivers = []

    def open_page(path):
        from selenium.webdriver import Chrome, ChromeOptions, ChromeService

        options = ChromeOptions()
        options.binary_location = BROWSER
        for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = Chrome(options=options, service=ChromeService(DRIVER))
        drivers.append(driver)
        driver.set_script_timeout(PATIENCE)
        return Page(driver, path)

    yield open_page
    for driver in drivers:
        driver.quit()
