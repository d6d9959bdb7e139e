"""docs/card.md lists every sentence that the card can say, with the story that shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "card.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## Every sentence")[2]

ROOMS = ["card_content", "placeholder", "times"]
_TEXT = re.compile(r'"((?:[^"\\\n]|\\.)+)"|`((?:[^`\\]|\\.)+)`')
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)


def _texts(source: str) -> list[str]:
    """The texts in quotes with more than one word."""
    found = (match[1] or match[2] for match in _TEXT.finditer(_COMMENT.sub("", source)))
    return [text for text in found if " " in text and not text.startswith("${")]


def _sentences() -> list[str]:
    """The texts of the card, each up to the first value that is put in."""
    texts = [
        text
        for room in ROOMS
        for text in _texts((ROOT / f"js/src/{room}.ts").read_text(encoding="utf-8"))
    ]
    return sorted({text.partition("${")[0].strip(" ,") for text in texts})


@pytest.mark.parametrize("sentence", _sentences())
def test_the_page_about_the_card_has_each_sentence(sentence: str) -> None:
    assert sentence in TABLE


def test_there_are_sentences_to_look_for() -> None:
    assert len(_sentences()) > 30


def test_the_stories_and_tests_that_the_page_names_are_there() -> None:
    for name in re.findall(r"`(test_\w+\.py)`", TABLE):
        assert (ROOT / "tests/browser" / name).exists(), name
    for name in re.findall(r"`((?:js/)?tests/[\w/.]+\.(?:py|ts))`", TABLE):
        assert (ROOT / name).exists(), name
