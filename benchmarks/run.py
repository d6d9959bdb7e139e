"""``make bench``: measures everything and writes docs/benchmarks.md, which says what is what."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).parent
# The benchmarks in a browser use what the browser tests use.
sys.path[:0] = [str(HERE.parent / "tests" / name) for name in ("browser", "shared")]

import machine  # noqa: E402 - beside this file
import page  # noqa: E402
from measure import RUNS, Row, Table  # noqa: E402


def main() -> None:
    """Measure what was named, or all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(page.ALL), help="some of " + ",".join(page.ALL))
    parser.add_argument("--runs", type=int, default=RUNS, help="of each thing, at least")
    arguments = parser.parse_args()
    # A run that a time limit or a closed terminal ends still ends what it started, as after Ctrl-C.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), signal.default_int_handler)
    wanted = [name for name in page.ALL if name in arguments.only.split(",")]
    remarks = (HERE / "remarks.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as home:
        # Nothing of this user's is read or written.
        for variable in [name for name in os.environ if name.startswith("AUTH0_")]:
            del os.environ[variable]
        os.environ.update(XDG_CACHE_HOME=f"{home}/cache", XDG_DATA_HOME=f"{home}/data")
        # All modules have compiled bytecode, ours and those of others, as after an installation.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{home}/bytecode"
        for name in wanted:
            begun, noise, load = time.time(), machine.noise(), machine.load()
            table = _measure(name, arguments.runs)
            how = (
                f"`python benchmarks/run.py --only {name} --runs {arguments.runs}`, "
                f"{time.strftime('%Y-%m-%d', time.gmtime(begun))}, {time.time() - begun:.0f} s; "
                f"{load:.1f} programs wanted to run before and {machine.load():.1f} after; a fixed "
                f"piece of work took {noise:.1f} and {machine.noise():.1f} times its median, or "
                "longer, in one try of twenty."
            )
            # After each: a run that is cut short has measured something all the same.
            page.write(name, table, how, machine.describe(), remarks)


def _not_measured(name: str, why: str) -> Table:
    return Table(name.capitalize(), "", [Row(name, note=why)])


def _measure(name: str, runs: int) -> Table:
    begun = time.time()
    try:
        table: Table = importlib.import_module(name).measure(runs)
    except Exception as error:  # noqa: BLE001 - the others are measured all the same
        traceback.print_exc()
        return _not_measured(name, type(error).__name__)
    print(f"{table.title}: {time.time() - begun:.0f} s", flush=True)
    for row in table.rows:
        median = "not measured" if row.median is None else f"{row.median:.6g} {row.unit}"
        missed = "  MISSED" if row.met is False else ""
        print(f"    {row.what}: {median}{missed}", flush=True)
    return table


if __name__ == "__main__":
    main()
