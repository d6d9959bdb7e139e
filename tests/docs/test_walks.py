"""The modules that the walks for contributors name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WALKS = (ROOT / "docs" / "walks.md").read_text(encoding="utf-8").split("\n## ")[1:]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.splitlines()[0])
def test_every_room_of_a_walk_is_there(walk: str) -> None:
    rooms = re.findall(r"`([\w/]+\.(?:py|ts))`", walk)
    assert len(rooms) >= 2
    for room in rooms:
        folder = ROOT / ("auth0_widget" if room.endswith(".py") else "js/src")
        assert (folder / room).is_file(), f"{room} is gone: correct docs/walks.md"


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.splitlines()[0])
def test_a_walk_has_at_most_five_steps(walk: str) -> None:
    assert 3 <= len(re.findall(r"^\d\. ", walk, re.MULTILINE)) <= 5


def test_there_are_five_walks() -> None:
    assert len(WALKS) == 5
