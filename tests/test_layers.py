"""Imports only fall: tui → engine → actors → store; and each foreign library is known in one place."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("store", "actors", "engine", "tui", "perf")
"""From the bottom up."""

ONLY_THERE = {
    "lmdb": "store",
    "pykka": "actors",
    "textual": "tui",
    "zeep": "engine/gateways/shoutpoint.py",
}
"""Who alone may import a library."""

BESIDE = {"pykka": "perf/peers/pykka_threads.py"}
"""Who else may: the benchmark of stock pykka, which is no part of the product."""


def sources() -> Iterator[Path]:
    for layer in LAYERS:
        yield from sorted((ROOT / layer).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Full names of all that a file imports, wherever in the file it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively, line {node.lineno}"
            names.add(str(node.module))
    return names


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_imports_from_a_layer_above_its_own(path: Path):
    layer = LAYERS.index(path.relative_to(ROOT).parts[0])
    above = {name for name in imported(path) if name.split(".")[0] in LAYERS[layer + 1 :]}
    assert not above, f"{path.relative_to(ROOT)} reaches up to {sorted(above)}"


@pytest.mark.parametrize(("library", "home"), list(ONLY_THERE.items()))
def test_each_foreign_library_is_known_in_one_place(library: str, home: str):
    users = {
        str(path.relative_to(ROOT)) for path in sources() if library in {name.split(".")[0] for name in imported(path)}
    }
    assert users, f"nobody imports {library}"
    allowed = {home, BESIDE.get(library, home)}
    assert {user for user in users if user not in allowed and not user.startswith(f"{home}/")} == set()


def test_nothing_of_the_product_imports_its_tests():
    assert [path for path in sources() if any(name.split(".")[0] == "tests" for name in imported(path))] == []


_IMPORT_A_LAYER = """
import importlib, pkgutil, sys
layer, *above = sys.argv[1:]
package = importlib.import_module(layer)
for module in pkgutil.walk_packages(package.__path__, layer + "."):
    importlib.import_module(module.name)
found = {name.split(".")[0] for name in sys.modules} & set(above)
assert not found, found
"""


@pytest.mark.parametrize(
    ("layer", "above"),
    [("store", ["actors", "engine", "tui", "pykka"]), ("actors", ["engine", "tui", "zeep"])],
)
def test_a_layer_runs_without_those_above_it(layer: str, above: list[str]):
    ran([sys.executable, "-c", _IMPORT_A_LAYER, layer, *above])


def test_the_contracts_of_the_project_hold():
    lint = "from importlinter.cli import lint_imports_command as main; main()"
    ran([sys.executable, "-c", lint, "--no-cache", "--debug"])


def ran(command: list[str]) -> None:
    """Run a command in the project's folder; what it says is shown when it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
