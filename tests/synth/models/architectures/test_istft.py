"""Decoded waves have the requested length, aperiodic noise, and the power of the predicted magnitudes."""

import math

import numpy as np
import pytest
import torch

from drumspace.audio.spectral.settings import MelParams
from drumspace.metrics.generation.descriptors import hop_periodicity
from drumspace.synth.models.architectures.istft import (
    ATTACK,
    MAX_GAIN,
    IstftDecoder,
    IstftEncoder,
    coarse_frames,
)
from drumspace.synth.models.vae.interface import Segment

RATE = 8000
MEL = MelParams(n_fft=256, hop_length=64, floor_db=-80, n_mels=32, fmin=20, fmax=None)


def decoder(num_samples: int = 4000) -> IstftDecoder:
    torch.manual_seed(0)
    return IstftDecoder(num_samples, 256, 64, features=8, width=16, bands=12, sample_rate=RATE)


def features(num_samples: int = 4000, count: int = 2) -> torch.Tensor:
    return torch.randn(count, 8, coarse_frames(num_samples, 64), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("num_samples", [1000, 4000, 4037, 4096, 8191])
def test_the_output_is_as_long_as_the_input(num_samples: int) -> None:
    encoder = IstftEncoder(RATE, MEL, (8, 8, 8, 8))
    output = encoder(torch.randn(2, num_samples))
    assert output.shape == (2, encoder.features, coarse_frames(num_samples, 64))
    net = decoder(num_samples)
    wave, second, noise_ratio, peaks, log_magnitude = net(features(num_samples))
    assert second is None and noise_ratio is not None and peaks is not None and log_magnitude is not None
    assert wave.shape == (2, num_samples)
    assert noise_ratio.shape == net.noise_ratio_estimator(wave)[0].shape == (2, 1 + num_samples // 64, 12)
    assert peaks.shape == net.peakiness_estimator(wave).shape == (2, 12)
    assert torch.isfinite(wave).all() and all(part.any() for part in wave[:, 64:].split(64, dim=1))


def test_encodings_do_not_depend_on_the_level() -> None:
    encoder = IstftEncoder(RATE, MEL, (8, 8, 8, 8))
    wave = torch.randn(1, 4000)
    torch.testing.assert_close(encoder(wave), encoder(0.1 * wave), atol=1e-3, rtol=1e-3)


def flat_decoder(noise_ratio: float) -> IstftDecoder:
    """Decoder of magnitude 1 everywhere: a pulse in the middle of each frame, mixed with `noise_ratio` of noise."""
    net = decoder(16000)
    for layer in (net.magnitude, net.noise_ratio, net.spectral_peaks, net.attack):
        layer.weight.data.zero_()
        layer.bias.data.zero_()
    net.spectral_peaks.bias.data.fill_(-200)  # no spectral peaks
    net.phases = net.phases[:1]  # every frame has the same phases
    net.noise_ratio.bias.data.fill_(float(torch.logit(torch.tensor(noise_ratio))))
    return net


@pytest.fixture
def no_tones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable tone detection, which has no meaning for equal magnitudes."""
    monkeypatch.setattr("drumspace.synth.models.architectures.istft.tone_offset", torch.zeros_like)


@pytest.mark.usefixtures("no_tones")
def test_noise_is_aperiodic_and_equal_phases_are_periodic() -> None:
    with torch.no_grad():
        pulses, noise = (flat_decoder(noise_ratio)(features(16000)).wave.numpy() for noise_ratio in (0.001, 0.999))
    assert np.abs(hop_periodicity(noise, 64)).max() < 0.1
    assert hop_periodicity(pulses, 64).min() > 0.8


def test_trained_tones_do_not_repeat_with_the_hop_of_the_transform() -> None:
    net = flat_decoder(0.0)
    with torch.no_grad():
        comb, output = (net.train(training)(features(16000)).wave.numpy() for training in (True, False))
    assert np.abs(hop_periodicity(comb, 256)).min() > 0.5
    assert np.abs(hop_periodicity(output, 256)).max() < 0.1


def test_noise_has_the_power_of_its_magnitude() -> None:
    with torch.no_grad():
        wave = flat_decoder(0.999)(features(16000, 8)).wave
    spectrum = torch.stft(wave, 256, 64, window=torch.hann_window(256), return_complex=True)
    assert spectrum.abs().square()[..., 4:-4].mean().item() == pytest.approx(1, rel=0.05)


def test_spectral_peaks_are_constant_in_a_sound_and_differ_between_sounds() -> None:
    net = flat_decoder(0.5)
    net.spectral_peaks.bias.data.fill_(1.0)
    with torch.no_grad():
        output = net(features(16000), two_renderings=True)
    assert output.second_rendering is not None
    half = net.frames // 2
    window = torch.hann_window(256)
    levels = [torch.stft(wave, 256, 64, window=window, return_complex=True).abs().log() for wave in output[:2]]
    first, second = levels[0][0, 2:-2], levels[1][0, 2:-2]

    def correlation(a: torch.Tensor, b: torch.Tensor) -> float:
        return float(torch.corrcoef(torch.stack([a.mean(dim=1), b.mean(dim=1)]))[0, 1])

    assert correlation(first[:, :half], first[:, half:]) > 0.8
    assert abs(correlation(first, second)) < 0.4
    assert abs(correlation(first, levels[0][1, 2:-2])) < 0.4


def test_one_seed_gives_one_sound() -> None:
    net, inputs = decoder(), features()
    first, second, third = (net(inputs, torch.Generator().manual_seed(seed)).wave for seed in (5, 5, 6))
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def test_a_second_rendering_differs_in_noise_only() -> None:
    output = decoder()(features(), two_renderings=True)
    assert output.second_rendering is not None and not torch.equal(output.wave, output.second_rendering)
    tones = flat_decoder(0.0)(features(16000), two_renderings=True)
    assert tones.second_rendering is not None
    torch.testing.assert_close(tones.wave, tones.second_rendering, atol=2e-2, rtol=0)


@pytest.mark.parametrize("noise_ratio", [0.0, 0.5, 1.0])
def test_gradients_are_finite(noise_ratio: float) -> None:
    net = flat_decoder(noise_ratio)
    net(features(16000)).wave.square().mean().backward()
    gradients = [parameter.grad for parameter in net.parameters() if parameter.grad is not None]
    assert gradients and all(torch.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize("samples", [256, 1024])
def test_a_decoded_segment_equals_that_part_of_the_whole_sound(samples: int) -> None:
    net, inputs = flat_decoder(0.0), features(16000, 3)
    torch.nn.init.normal_(net.magnitude.weight, std=0.3)
    start = torch.tensor([0, 7, (16000 - samples) // 64])
    with torch.no_grad():
        whole, part = (
            net(inputs, torch.Generator().manual_seed(5), segment=segment).wave
            for segment in (None, Segment(start, samples))
        )
    for row, start_sample in enumerate((start * 64).tolist()):
        torch.testing.assert_close(part[row], whole[row, start_sample : start_sample + samples], atol=0.02, rtol=0.01)


@pytest.mark.usefixtures("no_tones")
def test_the_decoded_wave_equals_the_inverse_stft_of_torch() -> None:
    net, outputs = flat_decoder(0.0), []
    torch.nn.init.normal_(net.magnitude.weight, std=0.3)
    net.magnitude.register_forward_hook(lambda module, inputs, output: outputs.append(output))
    with torch.no_grad():
        wave = net(features(16000)).wave
    magnitude = outputs[0].transpose(1, 2).exp()
    spectrum = magnitude * torch.polar(torch.ones(()), net.phases[0] - torch.pi / 2)[:, None]
    expected = torch.istft(spectrum, 256, 64, window=torch.hann_window(256), length=16000)
    torch.testing.assert_close(wave, expected, atol=0.02, rtol=0.01)


def test_untrained_sounds_start_at_zero() -> None:
    with torch.no_grad():
        wave = decoder()(features()).wave.abs()
    assert (wave[:, 0] < 0.05 * wave.amax(dim=1)).all()


def test_a_gain_shapes_the_first_window_alone_and_is_trained_by_waves() -> None:
    net, inputs = flat_decoder(0.0), features(16000)
    plain = net(inputs).wave.detach()
    with torch.no_grad():
        net.attack.bias[: ATTACK // 2 + 1] = -40
        net.attack.bias[ATTACK // 2 + 1 :] = 40
    wave = net(inputs).wave
    assert wave[:, :128].abs().max().item() < 1e-6 < plain[:, :128].abs().max().item()
    torch.testing.assert_close(wave[:, 140:250], MAX_GAIN * plain[:, 140:250], atol=0.05, rtol=1e-3)
    torch.testing.assert_close(wave[:, 256:], plain[:, 256:], atol=0.02, rtol=0.01)
    with torch.no_grad():
        net.attack.bias.zero_()
    net(inputs).wave.square().sum().backward()
    assert net.attack.bias.grad is not None and (net.attack.bias.grad[1:-1] > 0).all()


def test_magnitudes_alone_set_the_pitch_of_a_tone_between_two_bins() -> None:
    net = decoder(16000)
    for layer in (net.magnitude, net.noise_ratio, net.spectral_peaks):
        layer.weight.data.zero_()
    net.spectral_peaks.bias.data.fill_(-200)  # no spectral peaks
    bin_position = 10.3  # the main lobe of a Hann window falls to a half at a distance of one bin
    net.magnitude.bias.data = -math.log(2) * (torch.arange(129) - bin_position).square().clamp(max=16)
    net.noise_ratio.bias.data.fill_(-12)
    with torch.no_grad():
        wave = net(features(16000)).wave[0, 2000:14000].double()
    spectrum = torch.fft.rfft(wave * torch.hann_window(len(wave), dtype=torch.float64)).abs()
    assert spectrum.argmax() * RATE / len(wave) == pytest.approx(bin_position * RATE / 256, rel=0.005)
    main_lobe = spectrum[abs(torch.arange(len(spectrum)) - int(spectrum.argmax())) < 40].square().sum()
    assert main_lobe > 0.95 * spectrum.square().sum()


def test_estimator_losses_alone_train_noise_ratio_and_spectral_peaks() -> None:
    net, inputs = decoder(), features()
    output = net(inputs)
    output.wave.square().sum().backward()
    assert net.noise_ratio.weight.grad is None and net.spectral_peaks.weight.grad is None
    output, wave = net(inputs), torch.randn(2, 4000)
    distance = net.noise_ratio_estimator.distance(output.noise_ratio, output.wave, wave)
    distance = distance + net.peakiness_estimator.distance(output.spectral_peaks, output.log_magnitude, wave)
    distance.sum().backward()
    for layer in (net.noise_ratio, net.spectral_peaks):
        assert layer.weight.grad is not None and layer.weight.grad.abs().sum() > 0
