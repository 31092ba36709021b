"""Predictions of a stream: in order, without regard to threads, and with a few sounds in memory."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.inference.label_batches import BATCH, MAX_THREADS, label_batches
from drumspace.classify.inference.labeller import Labeller
from drumspace.classify.training.calibration import Calibration

AUDIO = AudioParams(sample_rate=8000, seconds=0.1, onset_db=-40, lead_ms=1, fade_ms=5, silence_dbfs=-60)


class Mean(nn.Module):
    """Logits that grow with a clip's mean, in its first class."""

    threads: set[int]

    def forward(self, waves: Tensor) -> Tensor:
        self.threads = {torch.get_num_threads()}
        return torch.nn.functional.pad(waves.mean(dim=1, keepdim=True), (0, 7))


def labeller() -> Labeller:
    return Labeller("mean", AUDIO, [(Mean(), Calibration(1.0, None))], 1.0, np.full(8, 0.5))


def sounds(count: int, taken: list[int]) -> Iterator[tuple[int, np.ndarray | None]]:
    """Sounds of different lengths and levels; every seventh can't be read."""
    for number in range(count):
        taken.append(number)
        yield number, None if number % 7 == 0 else np.full(700 + number % 80, min(30 * number, 30000), np.int16)


def test_predictions_are_in_order_and_those_of_one_batch() -> None:
    count = 5 * BATCH + 3
    got = list(label_batches(labeller(), sounds(count, [])))
    assert [key for key, _ in got] == list(range(count))
    padded = [np.pad(pcm, (0, AUDIO.num_samples - len(pcm))) for _, pcm in sounds(count, []) if pcm is not None]
    expected = iter(labeller().probabilities(np.stack(padded))[0])
    for number, prediction in got:
        if number % 7 == 0:
            assert prediction is None
        else:
            assert prediction is not None
            np.testing.assert_allclose(prediction.probabilities, next(expected), atol=1e-7)


def test_a_few_batches_are_in_memory_whatever_the_number_of_sounds() -> None:
    taken: list[int] = []
    most = 0
    for count, _ in enumerate(label_batches(labeller(), sounds(BATCH * (2 * MAX_THREADS + 20), taken)), start=1):
        most = max(most, len(taken) - count)
    assert most <= 2 * MAX_THREADS * BATCH


def test_a_batch_runs_in_one_thread_and_the_setting_is_restored() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        network = Mean()
        labels_ = Labeller("mean", AUDIO, [(network, Calibration(1.0, None))], 1.0, np.full(8, 0.5))
        list(label_batches(labels_, sounds(3, [])))
        assert network.threads == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_no_sounds_give_no_predictions() -> None:
    assert list(label_batches(labeller(), [])) == []
