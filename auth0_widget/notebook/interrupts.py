"""Handles interrupts (SIGINT, Jupyter's Stop button) while a cell waits.

During an ``await``, every version of ipykernel asks the event loop to cancel the cell, but does not
wake the loop. So the cell is cancelled only when the next event occurs, and it gets a
``CancelledError`` instead of the ``KeyboardInterrupt`` that programs expect.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator
    from types import FrameType


@contextmanager
def interrupts_deferred() -> Iterator[None]:
    """Delay interrupts until the end of the block. Use it for milliseconds only."""
    came: list[tuple[int, FrameType | None]] = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if came and callable(handler):
            handler(*came[0])


@contextmanager
def interrupts(loop: asyncio.AbstractEventLoop) -> Iterator[Callable[[], bool]]:
    """Wake the event loop on an interrupt. Yields a function that tells whether there was one."""
    seen: list[int] = []
    previous = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(previous):
        yield lambda: False  # signals reach the main thread only, and an ignored one stays ignored
        return

    def on_interrupt(number: int) -> None:
        seen.append(number)
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: None)

    handler = previous if isinstance(previous, _InterruptHandler) else _InterruptHandler(previous)
    handler.listeners.append(on_interrupt)
    try:
        signal.signal(signal.SIGINT, handler)
        yield lambda: bool(seen)
    finally:
        handler.listeners.remove(on_interrupt)
        # Several cells may wait at once and end in any order. The last one restores the handler.
        now: object = signal.getsignal(signal.SIGINT)
        if not handler.listeners and now is handler:
            signal.signal(signal.SIGINT, handler.previous)


class _InterruptHandler:
    """A handler of SIGINT that calls the functions in ``listeners``, then the previous handler."""

    def __init__(self, previous: Callable[[int, FrameType | None], object]) -> None:
        self.previous = previous
        self.listeners: list[Callable[[int], None]] = []

    def __call__(self, number: int, frame: FrameType | None) -> None:
        for listener in tuple(self.listeners):
            listener(number)
        self.previous(number, frame)
