"""Loading of a trained classifier."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.networks import registry
from drumspace.classify.training.calibration import Calibration, Rejection
from drumspace.errors import UserError
from drumspace.io.json_files import read_json
from drumspace.taxonomy import CLASSES
from drumspace.training.core.precision import device


@dataclass(frozen=True)
class TrainedModel:
    """A trained classifier on its device, with its calibration and the audio format of its inputs."""

    module: nn.Module
    calibration: Calibration
    audio: AudioParams


def load_trained(folder: Path, classes: tuple[str, ...] = CLASSES) -> TrainedModel:
    """Load the model of `classes` in `folder` (model.safetensors, config.json). Raises UserError if it is unusable."""
    config = read_json(folder / "config.json")
    if "not_run" in config:
        raise UserError(
            f"{folder} holds no trained model, {config['not_run']}: run `make weights`, or name another model."
        )
    if config["classes"] != list(classes):
        raise UserError(f"{folder} was trained for other classes: {', '.join(config['classes'])}.")
    audio = AudioParams.model_validate(config["audio"])
    try:
        settings = registry.settings_type(config["model"]).model_validate(config["settings"])
    except ValidationError as error:
        keys = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise UserError(
            f"{folder} was trained by another version of drumspace, with other settings ({keys}): train it again with "
            "`make repro`, or use that version."
        ) from None
    rejection = Rejection(**config["rejection"]) if config.get("rejection") else None
    num_outputs = len(classes) + (rejection is not None)
    module = registry.build(config["model"], settings, audio.sample_rate, audio.num_samples, num_outputs)
    try:
        module.load_state_dict(load_file(folder / "model.safetensors"))
    except (OSError, RuntimeError, SafetensorError) as error:
        raise UserError(f"{folder}/model.safetensors can't be read: {str(error).splitlines()[0]}") from error
    return TrainedModel(module.to(device()), Calibration(float(config["temperature"]), rejection), audio)
