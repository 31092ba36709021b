import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sklearn.svm import SVC

from drumspace.audio.spectral.settings import MelParams
from drumspace.classify.models.svm import ABSENT_LOGIT, KernelMachine, Settings, build, segment_edges
from drumspace.classify.networks.network import Network

RATE, LENGTH = 16000, 8000
SETTINGS = Settings(
    splits=1,
    folds=0,
    mel=MelParams(n_fft=512, hop_length=256, floor_db=-80, n_mels=24, fmin=20, fmax=None),
    n_mfcc=8,
    segments=5,
    components=12,
    c=10,
)


def sounds(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Decaying tones (class 0), noise (1) and clicks (2); class 3 has none."""
    rng = np.random.default_rng(seed)
    time = np.arange(LENGTH) / RATE
    labels = np.arange(count) % 3
    wave = np.empty((count, LENGTH), np.float32)
    for row, label in enumerate(labels):
        decay = np.exp(-time * rng.uniform(4, 12))
        if label == 0:
            wave[row] = np.sin(2 * np.pi * rng.uniform(100, 400) * time) * decay
        elif label == 1:
            wave[row] = 0.3 * rng.standard_normal(LENGTH) * decay
        else:
            wave[row] = rng.standard_normal(LENGTH) * np.exp(-time * rng.uniform(150, 300))
    return torch.from_numpy(wave), torch.from_numpy(labels)


def fitted(wave: torch.Tensor, labels: torch.Tensor) -> Network:
    model = build(SETTINGS, RATE, LENGTH, 4)
    assert isinstance(model.head, KernelMachine)
    model.head.fit(model.embed(wave), labels)
    return model


@pytest.fixture(scope="module")
def machine() -> Network:
    return fitted(*sounds(60, 0))


def test_the_machine_classifies_new_sounds(machine: Network) -> None:
    wave, labels = sounds(60, 1)
    assert (machine(wave).argmax(1) == labels).float().mean() >= 0.95


def test_permuted_labels_destroy_accuracy() -> None:
    wave, labels = sounds(60, 0)
    fresh, truth = sounds(60, 1)
    accuracies = []
    for seed in range(8):
        model = fitted(wave, labels[torch.randperm(60, generator=torch.Generator().manual_seed(seed))])
        accuracies.append((model(fresh).argmax(1) == truth).float().mean().item())
    # Each cloud is predicted as one class by chance: single accuracies are 0.2 to 0.6, means of eight 0.30 to 0.43.
    assert np.mean(accuracies) < 0.5


def test_scores_agree_with_scikit_learn(machine: Network) -> None:
    wave, labels = sounds(60, 0)
    head = machine.head
    assert isinstance(head, KernelMachine)
    points = ((machine.embed(wave) - head.mean) @ head.projection).double().numpy()
    expected = SVC(C=10, gamma=float(head.gamma), class_weight="balanced").fit(points, labels.numpy() == 1)
    np.testing.assert_allclose(machine(wave)[:, 1].numpy(), expected.decision_function(points), atol=2e-3, rtol=2e-3)


def test_a_class_without_clips_is_never_predicted(machine: Network) -> None:
    assert (machine(sounds(9, 2)[0])[:, 3] == ABSENT_LOGIT).all()


def test_scores_do_not_depend_on_level(machine: Network) -> None:
    wave, _ = sounds(6, 3)
    torch.testing.assert_close(machine(wave * 0.25), machine(wave), atol=2e-2, rtol=0)


def test_scores_do_not_depend_on_autocast(machine: Network) -> None:
    wave, _ = sounds(6, 5)
    with torch.autocast("cpu", torch.bfloat16):
        scores = machine(wave)
    assert torch.equal(scores, machine(wave))


def test_features_is_the_size_of_the_embedding(machine: Network) -> None:
    assert machine.embed(sounds(2, 0)[0]).shape == (2, machine.trunk.features)


def test_a_saved_machine_predicts_the_same_after_loading(machine: Network, tmp_path: object) -> None:
    path = f"{tmp_path}/model.safetensors"
    save_file(machine.state_dict(), path)
    other = build(SETTINGS, RATE, LENGTH, 4)
    other.load_state_dict(load_file(path))
    wave, _ = sounds(6, 4)
    assert torch.equal(other(wave), machine(wave))


@pytest.mark.parametrize(("frames", "segments"), [(173, 12), (173, 1), (5, 12), (87, 64), (2, 2)])
def test_segments_cover_every_frame_once_and_grow(frames: int, segments: int) -> None:
    edges = segment_edges(frames, segments)
    widths = np.diff(edges)
    assert edges[0] == 0
    assert edges[-1] == frames
    assert (widths >= 1).all()
    assert len(widths) == min(frames, segments)
    assert widths[-1] >= widths[0]


def test_sounds_of_no_class_train_the_last_output_and_leave_the_classes_as_they_are() -> None:
    wave, labels = sounds(90, seed=3)
    unseen, truth = sounds(30, seed=4)
    without = fitted(wave[labels < 2], labels[labels < 2])
    model = build(SETTINGS, RATE, LENGTH, 5)
    head = model.head
    assert isinstance(head, KernelMachine)
    head.fit(model.embed(wave), torch.where(labels < 2, labels, -1))  # the clicks are of no class
    outputs = model(unseen)
    torch.testing.assert_close(outputs[:, :2], without(unseen)[:, :2], rtol=1e-4, atol=1e-4)
    assert ((outputs[:, -1] > 0) == (truth == 2)).float().mean() > 0.9
