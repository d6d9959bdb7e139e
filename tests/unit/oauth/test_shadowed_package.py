from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_another_package_named_jwt_is_told_at_import_with_both_names(tmp_path: Path) -> None:
    # As the package "jwt" does: it has encode and decode, too.
    (tmp_path / "jwt.py").write_text("def encode(): pass\ndef decode(): pass\n")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from auth0_widget import LoginWidget"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert "ShadowedPackageError: The module jwt is that of the package 'jwt'" in done.stderr
    assert "pip install PyJWT" in done.stderr
