"""Source kind `synth`: clips of the drum machine, written as WAV files."""

from pathlib import Path

import soundfile

from drumspace.audio.synthesis.drum_machine import batches
from drumspace.dataset.sources.record import Context, Fetched
from drumspace.dataset.sources.settings import SynthSource
from drumspace.taxonomy import CLASSES


def fetch(source: SynthSource, out: Path, context: Context) -> Fetched:
    """Write out/<class>/<class>-00001.wav, …: 16 bit, mono. Equal seeds give equal bytes."""
    for label in CLASSES:
        count = source.count.get(label, 0)
        if not count:
            continue
        (out / label).mkdir(parents=True)
        number = 0
        for clips in batches(label, count, source.seed, context.sample_rate, context.num_samples):
            context.report_progress(f"{label} {number} of {count}")
            for clip in clips:
                number += 1
                path = out / label / f"{label}-{number:05d}.wav"
                soundfile.write(path, clip, context.sample_rate, subtype="PCM_16")
    return Fetched(sum(source.count.values()))
