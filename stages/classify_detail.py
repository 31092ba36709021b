"""Train the second-level classifiers: models/details/<class>, which tell open hats and 808 kicks from others."""

import _lib.bootstrap  # noqa: F401

import sys

from safetensors.torch import save_file

from _lib.paths import CLIPS, DETAIL_MODELS, METRICS
from _lib.runtime import log, stage
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.details.settings import DetailParams
from drumspace.classify.details.train import train_detail
from drumspace.classify.networks import registry
from drumspace.dataset.access.clips import Clips
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import write_json
from drumspace.taxonomy import DETAILS


def main() -> None:
    """Run the stage with the model named on the command line."""
    name = sys.argv[1]
    with stage("classify_detail") as work:
        params = work.section("detail", DetailParams)
        audio = work.section("audio", AudioParams)
        settings = work.section(f"classify.models.{name}", registry.settings_type(name))
        clips = Clips(CLIPS)
        metrics = {}
        with atomic_folder(DETAIL_MODELS) as folder:
            for label in DETAILS:
                trained = train_detail(label, settings, audio, clips.catalog, clips.__getitem__, params)
                metrics[label] = trained.figures
                (folder / label).mkdir()
                write_json(folder / label / "config.json", trained.config)
                if trained.model is None:
                    log.warning("no details of %ss: %s.", label, trained.config["not_run"])
                    continue
                tensors = {key: tensor.cpu().contiguous() for key, tensor in trained.model.state_dict().items()}
                save_file(tensors, folder / label / "model.safetensors")
        work.write_metrics(METRICS / "details.json", metrics)


if __name__ == "__main__":
    main()
