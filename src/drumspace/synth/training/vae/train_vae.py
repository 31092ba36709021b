"""Training a VAE: its loss, what is watched, what it begins with."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from drumspace.audio.spectral.transforms import to_wave
from drumspace.errors import UserError
from drumspace.synth.dsp.coarse_spectrum import LEARNED_FROM, PcaInit
from drumspace.synth.losses.kl import kl_loss
from drumspace.synth.losses.reconstruction import drawn_resolutions, reconstruction_loss
from drumspace.synth.models.vae.build_vae import build
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.training.vae.batches import Batches, Sounds, segment_samples
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.validation import (
    HEARD,
    grain_distance,
    held_rows,
    pairs_of,
    raise_alarm,
    validation_of,
)
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.loop import LoopSettings, NotFinite, Trained, train
from drumspace.training.core.precision import accelerator

ALARM_AFTER = 0.2
"""Share of the steps after which silence and collapse are alarms: until then both are a beginning."""
SKETCHED = 64
"""Sounds whose sketches are made at once."""


def train_vae(
    sounds: Sounds,
    settings: VaeSettings,
    sample_rate: int,
    num_samples: int,
    checkpoints: Checkpoints | None = None,
    report: Callable[[int, dict[str, float]], None] = lambda step, values: None,
    title: str = "vae",
    listen: Callable[[int, np.ndarray], None] = lambda step, pairs: None,
) -> tuple[Vae, Trained]:
    """A trained VAE, on the CPU, in evaluation, and how its training went.

    `listen` gets, whenever there is validation, the step and float32 [n, 2, T]: sounds, and what became of them.
    Raises UserError where clips are too few, NotFinite where the loss is no number, Alarm where latents say nothing
    of the sounds or sounds fall silent.
    """
    if len(sounds.rows) < settings.batch_size:
        raise UserError(
            f"{title}: there are {len(sounds.rows)} sounds to learn from, fewer than a batch of {settings.batch_size}: "
            "add sounds, or lower batch_size."
        )
    torch.manual_seed(settings.seed)
    model = build(settings, sample_rate, num_samples)
    if model.principal is not None:
        model.begin(sketches_of(model.principal, sounds, settings))
    if settings.compiled:
        # In place: names of weights stay, and what has no compiled form (STFTs) runs as it is.
        model.encoder.compile()
        model.decoder.compile()
    twice = settings.terms.num_renderings == 2
    samples = segment_samples(settings.segment, sample_rate, num_samples, model.hop, title)
    batches = Batches(
        sounds=sounds,
        seed=settings.seed,
        size=settings.batch_size,
        label_dropout=settings.label_dropout,
        augment=settings.augment,
        num_samples=num_samples,
        hop=model.hop,
        samples=samples,
    )
    watched: dict[str, float] = {}
    done = [0]

    def loss(network: nn.Module, step: int, rank: int, world: int) -> Tensor:
        done[0] = step + 1
        batch = batches.draw(next(network.parameters()).device, rank, world, step)
        posterior, found = network(batch.wave, batch.classes, twice, batch.segment)
        at = drawn_resolutions(settings.terms)
        near = reconstruction_loss(
            found.wave, found.second, batch.real, settings.terms, sample_rate, at, batch.part
        ).mean()
        grain = grain_distance(model, found, batch.real, batch.wave)
        near = near + settings.terms.noise_ratio * grain
        nats = posterior.kl()
        apart = kl_loss(nats, settings.kl, (step + 1) / settings.steps)
        watched.update(
            reconstruction=near.item(), noise_ratio=grain.item(), kl_loss=apart.item(),
            kl=nats.sum(dim=1).mean().item(),
            peak=found.wave.detach().abs().amax(dim=1).mean().item(), dc=found.wave.detach().mean().abs().item(),
        )  # fmt: skip
        return near + apart

    held = held_rows(sounds, settings.seed)

    def validate(network: nn.Module) -> tuple[tuple[float, ...], dict[str, float]]:
        values = validation_of(network, sounds, held, settings, sample_rate)
        if done[0] > ALARM_AFTER * settings.steps:
            raise_alarm(values, title, done[0])
        if accelerator().is_main_process:
            listen(done[0], pairs_of(network, sounds, held[:HEARD]))
        return (-values["validation_loss"],), values

    def reported(step: int, values: dict[str, float]) -> None:
        report(step, {**values, **watched} if "loss" in values else values)

    loop = LoopSettings(
        steps=settings.steps,
        learning_rate=settings.learning_rate,
        schedule="cosine",
        weight_decay=0.0,
        ema_decay=settings.ema_decay,
        validate_every=settings.validate_every,
        checkpoint_every=settings.checkpoint_every,
        seed=settings.seed,
    )
    try:
        trained = train(model, loss, validate if len(held) else None, loop, checkpoints, reported, title)
    except NotFinite as error:
        rows = ", ".join(str(row) for row in batches.rows(error.step)[0])
        raise error.of(f"{title}; the rows of that batch: {rows}") from None
    model.load_state_dict(trained.state)
    return model.cpu().eval(), trained


@torch.no_grad()
def sketches_of(principal: PcaInit, sounds: Sounds, settings: VaeSettings) -> Tensor:
    """Of training sounds, some where there are many: [n, channels, coarse]."""
    rows = np.random.default_rng(settings.seed).permutation(sounds.rows)[:LEARNED_FROM]
    parts = np.array_split(rows, -(-len(rows) // SKETCHED))
    return torch.cat([principal.sketch(to_wave(sounds.pcm(part))) for part in parts])
