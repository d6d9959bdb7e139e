"""What CI depends on: locked versions with hashes, pinned actions, steps that call make."""

from __future__ import annotations

import ast
import re
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / ".ci" / "requirements.txt").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def locked() -> dict[str, list[str]]:
    """The versions of each package in the lock file: more than one where Pythons differ."""
    versions: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", LOCK, re.MULTILINE):
        versions.setdefault(canonicalize_name(name), []).append(version)
    return versions


def test_every_locked_version_has_a_hash_and_no_host_is_named() -> None:
    packages = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(packages) > 100
    assert [one for one in packages if "--hash=sha256:" not in one] == []
    assert re.findall(r"https?:|file:|index-url|find-links", LOCK) == []


def test_the_lock_file_has_what_pyproject_wants() -> None:
    versions = locked()
    wanted = [Requirement(line) for line in requires("auth0-widget") or []]
    ours = [one for one in wanted if "test" not in str(one.marker)]
    assert len(ours) > 10
    wrong = [
        str(one)
        for one in ours
        if not list(one.specifier.filter(versions.get(canonicalize_name(one.name), [])))
    ]
    assert wrong == [], "run 'make lock'"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_hash_with_the_version_beside_it(workflow: Path) -> None:
    uses = re.findall(r"uses: (.*)", workflow.read_text(encoding="utf-8"))
    assert uses
    assert [one for one in uses if not re.fullmatch(r"\S+@[0-9a-f]{40} # v[\d.]+", one)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_step_runs_a_make_target_that_there_is(workflow: Path) -> None:
    runs = re.findall(r"- run: (.*)", workflow.read_text(encoding="utf-8"))
    assert [one for one in runs if one.split()[:1] != ["make"]] == []
    assert {one.split()[1] for one in runs} <= TARGETS


def test_a_workflow_runs_every_kind_of_test() -> None:
    run = {
        target
        for workflow in WORKFLOWS
        for target in re.findall(r"- run: make (\S+)", workflow.read_text(encoding="utf-8"))
    }
    assert {one for one in TARGETS if one.startswith("test")} - run == set()


def test_the_mutation_tests_are_of_modules_and_tests_that_there_are() -> None:
    tree = ast.parse((ROOT / ".ci" / "mutation.py").read_text(encoding="utf-8"))
    tables = {
        ast.unparse(one.targets[0]): ast.literal_eval(one.value)
        for one in tree.body
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Dict)
    }
    more, twins = tables["MORE_TESTS"], tables["TWINS"]
    package = ROOT / "auth0_widget"
    assert [one for one in more if not (package / f"{one}.py").exists()] == []
    tests = {f"tests/{one}.py" for names in more.values() for one in names}
    for module in more:
        room, _, name = module.partition("/")
        tests.add(twins.get(module, f"tests/unit/{room}/test_{name}.py"))
    assert [one for one in tests if not (ROOT / one).exists()] == []
    # What every test runs is left out, and a module whose only function has a decorator.
    left_out = {"__init__", "access_token", "certificates", "environment", "proxy", "transport"}
    protocol = {path.stem for path in (package / "oauth").glob("*.py")} - left_out
    assert {f"oauth/{name}" for name in protocol} <= set(more)


def test_dependabot_looks_at_every_folder_with_npm_packages() -> None:
    text = (ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8")
    (listed,) = re.findall(r"directories: \[(.*)\]", text)
    files = [
        path
        for folder in ("benchmarks", "js", "tests")
        for path in (ROOT / folder).rglob("package-lock.json")
        if "node_modules" not in path.parts
    ]
    there = {f"/{path.parent.relative_to(ROOT).as_posix()}" for path in files}
    assert set(listed.split(", ")) == there
