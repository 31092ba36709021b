"""Embed every clip with a network as it was published: data/features/pretrained.npy, float32 [clips, features]."""

import _lib.bootstrap  # noqa: F401

import sys

import numpy as np

from _lib.paths import CLIPS, FEATURES, PRETRAINED, WEIGHTS
from _lib.runtime import log, stage
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.networks import registry
from drumspace.classify.networks.network import Network
from drumspace.classify.training.build_model import build_model
from drumspace.classify.training.embeddings import embed
from drumspace.classify.weights.manifest import or_random
from drumspace.dataset.access.clips import Clips
from drumspace.io.atomic import atomic_path
from drumspace.io.json_files import read_json, write_json


def main() -> None:
    """Run the stage with the model named on the command line."""
    name = sys.argv[1]
    with stage("pretrained_features") as work:
        audio = work.section("audio", AudioParams)
        settings = work.section(f"classify.models.{name}", registry.settings_type(name))
        manifest = or_random(read_json(PRETRAINED / f"{name}.json"))
        if manifest["weights"] == "random":
            log.warning("%s has random weights, not published ones: %s", name, manifest["reason"])
        network = build_model(name, settings, audio, 0, manifest, WEIGHTS, rejects=False)
        assert isinstance(network, Network)
        clips = Clips(CLIPS)
        values = embed(network, clips.__getitem__, np.arange(len(clips)))
        with atomic_path(FEATURES / "pretrained.npy") as temporary, temporary.open("wb") as file:
            np.save(file, values)
        origin = {"model": name, "weights": manifest["weights"], "weights_sha256": manifest.get("sha256")}
        write_json(FEATURES / "pretrained.json", origin)


if __name__ == "__main__":
    main()
