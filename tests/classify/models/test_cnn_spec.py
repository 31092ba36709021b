import torch

from drumspace.audio.params import MelParams
from drumspace.classify.models.cnn_spec import CnnSpec, Settings, build
from drumspace.classify.params import AugmentParams, TrainingParams

RATE, LENGTH = 16000, 8000
TRAINING = TrainingParams(
    steps=30,
    batch_size=8,
    learning_rate=0.003,
    weight_decay=0.01,
    ema_decay=0.5,
    label_smoothing=0.0,
    validate_every=10,
    checkpoint_every=100,
    augment=AugmentParams(gain_db=6, shift_ms=5, speed=0.05, noise_db=-30, mixup=0.2),
)
SETTINGS = Settings(
    mel=MelParams(n_fft=512, hop_length=256, floor_db=-80, n_mels=24, fmin=20, fmax=None),
    channels=[4, 8],
    dropout=0.2,
    mask_bands=4,
    mask_frames=4,
    training=TRAINING,
)


def network() -> CnnSpec:
    torch.manual_seed(0)
    return build(SETTINGS, RATE, LENGTH, 8)


def test_spectrum_spans_minus_one_to_one_and_ignores_level() -> None:
    wave = torch.randn(3, LENGTH) * torch.linspace(1, 0, LENGTH) ** 8
    spectrum = network().spectrum(wave)
    assert spectrum.shape == (3, 1, 24, 32)
    torch.testing.assert_close(spectrum.amax(dim=(1, 2, 3)), torch.ones(3))
    assert spectrum.min() >= -1 - 1e-6
    torch.testing.assert_close(network().spectrum(wave * 0.1), spectrum, atol=1e-3, rtol=0)


def test_gradients_reach_every_parameter() -> None:
    model = network()
    model(torch.randn(4, LENGTH)).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_in_evaluation_a_clip_does_not_depend_on_its_neighbours() -> None:
    model = network().eval()
    wave = torch.randn(4, LENGTH)
    with torch.no_grad():
        torch.testing.assert_close(model(wave)[:1], model(wave[:1]), atol=1e-5, rtol=1e-4)


def test_any_length_is_heard() -> None:
    model = network().eval()
    for length in (600, 4001, 16000):
        assert model(torch.randn(2, length)).shape == (2, 8)
