"""``make bench``: measures everything and writes docs/benchmarks.md, which says what is what."""

from __future__ import annotations

import argparse
import importlib
import os
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

ALL = ("sizes", "imports", "logins", "restores", "verification", "signing", "scale", "herd")


def main() -> None:
    """Measure what was named, or all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(ALL), help="some of " + ",".join(ALL))
    parser.add_argument("--runs", type=int, default=RUNS, help="of each thing, at least")
    arguments = parser.parse_args()
    wanted = arguments.only.split(",")
    about = machine.describe()
    begun, noise, load = time.time(), machine.noise(), machine.load()
    with tempfile.TemporaryDirectory() as home:
        # Nothing of this user's is read or written.
        for variable in [name for name in os.environ if name.startswith("AUTH0_")]:
            del os.environ[variable]
        os.environ.update(XDG_CACHE_HOME=f"{home}/cache", XDG_DATA_HOME=f"{home}/data")
        tables = [_measure(name, arguments.runs, wanted=name in wanted) for name in ALL]
    about["load before and after"] = f"{load:.1f} and {machine.load():.1f} programs at a time"
    about["noise before and after"] = (
        f"a fixed piece of work took up to {noise:.1f} and {machine.noise():.1f} times its median"
    )
    minutes = (time.time() - begun) / 60
    about["command"] = f"`python benchmarks/run.py --runs {arguments.runs}`, {minutes:.1f} minutes"
    page.write(tables, about, (HERE / "remarks.md").read_text(encoding="utf-8"))


def _measure(name: str, runs: int, *, wanted: bool) -> Table:
    if not wanted:
        return Table(name.capitalize(), "", [Row(name, note="not asked for in this run")])
    begun = time.time()
    try:
        table: Table = importlib.import_module(name).measure(runs)
    except Exception as error:  # noqa: BLE001 - the others are measured all the same
        traceback.print_exc()
        return Table(name.capitalize(), "", [Row(name, note=type(error).__name__)])
    print(f"{table.title}: {time.time() - begun:.0f} s", flush=True)
    for row in table.rows:
        median = "not measured" if row.median is None else f"{row.median:.6g} {row.unit}"
        missed = "  MISSED" if row.met is False else ""
        print(f"    {row.what}: {median}{missed}", flush=True)
    return table


if __name__ == "__main__":
    main()
