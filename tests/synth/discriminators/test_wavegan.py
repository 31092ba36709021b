"""The WaveGAN discriminator has the published layers, receptive field and phase shuffle."""

import pytest
import torch
from torch import Tensor, nn

from drumspace.errors import UserError
from drumspace.synth.discriminators.wavegan import WaveGanDiscriminator, phase_shuffle


def small(num_samples: int, **changes: int) -> WaveGanDiscriminator:
    torch.manual_seed(0)
    return WaveGanDiscriminator(num_samples, **{"width": 2, "layers": 3, **changes})


def shifted(values: Tensor, reach: int, count: int = 200) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [phase_shuffle(values, reach, generator) for _ in range(count)]


def test_a_shift_moves_the_content_and_mirrors_the_edge() -> None:
    ramp = torch.arange(5.0).expand(3, 2, 5)
    expected = {
        (2.0, 1.0, 0.0, 1.0, 2.0),
        (1.0, 0.0, 1.0, 2.0, 3.0),
        (0.0, 1.0, 2.0, 3.0, 4.0),
        (1.0, 2.0, 3.0, 4.0, 3.0),
        (2.0, 3.0, 4.0, 3.0, 2.0),
    }
    contents = [tuple(values[0, 0].tolist()) for values in shifted(ramp, 2)]
    assert set(contents) == expected
    # Of 200 shifts, 40 of each are expected, with a standard deviation of 5.7.
    assert all(20 <= contents.count(content) <= 60 for content in expected)


def test_a_batch_and_its_channels_are_shifted_alike() -> None:
    ramp = torch.arange(7.0).expand(3, 2, 7)
    assert all(torch.equal(values, values[:1, :1].expand(3, 2, 7)) for values in shifted(ramp, 2))


def test_a_shift_equals_reflection_padding() -> None:
    values = torch.randn(2, 3, 11, generator=torch.Generator().manual_seed(1))
    padded = torch.nn.functional.pad(values, (4, 4), mode="reflect")
    windows = [padded[..., start : start + 11] for start in range(9)]
    for result in shifted(values, 4):
        assert sum(torch.equal(result, window) for window in windows) == 1


def test_without_a_shift_range_values_do_not_change() -> None:
    values = torch.arange(6.0).reshape(1, 1, 6)
    assert all(torch.equal(result, values) for result in shifted(values, 0))
    one_sample = torch.ones(2, 3, 1)
    assert all(torch.equal(result, one_sample) for result in shifted(one_sample, 2))
    two_samples = {tuple(result[0].tolist()) for result in shifted(torch.arange(2.0).reshape(1, 2), 5)}
    assert two_samples == {(0.0, 1.0), (1.0, 0.0)}


def test_a_random_shift_depends_on_the_generator_alone() -> None:
    ramp = torch.arange(9.0).reshape(1, 1, 9)
    assert all(torch.equal(a, b) for a, b in zip(shifted(ramp, 4, 20), shifted(ramp, 4, 20), strict=True))


def test_the_published_net_has_the_published_shape() -> None:
    discriminator = WaveGanDiscriminator(16384)
    ((scores, features),) = discriminator(torch.zeros(2, 16384))
    assert scores.shape == (2, 1)
    expected = [(2, 64, 4096), (2, 128, 1024), (2, 256, 256), (2, 512, 64), (2, 1024, 16)]
    assert [tuple(feature.shape) for feature in features] == expected
    assert isinstance(discriminator.output, nn.Sequential)
    assert discriminator.output[1].in_features == 16 * 1024


@pytest.mark.parametrize("num_samples", [43, 64, 1000, 8000, 12345, 44100])
def test_each_wave_of_any_length_has_one_score(num_samples: int) -> None:
    discriminator = small(num_samples).eval()
    wave = torch.randn(3, num_samples, generator=torch.Generator().manual_seed(1))
    ((scores, features),) = discriminator(wave)
    assert scores.shape == (3, 1) and len(set(scores.flatten().tolist())) == 3
    assert [feature.shape[1] for feature in features] == [2, 4, 8]
    # Each wave is scored by itself.
    torch.testing.assert_close(discriminator(wave[1:2])[0].logits, scores[1:2], atol=1e-6, rtol=1e-4)


def test_a_length_too_short_for_the_layers_raises_an_error() -> None:
    with pytest.raises(UserError, match="10 samples are too few for 3 layers"):
        small(10)


@pytest.mark.parametrize(("layers", "samples"), [(1, 25), (2, 121), (5, 8185)])
def test_the_receptive_field_of_a_feature_has_the_stated_size(layers: int, samples: int) -> None:
    # Receptive field 1 + 24 (1 + 4 + 16 + …): the 25 taps of a layer are spaced by the product of the previous strides.
    wave = torch.randn(1, 4**layers * 40, requires_grad=True)
    discriminator = WaveGanDiscriminator(wave.shape[1], width=1, layers=layers, phase_shuffle=0).double()
    discriminator(wave.double())[0].feature_maps[-1][0, 0, 20].backward()
    assert wave.grad is not None
    receptive = wave.grad[0].nonzero().flatten()
    assert int(receptive[-1] - receptive[0]) + 1 == samples


def test_gradients_reach_every_parameter() -> None:
    discriminator = small(1000)
    discriminator(torch.randn(4, 1000))[0].logits.sum().backward()
    for name, parameter in discriminator.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().max() > 0, name


def test_scores_in_evaluation_mode_do_not_depend_on_the_batch_or_random_state() -> None:
    discriminator = small(1000).eval()
    wave = torch.randn(5, 1000)
    torch.testing.assert_close(discriminator(wave)[0].logits[:1], discriminator(wave[:1])[0].logits)
    assert torch.equal(discriminator(wave)[0].logits, discriminator(wave)[0].logits)


def test_phases_are_shuffled_in_training_and_after_each_layer_but_the_last() -> None:
    discriminator = small(1000, phase_shuffle=8)
    wave = torch.randn(2, 1000)
    plain = discriminator.eval()(wave)[0].feature_maps
    discriminator.train()
    runs = [discriminator(wave)[0].feature_maps for _ in range(10)]
    # Feature maps are stored before the phase shuffle of their layer.
    assert all(torch.equal(features[0], plain[0]) for features in runs)
    assert any(not torch.equal(features[1], plain[1]) for features in runs)
    discriminator.reach = 0
    assert all(torch.equal(a, b) for a, b in zip(discriminator(wave)[0].feature_maps, plain, strict=True))
    single = small(1000, layers=1).train()
    assert len({single(wave)[0].logits[0].item() for _ in range(10)}) == 1
