"""The sets of sounds that are evaluated: trained generators, baselines, and real clips as floor and ceiling."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.dataset.access.subsets import Subsets
from drumspace.io.models import read_config
from drumspace.synth.evaluation.baselines import DrumMachine, Noise, RealClips, Silence
from drumspace.synth.evaluation.judge_metrics import SoundOrigin
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.synth.sampling.generator import Generator
from drumspace.synth.sampling.trained_baselines import load_wavegan
from drumspace.synth.sampling.trained_vae import load_vae


@dataclass(frozen=True)
class ModelFolders:
    """Folders of the trained models."""

    wavegan: Path
    mcnn: Path
    vaes: Path
    """Holds a folder for each VAE and VAE-GAN, by name."""
    priors: Path
    """Holds a folder for each of them too."""

    def training(self, name: str) -> Path:
        """Folder of the trained model of that name."""
        return {"wavegan": self.wavegan, "mcnn": self.mcnn}.get(name, self.vaes / name)

    def not_run(self, names: Sequence[str]) -> dict[str, str]:
        """Reasons of those among `names` that are baselines and were not trained."""
        configs = {name: read_config(self.training(name)) for name in names if name in ("wavegan", "mcnn")}
        return {name: config["not_run"] for name, config in configs.items() if "not_run" in config}


def load_generators(
    folders: ModelFolders, audio: AudioParams, params: SynthesisParams
) -> Iterator[tuple[str, Generator, SoundOrigin]]:
    """Name, generator and origin of each generator in the settings, loaded one at a time."""
    baselines: dict[str, Callable[[], Generator]] = {
        "drum_machine": lambda: DrumMachine(audio.sample_rate, audio.num_samples),
        "wavegan": lambda: load_wavegan(folders.wavegan),
    }
    for name in params.generators:
        if folders.not_run([name]):
            continue
        if name in baselines:
            yield name, baselines[name](), SoundOrigin()
        else:
            vae = load_vae(folders.vaes / name, folders.priors / name)
            yield name, vae, SoundOrigin(hop_length=vae.module.hop)


def bounds(
    data: LabelledClips, subsets: Subsets, audio: AudioParams, params: SynthesisParams
) -> Iterator[tuple[str, Generator, SoundOrigin]]:
    """Name, generator and origin of the sets that bound the metrics: real clips, noise, silence, one repeated clip."""
    clips = partial(RealClips, data.clips.float32, subsets.others, data.labels[subsets.others])
    real = SoundOrigin(generated=False, in_training=floor_is_trained_on(subsets))
    for name, level in params.noise_db.items():
        yield name, clips(noise_db=level), real
    yield "floor", clips(), real
    training = RealClips(data.clips.float32, subsets.generators)
    yield "floor_as_they_come", training, SoundOrigin(generated=False, in_training=True)
    yield "noise", Noise(audio.sample_rate, audio.num_samples), SoundOrigin()
    yield "silence", Silence(audio.num_samples), SoundOrigin()
    yield "repeated", clips(repeated=True), real


def floor_is_trained_on(subsets: Subsets) -> bool:
    """Whether the clips of `floor` are training clips, since there are too few others."""
    return bool(np.isin(subsets.others, subsets.generators).all())


def available_counts(generator: Generator, counts: np.ndarray) -> np.ndarray:
    """Limit counts [classes] to the real clips that there are; other generators have no limit."""
    if not isinstance(generator, RealClips) or generator.repeated:
        return counts
    if generator.labels is None:
        return np.array([min(int(counts.sum()), len(generator.rows))])
    return np.minimum(counts, np.bincount(generator.labels, minlength=len(counts)))
