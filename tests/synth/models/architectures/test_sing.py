"""SING has the published layer sizes and filter windows, and an output as long as its input."""

import pytest
import torch

from drumspace.synth.models.architectures.sing import KERNEL, SingDecoder, SingEncoder, num_frames, squared_hann
from drumspace.synth.models.vae.interface import Segment


@pytest.mark.parametrize("num_samples", [256, 8000, 16384, 44100])
def test_the_output_is_as_long_as_the_input(num_samples: int) -> None:
    torch.manual_seed(0)
    encoder, decoder, sounds = SingEncoder(8, 6), SingDecoder(8, 6, num_samples), torch.randn(2, num_samples)
    features = encoder(sounds)
    assert features.shape == (2, 6, num_frames(num_samples))
    wave = decoder(features).wave
    assert wave.shape == sounds.shape
    # Each output depends on its own sound alone, and so does every stride of it.
    swapped = decoder(encoder(sounds.flip(0))).wave.flip(0)
    torch.testing.assert_close(swapped, wave, atol=1e-5, rtol=1e-4)
    assert all((part[0] != part[1]).any() for part in wave.split(256, dim=1))


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
    frames = gradient[0].abs().sum(dim=0).nonzero().flatten()
    # A sample lies in four frames of the last layer, and each frame depends on nine features.
    assert len(frames) == 12
    assert frame - 8 <= frames[0] and frames[-1] <= frame + 8


@pytest.mark.parametrize("samples", [256, 2048])
def test_a_decoded_segment_equals_that_part_of_the_whole_sound(samples: int) -> None:
    decoder, features = SingDecoder(8, 6, 8192), torch.randn(3, 6, num_frames(8192))
    start = torch.tensor([0, 5, (8192 - samples) // 256])
    whole, part = decoder(features).wave, decoder(features, segment=Segment(start, samples)).wave
    for row, start_sample in enumerate((start * 256).tolist()):
        torch.testing.assert_close(part[row], whole[row, start_sample : start_sample + samples])


def test_filters_are_weighted_by_a_squared_hann_window() -> None:
    encoder = SingEncoder(1, 1)
    encoder.filters.weight.data.fill_(1)
    encoder.filters.bias.data.zero_()
    click = torch.zeros(1, 4096)
    click[0, 2000] = 1
    outputs: list[torch.Tensor] = []
    encoder.layers = torch.nn.Identity()
    outputs.append(encoder(click)[0, 0])
    positions = [2304 + 2000 - 256 * frame for frame in range(len(outputs[0]))]
    expected = [float(squared_hann()[position]) if 0 <= position < KERNEL else 0.0 for position in positions]
    torch.testing.assert_close(outputs[0].detach(), torch.tensor(expected))
