"""The logins of a kernel: one for each application, whatever the number of widgets."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from auth0_widget.login.login import Login
from auth0_widget.session.identity import LoginIdentity

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Settings

# One process may run the kernels of several people. What it knows of one goes with their kernel.
_logins: WeakKeyDictionary[threading.Thread, dict[LoginIdentity, Login]] = WeakKeyDictionary()
_lock = threading.Lock()


def shared_login(
    settings: Settings,
    kernel: threading.Thread | None,
    make_flow: Callable[[Login], object | None] = lambda _: None,
    on_created: Callable[[Login], object] = lambda _: None,
) -> Login:
    """The one login of a kernel for these settings, made on first use.

    Args:
        settings: The tenant and the application.
        kernel: The thread of the kernel; its logins are forgotten when it has ended. None where
            the process may serve several people: then each call makes a new login.
        make_flow: Makes the flow of a new login.
        on_created: Called with a new login that the kernel's widgets share.
    """
    if kernel is None:
        return Login(settings, make_flow)
    with _lock:
        logins = _logins.setdefault(kernel, {})
        identity = LoginIdentity.of(settings)
        if identity not in logins:
            logins[identity] = Login(settings, make_flow)
            on_created(logins[identity])
        return logins[identity]
