"""Which numbers a training computes in, chosen at run time."""

import os

import torch
from accelerate import Accelerator

from drumspace.errors import UserError


def mixed_precision() -> str:
    """bf16 where the device multiplies in it fast (recent GPUs; processors with AMX or AVX512-BF16), else no.

    ACCELERATE_MIXED_PRECISION, which `accelerate launch` sets, is obeyed. Raises UserError where it asks for another.
    """
    asked = os.environ.get("ACCELERATE_MIXED_PRECISION")
    if asked in ("no", "bf16"):
        return asked
    if asked:
        raise UserError(f"mixed precision `{asked}` is not offered: ask for bf16 or no (accelerate config, or launch).")
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "no"
    known = torch.cpu.get_capabilities()
    return "bf16" if known.get("amx_bf16") or known.get("avx512_bf16") else "no"


def accelerator() -> Accelerator:
    """Device, processes and precision as they are found."""
    return Accelerator(mixed_precision=mixed_precision())


def device() -> torch.device:
    """Where this process computes."""
    return accelerator().device


def autocast(place: torch.device) -> torch.autocast:
    """The context in which a network runs outside of training, as precise as in training."""
    return torch.autocast(place.type, torch.bfloat16, enabled=mixed_precision() == "bf16")
