"""Trains a small VAE-GAN; run by test_train_vaegan in one process and in two."""

import os
import sys

import torch
from accelerate import Accelerator

from small_vaegan import trained

if __name__ == "__main__":
    losses: list[float] = []

    def report(step: int, logs: dict[str, float]) -> None:
        if "validation_reconstruction" in logs:
            losses.append(logs["validation_reconstruction"])

    # The first loss is measured before the first step of the decoder.
    model, _ = trained("two_stage", {"steps": 20, "validate_every": 20}, report=report)
    state = {**model.state_dict(), "initial_loss": torch.tensor(losses[0]), "final_loss": torch.tensor(losses[-1])}
    torch.save(state, f"{sys.argv[1]}-{Accelerator().num_processes}-{os.environ.get('RANK', '0')}.pt")
