"""Detects kernels that are not on the person's machine.

The response of the loopback flow reaches the kernel only if it is on the machine of the browser.
Not every remote kernel can be detected. If the guess is wrong, the redirect to 127.0.0.1 fails in
the browser, and the person can use a code instead.
"""

from __future__ import annotations

import os
from pathlib import Path

CONTAINERS: tuple[Path, ...] = (Path("/.dockerenv"), Path("/run/.containerenv"))
"""The files that Docker and Podman create in each container."""


def remote_kernel_reason() -> str | None:
    """Why this kernel is not on the person's machine, as the end of a sentence; or None."""
    # sshd sets this for each process of a session (OpenSSH, ssh(1), ENVIRONMENT).
    if os.environ.get("SSH_CONNECTION"):
        return "the kernel was started over SSH"
    if "JUPYTERHUB_API_URL" in os.environ:
        return "the kernel runs on a JupyterHub"
    # A browser does not reach a container at 127.0.0.1.
    if any(file.exists() for file in CONTAINERS):
        return "the kernel runs in a container"
    return None
