"""Device and numerical precision, chosen at run time."""

import os

import torch
from accelerate import Accelerator

from drumspace.errors import UserError


def mixed_precision() -> str:
    """`bf16` where the device is fast at it (recent GPUs; processors with AMX or AVX512-BF16), else `no`.

    ACCELERATE_MIXED_PRECISION, which `accelerate launch` sets, takes precedence. Raises UserError for other values.
    """
    requested = os.environ.get("ACCELERATE_MIXED_PRECISION")
    if requested in ("no", "bf16"):
        return requested
    if requested:
        raise UserError(
            f"mixed precision `{requested}` is not supported: choose bf16 or no (accelerate config, or launch)."
        )
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "no"
    capabilities = torch.cpu.get_capabilities()
    return "bf16" if capabilities.get("amx_bf16") or capabilities.get("avx512_bf16") else "no"


def accelerator() -> Accelerator:
    """Accelerator with the available device, processes and precision."""
    return Accelerator(mixed_precision=mixed_precision())


def device() -> torch.device:
    """The device of this process."""
    return accelerator().device


def autocast(device: torch.device) -> torch.autocast:
    """Autocast context for inference, with the precision of training."""
    return torch.autocast(device.type, torch.bfloat16, enabled=mixed_precision() == "bf16")
