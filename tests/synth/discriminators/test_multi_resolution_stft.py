"""The multi-resolution STFT discriminator has the published layers, inputs and receptive field."""

import math
from itertools import pairwise

import pytest
import torch

from drumspace.errors import UserError
from drumspace.synth.discriminators.multi_resolution_stft import (
    MultiResolutionStft,
    Settings,
    View,
    build,
    build_stack,
)

PUBLISHED = ((1024, 256), (2048, 512), (512, 128))
RATE = 44100


def build_net(width: int, resolutions: tuple[tuple[int, int], ...], view: View = "complex") -> MultiResolutionStft:
    return MultiResolutionStft(Settings(width=width, resolutions=resolutions, view=view, mel_bands=40), RATE)


def test_the_published_net_has_the_published_shape() -> None:
    stack = build_stack(32, 2)
    shapes = [(layer.out_channels, layer.kernel_size, layer.stride, layer.dilation) for layer in stack.layers]
    assert shapes == [
        (32, (3, 9), (1, 1), (1, 1)), (32, (3, 9), (1, 2), (1, 1)), (32, (3, 9), (1, 2), (2, 1)),
        (32, (3, 9), (1, 2), (4, 1)), (32, (3, 3), (1, 1), (1, 1)),
    ]  # fmt: skip
    outputs = build_net(2, PUBLISHED)(torch.randn(2, 8192))
    frames = [1 + (8192 - n_fft) // hop for n_fft, hop in PUBLISHED]
    for output, count, (n_fft, _) in zip(outputs, frames, PUBLISHED, strict=True):
        assert [feature.shape[2] for feature in output.feature_maps] == [count] * 5
        bins = [n_fft // 2 + 1]
        for _ in range(3):
            bins.append(-(-bins[-1] // 2))
        assert [feature.shape[3] for feature in output.feature_maps] == [bins[0], *bins[1:], bins[-1]]
        assert output.logits.shape == (2, count * bins[-1])


def test_inputs_are_complex_spectrograms_at_the_same_level() -> None:
    net = build_net(1, PUBLISHED)
    wave = torch.randn(4, 44100, generator=torch.Generator().manual_seed(0))
    for position, (n_fft, hop) in enumerate(PUBLISHED):
        spectrogram = net.spectrogram(wave, position)
        frame = wave[1, 3 * hop : 3 * hop + n_fft] * torch.hann_window(n_fft)
        expected = torch.fft.rfft(frame) / torch.hann_window(n_fft).norm()
        torch.testing.assert_close(
            torch.complex(spectrogram[1, 0, 3], spectrogram[1, 1, 3]), expected, rtol=1e-3, atol=1e-4
        )
        assert spectrogram.square().sum(dim=1).mean().item() == pytest.approx(1, rel=0.02)


def test_mel_inputs_are_proportional_to_decibels_down_to_a_floor() -> None:
    net = build_net(1, PUBLISHED, "log_mel")
    loud = torch.randn(2, 16000, generator=torch.Generator().manual_seed(0))
    spectrograms = [net.spectrogram(loud * 10 ** (-db / 20), 0) for db in (0, 20, 40)]
    assert spectrograms[0].shape == (2, 4, 1 + (16000 - 1024) // 256, 40)
    for louder, quieter in pairwise(spectrograms):
        assert (louder - quieter)[:, 0].median().item() == pytest.approx(math.log(10) / 4, rel=1e-3)
        torch.testing.assert_close(louder[:, 1:], quieter[:, 1:], atol=1e-3, rtol=0)
    silence = net.spectrogram(torch.zeros(1, 16000), 0)
    assert (silence[:, 0] == -1).all() and (silence[:, 1:3] == 0).all()
    wave = torch.zeros(1, 16000, requires_grad=True)
    net(wave)[0].logits.sum().backward()
    assert wave.grad is not None and torch.isfinite(wave.grad).all()


def test_mel_inputs_have_differences_between_bands_and_frames_and_the_band_position() -> None:
    level, to_band, to_frame, position = build_net(1, PUBLISHED, "log_mel").spectrogram(torch.randn(1, 16000), 0)[0]
    torch.testing.assert_close(to_band[:, :-1], 4 * level.diff(dim=1))
    torch.testing.assert_close(to_frame[:-1], 4 * level.diff(dim=0))
    assert (to_band[:, -1] == 0).all() and (to_frame[-1] == 0).all()
    torch.testing.assert_close(position, torch.linspace(-1, 1, 40).expand_as(position))


def test_the_receptive_field_has_the_stated_size() -> None:
    net = build_net(1, ((64, 16),)).double()
    wave = torch.randn(1, 4000, dtype=torch.float64, requires_grad=True)
    output = net(wave)[0]
    bins = output.feature_maps[-1].shape[3]
    scores = output.logits.unflatten(1, (-1, bins))
    scores[0, scores.shape[1] // 2, bins // 2].backward()
    assert wave.grad is not None
    receptive = wave.grad[0].nonzero().flatten()
    # A kernel of 3 frames adds 2 frames times its dilation. A Hann window starts with a 0, so it has 63 samples.
    frames = 1 + 2 * (1 + 1 + 2 + 4 + 1 + 1)
    assert int(receptive[-1] - receptive[0]) + 1 == (frames - 1) * 16 + 63


def test_waves_shorter_than_a_window_raise_an_error() -> None:
    with pytest.raises(UserError, match="1000 samples are shorter than a window of 1024"):
        build(Settings(width=1, resolutions=((1024, 256),), view="complex", mel_bands=40), 1000, 44100, 0)
