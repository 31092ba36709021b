"""How well each discriminator learns to separate real sounds from samples of a fixed VAE.

    python -m benchmarks.synthesis.discriminator_auc [--work .] [--steps 200] [--out FILE]

WORK is a folder in which the pipeline has run. Its `vae` generates sounds from its prior, with the classes of the
training sounds and of those of held-out kits. A discriminator that cannot separate them within a training gives a
decoder no useful gradient; one that uses inaudible differences gives it a useless one. So each is trained twice: on
sounds as users get them (post-processed), and on raw decoder output. The figures are the area under the ROC curve on
held-out kits (0.5 is chance; the score of a sound is the mean over its windows), and the seconds of a step.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from benchmarks._lib.git import head
from benchmarks._lib.trained_generators import sounds_of
from benchmarks._lib.vae_entry import vae_entry
from benchmarks.synthesis.adversarial import MEL, PERIOD, RESOLUTIONS, SCALE, WAVEGAN
from drumspace.audio.format.settings import AudioParams
from drumspace.io.json_files import write_json
from drumspace.io.settings import load, read_yaml
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.fitted_priors import load_priors
from drumspace.synth.sampling.latent_sources import LatentSource, build_latent_source
from drumspace.synth.training.vae.batches import Batches, Sounds, segment_samples
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vaegan.discriminator_terms import discriminator_loss
from drumspace.synth.training.vaegan.generator_terms import decode_latents, decode_postprocessed
from drumspace.synth.training.vaegan.settings import VaeGanSettings
from drumspace.synth.training.vaegan.warm_start import load_start
from drumspace.taxonomy import CLASSES
from drumspace.training.core.precision import autocast

PairedBatches = list[tuple[Tensor, Tensor, Tensor]]
"""Batches of real sounds [B, T], weights of their classes [B, C], and generated sounds [B, T]."""
TRAIN_BATCHES, TEST_BATCHES = 80, 8
"""Batches of training sounds, used repeatedly, and of held-out kits."""
DISCRIMINATORS: dict[str, dict[str, Any]] = {
    "wavegan, width 16": WAVEGAN,
    "multi_scale, width 4": SCALE,
    "multi_period, width 2": PERIOD,
    "multi_resolution_stft, complex, width 8": {"multi_resolution_stft": {**MEL, "width": 8, "view": "complex"}},
    "multi_resolution_stft, log-mel, width 8": {"multi_resolution_stft": {**MEL, "width": 8}},
    "multi_resolution_stft, log-mel, width 32": {"multi_resolution_stft": MEL},
    "the same at three resolutions": {"multi_resolution_stft": {**MEL, "resolutions": RESOLUTIONS}},
}


def paired_batches(
    vae: Vae,
    source: LatentSource,
    sounds: Sounds,
    settings: VaeGanSettings,
    audio: AudioParams,
    count: int,
    postprocessed: bool,
) -> PairedBatches:
    """`count` batches of real sounds, each with generated sounds from latents of `source`."""
    batches = Batches(
        sounds=sounds,
        seed=settings.seed,
        size=settings.batch_size,
        label_dropout=settings.label_dropout,
        augment=settings.augment,
        num_samples=audio.num_samples,
        hop=vae.hop,
        samples=segment_samples(settings.segment, audio.sample_rate, audio.num_samples, vae.hop, "discriminator_auc"),
    )
    results: PairedBatches = []
    for step in range(count):
        torch.manual_seed(settings.seed + step)
        batch = batches.load(torch.device("cpu"), 0, 1, step)
        with torch.no_grad():
            generated = (
                decode_postprocessed(vae, source, batch, audio) if postprocessed else decode_latents(vae, source, batch)
            )
        results.append((batch.real, batch.classes, generated.float()))
    return results


def train(discriminator: DiscriminatorSet, batches: PairedBatches, settings: VaeGanSettings, steps: int) -> float:
    """Train a discriminator; returns the seconds of a step."""
    optimizer = torch.optim.Adam(discriminator.parameters(), lr=settings.discriminator_rate, betas=settings.betas)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    start_time = time.perf_counter()
    for step in range(steps):
        real, classes, generated = batches[step % len(batches)]
        with autocast(real.device):
            loss, _ = discriminator_loss(discriminator, real, [generated], classes, settings)
        loss.backward()
        nn.utils.clip_grad_norm_(discriminator.parameters(), settings.gradient_clip or float("inf"))
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
    return (time.perf_counter() - start_time) / steps


@torch.no_grad()
def auc(discriminator: DiscriminatorSet, batches: PairedBatches) -> float:
    """Area under the ROC curve of real against generated sounds."""
    discriminator.eval()  # no phase shuffle
    scores: dict[bool, list[Tensor]] = {True: [], False: []}
    for real, classes, generated in batches:
        for is_real, wave in ((True, real), (False, generated)):
            means = [output.logits.float().mean(dim=1) for output in discriminator(wave, classes)]
            scores[is_real].append(torch.stack(means).mean(dim=0))
    all_scores = torch.cat(scores[True] + scores[False])
    return float(roc_auc_score([1] * (len(all_scores) // 2) + [0] * (len(all_scores) // 2), all_scores.numpy()))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path())
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/discriminator_auc.json"))
    arguments = parser.parse_args()
    params = read_yaml(arguments.work / "params.yaml")
    start = params["vaegan"]["starts_from"]
    vae_params = VaeSettings.model_validate(vae_entry(arguments.work / "params.yaml", start))
    settings = VaeGanSettings.model_validate(params["vaegan"]["models"][params["vaegan"]["run"][0]])
    audio = load(arguments.work / "params.yaml", "audio", AudioParams)
    vae, _ = load_start(arguments.work / "models" / "vae" / start, vae_params, audio, True, settings.seed)
    source = build_latent_source(settings.latents, load_priors(arguments.work / "models" / "priors" / start))
    sounds = sounds_of(arguments.work, vae_params)
    held_out = Sounds(sounds.pcm, sounds.validation, sounds.validation, sounds.classes)
    results: dict[str, dict[str, float]] = {name: {} for name in DISCRIMINATORS}
    for postprocessed in (True, False):
        batches, tests = (
            paired_batches(vae.train(), source, subset, settings, audio, count, postprocessed)
            for subset, count in ((sounds, TRAIN_BATCHES), (held_out, TEST_BATCHES))
        )
        for name, discriminators in DISCRIMINATORS.items():
            torch.manual_seed(settings.seed)
            discriminator = DiscriminatorSet(
                discriminators, batches[0][0].shape[1], audio.sample_rate, len(CLASSES) if settings.class_head else 0
            )
            seconds = train(discriminator, batches, settings, arguments.steps)
            value = auc(discriminator, tests)
            results[name] |= {"step_seconds": seconds, "postprocessed" if postprocessed else "decoded": value}
            print(
                f"{name}, {'post-processed' if postprocessed else 'decoded'}: {value:.3f}, {seconds:.2f} s a step",
                flush=True,
            )
    write_json(arguments.out, {"steps": arguments.steps, "commit": head(), "discriminators": results})


if __name__ == "__main__":
    main()
