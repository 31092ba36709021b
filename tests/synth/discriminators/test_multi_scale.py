"""The multi-scale discriminator has the published layers and receptive field."""

import pytest
import torch

from drumspace.synth.discriminators.multi_scale import MultiScale, build_stack


def test_the_published_net_has_the_published_shape() -> None:
    stack = build_stack(16)
    shapes = [(layer.out_channels, layer.kernel_size[0], layer.stride[0], layer.groups) for layer in stack.layers]
    assert shapes == [
        (16, 15, 1, 1), (64, 41, 4, 4), (256, 41, 4, 16), (1024, 41, 4, 64), (1024, 41, 4, 256), (1024, 5, 1, 1),
    ]  # fmt: skip
    assert (stack.output.out_channels, stack.output.kernel_size[0]) == (1, 3)
    with torch.no_grad():
        outputs = stack(torch.zeros(2, 1, 8192))
    assert outputs.logits.shape == (2, 32)
    assert [feature.shape[1:] for feature in outputs.feature_maps] == [
        (16, 8192), (64, 2048), (256, 512), (1024, 128), (1024, 32), (1024, 32),
    ]  # fmt: skip


def test_each_scale_has_half_the_rate_and_padding_does_not_count_in_averages() -> None:
    net = MultiScale(4, 3)
    wave = torch.ones(1, 1, 1000)
    assert torch.equal(net.halve(wave), torch.ones(1, 1, 500))
    lengths = [output.feature_maps[0].shape[-1] for output in net(torch.randn(2, 1000))]
    assert lengths == [1000, 500, 250]


def test_the_receptive_field_has_the_stated_size() -> None:
    stack = build_stack(4).double()
    wave = torch.randn(1, 1, 30000, dtype=torch.float64, requires_grad=True)
    scores = stack(wave).logits
    scores[0, scores.shape[1] // 2].backward()
    assert wave.grad is not None
    receptive = wave.grad[0, 0].nonzero().flatten()
    # Receptive field: 15, then 40 (1 + 4 + 16 + 64), then 4 and 2 steps of 256.
    assert int(receptive[-1] - receptive[0]) + 1 == 15 + 40 * 85 + (4 + 2) * 256


@pytest.mark.parametrize("samples", [100, 777, 4096])
def test_any_length_is_accepted(samples: int) -> None:
    torch.manual_seed(0)
    net, wave = MultiScale(4, 3).eval(), torch.randn(3, samples)
    outputs, outputs_alone = net(wave), net(wave[1:2])
    # One score for every 256 samples of a scale, rounded up. Each sound is scored by itself.
    lengths = [samples, samples // 2, samples // 2 // 2]
    assert [output.logits.shape for output in outputs] == [(3, -(-length // 256)) for length in lengths]
    for output, alone in zip(outputs, outputs_alone, strict=True):
        torch.testing.assert_close(output.logits[1:2], alone.logits, atol=1e-5, rtol=1e-4)
        assert (output.logits[0] != output.logits[1]).all()
