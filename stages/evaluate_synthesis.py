"""What generators and inversions are worth, beside real sounds and beside nothing: reports/metrics/synthesis.json."""

import _lib.bootstrap  # noqa: F401

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from _lib.paths import CLIPS, JUDGES, MCNN, METRICS, PARAMS, PRIORS, SOUNDS, SPLITS, VAES, WAVEGAN
from _lib.runtime import log, stage
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.inference.embed_and_predict import embed_and_predict
from drumspace.classify.inference.trained_model import load_trained
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.dataset.access.subsets import Subsets
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.errors import NotMeasured
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import read_json, write_json
from drumspace.io.parquet import write_parquet
from drumspace.io.settings import read_yaml
from drumspace.metrics.classification.classification import bootstrap_ci95, macro_recall
from drumspace.synth.evaluation.baselines import DrumMachine, Noise, RealClips, Silence
from drumspace.synth.evaluation.evaluate import Judging, Origin, evaluate, periodicity, reconstructed
from drumspace.synth.evaluation.evaluate_vae import Heard, evaluate_vae
from drumspace.synth.evaluation.inversions import Inversion, griffin_lim_of, mcnn_of
from drumspace.synth.evaluation.memorization import Copies
from drumspace.synth.evaluation.reference import Reference, balanced_rows, counts_like
from drumspace.synth.evaluation.report_samples import Shown
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.synth.sampling.generator import Drawn, Generator, draw, sieve
from drumspace.synth.sampling.trained_baselines import load_mcnn, load_wavegan, mcnn_settings
from drumspace.synth.sampling.trained_vae import TrainedVae, load_vae
from drumspace.taxonomy import CLASSES

TRAINED = {"wavegan": WAVEGAN, "mcnn": MCNN}
BLOCK = 512
"""Clips in memory at a time."""


def main() -> None:
    """Run the stage."""
    with stage("evaluate_synthesis") as work:
        params = work.section("synthesis", SynthesisParams)
        audio = work.section("audio", AudioParams)
        duplicates = work.section("ingest.duplicates", DuplicateParams)
        names = read_yaml(PARAMS)["judge"]["run"]
        work.run.params({"judge.run": names})
        data = LabelledClips(CLIPS, SPLITS)
        subsets = Subsets.read(data, pd.read_parquet(SPLITS))
        rows = balanced_rows(subsets.reference, data.labels[subsets.reference], params.reference_per_class, params.seed)
        real, kinds = data.clips.float32(rows), data.labels[rows]
        found: dict[str, Any] = {}
        empty: list[dict[str, str]] = []
        shown: dict[str, Shown] = {}
        tables: list[pd.DataFrame] = []
        latent: dict[str, Heard] = {}
        judges = {name: origin_of(name) for name in names}

        def take(name: str, drawn: Drawn, entry: dict[str, Any], table: pd.DataFrame) -> None:
            table.insert(0, "sounds", name)
            table["nearest"] = data.ids[subsets.generators][table["nearest"].astype(int)]
            tables.append(table)
            found[name], shown[name] = entry, Shown.of(drawn, table, params.report_samples)

        try:
            references = references_of(names, data, real, kinds, subsets.generators, params)
            judges = {name: {**judges[name], **quality_of(references[name], params)} for name in names}
            judging = Judging(
                references,
                Copies(data.clips.__getitem__, subsets.generators, audio, duplicates),
                audio.sample_rate,
                params,
            )
            counts = counts_like(kinds, params.sounds, len(CLASSES))
            for name, generator, origin in tqdm(list(sets(data, subsets, audio, params)), desc="sets", unit="set"):
                begin = time.perf_counter()
                wanted = counts_of(generator, counts)
                drawn = draw(generator, wanted, params.seed, audio.num_samples, name == "silence")
                made = time.perf_counter()
                entry, table = evaluate(drawn, judging, origin)
                if isinstance(generator, TrainedVae):
                    figures, latent[name] = evaluate_vae(generator, real, kinds, wanted, judging)
                    entry |= figures
                take(name, drawn, {**entry, "conditional": generator.conditional}, table)
                work.times[f"{name}_sounds_per_second"] = len(drawn.waves) / (made - begin)
                work.times[f"{name}_evaluation_seconds"] = time.perf_counter() - made
            for name, invert, hop in inversions(params):
                take(name, *inverted(invert, hop, real, kinds, judging))
            shown["reference"] = Shown.of(Drawn(real, kinds, []), None, params.report_samples)
        except NotMeasured as error:
            log.warning("no sound can be judged: %s", error)
            empty.append({"what": "generated sounds", "why": str(error)})
        empty += [
            {
                "what": f"what judge {name} hears as published",
                "why": f"random values: {judge['weights_reason']}",
            }
            for name, judge in judges.items()
            if judge["weights"] == "random"
        ]
        first, *others = names
        work.write_metrics(
            METRICS / "synthesis.json",
            {
                **found,
                "judge": judges[first],
                "judges": {name: judges[name] for name in others},
                "reference": reference_figures(real, kinds, params),
                "settings": {"neighbours": params.neighbours, "components": params.components},
                "trained": {
                    name: training_of(folder)
                    for name, folder in [*TRAINED.items(), *((name, VAES / name) for name in latent)]
                    if name in found
                },
                "floor_is_trained_on": is_seen(subsets),
                "not_measured": empty,
            },
        )
        keep(shown, tables, latent)


def training_of(folder: Path) -> dict[str, Any]:
    """How large a trained network is, and how long it learned; of a VAE-GAN against what, and how that went."""
    config = read_json(folder / "config.json")
    settings = config["settings"]
    played = config.get("adversarial") or settings
    found = {
        "architecture": settings.get("architecture", config["model"]),
        "width": settings.get("network", settings)["width"],
        "steps": config.get("adversarial_step", config["step"]),
        "batch_size": played["batch_size"],
        "trained_on": config["trained_on"],
        "parameters": config["parameters"],
    }
    if "adversarial" not in config:
        return found
    against = {name: config[name] for name in ("starts_from", "discriminator_parameters", "collapsed_at", "history")}
    return {**found, "strategy": played["strategy"], "discriminators": list(played["discriminators"]), **against}


def origin_of(name: str) -> dict[str, Any]:
    """What a judge is, before it has heard the reference."""
    config = read_json(JUDGES / name / "config.json")
    origin = {key: config[key] for key in ("weights", "weights_reason", "trainable", "trained_on", "chosen_on")}
    return {"name": name, **origin, "accuracy": None, "accuracy_ci95": None, "macro_recall": None, "n": 0}


def quality_of(reference: Reference, params: SynthesisParams) -> dict[str, Any]:
    """How well a judge knows the reference's sounds, which it has not learned from."""
    right = reference.answers == reference.labels
    return {
        "accuracy": float(right.mean()),
        "accuracy_ci95": list(bootstrap_ci95(right, params.resamples, params.seed)),
        "macro_recall": macro_recall(reference.labels, reference.answers),
        "n": len(right),
    }


def reference_figures(real: np.ndarray, kinds: np.ndarray, params: SynthesisParams) -> dict[str, Any]:
    """How many real sounds there are, and how periodic they are themselves."""
    figures: dict[str, Any] = {"n": len(real), "classes": np.bincount(kinds, minlength=len(CLASSES)).tolist()}
    try:
        return {**figures, **periodicity(real, kinds, params.hop_length)}
    except NotMeasured:
        return {**figures, "hop_periodicity": None, "hop_periodicity_n": 0}


def references_of(
    names: list[str],
    data: LabelledClips,
    real: np.ndarray,
    kinds: np.ndarray,
    trained_on: np.ndarray,
    params: SynthesisParams,
) -> dict[str, Reference]:
    """The real sounds as each judge hears them. Raises NotMeasured where they are too few."""
    if len(real) <= params.neighbours:
        raise NotMeasured(f"{len(real)} real sounds are held out as a reference")

    def blocks() -> Iterator[np.ndarray]:
        for begin in range(0, len(trained_on), BLOCK):
            yield data.clips.float32(trained_on[begin : begin + BLOCK])

    return {
        name: Reference.of(partial(embed_and_predict, load_trained(JUDGES / name)), lambda: [real], blocks, kinds)
        for name in names
    }


def is_seen(subsets: Subsets) -> bool:
    """Whether the other real sounds are those that generators learn from: there are too few for a set of their own."""
    return bool(np.isin(subsets.others, subsets.generators).all())


def sets(
    data: LabelledClips, subsets: Subsets, audio: AudioParams, params: SynthesisParams
) -> Iterator[tuple[str, Generator, Origin]]:
    """Name, generator and origin of each set of sounds."""
    made: dict[str, Callable[[], Generator]] = {
        "drum_machine": lambda: DrumMachine(audio.sample_rate, audio.num_samples),
        "wavegan": lambda: load_wavegan(WAVEGAN),
    }
    for trained in params.generators:
        if trained in made:
            yield trained, made[trained](), Origin()
        else:
            vae = load_vae(VAES / trained, PRIORS / trained)
            yield trained, vae, Origin(hop=vae.module.hop)
    clips = partial(RealClips, data.clips.float32, subsets.others, data.labels[subsets.others])
    real = Origin(made=False, seen=is_seen(subsets))
    for name, level in params.noise_db.items():
        yield name, clips(noise_db=level), real
    yield "floor", clips(), real
    yield "floor_as_they_come", RealClips(data.clips.float32, subsets.generators), Origin(made=False, seen=True)
    yield "noise", Noise(audio.sample_rate, audio.num_samples), Origin()
    yield "silence", Silence(audio.num_samples), Origin()
    yield "repeated", clips(repeated=True), real


def counts_of(generator: Generator, counts: np.ndarray) -> np.ndarray:
    """As many real clips as there are, where these are fewer than `counts` [classes] asks for."""
    if not isinstance(generator, RealClips) or generator.repeated:
        return counts
    if generator.labels is None:
        return np.array([min(int(counts.sum()), len(generator.rows))])
    return np.minimum(counts, np.bincount(generator.labels, minlength=len(counts)))


def inversions(params: SynthesisParams) -> Iterator[tuple[str, Inversion, int]]:
    """Ways from magnitudes to a wave, of one size of spectrogram, and its hop (samples)."""
    settings = mcnn_settings(MCNN)
    made: dict[str, Callable[[], Inversion]] = {
        "griffin_lim": lambda: griffin_lim_of(
            settings.n_fft, settings.hop_length, params.griffin_lim_iterations, params.seed
        ),
        "mcnn": lambda: mcnn_of(load_mcnn(MCNN), settings),
    }
    for name in params.inversions:
        yield name, made[name](), settings.hop_length


def inverted(
    invert: Inversion, hop: int, real: np.ndarray, kinds: np.ndarray, judging: Judging
) -> tuple[Drawn, dict[str, Any], pd.DataFrame]:
    """Some of the reference's sounds made anew from their magnitudes, and their entry."""
    chosen = np.sort(
        np.random.default_rng(judging.params.seed).permutation(len(real))[: judging.params.reconstructions]
    )
    made, asked = invert(real[chosen]), np.arange(len(chosen))
    usable = sieve(made, asked)
    kept = chosen[usable.asked]
    drawn = Drawn(usable.waves, kinds[kept], usable.failures)
    entry, table = evaluate(drawn, judging, Origin(compared=False, hop=hop))
    if len(kept):
        entry |= reconstructed(drawn.waves, real[kept], drawn.asked, judging.sample_rate)
    return drawn, {**entry, "conditional": True}, table


def keep(shown: dict[str, Shown], tables: list[pd.DataFrame], latent: dict[str, Heard]) -> None:
    """Leave sounds for the report to play, and a row for each sound that was judged."""
    with atomic_folder(SOUNDS) as folder:
        for name, heard in latent.items():
            for what in ("reconstructions", "walks", "directions"):
                np.save(folder / f"{name}-{what}.npy", getattr(heard, what))
        write_json(folder / "latent.json", {name: heard.told for name, heard in latent.items()})
        for name, sounds in shown.items():
            np.save(folder / f"{name}.npy", sounds.pcm)
        write_json(folder / "sounds.json", {name: sounds.told for name, sounds in shown.items()})
        columns = ["sounds", "asked", "heard", "confidence", "nearest", "distance"]
        write_parquet(folder / "judged.parquet", pd.concat([pd.DataFrame(columns=columns), *tables], ignore_index=True))


if __name__ == "__main__":
    main()
