"""How pytest-xdist shares the tests out: ``pytest -n 2``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    import pytest


class Shares(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """File by file, and then the browser stories, one by one, to whoever is free.

    A file's tests share what was made for them: a kernel, a wheel. Each worker starts a JupyterLab
    and a Chromium of its own when it comes to its first story, and has only stories from then on.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        # In the order of the collection, which has the stories last; not the longest files first.
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)
