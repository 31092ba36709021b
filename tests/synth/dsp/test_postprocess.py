"""Post-processing sets the peak level and fades out decayed sounds."""

import torch

from drumspace.audio.format.settings import AudioParams
from drumspace.synth.dsp.postprocess import fade_out, normalize_peak, postprocess

AUDIO = AudioParams(sample_rate=4000, seconds=0.25, onset_db=-40, lead_ms=2, fade_ms=5, silence_dbfs=-60)


def test_silence_is_not_amplified() -> None:
    waves = torch.tensor([[0, 1e-6], [0.5, -0.25]])
    torch.testing.assert_close(normalize_peak(waves, 1.0), torch.tensor([[0, 1e-6], [1, -0.5]]))
    normalized = normalize_peak(waves.flip(0), torch.tensor([[0.1], [1.0]]))
    torch.testing.assert_close(normalized, torch.tensor([[0.1, -0.05], [0, 1e-6]]))


def test_a_decayed_sound_is_faded_to_zero() -> None:
    waves = torch.full((4, 1000), 1e-4)
    waves[0, :300] = waves[1, :] = waves[3, :990] = 0.5
    faded = fade_out(waves, AUDIO)
    # After its last loud sample, a sound is faded out within 20 samples. Silence, sounds that are loud to the end and
    # sounds with no room for the fade do not change.
    assert torch.equal(faded[0, :300], waves[0, :300])
    assert (faded[0, 300:320].diff() < 0).all() and not faded[0, 319:].any()
    assert torch.equal(faded[1:], waves[1:])


def test_level_is_set_before_the_fade_out_and_gradients_pass() -> None:
    # The second part is 66 dB below the first, so it counts as silence once the first is at full scale.
    waves = torch.cat([torch.full((1, 500), 0.01), torch.full((1, 500), 5e-6)], dim=1).requires_grad_()
    processed = postprocess(waves, 1.0, AUDIO)
    assert processed[0, :500].eq(1).all() and not processed[0, 520:].any()
    processed.sum().backward()
    assert waves.grad is not None
    torch.testing.assert_close(waves.grad[0, :500], torch.full((500,), 100.0))
    assert not waves.grad[0, 520:].any()
