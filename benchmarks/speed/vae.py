"""Speed of VAEs: generation, and a training step of `sing` compared with a plain implementation.

    python -m benchmarks.speed.vae [--models models] [--width 256] [--steps 12] [--out reports/benchmarks/vae.json]

Generation uses the `vae` of MODELS: 1,000 sounds at once, and one at a time (median). The plain implementation of
SING has the published layers in torch.nn, with torch.stft for the loss. Both train on the same noise, with the same
loss at all three resolutions over whole sounds, 16 per step, with AdamW.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d, conv_transpose1d

from benchmarks._lib.vae_entry import vae_entry
from drumspace.io.json_files import write_json
from drumspace.synth.losses.stft import POWER_FLOOR, RESOLUTIONS
from drumspace.synth.sampling.sound_files import load_generator
from drumspace.synth.sampling.trained_vae import TrainedVae
from drumspace.synth.training.vae.batches import Sounds
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.train_vae import train_vae

RATE, LENGTH, BATCH = 44_100, 44_100, 16


class PlainSing(nn.Module):
    """SING's autoencoder (Défossez et al. 2018) with a sampling layer, one latent per sound, in plain torch.nn."""

    def __init__(self, width: int, latent: int) -> None:
        """Build the layers: `width` channels, `latent` dimensions."""
        super().__init__()
        self.window = nn.Buffer(torch.hann_window(1024) ** 2)
        self.first = nn.Conv1d(1, width, 1024, 256)
        self.encoder = nn.Sequential(
            nn.ReLU(), nn.Conv1d(width, width, 1), nn.ReLU(), nn.Conv1d(width, width, 1), nn.ReLU(),
            nn.Conv1d(width, 128, 1),
        )  # fmt: skip
        frames = (-(-LENGTH // 256) * 256 + 2 * 2304 - 1024) // 256 + 1
        self.to_posterior = nn.Linear(128 * frames, 2 * latent)
        self.from_latent = nn.Linear(latent, 128 * frames)
        self.decoder = nn.Sequential(
            nn.Conv1d(128, width, 9), nn.ReLU(), nn.Conv1d(width, width, 1), nn.ReLU(), nn.Conv1d(width, width, 1),
            nn.ReLU(),
        )  # fmt: skip
        self.last = nn.ConvTranspose1d(width, 1, 1024, 256, 768)

    def forward(self, wave: Tensor) -> tuple[Tensor, Tensor]:
        """Waveform [B, T] → reconstruction [B, T] and KL [B] (nats)."""
        padded = nn.functional.pad(wave, (2304, 2304 + -wave.shape[1] % 256)).unsqueeze(1)
        frames = conv1d(padded, self.first.weight * self.window, self.first.bias, 256)
        mean, log_variance = self.to_posterior(self.encoder(frames).flatten(1)).chunk(2, dim=1)
        latent = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        generated = self.decoder(self.from_latent(latent).view(len(wave), 128, -1))
        out = conv_transpose1d(generated, self.last.weight * self.window, self.last.bias, 256, 768)
        kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)
        return out[:, 0, 512 : 512 + wave.shape[1]], kl


def plain_loss(generated: Tensor, real: Tensor) -> Tensor:
    """Log-magnitude and spectral convergence loss per clip, at three resolutions."""
    total = torch.zeros(len(real))
    for n_fft, hop_length, length in RESOLUTIONS:
        window = torch.hann_window(length)
        x, y = (
            torch.stft(wave, n_fft, hop_length, length, window, return_complex=True).abs().clamp(min=POWER_FLOOR**0.5)
            for wave in (generated, real)
        )
        total += (y.log() - x.log()).abs().mean(dim=(1, 2)) + (y - x).norm(dim=(1, 2)) / y.norm(dim=(1, 2))
    return total.mean() / len(RESOLUTIONS)


def plain_steps(pcm: np.ndarray, settings: VaeSettings, width: int) -> float:
    """Training steps per second of the plain implementation."""
    torch.manual_seed(0)
    model = PlainSing(width, settings.latent)
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate)
    rng = np.random.default_rng(0)
    start_time = 0.0
    for step in range(settings.steps + 2):
        if step == 2:
            start_time = time.perf_counter()
        real = torch.from_numpy(pcm[rng.choice(len(pcm), BATCH)].astype(np.float32) / 32768)
        generated, kl = model(real)
        loss = plain_loss(generated, real) + 1e-4 * kl.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return settings.steps / (time.perf_counter() - start_time)


def our_steps(pcm: np.ndarray, settings: VaeSettings) -> float:
    """Training steps per second of train_vae, from the difference of two trainings, which excludes set-up."""
    rows = np.arange(len(pcm))
    sounds = Sounds(pcm.__getitem__, rows, rows[:0], np.full(len(pcm), -1))
    seconds = []
    for steps in (2, 2 + settings.steps):
        start_time = time.perf_counter()
        train_vae(sounds, settings.model_copy(update={"steps": steps}), RATE, LENGTH)
        seconds.append(time.perf_counter() - start_time)
    return settings.steps / (seconds[1] - seconds[0])


def sing_settings(width: int, steps: int) -> VaeSettings:
    """Settings of params.yaml's `sing`, without what the plain implementation lacks."""
    entry = vae_entry(Path("params.yaml"), "sing")
    entry |= {"network": {"width": width, "features": 128}, "condition": "none", "steps": steps, "batch_size": BATCH}
    entry |= {"segment": None, "augment": {"flip": False, "speed": 0, "gain_db": 0}, "ema_decay": 0}
    entry["terms"] |= {"log_magnitude": 1, "spectral_convergence": 1, "sing_log": 0, "mel": 0}
    entry["terms"] |= {"resolutions": 3, "num_renderings": 1, "onset": 1}
    entry["kl"] |= {"kind": "beta", "beta": 1e-4, "warm_up": 0}
    return VaeSettings.model_validate(entry)


def generation(vae: TrainedVae, label: str | None) -> dict[str, Any]:
    """Speed of generation: 1,000 sounds at once, and one at a time."""
    list(vae.batches(label, 64, 0))
    start_time = time.perf_counter()
    generated = sum(len(batch) for batch in vae.batches(label, 1000, 1))
    seconds = time.perf_counter() - start_time
    single_ms = []
    for seed in range(50):
        start_time = time.perf_counter()
        list(vae.batches(label, 1, seed))
        single_ms.append(1000 * (time.perf_counter() - start_time))
    audio = generated * vae.audio.num_samples / vae.audio.sample_rate
    return {
        "sounds": generated,
        "seconds": seconds,
        "times_real_time": audio / seconds,
        "single_ms": float(np.median(single_ms)),
    }


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--width", type=int, default=256, help="of SING")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--out", type=Path, help="JSON to write")
    arguments = parser.parse_args()
    vae = load_generator(arguments.models, "vae", None)
    pcm = (np.random.default_rng(0).normal(0, 3000, (64, LENGTH))).astype(np.int16)
    settings = sing_settings(arguments.width, arguments.steps)
    plain_rate, our_rate = plain_steps(pcm, settings, arguments.width), our_steps(pcm, settings)
    result = {
        "generation": {"model": vae.name, **generation(vae, "snare" if vae.conditional else None)},
        "sing_step": {
            "width": arguments.width,
            "batch_size": BATCH,
            "steps_per_second": {"plain": plain_rate, "drumspace": our_rate},
            "ratio": our_rate / plain_rate,
        },
        "threads": torch.get_num_threads(),
    }
    print(json.dumps(result, indent=2))
    if arguments.out:
        write_json(arguments.out, result)


if __name__ == "__main__":
    main()
