"""How pytest-xdist distributes the tests: ``pytest -n 2``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    import pytest


class Shares(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each free worker a file of tests, or, once the files are done, one browser story.

    The tests of a file share fixtures, such as a kernel or a wheel. Each worker starts a JupyterLab
    and a Chromium with its first story, and runs only stories from then on.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        # In the order of the collection, in which the stories come last.
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)
