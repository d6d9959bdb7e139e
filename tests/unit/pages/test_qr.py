from __future__ import annotations

import re

import segno

from auth0_widget.pages.qr import qr_code_of

URL = "https://acme.eu.auth0.com/activate?user_code=ABCD-EFGH"


def drawn(path: str) -> set[tuple[int, int]]:
    """The units that the path fills: rows of one unit's height."""
    rows = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path)
    assert "".join(f"M{x} {y}h{w}v1h-{back}z" for x, y, w, back in rows) == path
    assert all(w == back for _, _, w, back in rows)
    return {(int(x) + step, int(y)) for x, y, w, _ in rows for step in range(int(w))}


def test_the_path_fills_the_dark_modules_and_no_others() -> None:
    code = qr_code_of(URL)
    matrix = segno.make(URL, micro=False, error="m").matrix
    assert code["size"] == len(matrix)
    assert drawn(code["path"]) == {
        (x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module
    }


def test_each_corner_but_one_has_a_finder_pattern() -> None:
    code = qr_code_of(URL)
    dark, last = drawn(code["path"]), code["size"] - 7
    for left, top in ((0, 0), (last, 0), (0, last)):
        assert {(left + x, top) for x in range(7)} <= dark
        assert (left + 1, top + 1) not in dark
        assert (left + 3, top + 3) in dark
