"""SING's layers as published: sizes, the window on its filters, an output as long as the input."""

import pytest
import torch

from drumspace.synth.models.architectures.sing import KERNEL, SingDecoder, SingEncoder, num_frames, squared_hann
from drumspace.synth.models.vae.interface import Segment


@pytest.mark.parametrize("num_samples", [256, 8000, 16384, 44100])
def test_the_output_is_as_long_as_the_input(num_samples: int) -> None:
    features = SingEncoder(8, 6)(torch.randn(2, num_samples))
    assert features.shape == (2, 6, num_frames(num_samples))
    assert SingDecoder(8, 6, num_samples)(features).wave.shape == (2, num_samples)


def test_layers_have_the_published_sizes() -> None:
    with torch.device("meta"):
        encoder, decoder = SingEncoder(4096), SingDecoder(4096, 128, 16384)
    layers = [encoder.filters, *encoder.layers, *decoder.layers, decoder.filters]
    shapes = [tuple(layer.weight.shape) for layer in layers if hasattr(layer, "weight")]
    square = (4096, 4096, 1)
    assert shapes == [
        (4096, 1, 1024), square, square, (128, 4096, 1), (4096, 128, 9), square, square, (4096, 1, 1024),
    ]  # fmt: skip
    assert num_frames(16384) == 16384 // 256 + 15


def test_a_decoder_frame_changes_only_its_samples() -> None:
    decoder = SingDecoder(32, 3, 8192)
    features = torch.randn(1, 3, num_frames(8192), requires_grad=True)
    frame = 20
    (gradient,) = torch.autograd.grad(decoder(features).wave[0, (frame - 7) * 256 + 100], features)
    touched = gradient[0].abs().sum(dim=0).nonzero().flatten()
    # A sample lies in four frames of the last layer, each made of nine features.
    assert len(touched) == 12
    assert frame - 8 <= touched[0] and touched[-1] <= frame + 8


@pytest.mark.parametrize("samples", [256, 2048])
def test_a_decoded_segment_equals_that_part_of_the_whole_sound(samples: int) -> None:
    decoder, features = SingDecoder(8, 6, 8192), torch.randn(3, 6, num_frames(8192))
    start = torch.tensor([0, 5, (8192 - samples) // 256])
    whole, part = decoder(features).wave, decoder(features, segment=Segment(start, samples)).wave
    for row, begin in enumerate((start * 256).tolist()):
        torch.testing.assert_close(part[row], whole[row, begin : begin + samples])


def test_filters_are_weighted_by_a_squared_hann_window() -> None:
    encoder = SingEncoder(1, 1)
    encoder.filters.weight.data.fill_(1)
    encoder.filters.bias.data.zero_()
    click = torch.zeros(1, 4096)
    click[0, 2000] = 1
    taken: list[torch.Tensor] = []
    encoder.layers = torch.nn.Identity()
    taken.append(encoder(click)[0, 0])
    places = [2304 + 2000 - 256 * frame for frame in range(len(taken[0]))]
    expected = [float(squared_hann()[place]) if 0 <= place < KERNEL else 0.0 for place in places]
    torch.testing.assert_close(taken[0].detach(), torch.tensor(expected))
