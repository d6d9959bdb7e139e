from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from auth0_widget.commands.output import print_line

if TYPE_CHECKING:
    import pytest


def test_a_line_is_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(pipe, newline="\n"))
        print_line("http://127.0.0.1:8400")
        assert pipe.getvalue() == b"http://127.0.0.1:8400\n"
