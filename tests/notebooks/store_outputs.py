"""Run the tutorials with a local tenant and store their outputs: ``make notebooks``.

Readers on GitHub see the stored outputs, and nbval compares with them. They contain nothing that
differs from machine to machine, and no person but the local tenant's invented users.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbclient import NotebookClient

from auth0_widget.commands.tenant import environment_of
from auth0_widget.local_tenant import LocalTenant

if TYPE_CHECKING:
    from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def run(path: Path) -> NotebookNode:
    """The notebook with the outputs that a reader is to see."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120).execute()
    # Without this, the file would contain widget state, this machine's Python, and the time of day.
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [_kept(output) for output in cell.outputs if not _is_prompt(output)]
    return notebook


def _is_prompt(output: NotebookNode) -> bool:
    """Whether it is the line of the device flow, which is not printed in a login with a window."""
    if output.output_type != "stream":
        return False
    lines = [one for one in output.text.splitlines(keepends=True) if not one.startswith("To log")]
    output.text = "".join(lines)
    return not lines


def _kept(output: NotebookNode) -> NotebookNode:
    if "data" in output:
        output.data = {"text/plain": output.data["text/plain"]}
    return output


def main() -> None:
    """Run them all, or those named on the command line."""
    with LocalTenant(auto_approve="ada@example.com") as tenant:
        os.environ.update(environment_of(tenant))
        for path in [Path(name) for name in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")):
            nbformat.write(run(path), path)


if __name__ == "__main__":
    main()
