"""A real kernel without a browser, which runs code as for JupyterLab."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from typing_extensions import Self


class RealKernel:
    """One ipykernel.

    Args:
        environment: Environment variables in addition to this process's.

    Attributes:
        manager: Starts, interrupts and ends it.
        client: Talks to it.
    """

    def __init__(self, **environment: str) -> None:
        # Its sockets are beside this file. By default they would be in the working directory, with
        # the same names for every kernel of every worker.
        self._folder = TemporaryDirectory()
        connection = str(Path(self._folder.name, "kernel.json"))
        self.manager = KernelManager(
            kernel_name="python3", transport="ipc", connection_file=connection
        )
        self.manager.start_kernel(env={**os.environ, **environment})
        self.client = self.manager.client()
        self.client.start_channels()

    def __enter__(self) -> Self:
        """Wait until it has started. Several kernels can start at once."""
        self.client.wait_for_ready(timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()
        self._folder.cleanup()

    def reply(self, request: str) -> dict[str, Any]:
        """The reply to a request."""
        while True:
            message = self.client.get_shell_msg(timeout=60)
            if message["parent_header"].get("msg_id") == request:
                content: dict[str, Any] = message["content"]
                return content

    def run(self, code: str, cell: str) -> str:
        """Run a cell as JupyterLab does, with the cell's ID. Returns what it has printed."""
        return self.finish(self.begin(code, cell))

    def begin(self, code: str, cell: str) -> str:
        """Request the execution of a cell. Returns the ID of the request."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        request = self.client.session.msg("execute_request", content, metadata={"cellId": cell})
        self.client.shell_channel.send(request)
        message_id: str = request["header"]["msg_id"]
        return message_id

    def finish(self, request: str) -> str:
        """Wait until the cell of a request has run. Returns what it has printed."""
        reply = self.reply(request)
        assert reply["status"] == "ok", reply
        printed = ""
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "stream":
                printed += message["content"]["text"]
            if message["content"].get("execution_state") == "idle":
                return printed.strip()
