from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.errors import MissingBundleError
from auth0_widget.pages import bundle as bundle_module
from auth0_widget.pages.bundle import bundle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(bundle_module, "_STATIC", tmp_path)
    bundle.cache_clear()
    yield tmp_path
    bundle.cache_clear()


def test_the_files_are_those_that_were_built() -> None:
    built = bundle()
    assert "render" in built.loader
    assert ".auth0-widget" in built.style
    assert len(built.page) > len(built.loader)


def test_an_update_while_the_kernel_runs_does_not_mix_two_builds(static: Path) -> None:
    for name in ("widget.js", "widget.css", "page.js"):
        (static / name).write_text(f"old {name} é", encoding="utf-8")
    assert bundle() == ("old widget.js é", "old widget.css é", "old page.js é")
    (static / "page.js").write_text("new")
    assert bundle().page == "old page.js é"


@pytest.mark.parametrize("missing", ["widget.js", "widget.css", "page.js"])
def test_a_build_that_is_not_whole_is_none(static: Path, missing: str) -> None:
    for name in {"widget.js", "widget.css", "page.js"} - {missing}:
        (static / name).touch()
    with pytest.raises(MissingBundleError, match="make build") as error:
        bundle()
    assert error.value.__cause__ is None
