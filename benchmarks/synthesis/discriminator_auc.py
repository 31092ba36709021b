"""What discriminators learn in how long: each alone against the sounds of a trained VAE, which stay as they are.

    python -m benchmarks.synthesis.discriminator_auc [--work .] [--steps 200]

WORK is a folder in which the pipeline has run: its `vae` makes sounds of its prior, of the classes of the training
sounds, and of those of held-out kits. A discriminator that can't tell real sounds from made ones within a training has
nothing to tell a decoder; one that tells them by what nobody hears, nothing of use. So each learns twice: of sounds as
they are heard, and as a decoder that learns gives them, neither levelled nor ended. Told: the area under the curve of
real sounds of held-out kits and of made ones (0.5: by chance), a sound's score the mean of its windows', and the
seconds of a step.
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
from drumspace.synth.sampling.latent_sources import Source, source_of
from drumspace.synth.training.vae.batches import Batches, Sounds, segment_samples
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vaegan.generator_terms import drawn, heard
from drumspace.synth.training.vaegan.settings import VaeGanSettings
from drumspace.synth.training.vaegan.train_vaegan import judged_loss
from drumspace.synth.training.vaegan.warm_start import start_of
from drumspace.taxonomy import CLASSES
from drumspace.training.core.precision import autocast

Shown = list[tuple[Tensor, Tensor, Tensor]]
"""Batches: real sounds [B, T], weights of their classes, and made ones of these."""
LEARNED, HEARD = 80, 8
"""Batches of training sounds, shown again and again, and of held-out kits."""
ALONE: dict[str, dict[str, Any]] = {
    "wavegan, width 16": WAVEGAN,
    "multi_scale, width 4": SCALE,
    "multi_period, width 2": PERIOD,
    "multi_resolution_stft, complex, width 8": {"multi_resolution_stft": {**MEL, "width": 8, "view": "complex"}},
    "multi_resolution_stft, log-mel, width 8": {"multi_resolution_stft": {**MEL, "width": 8}},
    "multi_resolution_stft, log-mel, width 32": {"multi_resolution_stft": MEL},
    "the same at three resolutions": {"multi_resolution_stft": {**MEL, "resolutions": RESOLUTIONS}},
}


def shown(
    vae: Vae, source: Source, sounds: Sounds, settings: VaeGanSettings, audio: AudioParams, count: int, as_heard: bool
) -> Shown:
    """So many batches, and sounds of latents of `source` beside them."""
    batches = Batches(
        sounds=sounds,
        seed=settings.seed,
        size=settings.batch_size,
        label_dropout=settings.label_dropout,
        augment=settings.augment,
        num_samples=audio.num_samples,
        hop=vae.hop,
        samples=segment_samples(settings.segment, audio.sample_rate, audio.num_samples, vae.hop, "told_apart"),
    )
    found: Shown = []
    for step in range(count):
        torch.manual_seed(settings.seed + step)
        batch = batches.draw(torch.device("cpu"), 0, 1, step)
        with torch.no_grad():
            made = heard(vae, source, batch, audio) if as_heard else drawn(vae, source, batch)
        found.append((batch.real, batch.classes, made.float()))
    return found


def learned(discriminator: DiscriminatorSet, batches: Shown, settings: VaeGanSettings, steps: int) -> float:
    """Train it; seconds of a step."""
    optimizer = torch.optim.Adam(discriminator.parameters(), lr=settings.discriminator_rate, betas=settings.betas)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    begin = time.perf_counter()
    for step in range(steps):
        real, classes, made = batches[step % len(batches)]
        with autocast(real.device):
            loss, _ = judged_loss(discriminator, real, [made], classes, settings)
        loss.backward()
        nn.utils.clip_grad_norm_(discriminator.parameters(), settings.gradient_clip or float("inf"))
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
    return (time.perf_counter() - begin) / steps


@torch.no_grad()
def told_apart(discriminator: DiscriminatorSet, batches: Shown) -> float:
    """Area under the curve."""
    discriminator.eval()  # phases stay as they are
    scores: dict[bool, list[Tensor]] = {True: [], False: []}
    for real, classes, made in batches:
        for true, wave in ((True, real), (False, made)):
            means = [opinion.scores.float().mean(dim=1) for opinion in discriminator(wave, classes)]
            scores[true].append(torch.stack(means).mean(dim=0))
    both = torch.cat(scores[True] + scores[False])
    return float(roc_auc_score([1] * (len(both) // 2) + [0] * (len(both) // 2), both.numpy()))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path())
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/discriminator_auc.json"))
    arguments = parser.parse_args()
    params = read_yaml(arguments.work / "params.yaml")
    begun = params["vaegan"]["starts_from"]
    own = VaeSettings.model_validate(vae_entry(arguments.work / "params.yaml", begun))
    settings = VaeGanSettings.model_validate(params["vaegan"]["models"][params["vaegan"]["run"][0]])
    audio = load(arguments.work / "params.yaml", "audio", AudioParams)
    vae, _ = start_of(arguments.work / "models" / "vae" / begun, own, audio, True, settings.seed)
    source = source_of(settings.latents, load_priors(arguments.work / "models" / "priors" / begun))
    sounds = sounds_of(arguments.work, own)
    held = Sounds(sounds.pcm, sounds.validation, sounds.validation, sounds.classes)
    found: dict[str, dict[str, float]] = {name: {} for name in ALONE}
    for as_heard in (True, False):
        batches, tests = (
            shown(vae.train(), source, of, settings, audio, count, as_heard)
            for of, count in ((sounds, LEARNED), (held, HEARD))
        )
        for name, discriminators in ALONE.items():
            torch.manual_seed(settings.seed)
            discriminator = DiscriminatorSet(
                discriminators, batches[0][0].shape[1], audio.sample_rate, len(CLASSES) if settings.class_head else 0
            )
            seconds = learned(discriminator, batches, settings, arguments.steps)
            area = told_apart(discriminator, tests)
            found[name] |= {"step_seconds": seconds, "as_heard" if as_heard else "as_decoded": area}
            print(f"{name}, {'heard' if as_heard else 'decoded'}: {area:.3f}, {seconds:.2f} s a step", flush=True)
    write_json(arguments.out, {"steps": arguments.steps, "commit": head(), "discriminators": found})


if __name__ == "__main__":
    main()
