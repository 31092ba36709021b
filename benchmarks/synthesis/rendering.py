"""What each part of the decoder's rendering costs: real sounds taken apart and rendered anew, no network between.

    python -m benchmarks.synthesis.rendering [--work .] [--out reports/benchmarks/rendering.json]

WORK is a folder in which the pipeline has run: the sounds are those of its reference, its first judge hears them. Their
levels in bands (synth.dsp.coarse_spectrum) are rendered with or without the share of noise that is measured in
them, and the lines; with a share that is mended until as much noise is heard in the rendering; then their true
magnitudes. None has an attack finer than frames.
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
from drumspace.audio.decode.clip import amplitude
from drumspace.io.json_files import write_json
from drumspace.metrics.generation.class_agreement import agreement
from drumspace.synth.dsp.postprocess import normalize_peak
from drumspace.synth.evaluation.evaluate import cloud
from drumspace.synth.models.architectures.istft import ATTACK, IstftDecoder, Told
from drumspace.synth.models.vae.build_vae import build
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.taxonomy import CLASSES

BATCH = 32
ROUNDS, GAIN = 4, 0.7
"""In which a share is mended, each time by so much of what is heard too much or too little."""


def mended(decoder: IstftDecoder, told: Told, generator: torch.Generator) -> Told:
    """`told` with shares of noise such that they are heard, in what is rendered, as `told` has them."""
    share = told.share
    for _ in range(ROUNDS):
        heard, _ = decoder.meter(decoder.render(told._replace(share=share), generator))
        share = (share + GAIN * (told.share - heard)).clamp(0, 1)
    return told._replace(share=share)


def parts(decoder: IstftDecoder, wave: Tensor, generator: torch.Generator) -> Iterator[tuple[str, Told]]:
    """Names and what is told of waves [B, T]."""
    assert decoder.sketch is not None
    levels = decoder.sketch.drawn(decoder.sketch(wave))
    true, sounding = decoder.line_meter.levels(wave)
    still = ((true - levels) * sounding).sum(dim=1, keepdim=True) / sounding.sum(dim=1, keepdim=True)
    share, _ = decoder.meter(wave)
    lines = decoder.line_meter(wave, levels)
    none, even = torch.zeros_like(lines), torch.ones(len(wave), ATTACK + 1)
    yield "levels, all noise", Told(levels, torch.ones_like(share), none, even)
    yield "levels, all tones", Told(levels, torch.zeros_like(share), none, even)
    yield "levels, share of noise as measured", Told(levels, share, none, even)
    yield "and lines half as far out as measured", Told(levels, share, 0.5 * lines, even)
    yield "and lines as far out as measured", Told(levels, share, lines, even)
    as_told = Told(levels, share, lines, even)
    yield "and these lines, noise that is heard as measured", mended(decoder, as_told, generator)
    yield "and lines twice as far out", Told(levels, share, 2 * lines, even)
    yield "and the sounds' own lines", Told(levels + still, share, none, even)
    yield "true magnitudes, share of noise as measured", Told(true, share, none, even)
    as_measured = Told(true, share, none, even)
    yield "true magnitudes, noise that is heard as measured", mended(decoder, as_measured, generator)
    yield "true magnitudes, all tones", Told(true, torch.zeros_like(share), none, even)


def heard(waves: np.ndarray, bench: Bench) -> dict[str, Any]:
    """Kernel distance and coverage as the judge has them, and how often it hears the right class."""
    reference = next(iter(bench.judging.references.values()))
    points, probabilities = reference.hear(waves)
    found = cloud(points, reference.points, reference.sigma, bench.judging.params).closed()
    right, _ = agreement(bench.kinds, probabilities.argmax(axis=1), len(CLASSES))
    return {**{name: found[name] for name in ("kernel_distance", "kernel_distance_ci95", "coverage")}, "right": right}


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
    made: dict[str, list[np.ndarray]] = {}
    generator = torch.Generator().manual_seed(bench.judging.params.seed)
    with torch.inference_mode():
        for begin in range(0, len(bench.real), BATCH):
            wave = torch.from_numpy(bench.real[begin : begin + BATCH])
            for name, told in parts(decoder, wave, generator):
                rendered = decoder.render(told, generator)
                made.setdefault(name, []).append(normalize_peak(rendered, amplitude(-1.0)).numpy())
    found = {name: heard(np.concatenate(waves), bench) for name, waves in made.items()}
    for name, of in found.items():
        print(f"{name}: kernel distance {of['kernel_distance']:.4f}, class heard {of['right']:.2f}", flush=True)
    write_json(arguments.out, {"n": len(bench.real), "commit": head(), "renderings": found})


if __name__ == "__main__":
    main()
