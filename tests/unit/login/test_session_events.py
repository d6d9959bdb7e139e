from __future__ import annotations

import threading
from typing import Any

from auth0_widget.login.session_events import SessionEvents

ADA: Any = "Ada"
GRACE: Any = "Grace"


def test_each_event_calls_once_and_in_order() -> None:
    called: list[object] = []
    events = SessionEvents()
    events.on_login(called.append)
    events.on_logout(lambda: called.append("logout"))
    events.queue_login(ADA)
    events.queue_logout()
    events.queue_login(GRACE)
    events.deliver()
    events.deliver()
    assert called == [ADA, "logout", GRACE]


def test_an_event_that_a_callback_causes_is_delivered_after_it() -> None:
    called: list[object] = []
    events = SessionEvents()

    def log_out(session: object) -> None:
        events.queue_logout()
        events.deliver()
        called.append(session)

    events.on_login(log_out)
    events.on_logout(lambda: called.append("logout"))
    events.queue_login(ADA)
    events.deliver()
    assert called == [ADA, "logout"]


def test_nobody_waits_for_a_callback_that_runs_elsewhere() -> None:
    called: list[object] = []
    begun, go_on = threading.Event(), threading.Event()
    events = SessionEvents()

    def slow_callback(session: object) -> None:
        begun.set()
        go_on.wait(20)
        called.append(session)

    events.on_login(slow_callback)
    events.on_logout(lambda: called.append("logout"))
    events.queue_login(ADA)
    thread = threading.Thread(target=events.deliver)
    thread.start()
    assert begun.wait(20)
    events.queue_logout()
    events.deliver()
    assert called == []
    go_on.set()
    thread.join()
    assert called == [ADA, "logout"]


def test_an_event_that_is_queued_just_before_the_deliverer_is_done_is_delivered_as_well() -> None:
    called: list[object] = []
    events = SessionEvents()
    lock = events._delivering

    class Delivering:
        """The lock, just before whose first release another thread queues and delivers an event."""

        locked, __enter__ = lock.locked, lock.__enter__

        def __exit__(self, *_: object) -> None:
            if called == [ADA]:
                events.queue_logout()
                events.deliver()
            lock.release()

    events._delivering = Delivering()  # type: ignore[assignment]
    events.on_login(called.append)
    events.on_logout(lambda: called.append("logout"))
    events.queue_login(ADA)
    events.deliver()
    assert called == [ADA, "logout"]


def test_the_way_to_stop_listening() -> None:
    called: list[object] = []
    events = SessionEvents()
    stops = [events.on_login(called.append), events.on_logout(lambda: called.append("logout"))]
    for stop in stops:
        stop()
    events.queue_login(ADA)
    events.queue_logout()
    events.deliver()
    assert called == []
