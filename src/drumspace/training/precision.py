"""Which numbers a training computes in, chosen at run time."""

import os

import torch
from accelerate import Accelerator


def mixed_precision() -> str:
    """bf16 where the device multiplies in it fast (recent GPUs; processors with AMX), else no.

    ACCELERATE_MIXED_PRECISION, which `accelerate launch` sets, is obeyed.
    """
    asked = os.environ.get("ACCELERATE_MIXED_PRECISION")
    if asked:
        return asked
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "no"
    return "bf16" if torch.cpu._is_amx_tile_supported() else "no"


def accelerator() -> Accelerator:
    """Device, processes and precision as they are found."""
    return Accelerator(mixed_precision=mixed_precision())


def device() -> torch.device:
    """Where this process computes."""
    return accelerator().device


def autocast(place: torch.device, usual: bool = True) -> torch.autocast:
    """The context in which a network runs outside of training: as precise as in training, or exact if not `usual`."""
    return torch.autocast(place.type, torch.bfloat16, enabled=usual and mixed_precision() == "bf16")
