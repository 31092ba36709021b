"""The model summary lists the layers of a VAE."""

from drumspace.synth.evaluation.model_summary import PARTS, summarize_model
from drumspace.synth.sampling.trained_vae import TrainedVae


def test_layers_are_listed_in_signal_order_with_their_weight_counts(vae: TrainedVae) -> None:
    layers = summarize_model(vae.module, vae.audio.num_samples)
    parts = [block["part"] for block in layers]
    assert list(dict.fromkeys(parts)) == list(PARTS)
    assert parts == sorted(parts, key=PARTS.index)
    listed = sum(block["parameters"] for block in layers)
    held = sum(p.numel() for p in vae.module.parameters())
    assert 0.9 * held < listed <= held
    last = layers[[block["part"] for block in layers].index("to_posterior")]
    assert last["kind"] == "linear 24 → 8" or last["shape"] == [8]
