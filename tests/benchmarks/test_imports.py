"""Every benchmark imports and describes its arguments."""

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "benchmarks").rglob("*.py")
    if "_lib" not in path.parts and path.name != "__init__.py"
)
COMMANDS = [name for name in MODULES if not name.endswith("_tables")]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_names_the_command(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.syspath_prepend(ROOT)
    module = importlib.import_module(name)
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as stopped:
        module.main()
    assert stopped.value.code == 0
    command = name.removesuffix(".__main__")
    assert f"python -m {command}" in capsys.readouterr().out
