"""The tutorials run unattended and unchanged: nbval, papermill, each flow.

The commands are those of 05_unattended.ipynb and of the documentation, as a CI job gives them.
What a person has to do is also written to the terminal (`notebook.printing`).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest

from auth0_widget.local_tenant import LocalTenant

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
EVERY = sorted(NOTEBOOKS.glob("*.ipynb"))
COMMAND = [
    *(
        sys.executable,
        "-c",
        "import sys; from auth0_widget.commands.cli import main; sys.exit(main())",
    ),
    *("tenant", "--auto-approve", "ada@example.com", "--", sys.executable, "-m"),
]
# pytest-randomly and its like have no business among the cells of a notebook.
NBVAL = [
    "pytest",
    "--nbval",
    "--nbval-current-env",
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:randomly",
]


def run(directory: Path, *arguments: object, **variables: str) -> str:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=directory,  # not that of the project: its pytest settings are not a user's
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("AUTH0_")},
            "IPYTHONDIR": str(directory / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(directory / "runtime"),
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_nbval_finds_every_output_as_it_is_stored(tmp_path: Path) -> None:
    cells = sum(
        cell.cell_type == "code"
        for path in EVERY
        for cell in nbformat.read(path, as_version=4).cells
    )
    assert f"{cells} passed" in run(tmp_path, *NBVAL, f"--rootdir={NOTEBOOKS}", *EVERY)


def test_the_job_runs_as_itself(tmp_path: Path) -> None:
    variables = {
        "AUTH0_WIDGET_FLOW": "client_credentials",
        "AUTH0_CLIENT_ID": "local-tenant-job",
        "AUTH0_CLIENT_SECRET": "local-tenant-job-secret",
    }
    path = NOTEBOOKS / "05_unattended.ipynb"
    assert " passed" in run(tmp_path, *NBVAL, f"--rootdir={NOTEBOOKS}", path, **variables)


def test_papermill_fills_in_the_parameter(tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    run(
        tmp_path,
        *("papermill", NOTEBOOKS / "05_unattended.ipynb", out, "-k", "python3"),
        *("-p", "note", "Written at night"),
    )
    text = out.read_text(encoding="utf-8")
    assert "{'notes': ['Written at night']}" in text
    assert "This job runs for Ada Lovelace" in text


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_what_is_stored_is_fit_for_everybody(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert "\n\nAt the end of this page " in notebook.cells[0].source
    assert notebook.metadata == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    outputs = "".join(str(cell.get("outputs", "")) for cell in notebook.cells)
    assert not re.search(r"127\.0\.0\.1:\d|localhost:\d|eyJ|/home/|/tmp/|\[Errno", outputs)
    assert "traceback" not in outputs
    assert all(cell.outputs or "stop()" in cell.source or cell.id in {"parameters", "start"}
               for cell in notebook.cells if cell.cell_type == "code")  # fmt: skip


def test_links_between_notebooks_lead_somewhere() -> None:
    linked = {
        name
        for path in EVERY
        for cell in nbformat.read(path, as_version=4).cells
        for name in re.findall(r"\]\((\w+\.ipynb)\)", cell.source)
    }
    assert linked <= {path.name for path in EVERY}
    assert len(linked) >= 4


@pytest.mark.parametrize("runner", ["nbconvert", "papermill"])
def test_a_code_is_seen_in_the_terminal_while_the_notebook_runs(
    tmp_path: Path, runner: str
) -> None:
    """The output of a cell appears when the notebook has run, which is too late for a code."""
    cell = nbformat.v4.new_code_cell(
        "from auth0_widget import LoginWidget\n"
        "session = await LoginWidget(flow='device')\n"
        "print('logged in as', session.user.name)"
    )
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=metadata)
    nbformat.write(notebook, tmp_path / "job.ipynb")
    command = {
        "nbconvert": ["--to", "notebook", "--execute", "--output", "out.ipynb", "job.ipynb"],
        "papermill": ["job.ipynb", "out.ipynb"],
    }[runner]
    with LocalTenant() as tenant:
        job = subprocess.Popen(
            [sys.executable, "-m", runner, *command],
            cwd=tmp_path,
            env={**os.environ, "AUTH0_DOMAIN": tenant.url, "AUTH0_CLIENT_ID": tenant.client_id},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert job.stderr is not None
        end = threading.Timer(120, job.kill)  # or one that shows no code would be waited for
        end.start()
        code = next(
            match[1] for line in job.stderr if (match := re.search(r"enter the code (\S+)", line))
        )
        tenant.approve_device(code)
        _, rest = job.communicate(timeout=120)
        end.cancel()
    assert job.returncode == 0, rest
    assert "logged in as Ada Lovelace" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")
