"""The training loop: resuming, schedules, validation and non-finite values."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import torch
from torch import Tensor, nn

from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.loop import LoopSettings, train
from drumspace.training.core.not_finite import NotFinite
from drumspace.training.core.result import TrainingResult

SETTINGS = LoopSettings(
    steps=12,
    learning_rate=0.05,
    schedule="one_cycle",
    weight_decay=0.0,
    ema_decay=0.5,
    validate_every=4,
    checkpoint_every=5,
    seed=3,
)


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1))


def loss(model: nn.Module, step: int, rank: int, world: int) -> Tensor:
    x = torch.randn(16, 4)
    return (model(x).squeeze(1) - x.sum(1)).square().mean()


def validate(model: nn.Module) -> tuple[tuple[float], dict[str, float]]:
    x = torch.linspace(-1, 1, 40).reshape(10, 4)
    with torch.no_grad():
        error = (model(x).squeeze(1) - x.sum(1)).square().mean().item()
    return (-error,), {"error": error}


class Killed(Exception):
    pass


def killed_at(step: int):
    def report(done: int, values: dict[str, float]) -> None:
        if "error" in values and done == step:
            raise Killed

    return report


def same(a: TrainingResult, b: TrainingResult) -> bool:
    return a.step == b.step and all(torch.equal(a.state[name], b.state[name]) for name in a.state)


def test_a_resumed_training_equals_an_uninterrupted_one_bit_for_bit(tmp_path: Path) -> None:
    uninterrupted = train(network(), loss, validate, SETTINGS)
    checkpoints = Checkpoints(tmp_path, "key")
    with pytest.raises(Killed):
        train(network(), loss, validate, SETTINGS, checkpoints, killed_at(8))
    state = checkpoints.load()
    assert state and state["step"] == 5
    steps: list[int] = []
    resumed = train(network(), loss, validate, SETTINGS, checkpoints, lambda done, values: steps.append(done))
    assert min(steps) > 5
    assert same(uninterrupted, resumed)
    checkpoints.clear()
    assert checkpoints.load() is None
    assert list(tmp_path.iterdir()) == []


def test_a_completed_training_returns_its_result_without_another_step(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, "key")
    first = train(network(), loss, validate, SETTINGS, checkpoints)
    steps: list[int] = []
    repeated = train(network(), loss, validate, SETTINGS, checkpoints, lambda done, values: steps.append(done))
    assert steps == []
    assert same(first, repeated)
    assert repeated.seconds >= first.seconds * 0.9 > 0


@pytest.mark.parametrize("schedule", ["one_cycle", "cosine"])
@pytest.mark.parametrize("steps", [1, 2, 19])
def test_any_number_of_steps_has_a_schedule(schedule: Literal["one_cycle", "cosine"], steps: int) -> None:
    settings = replace(SETTINGS, schedule=schedule, steps=steps)
    assert train(network(), loss, None, settings).step == steps


def test_a_nan_loss_names_its_step_and_the_last_good_checkpoint(tmp_path: Path) -> None:
    def nan_loss(model: nn.Module, step: int, rank: int, world: int) -> Tensor:
        return loss(model, step, rank, world) * (float("nan") if step == 7 else 1.0)

    checkpoints = Checkpoints(tmp_path, "key")
    with pytest.raises(NotFinite, match=f"the loss is not finite at step 7: .*checkpoint: {checkpoints.path}"):
        train(network(), nan_loss, validate, SETTINGS, checkpoints)
    saved = checkpoints.load()
    assert saved and saved["step"] == 5
    assert all(torch.isfinite(value).all() for value in saved["model"].values() if value.is_floating_point())


def test_a_nan_weight_is_not_kept(tmp_path: Path) -> None:
    model = network()
    # The parameter affects neither the loss nor a gradient.
    unused = nn.Parameter(torch.zeros(1))
    model.register_parameter("unused", unused)

    def corrupting_loss(network_: nn.Module, step: int, rank: int, world: int) -> Tensor:
        if step == 4:
            unused.data.fill_(float("inf"))
        return loss(network_, step, rank, world)

    checkpoints = Checkpoints(tmp_path, "key")
    with pytest.raises(NotFinite, match="a weight is not finite at step 4"):
        train(model, corrupting_loss, None, SETTINGS, checkpoints)
    assert checkpoints.load() is None


def test_two_processes_train_the_same_weights_as_one(tmp_path: Path) -> None:
    script = Path(__file__).with_name("two_processes.py")
    # Without MPI, `accelerate launch --cpu` starts a single process; torchrun starts two.
    environment = {
        **os.environ, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true", "ACCELERATE_MIXED_PRECISION": "no"
    }  # fmt: skip
    for processes in (1, 2):
        launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
        subprocess.run(
            [*launch, script, tmp_path / f"{processes}.pt"], check=True, env=environment, capture_output=True
        )
    single, double = (torch.load(tmp_path / f"{processes}.pt", weights_only=True) for processes in (1, 2))
    assert (int(single.pop("world")), int(double.pop("world"))) == (1, 2)
    assert single.keys() == double.keys()
    for name in single:
        torch.testing.assert_close(double[name], single[name], atol=1e-5, rtol=1e-4)


def test_training_lowers_the_loss_and_keeps_the_best_step() -> None:
    errors: dict[int, float] = {}
    trained = train(
        network(), loss, validate, SETTINGS, report=lambda d, v: errors.update({d: v["error"]} if "error" in v else {})
    )
    assert sorted(errors) == [4, 8, 12]
    assert trained.step == min(errors, key=lambda step: errors[step])
    # Over 5 seeds with and without bf16 and AVX-512 the ratio is 0.16 to 0.55.
    assert errors[trained.step] < 0.8 * validate(network().eval())[1]["error"]


def test_without_validation_the_last_step_is_kept() -> None:
    assert train(network(), loss, None, SETTINGS).step == SETTINGS.steps


def test_gradients_reach_every_parameter() -> None:
    model = network()
    before = [parameter.detach().clone() for parameter in model.parameters()]
    train(model, loss, None, SETTINGS)
    assert all(not torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))
