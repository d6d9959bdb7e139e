"""A Chromium for tests that need a page without Jupyter."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench.chromium import OPTIONS, find_chromium
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext


@contextmanager
def chromium_in_a_thread() -> Iterator[Callable[..., Any]]:
    """Runs each story in a new browser context: ``play(story, viewport=…)``.

    Playwright runs in its own thread, because it keeps an event loop in the thread that uses it.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        playwright = thread.submit(sync_playwright().start).result()
        chromium = thread.submit(
            playwright.chromium.launch, executable_path=find_chromium(), args=list(OPTIONS)
        ).result()

        def in_thread(story: Callable[[BrowserContext], Any], options: dict[str, Any]) -> Any:
            context = chromium.new_context(**options)
            try:
                return story(context)
            finally:
                context.close()

        def play(story: Callable[[BrowserContext], Any], **options: Any) -> Any:
            return thread.submit(in_thread, story, options).result()

        yield play
        thread.submit(chromium.close).result()
        thread.submit(playwright.stop).result()
