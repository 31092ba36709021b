"""WaveGAN has the published generator, and its training is reproducible."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from drumspace.synth.discriminators.wavegan import WaveGanDiscriminator
from drumspace.synth.models.baselines.wavegan import WaveGanGenerator, WaveGanSettings, draw_latent
from drumspace.synth.models.discriminator.output import DiscriminatorOutput
from drumspace.synth.training.baselines.wavegan import discriminator_loss, generator_loss, train_wavegan
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.not_finite import NotFinite

RATE, LENGTH = 4000, 1024
ROWS = np.arange(100)


def settings(**changes: float) -> WaveGanSettings:
    defaults = {
        "seed": 0, "latent": 8, "width": 8, "layers": 3, "phase_shuffle": 2, "discriminator_steps": 3,
        "gradient_penalty": 10,
        "batch_size": 16, "steps": 120, "learning_rate": 1e-3, "ema_decay": 0.9, "checkpoint_every": 1000,
    }  # fmt: skip
    return WaveGanSettings.model_validate({**defaults, **changes})


def tiny(**changes: float) -> WaveGanSettings:
    return settings(
        **{"width": 2, "discriminator_steps": 2, "batch_size": 4, "steps": 4, "checkpoint_every": 2, **changes}
    )


def clips(count: int = len(ROWS)) -> np.ndarray:
    """Sines of 300 to 500 Hz that decay within the first quarter: int16 [count, LENGTH]."""
    rng = np.random.default_rng(0)
    time = np.arange(LENGTH) / RATE
    pitch, decay = rng.uniform(300, 500, (count, 1)), rng.uniform(20, 30, (count, 1))
    return (np.sin(2 * np.pi * pitch * time) * np.exp(-time * decay) * 20000).astype(np.int16)


def early_share(wave: np.ndarray) -> float:
    """Median share of a clip's energy in its first quarter."""
    energy = wave.astype(np.float64) ** 2
    return float(np.median(energy[:, : LENGTH // 4].sum(axis=1) / energy.sum(axis=1)))


def tone_share(wave: np.ndarray) -> float:
    """Median share of a clip's energy between 250 and 550 Hz."""
    power = np.abs(np.fft.rfft(wave.astype(np.float64), axis=1)) ** 2
    pitch = np.fft.rfftfreq(LENGTH, 1 / RATE)
    return float(np.median(power[:, (pitch > 250) & (pitch < 550)].sum(axis=1) / power.sum(axis=1)))


def sounds(generator: WaveGanGenerator) -> np.ndarray:
    with torch.no_grad():
        return generator(draw_latent(np.random.default_rng(5), 64, generator.latent)).numpy()


class Linear(nn.Module):
    """D(x) = a · x: its gradient is a everywhere."""

    def __init__(self, slope: Tensor) -> None:
        super().__init__()
        self.slope = nn.Parameter(slope)

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        return [DiscriminatorOutput((wave @ self.slope)[:, None], [])]


@pytest.mark.parametrize("layers", [1, 3, 5])
@pytest.mark.parametrize("num_samples", [1, 8000, 12345, 16384, 44100])
def test_the_wave_has_the_requested_length(num_samples: int, layers: int) -> None:
    torch.manual_seed(0)
    generator = WaveGanGenerator(num_samples, latent=3, width=1, layers=layers)
    latent = draw_latent(np.random.default_rng(0), 2, 3)
    wave = generator(latent)
    assert wave.shape == (2, num_samples)
    # Samples beyond the requested length are cut from the end: the samples before them are those of the full output.
    generator.num_samples = generator.start * 4**layers
    uncut = generator(latent)
    assert num_samples <= uncut.shape[1] == generator.start * 4**layers < num_samples + 4**layers
    assert torch.equal(uncut[:, :num_samples], wave)


def test_the_published_net_has_the_published_shape() -> None:
    generator = WaveGanGenerator(16384)
    assert generator.start == 16
    assert generator.dense.out_features == 16 * 1024
    shapes = [tuple(convolution.weight.shape) for convolution in generator.convolutions]
    assert shapes == [(1024, 512, 25), (512, 256, 25), (256, 128, 25), (128, 64, 25), (64, 1, 25)]
    larger = WaveGanGenerator(65536, layers=6)
    assert (larger.start, larger.dense.out_features) == (16, 16 * 2048)


def test_each_layer_upsamples_by_four_without_gaps() -> None:
    generator = WaveGanGenerator(4000, latent=3, width=1, layers=4)
    wave = generator(draw_latent(np.random.default_rng(0), 1, 3))
    lengths = []
    values = torch.zeros(1, 8, generator.start)
    for convolution in generator.convolutions:
        values = convolution(values)
        lengths.append(values.shape[-1] / generator.start)
    assert lengths == [4, 16, 64, 256]
    assert wave.abs().max() <= 1


def test_gradients_reach_every_parameter_of_both() -> None:
    torch.manual_seed(0)
    generator, discriminator = WaveGanGenerator(1000, 4, 2, 3), WaveGanDiscriminator(1000, 2, 3)
    rng = np.random.default_rng(0)
    fake = generator(draw_latent(rng, 8, 4))
    generator_loss(discriminator, fake).backward()
    for name, parameter in generator.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().max() > 0, name
    discriminator.zero_grad(set_to_none=True)
    discriminator_loss(discriminator, torch.randn(8, 1000), fake.detach(), torch.rand(8), 10)[0].backward()
    for name, parameter in discriminator.named_parameters():
        if name == "output.1.bias":  # a bias shifts all scores alike and cancels in the loss
            assert parameter.grad is not None and parameter.grad.abs().max() < 1e-6
        else:
            assert parameter.grad is not None and parameter.grad.abs().max() > 0, name


def test_the_losses_are_those_of_wgan_gp() -> None:
    discriminator = Linear(torch.linspace(-1, 2, 50))
    real, fake = torch.randn(6, 50), torch.randn(6, 50)
    value, values = discriminator_loss(discriminator, real, fake, torch.rand(6), 10)
    distance = ((real @ discriminator.slope).mean() - (fake @ discriminator.slope).mean()).item()
    penalty = ((discriminator.slope.norm() - 1) ** 2).item()
    assert value.item() == pytest.approx(10 * penalty - distance, rel=1e-5)
    assert values["estimated_distance"] == pytest.approx(distance, rel=1e-5)
    assert values["gradient_penalty"] == pytest.approx(penalty, rel=1e-5)
    assert generator_loss(discriminator, fake).item() == pytest.approx(
        -(fake @ discriminator.slope).mean().item(), rel=1e-5
    )


def test_latents_are_uniform_in_their_interval() -> None:
    latent = draw_latent(np.random.default_rng(0), 500, 20)
    assert latent.shape == (500, 20)
    assert latent.dtype == torch.float32
    assert -1 <= latent.min() < -0.99 and 0.99 < latent.max() <= 1
    assert latent.var() == pytest.approx(1 / 3, abs=0.01)


@pytest.mark.parametrize("backwards", [False, True])
def test_generated_sounds_approach_the_training_sounds(backwards: bool) -> None:
    pcm = clips()
    if backwards:
        pcm = np.ascontiguousarray(pcm[:, ::-1])
    torch.manual_seed(0)
    before = sounds(WaveGanGenerator(LENGTH, 8, 8, 3))
    assert early_share(before) < 0.35 and tone_share(before) < 0.2
    generator, _ = train_wavegan(pcm.__getitem__, ROWS, settings(), LENGTH)
    after = sounds(generator)
    assert early_share(pcm) < 0.01 if backwards else early_share(pcm) > 0.95
    # Over 5 seeds with and without bf16 the share is at most 0.002 backwards and at least 0.90 forwards.
    assert early_share(after) < 0.1 if backwards else early_share(after) > 0.8
    assert tone_share(pcm) > 0.95
    # Over these seeds the share is 0.67 to 0.88 (0.24 to 0.80 after 80 steps).
    assert tone_share(after) > 0.5


def test_only_the_given_rows_are_used_in_an_order_set_by_the_seed() -> None:
    rows = np.arange(7, 90, 3)

    def batches(seed: int) -> list[tuple[int, ...]]:
        batches_used: list[tuple[int, ...]] = []

        def pcm(batch_rows: np.ndarray) -> np.ndarray:
            batches_used.append(tuple(batch_rows.tolist()))
            return clips()[batch_rows]

        train_wavegan(pcm, rows, tiny(seed=seed), LENGTH)
        return batches_used

    first, repeated, other = batches(0), batches(0), batches(1)
    assert {row for batch in first for row in batch} <= set(rows.tolist())
    # Each discriminator update has its own batch: 4 steps of 2 updates.
    assert len(set(first)) == len(first) == 4 * 2
    assert first == repeated
    assert not set(first) & set(other)


def test_one_seed_gives_the_same_bytes_twice_and_another_seed_differs() -> None:
    runs = [sounds(train_wavegan(clips().__getitem__, ROWS, tiny(seed=seed), LENGTH)[0]) for seed in (3, 3, 4)]
    assert runs[0].tobytes() == runs[1].tobytes()
    assert runs[0].tobytes() != runs[2].tobytes()


def test_a_resumed_training_equals_an_uninterrupted_one_bit_for_bit(tmp_path: Path) -> None:
    pcm = clips()
    uninterrupted, _ = train_wavegan(pcm.__getitem__, ROWS, tiny(), LENGTH)
    remaining = 5

    def interrupted_pcm(rows: np.ndarray) -> np.ndarray:
        nonlocal remaining
        remaining -= 1
        if remaining < 0:
            raise KeyboardInterrupt
        return pcm[rows]

    checkpoints = Checkpoints(tmp_path, "key")
    with pytest.raises(KeyboardInterrupt):
        train_wavegan(interrupted_pcm, ROWS, tiny(), LENGTH, checkpoints)
    saved = checkpoints.load()
    assert saved and saved["step"] == 2
    resumed, result = train_wavegan(pcm.__getitem__, ROWS, tiny(), LENGTH, checkpoints)
    assert result.step == 4
    assert sounds(resumed).tobytes() == sounds(uninterrupted).tobytes()


def test_a_diverging_training_raises_an_error_with_its_step() -> None:
    # With a learning rate of 1e30, the weights overflow float32 in the first step.
    with pytest.raises(NotFinite, match=r"the (discriminator|generator)'s \w+ is not finite at step 1"):
        train_wavegan(clips().__getitem__, ROWS, tiny(learning_rate=1e30), LENGTH)
