from __future__ import annotations

import threading
from typing import Any

from auth0_widget.occasions import Occasions

ADA: Any = "Ada"
GRACE: Any = "Grace"


def test_what_was_noted_is_told_once_and_in_order() -> None:
    told: list[object] = []
    occasions = Occasions()
    occasions.on_login(told.append)
    occasions.on_logout(lambda: told.append("logout"))
    occasions.note_login(ADA)
    occasions.note_logout()
    occasions.note_login(GRACE)
    occasions.tell()
    occasions.tell()
    assert told == [ADA, "logout", GRACE]


def test_what_a_callback_causes_is_told_after_it() -> None:
    told: list[object] = []
    occasions = Occasions()

    def log_out(session: object) -> None:
        occasions.note_logout()
        occasions.tell()
        told.append(session)

    occasions.on_login(log_out)
    occasions.on_logout(lambda: told.append("logout"))
    occasions.note_login(ADA)
    occasions.tell()
    assert told == [ADA, "logout"]


def test_nobody_waits_for_a_callback_that_runs_elsewhere() -> None:
    told: list[object] = []
    begun, go_on = threading.Event(), threading.Event()
    occasions = Occasions()
    occasions.on_login(lambda session: (begun.set(), go_on.wait(20), told.append(session)))
    occasions.on_logout(lambda: told.append("logout"))
    occasions.note_login(ADA)
    thread = threading.Thread(target=occasions.tell)
    thread.start()
    assert begun.wait(20)
    occasions.note_logout()
    occasions.tell()
    assert told == []
    go_on.set()
    thread.join()
    assert told == [ADA, "logout"]


def test_what_is_noted_just_before_the_teller_is_done_is_told_as_well() -> None:
    told: list[object] = []
    occasions = Occasions()
    lock = occasions._telling

    class Telling:
        """The lock, just before whose first release another thread notes and tells."""

        locked, __enter__ = lock.locked, lock.__enter__

        def __exit__(self, *_: object) -> None:
            if told == [ADA]:
                occasions.note_logout()
                occasions.tell()
            lock.release()

    occasions._telling = Telling()  # type: ignore[assignment]
    occasions.on_login(told.append)
    occasions.on_logout(lambda: told.append("logout"))
    occasions.note_login(ADA)
    occasions.tell()
    assert told == [ADA, "logout"]


def test_the_way_to_stop_listening() -> None:
    told: list[object] = []
    occasions = Occasions()
    stops = [occasions.on_login(told.append), occasions.on_logout(lambda: told.append("logout"))]
    for stop in stops:
        stop()
    occasions.note_login(ADA)
    occasions.note_logout()
    occasions.tell()
    assert told == []
