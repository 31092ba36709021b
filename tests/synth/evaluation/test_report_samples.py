"""The report's samples are the first sounds of each class, and their files describe them."""

from pathlib import Path

import numpy as np
import pandas as pd

from drumspace.io.json_files import read_json
from drumspace.synth.evaluation.evaluate_vae import LatentSamples
from drumspace.synth.evaluation.report_samples import COLUMNS, ReportSamples, write_report_samples
from drumspace.synth.sampling.generator import SoundSet
from drumspace.taxonomy import CLASSES

T = 16


def sound_set(requested: list[int]) -> SoundSet:
    waves = np.repeat(np.arange(len(requested), dtype=np.float32)[:, None] / 10, T, axis=1)
    return SoundSet(waves, np.array(requested), [])


def table(count: int) -> pd.DataFrame:
    rows = {name: ["x"] * count for name in COLUMNS}
    return pd.DataFrame({**rows, "nearest": [f"clip-{row}" for row in range(count)]})


def test_the_first_sounds_of_each_class_are_selected() -> None:
    samples = ReportSamples.select(sound_set([0, 0, 0, 2, 2]), table(5), 2)
    assert [row["requested"] for row in samples.rows] == ["kick", "kick", "hat", "hat"]
    assert [row["nearest"] for row in samples.rows] == ["clip-0", "clip-1", "clip-3", "clip-4"]
    assert samples.pcm.dtype == np.int16 and samples.pcm[:, 0].tolist() == [0, 3277, 9830, 13107]


def test_an_unconditional_generator_has_as_many_samples_in_all() -> None:
    samples = ReportSamples.select(sound_set([-1] * 20), None, 1)
    assert len(samples.pcm) == len(CLASSES)
    assert samples.rows[0] == {"requested": None, "nearest": None}


def test_files_hold_samples_descriptions_and_a_row_for_each_sound(tmp_path: Path) -> None:
    samples = ReportSamples.select(sound_set([0, 1]), table(2), 1)
    pcm = np.zeros((1, 2, T), dtype=np.int16)
    latent = LatentSamples(pcm, pcm, pcm, {"reconstructions": [{"class": "kick"}]})
    write_report_samples(tmp_path / "out", {"vae": samples}, {"vae": latent}, [table(2), table(1)])
    assert read_json(tmp_path / "out" / "sounds.json")["vae"] == samples.rows
    assert read_json(tmp_path / "out" / "latent.json")["vae"] == latent.rows
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "vae.npy"), samples.pcm)
    for name in ("reconstructions", "interpolation", "directions"):
        np.testing.assert_array_equal(np.load(tmp_path / "out" / f"vae-{name}.npy"), pcm)
    judged = pd.read_parquet(tmp_path / "out" / "judged.parquet")
    assert list(judged.columns) == COLUMNS and len(judged) == 3
