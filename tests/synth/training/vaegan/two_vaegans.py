"""Trains a small VAE-GAN; run by test_train_vaegan in one process and in two."""

import os
import sys

import torch
from accelerate import Accelerator

from small_vaegan import trained

if __name__ == "__main__":
    logs: list[float] = []
    model, _ = trained(
        "two_stage", {"steps": 20, "validate_every": 20},
        report=lambda step, values: logs.append(values.get("validation_reconstruction", 0.0)),
    )  # fmt: skip
    state = {**model.state_dict(), "reconstruction": torch.tensor(logs[-1])}
    torch.save(state, f"{sys.argv[1]}-{Accelerator().num_processes}-{os.environ.get('RANK', '0')}.pt")
