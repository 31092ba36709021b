"""dvc.yaml against the code: a stage depends on exactly the files that its script reaches."""

import ast

import pytest
from closure import LEFT_OUT, ROOT, closure
from stages_of import Expanded, expanded

STAGES = expanded()


@pytest.mark.parametrize("name", STAGES)
def test_the_import_closure_lies_inside_the_deps(name: str) -> None:
    stage: Expanded = STAGES[name]
    listed = [dep.relative_to(ROOT).as_posix() for dep in stage.source_deps]
    files = closure(stage.script, stage.source_deps)
    outside = {file for file in files if not any(file == dep or file.startswith(f"{dep}/") for dep in listed)}
    assert not outside
    unused = [dep for dep in listed if not any(file == dep or file.startswith(f"{dep}/") for file in files)]
    assert not unused


@pytest.mark.parametrize("name", STAGES)
def test_what_no_output_depends_on_is_in_no_deps(name: str) -> None:
    for dep in STAGES[name].deps:
        assert not any(dep == left or dep.startswith(f"{left}/") or left.startswith(f"{dep}/") for left in LEFT_OUT)


@pytest.mark.parametrize("name", STAGES)
def test_deps_are_files_of_the_repository_or_outs_of_other_stages(name: str) -> None:
    outs = [out for stage in STAGES.values() for out in stage.outs]
    for dep in STAGES[name].deps:
        is_output = any(dep == out or out.startswith(dep + "/") or dep.startswith(out + "/") for out in outs)
        assert is_output or (ROOT / dep).exists(), f"{name} depends on {dep}, which nothing makes"


def test_every_stage_waits_for_the_check_of_params() -> None:
    makers = {out: name for name, stage in STAGES.items() for out in stage.outs}

    def upstream(name: str) -> set[str]:
        stages = set()
        for dep in STAGES[name].deps:
            for out, maker in makers.items():
                if dep == out or out.startswith(dep + "/") or dep.startswith(out + "/"):
                    stages |= {maker} | upstream(maker)
        return stages

    for name in STAGES:
        assert name == "validate" or "validate" in upstream(name)


def test_a_model_depends_on_its_own_file_alone() -> None:
    assert "src/drumspace/classify/models/svm.py" in STAGES["classify@svm"].deps
    assert "src/drumspace/classify/models/svm.py" not in STAGES["classify@cnn_spec"].deps
    assert "classify.models.cnn_spec" in STAGES["classify@cnn_spec"].params
    assert "classify.models.cnn_spec" not in STAGES["classify@svm"].params


def test_package_files_hold_a_docstring_alone() -> None:
    """Importing a module runs the __init__.py of its packages, which no stage lists: they hold no code.

    The public API's names in the package's own are the exception: a lazy import, which no stage uses.
    """
    for path in (ROOT / "src").rglob("__init__.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert isinstance(body[0], ast.Expr), path
        assert len(body) == 1 or path == ROOT / "src/drumspace/__init__.py", path


def test_only_tracking_imports_mlflow_and_only_stages_know_dvc_outputs() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.parent.name != "tracking":
            assert "import mlflow" not in text and "from mlflow" not in text, path
            assert "import dvc" not in text and "from dvc" not in text, path
