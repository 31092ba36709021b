"""Trains a small VAE; run by test_train_vae in one process and in two."""

import os
import sys

import numpy as np
import torch
from accelerate import Accelerator

from drumspace.synth.models.vae.build_vae import build
from drumspace.synth.training.vae.batches import Sounds
from drumspace.synth.training.vae.train_vae import coarse_spectra, train_vae
from drumspace.synth.training.vae.validation import validation_values
from small_vae import COUNT, LENGTH, RATE, drums, settings

if __name__ == "__main__":
    waves, labels = drums()
    pcm = np.round(waves * 32767).astype(np.int16)
    sounds = Sounds(pcm.__getitem__, np.arange(COUNT), np.arange(0, COUNT, 8), labels)
    losses: list[float] = []
    chosen = settings(steps=60, validate_every=60)
    torch.manual_seed(chosen.seed)
    untrained = build(chosen, RATE, LENGTH)
    assert untrained.pca_init is not None
    untrained.init_from_pca(coarse_spectra(untrained.pca_init, sounds, chosen.seed))
    initial = validation_values(untrained.eval(), sounds, sounds.validation, chosen, RATE)
    model, _ = train_vae(
        sounds, chosen, RATE, LENGTH,
        report=lambda step, logs: losses.append(logs.get("validation_reconstruction", 0.0)),
    )  # fmt: skip
    initial_loss = torch.tensor(initial["validation_reconstruction"])
    state = {**model.state_dict(), "final_loss": torch.tensor(losses[-1]), "initial_loss": initial_loss}
    torch.save(state, f"{sys.argv[1]}-{Accelerator().num_processes}-{os.environ.get('RANK', '0')}.pt")
