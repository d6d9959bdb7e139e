"""How pytest-xdist shares the tests out: ``pytest -n 2``."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/browser/", "tests/packaging/", "tests/unit/test_demo.py")
"""The tests in each of these stay with one worker, one after the other.

They share JupyterLab and Chromium; the built wheel; the port that every demo begins with.
"""


class Shares(LoadScopeScheduling):
    """Each test by itself, but those that belong together.

    ``--dist loadgroup`` would do, but pytest-xdist 3.8 cannot name a group to pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)
