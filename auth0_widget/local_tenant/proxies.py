"""The way to this machine, past the proxies of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def past_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables by which programs reach this machine past every proxy of an environment.

    HTTP clients send requests to loopback through ``HTTP_PROXY`` as well, unless ``NO_PROXY``
    names it.
    """
    known = environment.get("no_proxy") or environment.get("NO_PROXY", "")
    hosts = [host.strip() for host in known.split(",") if host.strip()]
    if hosts != ["*"]:
        hosts += [host for host in ("127.0.0.1", "localhost") if host not in hosts]
    # Both spellings: clients differ in which of them they read, and which of them wins.
    return dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(hosts))
