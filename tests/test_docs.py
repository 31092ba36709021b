"""Documents say what the measurements say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from drumspace.io.json_files import read_json
from drumspace.io.settings import read_yaml
from drumspace.synth.training.vaegan.settings import VaeGanSettings

ROOT = Path(__file__).parents[1]


def test_tables_hold_the_figures_of_the_benchmarks() -> None:
    check = [sys.executable, "-m", "benchmarks.tables", "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_a_table_with_another_figure_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- table: models -->\n| old |\n<!-- end -->\n", encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.tables", "--pages", page]
    done = subprocess.run([*command, "--check"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert "holds other figures than the files" in done.stderr
    subprocess.run(command, check=True, cwd=ROOT)
    assert "`cnn_spec`" in page.read_text(encoding="utf-8")
    subprocess.run([*command, "--check"], check=True, cwd=ROOT)


def test_the_recipe_for_the_thesis_ways_is_what_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.synthesis.adversarial import variants

    recipe = re.search(
        r"```yaml\nvaegan:(.*?)```", (ROOT / "docs" / "vaegan.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert recipe
    params = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(f"{params}\nrecipe:{recipe[1]}", encoding="utf-8")
    recipe_params = read_yaml(tmp_path / "params.yaml")["recipe"]
    measured = {variant.name: variant for variant in variants(ROOT)}
    strategies = {
        "alternating": {},
        "larsen, log": {
            "strategy": "larsen", "discriminator_every": 1, "objective": "log",
            "weights": {**recipe_params["models"]["vaegan"]["weights"], "feature_matching": 1},
        },
    }  # fmt: skip
    for name, changes in strategies.items():
        assert recipe_params["starts_from"] == measured[name].vae
        assert (
            VaeGanSettings.model_validate({**recipe_params["models"]["vaegan"], **changes}) == measured[name].settings
        )


def test_the_readme_fits_on_a_few_screens() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 180


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))])
def test_links_and_paths_of_the_library_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    generated = {"contributing.md", "changelog.md", "api/index.md"}  # pages that docs/site_hooks.py makes
    links = {link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link} - generated
    assert [link for link in sorted(links) if not (page.parent / link).exists()] == []
    paths = re.findall(r"`((?:src/drumspace|stages|benchmarks|tests|params)/[\w/.-]*)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    modules = re.findall(r"python -m (benchmarks[\w.]*)", text)
    missing = [name for name in modules if not list(ROOT.glob(f"{name.replace('.', '/')}*"))]
    assert missing == []


def test_every_figure_is_defined() -> None:
    metrics = {path.stem: read_json(path) for path in (ROOT / "reports" / "metrics").glob("*.json")}
    classifiers, synthesis = metrics["classifiers"], metrics["synthesis"]
    generators = [name for name, entry in synthesis.items() if isinstance(entry, dict) and "kernel_distance" in entry]
    objects = [
        metrics["ingest"], metrics["split"], metrics["label_issues"], metrics["manifold"], metrics["propagation"],
        classifiers, *classifiers["models"].values(), classifiers["label"], classifiers["committee"] or {},
        metrics["manifold"]["rows"][0], metrics["propagation"]["rows"][0], metrics["propagation"]["labels"],
        {name: entry for name, entry in synthesis.items() if name not in generators},
        *(synthesis[name] for name in generators),
    ]  # fmt: skip
    keys = {key.removesuffix("_ci95") for entry in objects for key in entry} - {"ci95", "k", "precision"}
    page = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []
