"""The page as it lies there: what it may load, what it may do, and that it says everything in three languages."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from chassis.run.settings import Settings
from contracts.words import LANGUAGES
from services.access.domain.checks import SHOWN
from services.operations import dashboard
from tests.operations.stage import Stage

PAGE = Path(dashboard.__file__).parent / "page"
FILES = sorted(PAGE.iterdir())
SCRIPTS = [file for file in FILES if file.suffix == ".js"]


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with Stage(settings).on() as stage, httpx.AsyncClient(base_url=stage.url) as made:
        yield made


async def test_every_file_of_the_page_is_served_with_a_strict_policy(client: httpx.AsyncClient) -> None:
    for file in FILES:
        answer = await client.get("/" if file.name == "index.html" else f"/{file.name}")
        assert answer.status_code == 200
        assert answer.content == file.read_bytes()
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy == {
            "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
            "connect-src": "'self'", "font-src": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
            "form-action": "'none'",
        }  # fmt: skip
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


async def test_files_are_what_they_say_they_are(client: httpx.AsyncClient) -> None:
    kinds = {"/": "text/html", "/style.css": "text/css", "/app.js": "text/javascript"}
    for path, kind in kinds.items():
        assert (await client.get(path)).headers["content-type"] == f"{kind}; charset=utf-8"


@pytest.mark.parametrize("path", ["/index.html", "/../app.py", "/page/app.js", "/app.js/", "/settings.py"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code in {307, 404}


def test_the_page_holds_no_script_no_style_and_no_handler_in_its_markup() -> None:
    markup = (PAGE / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)", markup) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", markup) == []


def test_the_page_loads_nothing_from_elsewhere() -> None:
    for file in FILES:
        found = re.findall(r"https?://[^\s\"')]+|//[a-z]+\.[a-z]+", file.read_text())
        assert [address for address in found if "www.w3.org/2000/svg" not in address] == [], file.name


def test_what_comes_from_outside_never_becomes_markup() -> None:
    dangerous = r"(?:inner|outer|Adjacent)HTML|document\.write|DOMParser|\beval\(|new Function|ContextualFragment"
    for file in SCRIPTS:
        assert re.findall(dangerous, file.read_text()) == [], file.name


def _catalogues() -> dict[str, dict[str, str]]:
    """The words by language; nested ones as ``reasons.zone_full``."""
    text = (PAGE / "words.js").read_text()
    found: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        start = text.index(f"  {language}: {{")
        block = text[start : text.index("\n  },", start)]
        found[language] = dict(re.findall(r'(\w+): "([^"]*)"', block))
    return found


def test_every_word_is_there_in_every_language_with_the_same_gaps() -> None:
    english = _catalogues()["en"]
    assert len(english) > 80
    for language, words in _catalogues().items():
        assert words.keys() == english.keys(), language
        for name, word in words.items():
            assert word.strip(), f"{language} {name}"
            if name != "gatesQuiet":
                assert set(re.findall(r"\{\w+\}", word)) == set(re.findall(r"\{\w+\}", english[name])), (
                    f"{language} {name}"
                )


def test_every_reason_a_gate_may_give_has_words() -> None:
    for language, words in _catalogues().items():
        assert set(SHOWN) <= words.keys(), language


def test_every_word_the_markup_asks_for_exists() -> None:
    asked = set(re.findall(r'data-word="(\w+)"', (PAGE / "index.html").read_text()))
    assert asked <= _catalogues()["en"].keys()
