"""What the rest of the package knows about each flow."""

from __future__ import annotations

from typing import get_args

from auth0_widget.config import FLOW_FACTS, Flow
from auth0_widget.flows import KERNEL_FLOWS


def test_each_flow_has_its_facts_and_runs_in_a_page_or_in_the_kernel() -> None:
    assert set(FLOW_FACTS) == set(get_args(Flow))
    for flow, facts in FLOW_FACTS.items():
        assert facts.clicked or flow in KERNEL_FLOWS
        assert facts.without_page is None or facts.without_page in KERNEL_FLOWS
