"""Documents say what the measurements say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_tables_hold_the_figures_of_the_benchmarks() -> None:
    check = [sys.executable, ROOT / "benchmarks" / "tables", "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_table_with_another_figure_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- table: models -->\n| old |\n<!-- end -->\n", encoding="utf-8")
    command = [sys.executable, ROOT / "benchmarks" / "tables", "--pages", page]
    done = subprocess.run([*command, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "holds other figures than the files" in done.stderr
    subprocess.run(command, check=True)
    assert "`cnn_spec`" in page.read_text(encoding="utf-8")
    subprocess.run([*command, "--check"], check=True)
