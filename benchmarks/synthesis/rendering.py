"""Error of each part of the decoder's rendering: real sounds analysed and rendered again, without a network.

    python -m benchmarks.synthesis.rendering [--work .] [--out reports/benchmarks/rendering.json]

WORK is a folder in which the pipeline has run: the sounds are those of its reference, evaluated by its first judge.
Their band levels (synth.dsp.coarse_spectrum) are rendered with and without the measured noise ratio and random peaks;
with a noise ratio that is corrected until the rendering has the measured one; then with their true magnitudes. None
has an attack finer than a frame.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks._lib.git import head
from benchmarks._lib.trained_generators import Bench
from benchmarks._lib.vae_entry import vae_entry
from drumspace.audio.format.levels import db_to_amplitude
from drumspace.io.json_files import write_json
from drumspace.metrics.generation.class_agreement import class_agreement
from drumspace.synth.dsp.postprocess import normalize_peak
from drumspace.synth.evaluation.distribution_metrics import distribution_metrics
from drumspace.synth.models.architectures.istft import ATTACK, DecoderParams, IstftDecoder
from drumspace.synth.models.vae.build_vae import build
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.taxonomy import CLASSES

BATCH = 32
ROUNDS, GAIN = 4, 0.7
"""Iterations of the correction of a noise ratio, and the share of the error that each corrects."""


def match_noise_ratio(decoder: IstftDecoder, params: DecoderParams, generator: torch.Generator) -> DecoderParams:
    """`params` with a noise ratio for which the rendering has the measured one."""
    noise_ratio = params.noise_ratio
    for _ in range(ROUNDS):
        figures, _ = decoder.noise_ratio_estimator(decoder.render(params._replace(noise_ratio=noise_ratio), generator))
        noise_ratio = (noise_ratio + GAIN * (params.noise_ratio - figures)).clamp(0, 1)
    return params._replace(noise_ratio=noise_ratio)


def renderings(decoder: IstftDecoder, wave: Tensor, generator: torch.Generator) -> Iterator[tuple[str, DecoderParams]]:
    """Name and decoder parameters of each way to render waveforms [B, T]."""
    assert decoder.coarse_spectrum is not None
    levels = decoder.coarse_spectrum.interpolate(decoder.coarse_spectrum(wave))
    true, sounding = decoder.peakiness_estimator.log_magnitudes(wave)
    residual = ((true - levels) * sounding).sum(dim=1, keepdim=True) / sounding.sum(dim=1, keepdim=True)
    noise_ratio, _ = decoder.noise_ratio_estimator(wave)
    peaks = decoder.peakiness_estimator(wave, levels)
    none, flat_attack = torch.zeros_like(peaks), torch.ones(len(wave), ATTACK + 1)
    yield "band levels, noise only", DecoderParams(levels, torch.ones_like(noise_ratio), none, flat_attack)
    yield "band levels, tones only", DecoderParams(levels, torch.zeros_like(noise_ratio), none, flat_attack)
    yield "band levels, measured noise ratio", DecoderParams(levels, noise_ratio, none, flat_attack)
    yield "… and random peaks, half the measured height", DecoderParams(levels, noise_ratio, 0.5 * peaks, flat_attack)
    yield "… and random peaks, measured height", DecoderParams(levels, noise_ratio, peaks, flat_attack)
    with_peaks = DecoderParams(levels, noise_ratio, peaks, flat_attack)
    yield "… and these peaks, noise ratio corrected", match_noise_ratio(decoder, with_peaks, generator)
    yield "… and random peaks, twice the measured height", DecoderParams(levels, noise_ratio, 2 * peaks, flat_attack)
    yield "… and the sounds' own peaks", DecoderParams(levels + residual, noise_ratio, none, flat_attack)
    yield "true magnitudes, measured noise ratio", DecoderParams(true, noise_ratio, none, flat_attack)
    true_magnitudes = DecoderParams(true, noise_ratio, none, flat_attack)
    yield "true magnitudes, noise ratio corrected", match_noise_ratio(decoder, true_magnitudes, generator)
    yield "true magnitudes, tones only", DecoderParams(true, torch.zeros_like(noise_ratio), none, flat_attack)


def figures(waves: np.ndarray, bench: Bench) -> dict[str, Any]:
    """Kernel distance, coverage and class agreement of waveforms by the first judge."""
    reference = bench.evaluation.first
    points, probabilities = reference.embed_and_predict(waves)
    results = distribution_metrics(points, reference.points, reference.sigma, bench.evaluation.params).values
    agreement_, _ = class_agreement(bench.labels, probabilities.argmax(axis=1), len(CLASSES))
    return {
        **{name: results[name] for name in ("kernel_distance", "kernel_distance_ci95", "coverage")},
        "class_agreement": agreement_,
    }


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path())
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/rendering.json"))
    arguments = parser.parse_args()
    bench = Bench.open(arguments.work)
    entry = vae_entry(arguments.work / "params.yaml", "vae")
    vae = build(VaeSettings.model_validate(entry), bench.audio.sample_rate, bench.audio.num_samples)
    decoder = vae.eval().decoder
    assert isinstance(decoder, IstftDecoder)
    waves_by_name: dict[str, list[np.ndarray]] = {}
    generator = torch.Generator().manual_seed(bench.evaluation.params.seed)
    with torch.inference_mode():
        for start in range(0, len(bench.real), BATCH):
            wave = torch.from_numpy(bench.real[start : start + BATCH])
            for name, params in renderings(decoder, wave, generator):
                rendered = decoder.render(params, generator)
                waves_by_name.setdefault(name, []).append(normalize_peak(rendered, db_to_amplitude(-1.0)).numpy())
    results = {name: figures(np.concatenate(waves), bench) for name, waves in waves_by_name.items()}
    for name, entry_ in results.items():
        print(
            f"{name}: kernel distance {entry_['kernel_distance']:.4f}, class agreement {entry_['class_agreement']:.2f}",
            flush=True,
        )
    write_json(arguments.out, {"n": len(bench.real), "commit": head(), "renderings": results})


if __name__ == "__main__":
    main()
