"""How IPython shows our errors: the caller's own lines, the error's name, what to do about it.

Between a cell and the place where an error is raised there may be forty frames of httpx, anyio and
threads. With this module, IPython's default mode omits these frames. Every other ``%xmode`` shows
them, and so does Python outside IPython.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import FrameType, TracebackType

_LIBRARY = str(Path(os.__file__).parent)
_INSTALLED = {"site-packages", "dist-packages"}
_PACKAGE = __name__.partition(".")[0]


class OwnLinesInIPython(Exception):  # noqa: N818 - a mix-in, and no error of its own
    """An exception whose traceback in IPython ends where the reader's own code does."""

    def _render_traceback_(self) -> list[str]:
        """The lines to print. IPython calls this method if an exception has it."""
        view = sys.modules["IPython"].get_ipython().InteractiveTB
        if view.mode != "Context":
            lines: list[str] = view.structured_traceback(type(self), self, self.__traceback__)
        else:
            own = _own_frames(self.__traceback__)
            lines = view.structured_traceback(type(self), self, own, tb_offset=0)
        return lines


def _own_frames(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback without frames of the standard library and of installed packages."""
    if traceback is None:
        return None
    rest, frame = _own_frames(traceback.tb_next), traceback.tb_frame
    if _is_installed(frame):
        return rest
    return TracebackType(rest, frame, traceback.tb_lasti, traceback.tb_lineno)


def _is_installed(frame: FrameType) -> bool:
    path = frame.f_code.co_filename
    return (
        path.startswith((_LIBRARY, "<frozen "))
        or not _INSTALLED.isdisjoint(Path(path).parts)
        or str(frame.f_globals.get("__name__")).partition(".")[0] == _PACKAGE
    )
