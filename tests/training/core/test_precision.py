import pytest
import torch

from drumspace.errors import UserError
from drumspace.training.core.precision import mixed_precision


def test_what_is_asked_for_is_obeyed_and_what_is_not_offered_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for asked in ("no", "bf16"):
        monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", asked)
        assert mixed_precision() == asked
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "fp16")
    with pytest.raises(UserError, match="`fp16` is not offered"):
        mixed_precision()


@pytest.mark.parametrize(
    ("known", "expected"), [({"amx_bf16": True}, "bf16"), ({"avx512_bf16": True}, "bf16"), ({"avx2": True}, "no")]
)
def test_bf16_where_the_processor_multiplies_in_it(
    monkeypatch: pytest.MonkeyPatch, known: dict[str, bool], expected: str
) -> None:
    monkeypatch.delenv("ACCELERATE_MIXED_PRECISION", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known)
    assert mixed_precision() == expected
