"""The drawing is read from the model."""

from drumspace.synth.evaluation.model_summary import PARTS, blocks_of
from drumspace.synth.sampling.trained_vae import TrainedVae


def test_blocks_come_in_the_order_of_the_signal_and_hold_the_weights(vae: TrainedVae) -> None:
    blocks = blocks_of(vae.module, vae.audio.num_samples)
    parts = [block["part"] for block in blocks]
    assert list(dict.fromkeys(parts)) == list(PARTS)
    assert parts == sorted(parts, key=PARTS.index)
    told = sum(block["parameters"] for block in blocks)
    held = sum(p.numel() for p in vae.module.parameters())
    assert 0.9 * held < told <= held
    last = blocks[[block["part"] for block in blocks].index("to_posterior")]
    assert last["kind"] == "linear 24 → 8" or last["shape"] == [8]
