"""Whether this kernel can be on the person's own machine: only there a link finds its way back.

A kernel cannot know it, only notice that it is not so. Where it is wrong, the browser finds nobody
at 127.0.0.1, and the card still offers a code.
"""

from __future__ import annotations

import os
from pathlib import Path

_CONTAINERS = (Path("/.dockerenv"), Path("/run/.containerenv"))


def remote_kernel_reason() -> str | None:
    """Why it cannot be, as the end of a sentence; None where it may be."""
    # sshd sets it for all that is started in the session (OpenSSH, ssh(1), ENVIRONMENT).
    if os.environ.get("SSH_CONNECTION"):
        return "the kernel was started over SSH"
    if "JUPYTERHUB_API_URL" in os.environ:
        return "the kernel runs on a JupyterHub"
    # Docker and Podman leave these files; a port in a container is not one of the machine's.
    if any(file.exists() for file in _CONTAINERS):
        return "the kernel runs in a container"
    return None
