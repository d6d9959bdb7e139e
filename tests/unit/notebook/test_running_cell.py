"""What a real kernel tells of the cell that runs; outside a kernel there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.notebook.running_cell import (
    is_held_by_a_variable,
    running_cell,
    running_kernel,
)

if TYPE_CHECKING:
    from real_kernel import RealKernel

IMPORT = "from auth0_widget.notebook import running_cell as room\n"


def test_a_script_has_neither_cell_nor_kernel() -> None:
    assert running_cell() is None
    assert running_kernel() is None
    assert not is_held_by_a_variable(object())


def test_a_cell_has_its_id_and_each_run_its_request(real_kernel: RealKernel) -> None:
    code = f"{IMPORT}print(*room.running_cell())"
    first, second = (real_kernel.run(code, "cell-7").split() for _ in range(2))
    assert (first[0], second[0]) == ("cell-7", "cell-7")
    assert first[1] != second[1]


def test_a_front_end_that_tells_no_id_has_no_cell(real_kernel: RealKernel) -> None:
    request = real_kernel.client.execute(
        f"{IMPORT}assert room.running_cell() is None\nassert room.running_kernel() is not None"
    )
    assert real_kernel.reply(request)["status"] == "ok"


def test_a_variable_holds_what_it_names_and_an_output_does_not(real_kernel: RealKernel) -> None:
    real_kernel.run(f"{IMPORT}thing = object()\nthing", "a")
    look = "print(room.is_held_by_a_variable(thing))"
    assert real_kernel.run(look, "b") == "True"
    real_kernel.run("box = [thing]; del thing", "c")
    # IPython keeps the output in _ and Out.
    assert real_kernel.run("print(room.is_held_by_a_variable(box[0]))", "d") == "False"
