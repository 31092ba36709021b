"""Embed every clip with a network trained on the training part: data/features/learned.npy, float32 [clips, features].

Since the network was trained on labels, its maps are measured on unseen kits, and no table of propagation uses it.
"""

import _lib.bootstrap  # noqa: F401

import sys

import numpy as np

from _lib.paths import CLASSIFIERS, CLIPS, FEATURES
from _lib.runtime import stage
from drumspace.classify.inference.trained_model import load_trained
from drumspace.classify.networks.network import Network
from drumspace.classify.training.embeddings import embed
from drumspace.dataset.access.clips import Clips
from drumspace.io.atomic import atomic_path
from drumspace.io.json_files import read_json, write_json


def main() -> None:
    """Run the stage with the model named on the command line."""
    name = sys.argv[1]
    with stage("learned_features"):
        network = load_trained(CLASSIFIERS / name).module
        assert isinstance(network, Network)
        clips = Clips(CLIPS)
        values = embed(network, clips.__getitem__, np.arange(len(clips)))
        with atomic_path(FEATURES / "learned.npy") as temporary, temporary.open("wb") as file:
            np.save(file, values)
        config = read_json(CLASSIFIERS / name / "config.json")
        write_json(
            FEATURES / "learned.json",
            {"model": name, "weights": config["weights"], "trained_on": config["trained_on"]},
        )


if __name__ == "__main__":
    main()
