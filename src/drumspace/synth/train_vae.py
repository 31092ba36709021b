"""Training a VAE: batches, loss, what is watched, and the alarms that stop it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from drumspace.audio.spectral import to_wave
from drumspace.errors import UserError
from drumspace.metrics.latent import active_units
from drumspace.synth.build_vae import build, class_weights
from drumspace.synth.decoded import Decoded, Segment, part_of
from drumspace.synth.losses import RESOLUTIONS
from drumspace.synth.sketch import LEARNED_FROM, Principal
from drumspace.synth.vae import Vae
from drumspace.synth.vae_loss import Part, distances, divergence, drawn_resolutions, reconstruction_loss
from drumspace.synth.vae_loss import listen as heard_of
from drumspace.synth.vae_params import Augment, VaeSettings
from drumspace.training.checkpoints import Checkpoints
from drumspace.training.loop import LoopSettings, NotFinite, Trained, train
from drumspace.training.precision import accelerator, autocast, device

Pcm = Callable[[np.ndarray], np.ndarray]
"""Row numbers → int16 [n, T]."""
SILENT = 1e-3
"""Peak under which a decoder's batch is silence."""
ALARM_AFTER = 0.2
"""Share of the steps after which silence and collapse are alarms: until then both are a beginning."""
HELD = 96
"""Validation sounds that are measured, at most."""
HEARD = 8
"""Of these, those to hear."""
SKETCHED = 64
"""Sounds whose sketches are made at once."""


class Alarm(UserError):
    """Training has gone where no sound comes from."""


@dataclass(frozen=True)
class Sounds:
    """What a VAE learns from."""

    pcm: Pcm
    rows: np.ndarray
    """int [n]: training clips."""
    validation: np.ndarray
    """int [m]: clips of other kits, which choose the step."""
    classes: np.ndarray
    """int [all clips]: index of a clip's class, -1 for none."""


def augmented(wave: Tensor, settings: Augment) -> Tensor:
    """Waves [B, T] changed at random, from torch's generator, each clip its own."""
    count, length = wave.shape
    if settings.speed:
        speed = 1 + settings.speed * (2 * torch.rand(count, 1, device=wave.device) - 1)
        position = torch.arange(length, device=wave.device) * speed
        left = position.floor().long()
        inside = left < length - 1
        left = left.clamp(max=length - 2)
        fraction = position - left
        wave = (wave.gather(1, left) * (1 - fraction) + wave.gather(1, left + 1) * fraction) * inside
    level = 10 ** (-settings.gain_db * torch.rand(count, 1, device=wave.device) / 20)
    if settings.flip:
        level = level * torch.where(torch.rand(count, 1, device=wave.device) < 0.5, -1.0, 1.0)
    return wave * level


def grain_distance(network: nn.Module, found: Decoded, real: Tensor, whole: Tensor) -> Tensor:
    """Mean distance of a decoder's shares of noise and lines from those of real waves; 0 of one that draws none.

    `real` is the part of the waves that was decoded, `whole` all of them.
    """
    if found.share is None or found.lines is None or found.told is None:
        return real.new_zeros(())
    assert isinstance(network, Vae)
    decoder: Any = network.decoder
    grain = decoder.meter.distance(found.share, real)
    return (grain + decoder.line_meter.distance(found.lines, found.told, whole)).mean()


def drawn_segment(count: int, samples: int, num_samples: int, hop: int, place: torch.device) -> Segment:
    """Of each of `count` sounds a part, from torch's generator: half of them the beginning."""
    last = (num_samples - samples) // hop
    start = torch.randint(0, last + 1, (count,)) * (torch.rand(count) < 0.5)
    return Segment(start.to(place), samples)


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
    twice = settings.terms.draws == 2
    samples = None
    if settings.segment is not None and settings.segment * sample_rate < num_samples:
        samples = max(1, round(settings.segment * sample_rate / model.hop)) * model.hop
    least = max(at.n_fft for at in RESOLUTIONS) // 2
    if (samples or num_samples) <= least:
        raise UserError(
            f"{title}: the loss's longest window needs more than {least} samples, and gets {samples or num_samples}: "
            "make `segment` (seconds) longer, or null."
        )
    watched: dict[str, float] = {}
    done = [0]

    def batch(step: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows, and their classes, some of them not told."""
        rng = np.random.default_rng([settings.seed, step])
        rows = rng.choice(sounds.rows, settings.batch_size)
        hidden = rng.random(settings.batch_size) < settings.null_share
        return rows, np.where(hidden, -1, sounds.classes[rows])

    def loss(network: nn.Module, step: int, rank: int, world: int) -> Tensor:
        done[0] = step + 1
        rows, classes = (part[rank::world] for part in batch(step))
        place = next(network.parameters()).device
        wave = augmented(to_wave(sounds.pcm(rows)).to(place), settings.augment)
        segment = None if samples is None else drawn_segment(len(wave), samples, num_samples, model.hop, place)
        posterior, found = network(wave, class_weights(classes).to(place), twice, segment)
        real, part = wave, None
        if segment is not None:
            part = Part(segment.start * model.hop, num_samples, wave.square().sum(dim=1))
            real = part_of(wave, part.begin, segment.samples)
        at = drawn_resolutions(settings.terms)
        near = reconstruction_loss(found.wave, found.second, real, settings.terms, sample_rate, at, part).mean()
        grain = grain_distance(model, found, real, wave)
        near = near + settings.terms.grain * grain
        nats = posterior.kl()
        apart = divergence(nats, settings.divergence, (step + 1) / settings.steps)
        watched.update(
            reconstruction=near.item(), grain=grain.item(), divergence=apart.item(), nats=nats.sum(dim=1).mean().item(),
            peak=found.wave.detach().abs().amax(dim=1).mean().item(), dc=found.wave.detach().mean().abs().item(),
        )  # fmt: skip
        return near + apart

    held = np.random.default_rng(settings.seed).permutation(sounds.validation)[:HELD]

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
        rows = ", ".join(str(row) for row in batch(error.step)[0])
        raise error.of(f"{title}; the rows of that batch: {rows}") from None
    model.load_state_dict(trained.state)
    return model.cpu().eval(), trained


@torch.no_grad()
def sketches_of(principal: Principal, sounds: Sounds, settings: VaeSettings) -> Tensor:
    """Of training sounds, some where there are many: [n, channels, coarse]."""
    rows = np.random.default_rng(settings.seed).permutation(sounds.rows)[:LEARNED_FROM]
    parts = np.array_split(rows, -(-len(rows) // SKETCHED))
    return torch.cat([principal.sketch(to_wave(sounds.pcm(part))) for part in parts])


@torch.no_grad()
def pairs_of(network: nn.Module, sounds: Sounds, rows: np.ndarray) -> np.ndarray:
    """float32 [n, 2, T]: sounds, and what their posteriors' means are decoded to."""
    assert isinstance(network, Vae)
    wave = to_wave(sounds.pcm(rows)).to(device())
    weights = class_weights(sounds.classes[rows]).to(wave.device)
    with torch.random.fork_rng(devices=[]), autocast(wave.device):
        made = network.decode(network.encode(wave).mean, weights).wave.float()
    return torch.stack([wave, made], dim=1).clamp(-1, 1).cpu().numpy()


@torch.no_grad()
def validation_of(
    network: nn.Module, sounds: Sounds, rows: np.ndarray, settings: VaeSettings, sample_rate: int
) -> dict[str, float]:
    """Loss without warm-up, reconstruction, its terms, nats of all and of each unit, active units, peak: of validation.

    The noise of posteriors and decoders is the same each time, so that steps can be told apart.
    """
    near, nats, peaks = [], [], []
    terms: dict[str, list[Tensor]] = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        for begin in range(0, len(rows), settings.batch_size):
            some = rows[begin : begin + settings.batch_size]
            wave = to_wave(sounds.pcm(some)).to(device())
            weights = class_weights(sounds.classes[some]).to(wave.device)
            with autocast(wave.device):
                posterior, found = network(wave, weights, settings.terms.draws == 2)
            grain = grain_distance(network, found, wave, wave)
            distance = reconstruction_loss(found.wave, found.second, wave, settings.terms, sample_rate)
            near.append(distance + settings.terms.grain * grain)
            terms.setdefault("grain", []).append(grain.expand(len(wave)))
            heard, real = (heard_of(each, settings.terms, sample_rate) for each in (found.wave, wave))
            for name, value in distances(heard, real, settings.terms, sample_rate).items():
                terms.setdefault(name, []).append(value)
            nats.append(posterior.kl())
            peaks.append(found.wave.abs().amax(dim=1))
    of_each = torch.cat(nats)
    of_unit = of_each.mean(dim=0).cpu()
    reconstruction = torch.cat(near).mean().item()
    return {
        "validation_loss": reconstruction + divergence(of_each, settings.divergence, 1.0).item(),
        "validation_reconstruction": reconstruction,
        **{f"validation_{name}": torch.cat(values).mean().item() for name, values in terms.items()},
        "validation_nats": of_each.sum(dim=1).mean().item(),
        "active_units": float(active_units(of_unit.numpy())),
        "validation_peak": torch.cat(peaks).mean().item(),
        **{f"nats_of_unit.{unit:03d}": value for unit, value in enumerate(of_unit.tolist())},
    }


def raise_alarm(values: dict[str, float], title: str, step: int) -> None:
    """Stop where latents or sounds are gone. Raises Alarm."""
    if not values["active_units"]:
        raise Alarm(
            f"{title}: at step {step} no latent unit says more than half a nat of its sound (posterior collapse): "
            "lower divergence.beta, or lengthen its warm_up."
        )
    if values["validation_peak"] < SILENT:
        raise Alarm(
            f"{title}: at step {step} the decoder is silent (mean peak {values['validation_peak']:.1e}): lower the "
            "learning rate, or look at the weights of `terms`."
        )
