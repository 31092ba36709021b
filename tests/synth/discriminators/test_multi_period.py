"""The multi-period discriminator has the published layers and receptive field."""

import pytest
import torch

from drumspace.synth.discriminators.multi_period import MultiPeriod, build_stack, fold, unfold


@pytest.mark.parametrize("period", [1, 2, 3, 5, 7, 11])
@pytest.mark.parametrize("samples", [11, 100, 1001])
def test_unfolding_undoes_folding(period: int, samples: int) -> None:
    wave = torch.randn(3, samples)
    folded = fold(wave, period)
    assert folded.shape == (3, 1, -(-samples // period), period)
    assert torch.equal(unfold(folded, samples), wave)


def test_folding_puts_every_pth_sample_into_a_column_and_mirrors_the_end() -> None:
    folded = fold(torch.arange(8.0)[None], 3)[0, 0]
    assert folded.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 6]]


def test_the_published_net_has_the_published_shape() -> None:
    stack = build_stack(32)
    shapes = [(layer.out_channels, layer.kernel_size, layer.stride) for layer in stack.layers]
    assert shapes == [
        (32, (5, 1), (3, 1)), (128, (5, 1), (3, 1)), (512, (5, 1), (3, 1)), (1024, (5, 1), (3, 1)),
        (1024, (5, 1), (1, 1)),
    ]  # fmt: skip
    assert (stack.output.out_channels, stack.output.kernel_size) == (1, (3, 1))
    net = MultiPeriod(32, (2, 3, 5, 7, 11))
    assert sum(parameter.numel() for parameter in net.parameters()) == pytest.approx(41.1e6, rel=0.01)


@pytest.mark.parametrize("period", [2, 5])
def test_the_receptive_field_lies_in_one_column_and_has_the_stated_size(period: int) -> None:
    net = MultiPeriod(1, (period,)).double()
    wave = torch.randn(1, 3000 * period, dtype=torch.float64, requires_grad=True)
    scores = net(wave)[0].logits
    scores[0, scores.shape[1] // 2].backward()
    assert wave.grad is not None
    receptive = wave.grad[0].nonzero().flatten()
    assert len(set((receptive % period).tolist())) == 1
    # Receptive field in rows: 5, then 4 (3 + 9 + 27), then 4 and 2 steps of 81.
    assert int(receptive[-1] - receptive[0]) // period + 1 == 5 + 4 * 39 + (4 + 2) * 81


def test_scores_of_a_column_depend_on_that_column_alone() -> None:
    torch.manual_seed(0)
    net, wave = MultiPeriod(1, (2, 3)).eval(), torch.randn(4, 996)
    outputs = net(wave)
    # The layers reduce 498 rows to 166, 56, 19 and 7, and 332 rows to 111, 37, 13 and 5.
    assert [output.logits.shape for output in outputs] == [(4, 2 * 7), (4, 3 * 5)]
    for index, period in enumerate((2, 3)):
        for column in range(period):
            other = wave.clone()
            other[:, column::period] *= -0.5
            changed = (net(other)[index].logits != outputs[index].logits).unflatten(1, (-1, period))
            assert torch.equal(changed.all(dim=0).all(dim=0), torch.arange(period) == column)
            assert torch.equal(changed.any(dim=0).any(dim=0), torch.arange(period) == column)
