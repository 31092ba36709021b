"""The precision of training follows the environment or the processor."""

import pytest
import torch

from drumspace.errors import UserError
from drumspace.training.core.precision import mixed_precision


def test_the_requested_precision_is_used_and_unsupported_ones_raise_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    for precision in ("no", "bf16"):
        monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", precision)
        assert mixed_precision() == precision
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "fp16")
    with pytest.raises(UserError, match="`fp16` is not supported"):
        mixed_precision()


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [({"amx_bf16": True}, "bf16"), ({"avx512_bf16": True}, "bf16"), ({"avx2": True}, "no")],
)
def test_bf16_is_selected_on_processors_that_multiply_in_it(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], expected: str
) -> None:
    monkeypatch.delenv("ACCELERATE_MIXED_PRECISION", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert mixed_precision() == expected
