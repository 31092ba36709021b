"""Sounds come at one level, and end where they have died away."""

import torch

from drumspace.audio.format.settings import AudioParams
from drumspace.synth.dsp.postprocess import fade_out, normalize_peak, postprocess

AUDIO = AudioParams(sample_rate=4000, seconds=0.25, onset_db=-40, lead_ms=2, fade_ms=5, silence_dbfs=-60)


def test_silence_is_not_amplified() -> None:
    waves = torch.tensor([[0, 1e-6], [0.5, -0.25]])
    torch.testing.assert_close(normalize_peak(waves, 1.0), torch.tensor([[0, 1e-6], [1, -0.5]]))
    each = normalize_peak(waves.flip(0), torch.tensor([[0.1], [1.0]]))
    torch.testing.assert_close(each, torch.tensor([[0.1, -0.05], [0, 1e-6]]))


def test_a_decayed_sound_is_faded_to_zero() -> None:
    tail = torch.full((4, 1000), 1e-4)
    tail[0, :300] = tail[1, :] = tail[3, :990] = 0.5
    found = fade_out(tail, AUDIO)
    # From its last loud sample on it is brought to silence within 20 samples; what sounds to its end, never, or until
    # there is no room for that, stays.
    assert torch.equal(found[0, :300], tail[0, :300])
    assert (found[0, 300:320].diff() < 0).all() and not found[0, 319:].any()
    assert torch.equal(found[1:], tail[1:])


def test_level_is_set_before_the_fade_out_and_gradients_pass() -> None:
    # 40 dB down and then 56: silence, once the first is at full scale.
    waves = torch.cat([torch.full((1, 500), 0.01), torch.full((1, 500), 5e-6)], dim=1).requires_grad_()
    found = postprocess(waves, 1.0, AUDIO)
    assert found[0, :500].eq(1).all() and not found[0, 520:].any()
    found.sum().backward()
    assert waves.grad is not None
    torch.testing.assert_close(waves.grad[0, :500], torch.full((500,), 100.0))
    assert not waves.grad[0, 520:].any()
