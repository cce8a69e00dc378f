"""The page in a browser: nothing is fetched, nothing is wrong, all can be read."""

import shutil
from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("jinja2", reason="the extra html is not installed")
pytest.importorskip("playwright", reason="playwright is not installed")
pytest.importorskip("axe_playwright_python", reason="axe is not installed")

from axe_playwright_python.sync_playwright import Axe
from page_samples import classroom
from playwright.sync_api import Error, sync_playwright

import quizanalysis as qa
from quizanalysis.page import page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
COURSE = Path(__file__).parents[1] / "fixtures" / "course" / "canvas_classic.csv"

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is found: apt-get install chromium"
)

WIDE, NARROW, PAPER = (1280, 900), (390, 844), (794, 1123)
LOOKS = {
    "desktop": (WIDE, "screen", "light"),
    "phone": (NARROW, "screen", "light"),
    "dark": (WIDE, "screen", "dark"),
    "print": (PAPER, "print", "light"),
}


def several():
    parts = [classroom(24, quiz_id="first"), classroom(30, quiz_id="second")]
    return qa.Responses.concat(parts)


PAGES = {
    "24": lambda: classroom(24),
    "140": lambda: qa.read(COURSE),
    "24000": lambda: classroom(24_000),
    "two quizzes": several,
    "nobody": lambda: several().where(section=[]),
}


SHOWN = [
    *((size, look) for size in ("24", "140", "24000") for look in LOOKS),
    ("two quizzes", "desktop"),
    ("two quizzes", "phone"),
    ("nobody", "desktop"),
]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as tool:
        try:
            found = tool.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox"]
            )
        except Error as error:
            pytest.skip(f"Chromium does not start: {error.message[:200]}")
        yield found
        found.close()


@cache
def text_of(name):
    return page(PAGES[name]())


@pytest.fixture
def opened(browser, tmp_path):
    """Open a page of that name and look; return it with what it asked for and said."""
    contexts = []

    def show(name, look):
        (width, height), media, scheme = LOOKS[look]
        file = tmp_path / "report.html"
        file.write_text(text_of(name), "utf-8")
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, color_scheme=scheme)
        contexts.append(context)
        tab = context.new_page()
        asked, said = [], []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.emulate_media(media=media)
        tab.goto(file.as_uri())
        return tab, [url for url in asked if url != file.as_uri()], said

    yield show
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("name", "look"), SHOWN)
def test_no_request_leaves_and_everybody_can_read_it(opened, name, look):
    tab, asked, said = opened(name, look)
    assert asked == []
    assert said == []
    width = tab.evaluate("document.documentElement.scrollWidth")
    assert width == LOOKS[look][0][0]
    faults = [
        (fault["id"], fault["nodes"][0]["html"])
        for fault in Axe().run(tab).response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert faults == []


SEEN = """() => [...document.querySelectorAll("details.question .stem")]
    .filter(e => e.checkVisibility({contentVisibilityAuto: true})).length"""


def test_on_paper_every_question_is_open_and_on_a_screen_those_to_look_at(opened):
    tab, _, _ = opened("140", "print")
    assert tab.evaluate(SEEN) == 28
    tab, _, _ = opened("140", "desktop")
    assert tab.evaluate(SEEN) == 1


def test_a_link_to_a_question_opens_it(opened):
    tab, _, _ = opened("140", "desktop")
    tab.click("th a >> text='5'")
    assert tab.locator("#z1-q5").is_visible()


def test_the_skip_link_is_the_first_stop_and_can_be_seen_then(opened):
    tab, _, _ = opened("24", "desktop")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
