"""The JupyterLab of the browser tests: one server, its files and its kernels."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import nbformat
from bench.chromium import REMOTE_HOST
from bench.kernels import NEWEST_KERNEL
from nbformat.v4 import new_code_cell, new_notebook

from auth0_widget.commands.demo import JupyterLab, usable_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LABEXTENSIONS = Path(__file__).parents[3] / "js" / "labextensions"
"""The top bar, where an installed wheel has it in Jupyter's own folder."""

SETTINGS: dict[str, dict[str, object]] = {
    # Every cell is in the page, also below the fold.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    # A file changes when a test saves it, and at no other time.
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


class Lab(JupyterLab):
    """A JupyterLab whose page lets tests run its commands. It serves Notebook 7, too.

    Args:
        directory: The folder of its settings, its log and its notebooks.
        environment: Environment variables of the kernels.
        base_url: The path below which everything is.
        keeps_logins: Whether it keeps one login for all of its kernels. Most stories switch that
            off, because several people of a story use this one server.
        options: Further command line options.
    """

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str],
        *,
        base_url: str = "/",
        keeps_logins: bool = False,
        options: Sequence[str] = (),
    ) -> None:
        super().__init__(
            directory,
            port=usable_port(0),
            environment={
                # Kernels store a user's files in a folder that is deleted after the run.
                "XDG_CACHE_HOME": str(directory / "cache"),
                "XDG_DATA_HOME": str(directory / "share"),
                **environment,
            },
            settings=SETTINGS,
            base_url=base_url,
            # readonly: otherwise the extension manager sends requests to a package registry.
            options=[
                "--expose-app-in-browser",
                "--JupyterNotebookApp.expose_app_in_browser=True",
                "--LabApp.extension_manager=readonly",
                f"--LabServerApp.extra_labextensions_path={LABEXTENSIONS}",
                f"--ServerApp.local_hostnames=['localhost', '{REMOTE_HOST}']",
                f"--Auth0Widget.keep_refresh_tokens={keeps_logins}",
                *options,
            ],
        )
        self._written = 0

    @property
    def running(self) -> bool:
        """Whether it has been started and not stopped."""
        return self._process is not None

    def write(self, *cells: str, kernel: str = NEWEST_KERNEL) -> Path:
        """Write a notebook of code cells, for a kernel, under a name that is still free."""
        path = self._free_path()
        notebook = new_notebook(
            cells=[new_code_cell(source) for source in cells],
            # Without this, JupyterLab asks for the kernel in a dialog, which gets the next click.
            metadata={"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
        )
        nbformat.write(notebook, path)
        return path

    def url_in(self, front_end: str, notebook: str) -> str:
        """The address that opens a notebook in ``lab`` or in ``notebook``, which is Notebook 7."""
        if front_end == "notebook":
            return f"{self.root}/notebooks/{notebook}?token={self.token}"
        return self.url(notebook)

    def as_remote(self) -> Lab:
        """The same server, under a name that is not this machine's."""
        remote = copy.copy(self)
        remote.origin = self.origin.replace("127.0.0.1", REMOTE_HOST)
        remote.root = self.root.replace("127.0.0.1", REMOTE_HOST)
        return remote

    def copy(self, source: Path) -> Path:
        """Copy a notebook from elsewhere under a name that is still free."""
        path = self._free_path()
        path.write_bytes(source.read_bytes())
        return path

    def shut_down(self, *names: str) -> None:
        """End the kernels of the notebooks with these names; of all when none is given."""
        with httpx.Client(
            base_url=self.root, headers={"Authorization": f"token {self.token}"}, trust_env=False
        ) as client:
            for session in client.get("/api/sessions").raise_for_status().json():
                if not names or session["path"] in names:
                    client.delete(f"/api/sessions/{session['id']}").raise_for_status()

    def _free_path(self) -> Path:
        self._written += 1
        return self.notebooks / f"story-{self._written}.ipynb"
