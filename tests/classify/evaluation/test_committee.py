import numpy as np
import pytest

from drumspace.classify.evaluation.committee import choose, temperature_of, vote

TRUTH = np.repeat(np.arange(4), 25)


def model(seed: int, skill: float) -> np.ndarray:
    """Probabilities [100, 4] with errors of their own."""
    logits = np.random.default_rng(seed).normal(size=(100, 4))
    logits[np.arange(100), TRUTH] += skill
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_independent_models_together_beat_each_alone() -> None:
    several = {f"m{seed}": model(seed, 2.0) for seed in range(5)}
    members = choose(TRUTH, several, max_members=5)
    together = vote([several[name] for name in members])
    right = (together.argmax(axis=1) == TRUTH).mean()
    assert len(members) >= 3
    assert right > max((values.argmax(axis=1) == TRUTH).mean() for values in several.values())
    np.testing.assert_allclose(together.sum(axis=1), 1)


def test_a_model_that_is_no_better_than_chance_is_no_member() -> None:
    probs = {"good": model(0, 3.0), "noise": model(1, 0.0), "against": model(2, -2.0)}
    assert choose(TRUTH, probs, max_members=3) == ["good"]


def test_at_most_so_many_and_the_order_of_names_does_not_matter() -> None:
    several = {f"m{seed}": model(seed, 2.0) for seed in range(5)}
    members = choose(TRUTH, several, max_members=2)
    assert len(members) == 2
    assert choose(TRUTH, dict(reversed(several.items())), max_members=2) == members


def test_the_temperature_calibrates_the_mean() -> None:
    confident = [np.clip(model(seed, 1.0) ** 6, 1e-9, None) for seed in range(2)]
    confident = [values / values.sum(axis=1, keepdims=True) for values in confident]
    assert temperature_of(TRUTH, confident) > 1.5
    assert temperature_of(TRUTH[:0], []) == 1.0
    assert vote(confident, 2.0).max() < vote(confident).max() == pytest.approx(np.mean(confident, axis=0).max())
