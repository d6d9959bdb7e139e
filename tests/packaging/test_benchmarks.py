"""`make bench`: its page, and its end. What it measures is no matter of a test."""

from __future__ import annotations

import copy
import importlib.util
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"
REMARKS = (BENCHMARKS / "remarks.md").read_text(encoding="utf-8")

# A benchmark that lasts until it is ended. Nothing is written, because it is never over.
RUN = """
import sys, threading
import run

def last(name, runs):
    try:
        print("begun", flush=True)
        threading.Event().wait(60)
    finally:
        print("ended what it started", flush=True)

run._measure = last
sys.argv = ["run.py", "--only", "sizes"]
run.main()
"""


@pytest.fixture
def results() -> Any:
    return json.loads((BENCHMARKS / "results.json").read_text(encoding="utf-8"))


@pytest.fixture
def page() -> Any:
    spec = importlib.util.spec_from_file_location("page", BENCHMARKS / "page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_results_and_the_remarks_say(page: Any, results: Any) -> None:
    assert page.rendered(results, REMARKS) == page.PAGE.read_text(encoding="utf-8")


def test_a_table_names_the_machine_where_not_all_are_of_the_same(page: Any, results: Any) -> None:
    for table in results["tables"].values():
        table["about"] = {"machine": "old", "Python": "3.11"}
    assert "| machine | old |" in page.rendered(results, "")
    other = copy.deepcopy(results)
    other["tables"]["sizes"]["about"]["machine"] = "new"
    text = page.rendered(other, "")
    assert "| machine |" not in text
    assert "| Python | 3.11 |" in text
    assert text.count("Measured with: machine new.") == 1
    assert text.count("Measured with: machine old.") == len(results["tables"]) - 1


def test_a_row_that_was_not_measured_says_so(page: Any, results: Any) -> None:
    row: dict[str, Any] = {"what": "ipyauth", "median": None, "note": "no network", "met": None}
    row |= {"at_most": 3, "at_least": None}
    results["tables"]["sizes"]["rows"] = [row]
    del results["tables"]["herd"]
    text = page.rendered(results, "")
    assert "| ipyauth | not measured: no network | | 0 | at most 3 |" in text
    assert "## Herd\n\nNot measured." in text


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_run_that_is_ended_ends_what_it_started(name: str) -> None:
    if not hasattr(signal, name):
        pytest.skip("this system has no such signal")
    process = subprocess.Popen(
        [sys.executable, "-c", RUN],
        cwd=BENCHMARKS,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(getattr(signal, name))
        assert process.stdout.read() == "ended what it started\n"
    assert process.returncode != 0
