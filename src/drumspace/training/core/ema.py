"""Exponential moving average of weights, with batch-normalisation statistics that fit it."""

import copy
from collections.abc import Callable

import torch
from accelerate.utils import set_seed
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

STATISTICS_BATCHES = 10
"""Training batches from which batch-normalisation statistics of averaged weights are computed."""


def weight_average(module: nn.Module, decay: float, device: torch.device) -> AveragedModel:
    """Moving average of weights and buffers of `module`; decay 0 follows the weights themselves."""
    return AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True, device=device)


def cpu_state(module: nn.Module) -> dict[str, Tensor]:
    """State dict of `module` as copies on the CPU."""
    return copy.deepcopy({name: value.detach().cpu() for name, value in module.state_dict().items()})


def refresh_batch_norm(module: nn.Module, forward: Callable[[nn.Module, int], object], seed: int, step: int) -> None:
    """Recompute the batch-normalisation statistics of averaged weights from training batches.

    Averaged statistics of other weights fit no weights: after few steps they cost most of the accuracy (Izmailov et
    al. 2018, section 3.2). forward(module, step) runs the module on the batch of a step.
    """
    norms = [norm for norm in module.modules() if isinstance(norm, _BatchNorm) and norm.track_running_stats]
    if not norms:
        return
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over the batches
    module.train()
    with torch.no_grad():
        for batch in range(STATISTICS_BATCHES):
            set_seed((seed * 1_000_003 + step * 1009 + batch * 101 + 50_021) % 2**31)
            forward(module, step + batch)
