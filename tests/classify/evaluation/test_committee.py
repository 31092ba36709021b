import numpy as np
import pytest

from drumspace.classify.evaluation.committee import choose, temperature_of, vote

TRUTH = np.repeat(np.arange(4), 25)


def model(seed: int, skill: float) -> np.ndarray:
    """Probabilities [100, 4] of a model whose errors are independent of other seeds."""
    logits = np.random.default_rng(seed).normal(size=(100, 4))
    logits[np.arange(100), TRUTH] += skill
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_a_committee_of_independent_models_is_more_accurate_than_each_member() -> None:
    several = {f"m{seed}": model(seed, 2.0) for seed in range(5)}
    members = choose(TRUTH, several, max_members=5)
    probs = vote([several[name] for name in members])
    accuracy = (probs.argmax(axis=1) == TRUTH).mean()
    assert len(members) >= 3
    assert accuracy > max((values.argmax(axis=1) == TRUTH).mean() for values in several.values())
    np.testing.assert_allclose(probs.sum(axis=1), 1)


def test_a_model_at_chance_level_is_no_member() -> None:
    probs = {"good": model(0, 3.0), "noise": model(1, 0.0), "against": model(2, -2.0)}
    assert choose(TRUTH, probs, max_members=3) == ["good"]


def test_members_are_limited_and_do_not_depend_on_the_order_of_names() -> None:
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
