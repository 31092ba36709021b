"""Training a VAE against discriminators: the two losses, what is watched, what stops it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.transforms import to_wave
from drumspace.errors import UserError
from drumspace.io.registry import Registry
from drumspace.synth.dsp.postprocess import postprocess
from drumspace.synth.losses.adversarial import discriminator_objective, gradient_penalty, threshold
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.latent_sources import LatentSource
from drumspace.synth.training.vae.batches import Batches, Sounds, segment_samples
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.train_vae import sketches_of
from drumspace.synth.training.vae.validation import HEARD, held_rows, pairs_of, validation_of
from drumspace.synth.training.vaegan.collapse_monitor import NEIGHBOURS, CollapseMonitor, collapse_step
from drumspace.synth.training.vaegan.settings import VaeGanSettings
from drumspace.taxonomy import CLASSES
from drumspace.training.adversarial.loop import AdversarialResult, AdversarialSettings, Stop, play
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.loop import NotFinite
from drumspace.training.core.precision import accelerator, autocast, device

log = logging.getLogger("drumspace")

STRATEGIES = Registry("drumspace.synth.training.vaegan.strategies", "strategy", "vaegan.models.<name>.strategy")
ZERO = 1e-3
"""A discriminator's loss below this is zero: it tells every generated sound from a real one."""
GENERATOR_TURN = 1
"""Of a step, its batch: the discriminators' is 0."""


@dataclass(frozen=True)
class VaeGanTrained:
    """How a training went."""

    played: AdversarialResult
    collapsed_at: int | None
    """The step of the first of those last validations which found a collapse; None where the last one did not. That of
    the first validation: its samples have never been diverse."""
    discriminator_parameters: int


def train_vaegan(
    vae: Vae,
    vae_settings: VaeSettings,
    sounds: Sounds,
    settings: VaeGanSettings,
    audio: AudioParams,
    source: LatentSource,
    checkpoints: Checkpoints | None = None,
    report: Callable[[int, dict[str, float]], None] = lambda step, values: None,
    title: str = "vaegan",
    listen: Callable[[int, np.ndarray], None] = lambda step, pairs: None,
) -> tuple[Vae, VaeGanTrained]:
    """`vae` trained on, in place: its averaged weights of the kept step, on the CPU, in evaluation; how it went.

    vae: with the weights to begin with; vae_settings: those that it was built by; source: of the latents whose sounds
    discriminators are shown, and of validation's samples. `listen` as in train_vae. Raises UserError where clips are
    too few or a process would have fewer than two of a batch, NotFinite, with the batch's rows, where a loss is no
    number, Stopped where discriminators have won. Without a warm start its latents begin as train_vae's do.
    """
    processes = accelerator().num_processes
    if settings.batch_size < 2 * processes:
        raise UserError(
            f"{title}: of a batch of {settings.batch_size} not each of {processes} processes has two sounds: "
            f"raise batch_size to {2 * processes} at least, or start fewer processes."
        )
    if len(sounds.rows) < settings.batch_size:
        raise UserError(
            f"{title}: there are {len(sounds.rows)} sounds to learn from, fewer than a batch of {settings.batch_size}: "
            "add sounds, or lower batch_size."
        )
    strategy = strategy_of(settings)
    samples = segment_samples(settings.segment, audio.sample_rate, audio.num_samples, vae.hop, title)
    torch.manual_seed(settings.seed)
    discriminator = DiscriminatorSet(
        settings.discriminators,
        samples or audio.num_samples,
        audio.sample_rate,
        len(CLASSES) if settings.class_head else 0,
    )
    if not settings.warm_start and vae.principal is not None:
        vae.begin(sketches_of(vae.principal, sounds, vae_settings))
    strategy.freeze(vae)
    batches = Batches(
        sounds=sounds,
        seed=settings.seed,
        size=settings.batch_size,
        label_dropout=settings.label_dropout,
        augment=settings.augment,
        num_samples=audio.num_samples,
        hop=vae.hop,
        samples=samples,
    )

    last: tuple[int, ...] = ()

    def judge(
        generator: nn.Module, judged: nn.Module, step: int, turn: int, rank: int, world: int
    ) -> tuple[Tensor, dict[str, float]]:
        assert isinstance(generator, Vae) and isinstance(judged, DiscriminatorSet)
        nonlocal last
        last = (step,)
        batch = batches.draw(next(judged.parameters()).device, rank, world, *last)
        made = [wave.detach() for wave in strategy.fakes(generator, source, batch, audio)]
        value, told = judged_loss(judged, batch.real, made, batch.classes, settings)
        stop_if_zero(judged, told, settings.zero_steps)
        return value, told

    def make(
        generator: nn.Module, judged: nn.Module, step: int, turn: int, rank: int, world: int
    ) -> tuple[Tensor, dict[str, float]]:
        assert isinstance(generator, Vae) and isinstance(judged, DiscriminatorSet)
        nonlocal last
        last = (step, GENERATOR_TURN)
        batch = batches.draw(next(judged.parameters()).device, rank, world, *last)
        value, told = strategy.loss(generator, judged, source, batch, settings, audio, step)
        return value, told

    held = held_rows(sounds, settings.seed)
    watch = watch_of(sounds, held, settings.seed, audio.sample_rate) if len(held) > NEIGHBOURS else None
    if watch is None:
        log.warning("%s: too few kits to watch it by: its last step will be kept, collapsed or not", title)

    def validate(generator: nn.Module, step: int) -> tuple[tuple[float, ...], dict[str, float]]:
        assert isinstance(generator, Vae) and watch is not None
        values = validation_of(generator, sounds, held, vae_settings, audio.sample_rate)
        values |= watch.figures(sampled(generator, source, sounds, len(held), settings, audio))
        collapsed = watch.collapsed(values)
        if collapsed:
            log.warning("%s: mode collapse at step %d: its samples are of few kinds", title, step)
        if accelerator().is_main_process:
            listen(step, pairs_of(generator, sounds, held[:HEARD]))
        return (-values["samples_kernel_distance"],), {**values, "collapsed": float(collapsed)}

    adversarial = AdversarialSettings(
        discriminator_steps=1,
        generator_from=int(settings.warm_up * settings.steps),
        **settings.model_dump(
            include={
                "steps", "generator_rate", "discriminator_rate", "betas", "optimizer", "schedule", "ema_decay",
                "validate_every", "checkpoint_every", "seed", "gradient_clip", "discriminator_every",
            }
        ),
    )  # fmt: skip
    try:
        played = play(
            vae,
            discriminator,
            judge,
            make,
            adversarial,
            checkpoints,
            validate if watch is not None else None,
            report,
            title,
        )
    except NotFinite as error:
        rows = ", ".join(str(row) for row in batches.rows(*last)[0])
        raise error.of(f"{title}; the rows of the last batch: {rows}") from None
    vae.load_state_dict(played.state)
    distances = [values["samples_kernel_distance"] for _, values in played.history]
    if distances and min(distances[1:]) >= distances[0]:
        log.warning("%s: at no validation were its samples nearer to real sounds than as it began", title)
    begun = collapse_step([(step, bool(values["collapsed"])) for step, values in played.history])
    parameters = sum(weight.numel() for weight in discriminator.parameters())
    return vae.cpu().eval(), VaeGanTrained(played, begun, parameters)


def strategy_of(settings: VaeGanSettings) -> Any:
    """The module of the strategy that `settings` names."""
    return STRATEGIES.load(settings.strategy)


def judged_loss(
    discriminator: DiscriminatorSet, real: Tensor, made: list[Tensor], classes: Tensor, settings: VaeGanSettings
) -> tuple[Tensor, dict[str, float]]:
    """What discriminators lessen, of real sounds [B, T] and several batches of made ones: mean over their stacks.

    Beside it: each discriminator's loss, and the share of real and of made windows that they get right, in their mean.
    """
    heard_real = discriminator.by_name(real, classes)
    heard_made = [discriminator.by_name(wave, classes) for wave in made]
    least = threshold(settings.objective)
    losses: list[Tensor] = []
    right: dict[str, list[Tensor]] = {"real": [], "generated": []}
    told: dict[str, float] = {}
    for name, opinions in heard_real.items():
        own = []
        for place, opinion in enumerate(opinions):
            fakes = torch.cat([each[name][place].scores for each in heard_made])
            own.append(discriminator_objective(settings.objective, opinion.scores, fakes))
            right["real"].append((opinion.scores >= least).float().mean())
            right["generated"].append((fakes < least).float().mean())
        told[f"discriminator_loss.{name}"] = torch.stack(own).mean().item()
        losses += own
    value = torch.stack(losses).mean()
    told |= {f"discriminator_accuracy_{kind}": torch.stack(each).mean().item() for kind, each in right.items()}
    if settings.gradient_penalty:
        mix = torch.rand(len(real)).to(real.device)
        steepness = gradient_penalty(discriminator, real, made[0], mix, classes)
        told["gradient_penalty"] = steepness.item()
        value = value + settings.gradient_penalty * steepness
    return value, told


def stop_if_zero(discriminator: DiscriminatorSet, told: dict[str, float], allowed: int) -> None:
    """Count each discriminator's losses of zero, one after another, over all processes. Raises Stop at `allowed`."""
    own = torch.tensor(
        [told[f"discriminator_loss.{name}"] for name in discriminator.members], device=discriminator.zeros.device
    )
    zero = accelerator().reduce(own, "mean") < ZERO
    discriminator.zeros.copy_(torch.where(zero, discriminator.zeros + 1, 0))
    for name, count in zip(discriminator.members, discriminator.zeros.tolist(), strict=True):
        if count >= allowed:
            raise Stop(
                f"the loss of discriminator {name} has been zero for {allowed} of its updates (convergence failure): "
                "it tells all sounds apart, and the generator learns nothing more from it. Lower "
                "discriminator_rate, raise discriminator_every, or take smaller discriminators."
            )


def watch_of(sounds: Sounds, held: np.ndarray, seed: int, sample_rate: int) -> CollapseMonitor:
    """Validation sounds, and as many training sounds for the floor."""
    others = np.random.default_rng([seed, 1]).permutation(sounds.rows)[: len(held)]
    return CollapseMonitor.of(to_wave(sounds.pcm(held)), to_wave(sounds.pcm(others)), sample_rate)


@torch.no_grad()
def sampled(
    vae: Vae, source: LatentSource, sounds: Sounds, count: int, settings: VaeGanSettings, audio: AudioParams
) -> Tensor:
    """`count` post-processed samples [count, T] with the classes of training sounds, from fixed random numbers."""
    rng = np.random.default_rng([settings.seed, 2])
    found = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        for rows in np.array_split(rng.permutation(sounds.rows)[:count], -(-count // settings.batch_size)):
            wave = to_wave(sounds.pcm(rows)).to(device())
            weights = class_weights(sounds.classes[rows]).to(wave.device)
            with autocast(wave.device):
                latent = source(vae, wave, weights)
                made = vae.decode(latent, weights).wave.float()
            found.append(postprocess(made, wave.abs().amax(dim=1, keepdim=True), audio).cpu())
    return torch.cat(found)
