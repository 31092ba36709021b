"""Settings that tests of this folder share."""

from collections.abc import Callable
from typing import Any

import pytest

from drumspace.classify.networks import registry
from drumspace.classify.training.settings import NetworkSettings

AUGMENT = {
    "gain_db": 3, "shift_ms": 5, "speed": 0.02, "eq_db": 2, "noise_db": -40, "mask_bands": 0.1, "mask_frames": 0.1,
    "mixup": 0.0, "reverb": {"probability": 0.2, "seconds": 0.2}, "clipping": {"probability": 0.2, "drive_db": 6},
    "low_pass": {"probability": 0.2, "lowest_hz": 3000},
}  # fmt: skip
TRAINING = {
    "steps": 120, "batch_size": 8, "learning_rate": 0.01, "schedule": "one_cycle", "weight_decay": 0.0,
    "ema_decay": 0.5, "label_smoothing": 0.0, "validate_every": 10, "checkpoint_every": 10, "augment": AUGMENT,
}  # fmt: skip
MEL = {"n_fft": 256, "hop_length": 128, "floor_db": -80, "n_mels": 16, "fmin": 20, "fmax": None}
WAVE = {"kernel": 32, "stride": 8, "channels": [8, 8]}
SPECTRUM = {"channels": [8, 8]}
PICTURE = {"bands": 32, "frames": 32}
OWN: dict[str, dict[str, Any]] = {
    "cnn_raw": {"wave": WAVE},
    "cnn_spec": {"mel": MEL, "spectrum": SPECTRUM},
    "cnn_raw_spec": {"wave": WAVE, "mel": MEL, "spectrum": SPECTRUM},
    "resnet50": {"mel": MEL, "picture": PICTURE},
    "resnest50": {"mel": MEL, "picture": PICTURE},
    "efficientnet_lite0": {"mel": MEL, "picture": PICTURE},
    "cnn14": {},
    "cnn14_dla": {},
    "aisfx_cnn9": {},
}


@pytest.fixture(scope="session")
def settings() -> Callable[..., NetworkSettings]:
    """Small settings of a network by its name; keywords replace keys, `training` is merged."""

    def make(name: str, training: dict[str, Any] | None = None, **changes: Any) -> NetworkSettings:
        values = {"splits": 1, "folds": 0, "trainable": "all", "dropout": 0.0, **OWN[name], **changes}
        chosen = registry.settings_type(name).model_validate({**values, "training": {**TRAINING, **(training or {})}})
        assert isinstance(chosen, NetworkSettings)
        return chosen

    return make
