"""Another package with the name jwt is an error when `auth0_widget.oauth` is imported."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "how", ["in place of it", "over it", "a file of one's own", "without a file"]
)
def test_another_package_named_jwt_is_told_at_import_with_both_names(
    tmp_path: Path, how: str
) -> None:
    # As the package "jwt" does: it has encode and decode, too.
    if how == "over it":
        pyjwt = find_spec("jwt")
        assert pyjwt is not None
        shutil.copytree(Path(str(pyjwt.origin)).parent, tmp_path / "jwt")
    elif how == "in place of it":
        (tmp_path / "jwt").mkdir()
    package = tmp_path / "jwt"
    module = package / "__init__.py" if package.exists() else tmp_path / "jwt.py"
    module.write_text("def encode(): pass\ndef decode(): pass\n")
    program = f"import sys, types; sys.path.insert(0, {str(tmp_path)!r}); "
    if how == "without a file":  # as a program leaves it that puts modules of its own there
        program += "sys.modules['jwt'] = types.ModuleType('jwt'); "
    program += "from auth0_widget import LoginWidget"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert "ShadowedPackageError: The module jwt is that of another package" in done.stderr
    assert "such as 'jwt', and not PyJWT's" in done.stderr
    assert "pip install PyJWT" in done.stderr
