"""What a real kernel tells of the cell that runs; outside a kernel there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.notebook.running_cell import (
    is_held_by_a_variable,
    page_connection,
    running_cell,
    running_kernel,
)

if TYPE_CHECKING:
    from real_kernel import RealKernel

IMPORT = "from auth0_widget.notebook import running_cell as room\n"


def test_a_script_has_neither_cell_nor_kernel() -> None:
    assert running_cell() is None
    assert running_kernel() is None
    assert page_connection() is None
    assert not is_held_by_a_variable(object())


def test_a_cell_has_its_id_and_each_run_its_request(real_kernel: RealKernel) -> None:
    code = f"{IMPORT}print(*room.running_cell())"
    first, second = (real_kernel.run(code, "cell-7").split() for _ in range(2))
    assert (first[0], second[0]) == ("cell-7", "cell-7")
    assert first[1] != second[1]


def test_a_page_runs_cells_and_sends_messages_by_one_connection(real_kernel: RealKernel) -> None:
    client = real_kernel.client
    ours = client.session.session
    assert real_kernel.run(f"{IMPORT}print(room.page_connection())", "a") == ours
    real_kernel.run(
        "heard = []\n"
        "def opened(comm, _):\n"
        "    comm.on_msg(lambda _: heard.append(room.page_connection()))\n"
        "get_ipython().kernel.comm_manager.register_target('test', opened)",
        "b",
    )
    comm = {"comm_id": "c", "data": {}}
    for kind, content in (("comm_open", {"target_name": "test", **comm}), ("comm_msg", comm)):
        client.shell_channel.send(client.session.msg(kind, content))
    assert real_kernel.run("print(*heard)", "c") == ours


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
