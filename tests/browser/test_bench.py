"""The bench itself, tested without our widget where possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import httpx
import pytest
from bench.matrix import SAID, Matrix
from bench.stories import MEASURED, Stories
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.lab import Lab
    from bench.notebook import Notebook
    from playwright.sync_api import BrowserContext

COUNTER = """
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = '''
    export default {
      render({ model, el }) {
        const button = document.createElement("button");
        const draw = () => { button.textContent = `clicked ${model.get("count")}`; };
        button.addEventListener("click", () => {
          model.set("count", model.get("count") + 1);
          model.save_changes();
        });
        model.on("change:count", draw);
        draw();
        el.append(button);
      },
    };
    '''
    count = traitlets.Int(0).tag(sync=True)

counter = Counter()
counter
"""


def test_what_pages_browsers_refreshes_and_restarts_have_in_common(
    open_notebook: Callable[..., Notebook], new_context: Callable[[], BrowserContext]
) -> None:
    first = open_notebook("answer = 42", "print(globals().get('answer', 'forgotten'))")
    first.page.evaluate("localStorage.setItem('bench', 'first')")
    first.run(0)
    second = open_notebook(again=first)
    second.run(1)
    assert second.output_text(1) == "42"
    assert second.local_storage()["bench"] == "first"
    other_browser = open_notebook(again=first, context=new_context())
    assert "bench" not in other_browser.local_storage()
    first.reload()
    first.run(1)
    assert first.output_text(1) == "42"
    first.restart_kernel()
    first.run(1)
    assert first.output_text(1) == "forgotten"


def test_saving_with_widget_state_is_off_again_afterwards(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(COUNTER)
    notebook.run(0)
    expect(notebook.cell(0).get_by_role("button", name="clicked")).to_be_visible()
    assert "widgets" in notebook.save(widget_state=True)["metadata"]
    other = open_notebook(COUNTER)
    other.run(0)
    assert "widgets" not in other.save()["metadata"]


def test_kernels_have_the_settings_of_the_tenant_and_no_others(
    open_notebook: Callable[..., Notebook], tenant_port: int
) -> None:
    notebook = open_notebook(
        "import os\nprint(sorted(name for name in os.environ if name.startswith('AUTH0_')))",
        "print(os.environ['AUTH0_DOMAIN'])",
    )
    notebook.run_all()
    assert notebook.output_text(0) == "['AUTH0_CLIENT_ID', 'AUTH0_DOMAIN']"
    assert notebook.output_text(1) == f"http://127.0.0.1:{tenant_port}"


def test_jupyter_refuses_those_without_its_token(lab: Lab) -> None:
    answer = httpx.get(f"{lab.origin}/api/contents", trust_env=False)
    assert answer.status_code == httpx.codes.FORBIDDEN


class _Test:
    """As much of a pytest item as the matrix looks at."""

    def __init__(self, column: str, **parameters: str) -> None:
        self.callspec = self
        self.params = parameters
        self.user_properties: list[tuple[str, object]] = []
        self._marker = pytest.mark.column(column).mark

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return self._marker if self._marker.name == name else None

    def report(
        self,
        outcome: Literal["passed", "failed"],
        when: Literal["setup", "call", "teardown"] = "call",
    ) -> pytest.TestReport:
        properties: Any = [list(pair) for pair in self.user_properties]  # as JSON brings them back
        return pytest.TestReport(
            "", ("", 0, ""), {}, outcome, None, when, user_properties=properties
        )


def test_the_matrix_is_a_grid_with_the_sentences_below() -> None:
    matrix = Matrix()
    stop, busy, busy_in_lab = (
        _Test("Stop, {waiting}", front_end="notebook", kernel="ipykernel-7.0.1", waiting="await"),
        _Test("busy kernel", front_end="notebook", kernel="ipykernel-7.0.1"),
        _Test("busy kernel", front_end="lab", kernel="ipykernel-6.29.5"),
    )
    for test in (stop, busy, busy_in_lab):
        matrix.pytest_itemcollected(test)
    busy_in_lab.user_properties.append((SAID, "Waiting for the kernel."))
    matrix.pytest_runtest_logreport(stop.report("passed"))
    matrix.pytest_runtest_logreport(stop.report("failed", when="teardown"))
    matrix.pytest_runtest_logreport(busy.report("passed", when="setup"))
    matrix.pytest_runtest_logreport(busy.report("passed"))
    matrix.pytest_runtest_logreport(busy_in_lab.report("passed"))
    cells = [[cell.strip() for cell in line.split("|")] for line in matrix.lines()]
    lab, notebook = (cells[row].pop(0).split()[0] for row in (1, 2))
    assert (lab, notebook) == ("JupyterLab", "Notebook")
    assert cells == [
        ["front end", "ipykernel", "Stop, await", "busy kernel"],
        ["6.29.5", "-", "(1)"],
        ["7.0.1", "failed", "ok"],
        ["(1) Waiting for the kernel."],
    ]


def test_what_the_stories_measure_has_its_unit_beside_it() -> None:
    stories = Stories()
    measured = [("until it shows", 0.0714, "seconds"), ("for each", 1322.6, "bytes")]
    report = pytest.TestReport(
        "tests/browser/test_many.py::test_many_displays",
        ("", 0, ""),
        {},
        "passed",
        None,
        "call",
        duration=2.5,
        user_properties=[(MEASURED, each) for each in measured],
    )
    stories.pytest_runtest_logreport(report)
    assert stories.lines() == [
        "user story       | measured",
        "  until it shows | 0.071 seconds",
        "  for each       | 1323 bytes",
        "many displays    | 2.50 seconds",
    ]
