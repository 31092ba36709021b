"""Trains a small VAE-GAN; run by test_train_vaegan in one process, then in two."""

import os
import sys

import torch
from accelerate import Accelerator

from small_vaegan import trained

if __name__ == "__main__":
    told: list[float] = []
    model, _ = trained(
        "two_stage", {"steps": 20, "validate_every": 20},
        report=lambda step, values: told.append(values.get("validation_reconstruction", 0.0)),
    )  # fmt: skip
    state = {**model.state_dict(), "told": torch.tensor(told[-1])}
    torch.save(state, f"{sys.argv[1]}-{Accelerator().num_processes}-{os.environ.get('RANK', '0')}.pt")
