"""A night of renewals at a tenant in trouble; ``make long-job`` runs twenty."""

from __future__ import annotations

import long_job
import pytest
from long_job import run

from auth0_widget.session import renewal


@pytest.mark.parametrize("seed", [1, 4])
def test_a_job_of_twelve_hours_gets_through_a_bad_night(seed: int) -> None:
    night = run(seed)
    assert night.calls > 1500
    assert night.trouble > 3
    assert (night.failed, night.expired) == (0, 0)
    assert night.ratio <= long_job.MAX_RATIO


def test_without_another_try_it_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "MAX_REQUESTS", 1)
    assert run(1).failed > 0


def test_without_an_overlap_period_a_lost_response_would_end_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(long_job, "OVERLAP", 0)
    monkeypatch.setattr(long_job, "KINDS", ("answer_lost",))
    assert run(1).failed > 0
