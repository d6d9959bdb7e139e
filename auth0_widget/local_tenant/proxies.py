"""Environment variables that keep requests to this machine away from proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def no_proxy_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """``NO_PROXY``, in both spellings, with this machine's loopback names added.

    Without it, HTTP clients send requests to loopback through ``HTTP_PROXY``, too.
    """
    known = environment.get("no_proxy") or environment.get("NO_PROXY", "")
    hosts = [host.strip() for host in known.split(",") if host.strip()]
    if hosts != ["*"]:
        hosts += [host for host in ("127.0.0.1", "localhost") if host not in hosts]
    # Clients differ in which spelling they read, and in which takes precedence.
    return dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(hosts))
