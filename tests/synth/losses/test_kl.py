"""The KL term: weight over the training, free bits, capacity."""

from typing import Any

import pytest
import torch
from pydantic import TypeAdapter

from drumspace.synth.losses.kl import BetaKl, KlSettings, kl_loss

KL = torch.tensor([[0.2, 3.0], [0.4, 5.0]])


def settings(kind: str, **changes: Any) -> BetaKl:
    forms: dict[str, dict[str, float]] = {
        "cyclic": {"cycles": 2},
        "free_bits": {"free_nats": 1.0},
        "capacity": {"capacity": 6.0},
    }
    return TypeAdapter(KlSettings).validate_python(
        {"kind": kind, "beta": 0.5, "warm_up": 0.5, **forms.get(kind, {}), **changes}
    )


def test_beta_rises_in_the_warm_up() -> None:
    values = [float(kl_loss(KL, settings("beta"), progress)) for progress in (0, 0.25, 0.5, 1)]
    assert values == pytest.approx([0, 0.5 * 0.5 * 4.3, 0.5 * 4.3, 0.5 * 4.3])
    assert float(kl_loss(KL, settings("beta", warm_up=0), 0)) == pytest.approx(0.5 * 4.3)


def test_each_cycle_starts_at_zero_and_the_last_step_has_the_full_weight() -> None:
    values = [float(kl_loss(KL, settings("cyclic"), progress)) for progress in (0, 0.25, 0.49, 0.5, 0.75, 1)]
    assert values == pytest.approx([0, 2.15, 2.15, 0, 2.15, 2.15])


def test_free_bits_have_no_gradient_below_the_threshold() -> None:
    kl = KL.clone().requires_grad_()
    value = kl_loss(kl, settings("free_bits", warm_up=0), 0)
    assert value.item() == pytest.approx(0.5 * (1 + 4))
    value.backward()
    assert kl.grad is not None
    assert kl.grad[:, 0].tolist() == [0, 0] and kl.grad[:, 1].tolist() == [0.25, 0.25]


def test_capacity_penalises_kl_below_and_above_the_target() -> None:
    values = [float(kl_loss(KL, settings("capacity"), progress)) for progress in (0, 0.5)]
    assert values == pytest.approx([0.5 * 4.3, 0.5 * (6 - 4.3)])
