from __future__ import annotations

import threading
from typing import Any

from auth0_widget.login.session_events import SessionEvents

ADA: Any = "Ada"
GRACE: Any = "Grace"


def test_what_was_noted_is_told_once_and_in_order() -> None:
    told: list[object] = []
    occasions = SessionEvents()
    occasions.on_login(told.append)
    occasions.on_logout(lambda: told.append("logout"))
    occasions.queue_login(ADA)
    occasions.queue_logout()
    occasions.queue_login(GRACE)
    occasions.deliver()
    occasions.deliver()
    assert told == [ADA, "logout", GRACE]


def test_what_a_callback_causes_is_told_after_it() -> None:
    told: list[object] = []
    occasions = SessionEvents()

    def log_out(session: object) -> None:
        occasions.queue_logout()
        occasions.deliver()
        told.append(session)

    occasions.on_login(log_out)
    occasions.on_logout(lambda: told.append("logout"))
    occasions.queue_login(ADA)
    occasions.deliver()
    assert told == [ADA, "logout"]


def test_nobody_waits_for_a_callback_that_runs_elsewhere() -> None:
    told: list[object] = []
    begun, go_on = threading.Event(), threading.Event()
    occasions = SessionEvents()

    def greet(session: object) -> None:
        begun.set()
        go_on.wait(20)
        told.append(session)

    occasions.on_login(greet)
    occasions.on_logout(lambda: told.append("logout"))
    occasions.queue_login(ADA)
    thread = threading.Thread(target=occasions.deliver)
    thread.start()
    assert begun.wait(20)
    occasions.queue_logout()
    occasions.deliver()
    assert told == []
    go_on.set()
    thread.join()
    assert told == [ADA, "logout"]


def test_what_is_noted_just_before_the_teller_is_done_is_told_as_well() -> None:
    told: list[object] = []
    occasions = SessionEvents()
    lock = occasions._delivering

    class Telling:
        """The lock, just before whose first release another thread notes and tells."""

        locked, __enter__ = lock.locked, lock.__enter__

        def __exit__(self, *_: object) -> None:
            if told == [ADA]:
                occasions.queue_logout()
                occasions.deliver()
            lock.release()

    occasions._delivering = Telling()  # type: ignore[assignment]
    occasions.on_login(told.append)
    occasions.on_logout(lambda: told.append("logout"))
    occasions.queue_login(ADA)
    occasions.deliver()
    assert told == [ADA, "logout"]


def test_the_way_to_stop_listening() -> None:
    told: list[object] = []
    occasions = SessionEvents()
    stops = [occasions.on_login(told.append), occasions.on_logout(lambda: told.append("logout"))]
    for stop in stops:
        stop()
    occasions.queue_login(ADA)
    occasions.queue_logout()
    occasions.deliver()
    assert told == []
