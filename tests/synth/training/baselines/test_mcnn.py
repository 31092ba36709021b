"""The MCNN vocoder keeps length and level, and its training is reproducible."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from drumspace.audio.spectral.inversion import magnitude
from drumspace.audio.spectral.transforms import to_wave
from drumspace.synth.losses.stft import spectral_terms
from drumspace.synth.models.baselines.mcnn import Mcnn, McnnSettings
from drumspace.synth.training.baselines.mcnn import train_mcnn
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.not_finite import NotFinite
from drumspace.training.core.result import TrainingResult

RATE, LENGTH = 8000, 4000
SETTINGS = McnnSettings(
    seed=3,
    n_fft=256,
    hop_length=64,
    heads=2,
    width=16,
    segment=2048,
    steps=12,
    batch_size=4,
    learning_rate=0.01,
    ema_decay=0.8,
    checkpoint_every=5,
)
ROWS = np.arange(20)


def clips() -> np.ndarray:
    """Decaying sines: int16 [20, LENGTH]."""
    rng = np.random.default_rng(0)
    time = np.arange(LENGTH) / RATE
    wave = np.sin(2 * np.pi * rng.uniform(100, 2000, (20, 1)) * time) * np.exp(-time * rng.uniform(5, 20, (20, 1)))
    return (wave * 20000).astype(np.int16)


PCM = clips()


def trained(**changes: object) -> tuple[Mcnn, TrainingResult]:
    return train_mcnn(PCM.__getitem__, ROWS, SETTINGS.model_copy(update=changes))


def random() -> Mcnn:
    torch.manual_seed(0)
    return Mcnn(SETTINGS)


def inverted(model: Mcnn, wave: Tensor) -> Tensor:
    with torch.no_grad():
        return model(magnitude(wave, 256, 64), wave.shape[1])


def mean_loss(model: Mcnn) -> float:
    wave = to_wave(PCM)
    convergence, difference = spectral_terms(inverted(model, wave), wave)
    return float((convergence + difference).mean())


@pytest.mark.parametrize("length", [1, 63, 64, 65, 127, 128, 1000, 4000])
def test_every_length_is_kept(length: int) -> None:
    wave = torch.randn(3, length, generator=torch.Generator().manual_seed(length))
    result = inverted(random(), wave)
    assert result.shape == (3, length) and torch.isfinite(result).all()
    # Every hop has samples other than zero, up to the last sample; silence stays silent.
    assert all((part != 0).any(dim=1).all() for part in result.split(64, dim=1))
    assert not inverted(random(), torch.zeros(1, length)).any()


@pytest.mark.parametrize(("hop_length", "layers"), [(4, 2), (64, 6), (256, 8)])
def test_a_head_doubles_the_length_and_halves_the_channels_in_each_layer(hop_length: int, layers: int) -> None:
    model = Mcnn(SETTINGS.model_copy(update={"hop_length": hop_length}))
    shapes = [tuple(layer.weight.shape[:2]) for layer in model.heads[0] if isinstance(layer, torch.nn.ConvTranspose1d)]
    widths = [max(1, 16 // 2**layer) for layer in range(layers - 1)]
    assert shapes == list(zip([129, *widths], [*widths, 1], strict=True))


def test_the_centre_of_a_frame_lies_at_its_sample() -> None:
    """With equal weights, the output for frame 20 alone is symmetric about sample 20 * 64."""
    model = random()
    for weight in model.heads.parameters():
        torch.nn.init.constant_(weight, 2 / (13 * len(weight)))  # the layer averages its input
    frames = torch.zeros(1, 129, 41)
    frames[:, :, 20] = 1
    with torch.no_grad():
        wave = model(frames, 40 * 64)[0]
    centre = 20 * 64
    torch.testing.assert_close(wave[centre - 600 : centre], wave[centre + 1 : centre + 601].flip(0))
    assert wave[centre] > 0.5 * wave.max() > 0


def test_gradients_reach_every_parameter() -> None:
    model = random()
    wave = to_wave(PCM[:4])
    sum(term.sum() for term in spectral_terms(model(magnitude(wave, 256, 64), LENGTH), wave)).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and (parameter.grad != 0).any(), name


@pytest.mark.parametrize("gain", [0.01, 3.0])
def test_the_level_of_the_wave_follows_the_spectrogram(gain: float) -> None:
    wave = to_wave(PCM[:3])
    model = random()
    torch.testing.assert_close(inverted(model, gain * wave), gain * inverted(model, wave), rtol=1e-3, atol=1e-5 * gain)


def test_silence_stays_silence_and_sounds_keep_their_end() -> None:
    wave = torch.randn(2, LENGTH, generator=torch.Generator().manual_seed(0))
    wave[0] = 0
    wave[1, 1000:] = 0
    output = inverted(random(), wave)
    assert torch.equal(output[0], torch.zeros(LENGTH))
    # Half a frame is 128 samples, and the layers reach 6 * 64 samples further: 1000 + 128 + 6 * 64.
    assert output[1, :1000].abs().max() > 0.1
    assert torch.equal(output[1, 1600:], torch.zeros(LENGTH - 1600))


def test_silence_has_a_finite_gradient() -> None:
    spectrogram = torch.zeros(1, 129, 63, requires_grad=True)
    random()(spectrogram, LENGTH).sum().backward()
    assert spectrogram.grad is not None and torch.isfinite(spectrogram.grad).all()


def test_a_clip_does_not_depend_on_its_neighbours() -> None:
    wave = to_wave(PCM[:3])
    torch.testing.assert_close(inverted(random(), wave)[1:2], inverted(random(), wave[1:2]), rtol=1e-4, atol=1e-6)


def test_a_few_dozen_steps_halve_the_loss() -> None:
    torch.manual_seed(3)
    before = mean_loss(Mcnn(SETTINGS))
    model, info = trained(steps=80)
    # Over 5 seeds with and without bf16 and AVX-512 the ratio is 0.33 to 0.44.
    assert mean_loss(model) < 0.5 * before
    assert info.step == 80 and info.seconds > 0
    assert not model.training


def test_one_seed_gives_the_same_bytes() -> None:
    first, second = trained()[0].state_dict(), trained()[0].state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = train_mcnn(PCM.__getitem__, ROWS, SETTINGS.model_copy(update={"seed": 4}))[0].state_dict()
    assert not torch.equal(first["heads.0.0.weight"], other["heads.0.0.weight"])


class Killed(Exception):
    pass


def test_a_resumed_training_equals_an_uninterrupted_one_bit_for_bit(tmp_path: Path) -> None:
    uninterrupted = trained()[0].state_dict()
    checkpoints = Checkpoints(tmp_path, "key")

    def kill(done: int, values: dict[str, float]) -> None:
        raise Killed

    with pytest.raises(Killed):  # killed at the first report, after step 10
        train_mcnn(PCM.__getitem__, ROWS, SETTINGS, checkpoints, kill)
    state = checkpoints.load()
    assert state and state["step"] == 5
    resumed = train_mcnn(PCM.__getitem__, ROWS, SETTINGS, checkpoints)[0].state_dict()
    assert all(torch.equal(uninterrupted[name], resumed[name]) for name in uninterrupted)


def test_only_the_given_rows_are_used() -> None:
    rows_used: set[int] = set()

    def pcm(rows: np.ndarray) -> np.ndarray:
        rows_used.update(rows.tolist())
        return PCM[rows]

    train_mcnn(pcm, np.array([2, 5, 11]), SETTINGS)
    assert rows_used == {2, 5, 11}


def test_clips_shorter_than_a_segment_are_used_whole() -> None:
    assert trained(segment=1 << 16, steps=2)[1].step == 2


def test_a_nan_loss_names_the_rows_of_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "drumspace.synth.training.baselines.mcnn.spectral_terms",
        lambda x, y: (x.sum(dim=1) * float("nan"), x.sum(dim=1)),
    )
    with pytest.raises(NotFinite, match=r"drums; the rows of that batch: 7, 7, 7, 7: the loss is not finite at step 0"):
        train_mcnn(PCM.__getitem__, np.array([7]), SETTINGS, title="drums")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"hop_length": 96}, "hop_length must be a power of two"),
        ({"hop_length": 512}, "hop_length must not exceed n_fft"),
        ({"heads": 0}, "greater than or equal to 1"),
        ({"strides": 2}, "Extra inputs"),
    ],
)
def test_invalid_settings_raise_errors(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        McnnSettings.model_validate({**SETTINGS.model_dump(), **changes})
