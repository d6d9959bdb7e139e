"""How long an import takes, and what it needs, beside `import anywidget`."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Row, Table, in_turn, ratios

ANYWIDGET = "import anywidget"
PACKAGE = "import auth0_widget"
WIDGET = "from auth0_widget import LoginWidget"
# Of both imports: the first alone loads no widget.
TARGET = 1.10
# As in a notebook: the kernel has loaded asyncio, ssl and platformdirs already.
IN_A_KERNEL = "import ipykernel.kernelapp"
_TIMES = "… times anywidget's"

if TYPE_CHECKING:
    from collections.abc import Callable

_CHILD = """
import resource, sys, time
{before}
here = set(sys.modules)
begun = time.process_time()
{program}
taken = time.process_time() - begun
import json
others = [one for one in set(sys.modules) - here if one.partition('.')[0] not in
          {{*sys.stdlib_module_names, 'auth0_widget'}}]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([1000 * taken, peak, len(others)]))
"""


@dataclass(frozen=True)
class Cost:
    """What a program costs in a Python of its own.

    Attributes:
        ms: Milliseconds of a processor.
        peak: Megabytes that the process had at the most.
        others: Modules that are neither Python's nor ours.
    """

    ms: float
    peak: float
    others: int


def run(program: str, before: str = "", **environment: str) -> Cost:
    """Run a program in a Python of its own, after another."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD.format(program=program, before=before)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    return Cost(*json.loads(done.stdout))


def _time(program: str, before: str = "") -> Callable[[], float]:
    return lambda: run(program, before).ms


def _time_without_bytecode(program: str) -> Callable[[], float]:
    def measure_once() -> float:
        with tempfile.TemporaryDirectory() as folder:
            return run(program, PYTHONPYCACHEPREFIX=folder).ms

    return measure_once


def measure(runs: int) -> Table:
    """Programs in Pythons of their own, in turn."""
    programs = (ANYWIDGET, PACKAGE, WIDGET)
    warm = in_turn({one: _time(one) for one in programs}, runs)
    kernel = in_turn({one: _time(one, IN_A_KERNEL) for one in programs}, runs)
    cold = in_turn({one: _time_without_bytecode(one) for one in programs}, runs)
    peak = {one: [run(one).peak for _ in range(runs)] for one in programs}
    rows = [
        Row(f"`{ANYWIDGET}`", warm[ANYWIDGET], "ms"),
        Row("… in a kernel", kernel[ANYWIDGET], "ms"),
        Row("… memory at the peak", peak[ANYWIDGET], "MB"),
    ]
    for program in (PACKAGE, WIDGET):
        rows += [
            Row(f"`{program}`", warm[program], "ms"),
            Row("… in a kernel", kernel[program], "ms"),
            Row(_TIMES, ratios(warm[program], warm[ANYWIDGET]), at_most=TARGET),
            Row(f"{_TIMES}, in a kernel", ratios(kernel[program], kernel[ANYWIDGET])),
            Row(f"{_TIMES}, cold", ratios(cold[program], cold[ANYWIDGET]), at_most=TARGET),
            Row(f"{_TIMES}, memory", ratios(peak[program], peak[ANYWIDGET]), at_most=TARGET),
        ]
    return Table(
        "Import",
        "Pythons of their own, in turn; time of a processor. In a kernel: ipykernel is loaded "
        "before the clock starts, as in a notebook. Cold: without compiled bytecode, as the "
        "first time after an installation that does not compile. httpx, PyJWT and cryptography "
        "are not among what is loaded: a thread loads them when the widget is shown.",
        [*rows, *_server(runs), *_pytest(runs)],
    )


def _server(runs: int) -> list[Row]:
    program = "import auth0_widget.server, auth0_widget.server.callback_page"
    found = [run(program, "import jupyter_server.serverapp") for _ in range(runs)]
    return [
        Row("the server extension, after Jupyter Server", [one.ms for one in found], "ms"),
        Row("… modules of others", [found[0].others], at_most=30),
    ]


def _pytest(runs: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        test = Path(folder) / "test_nothing.py"
        test.write_text("def test_nothing(): pass\n", encoding="utf-8")

        def start(*options: str) -> float:
            command = [sys.executable, "-m", "pytest", "-q", *options, str(test)]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            # Without the plugins of others that are installed here.
            environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
            subprocess.run(command, check=True, capture_output=True, cwd=folder, env=environment)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)

        values = in_turn(
            {"with": lambda: start("-p", "auth0_widget.testing"), "without": start}, runs
        )
    added = [here - there for here, there in zip(values["with"], values["without"], strict=True)]
    return [
        Row("pytest and an empty test, without plugins", values["without"], "ms"),
        Row("… added by our plugin, unused", added, "ms", at_most=30),
    ]
