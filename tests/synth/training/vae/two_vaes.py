"""Trains a small VAE; run by test_train_vae in one process and in two."""

import os
import sys

import numpy as np
import torch
from accelerate import Accelerator

from drumspace.synth.training.vae.batches import Sounds
from drumspace.synth.training.vae.train_vae import train_vae
from small_vae import COUNT, LENGTH, RATE, drums, settings

if __name__ == "__main__":
    waves, labels = drums()
    pcm = np.round(waves * 32767).astype(np.int16)
    sounds = Sounds(pcm.__getitem__, np.arange(COUNT), np.arange(0, COUNT, 8), labels)
    logs: list[float] = []
    model, _ = train_vae(
        sounds, settings(steps=20, validate_every=20), RATE, LENGTH,
        report=lambda step, values: logs.append(values.get("validation_reconstruction", 0.0)),
    )  # fmt: skip
    state = {**model.state_dict(), "reconstruction": torch.tensor(logs[-1])}
    torch.save(state, f"{sys.argv[1]}-{Accelerator().num_processes}-{os.environ.get('RANK', '0')}.pt")
