"""`drumspace generate`, `interpolate`, `reconstruct` and `vary` write the requested files, or no file and an error."""

import csv
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from drumspace.cli.main import main
from drumspace.errors import UserError
from drumspace.synth.sampling.sound_files import load_generator, unique_names
from small_vae import LENGTH, RATE, drums, save_models


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def hits(tmp_path: Path) -> tuple[Path, Path]:
    """Two sound files, one at twice the rate, in stereo and longer."""
    wave = drums()[0]
    first, second = tmp_path / "boom.wav", tmp_path / "hiss.flac"
    soundfile.write(first, wave[0], RATE)
    soundfile.write(second, np.repeat(wave[40], 4).reshape(-1, 1).repeat(2, axis=1), 2 * RATE)
    return first, second


def run(models: Path, *words: object) -> Result:
    return CliRunner().invoke(main, [*map(str, words), "--models", str(models)])


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def check(out: Path, count: int) -> list[np.ndarray]:
    """Check that the folder holds exactly the files of the manifest, at the model's length; returns their samples."""
    listed = [row["file"] for row in rows(out)]
    assert len(listed) == count and sorted([*listed, "manifest.csv"]) == sorted(path.name for path in out.iterdir())
    waves = []
    for name in listed:
        wave, rate = soundfile.read(out / name)
        assert rate == RATE and wave.shape == (LENGTH,) and 0.1 < np.abs(wave).max() <= 1
        waves.append(wave)
    return waves


def test_generate_writes_the_requested_sounds(models: Path, tmp_path: Path) -> None:
    result = run(models, "generate", "--label", "kick", "--count", 5, "--seed", 3, "--out", tmp_path / "a")
    assert result.exit_code == 0, result.output
    first = check(tmp_path / "a", 5)
    assert rows(tmp_path / "a")[1] == {
        "file": "kick-3-002.wav", "label": "kick", "model": "vae", "prior": "mixture", "seed": "3", "number": "2",
    }  # fmt: skip
    run(models, "generate", "--label", "kick", "--count", 5, "--seed", 3, "--out", tmp_path / "b")
    run(models, "generate", "--label", "kick", "--count", 5, "--seed", 4, "--out", tmp_path / "c")
    assert all(np.array_equal(x, y) for x, y in zip(first, check(tmp_path / "b", 5), strict=True))
    assert not any(np.array_equal(x, y) for x, y in zip(first, check(tmp_path / "c", 5), strict=True))


@pytest.mark.parametrize(
    ("words", "label"),
    [([], ""), (["--label", "kick", "--label", "snare"], "kick+snare"), (["--prior", "normal"], "")],
)
def test_generate_accepts_no_class_mixed_classes_and_another_prior(
    models: Path, tmp_path: Path, words: list[str], label: str
) -> None:
    result = run(models, "generate", *words, "--count", 3, "--out", tmp_path / "a")
    assert result.exit_code == 0, result.output
    check(tmp_path / "a", 3)
    assert {row["label"] for row in rows(tmp_path / "a")} == {label}


@pytest.mark.parametrize("name", ["vae", "frames", "blind"])
def test_interpolate_accepts_files_of_other_rates_and_lengths(
    models: Path, tmp_path: Path, hits: tuple[Path, Path], name: str
) -> None:
    result = run(models, "interpolate", *hits, "--steps", 4, "--model", name, "--out", tmp_path / "a")
    assert result.exit_code == 0, result.output
    waves = check(tmp_path / "a", 4)
    assert [row["position"] for row in rows(tmp_path / "a")] == ["0.0000", "0.3333", "0.6667", "1.0000"]
    assert run(models, "reconstruct", *hits, "--model", name, "--out", tmp_path / "b").exit_code == 0
    if name != "blind":  # the noise depends on the batch size, which differs between the two runs
        assert np.abs(np.corrcoef(waves[0], check(tmp_path / "b", 2)[0])[0, 1]) > 0.5


def test_vary_writes_variations_of_a_sound(models: Path, tmp_path: Path, hits: tuple[Path, Path]) -> None:
    for name, amount in (("a", 0), ("b", 2), ("c", 2)):
        words = ("vary", hits[0], "--count", 3, "--amount", amount, "--label", "kick", "--out", tmp_path / name)
        assert run(models, *words).exit_code == 0
    same, far, repeated = (check(tmp_path / name, 3) for name in "abc")
    assert all(np.array_equal(x, y) for x, y in zip(far, repeated, strict=True))
    assert not any(np.array_equal(x, y) for x, y in zip(same, far, strict=True))
    assert [row["amount"] for row in rows(tmp_path / "b")] == ["2.0"] * 3


def test_files_of_one_name_are_all_reconstructed(models: Path, tmp_path: Path, hits: tuple[Path, Path]) -> None:
    copy = tmp_path / "other" / "boom.wav"
    copy.parent.mkdir()
    shutil.copy(hits[0], copy)
    assert run(models, "reconstruct", hits[0], copy, "--out", tmp_path / "a").exit_code == 0
    check(tmp_path / "a", 2)
    assert [row["file"] for row in rows(tmp_path / "a")] == ["boom-1.wav", "boom-2.wav"]


CASES: dict[str, tuple[list[str], str]] = {
    "class": (["generate", "--label", "cowbell"], "has no class `cowbell`: name one of kick, snare"),
    "class of a file": (["vary", "{boom}", "--label", "cowbell"], "has no class `cowbell`"),
    "no classes": (["generate", "--label", "kick", "--model", "blind"], "was trained without classes"),
    "no model": (["generate", "--model", "gan"], "no generator `gan`"),
    "no prior": (["generate", "--prior", "guess"], "no prior `guess`"),
    "no file": (["reconstruct", "{boom}", "nowhere.wav"], "nowhere.wav is no file"),
    "no audio": (["interpolate", "{boom}", "{text}"], "notes.wav can't be used: "),
    "silence": (["vary", "{silent}"], "silent.wav can't be used: silent"),
    "out is a file": (["generate", "--out", "{boom}"], ""),
}


@pytest.mark.parametrize("case", CASES)
def test_errors_are_raised_before_anything_is_written(
    models: Path, tmp_path: Path, hits: tuple[Path, Path], case: str
) -> None:
    (tmp_path / "notes.wav").write_text("no sound at all")
    soundfile.write(tmp_path / "silent.wav", np.zeros(1000), RATE)
    names = {"boom": hits[0], "text": tmp_path / "notes.wav", "silent": tmp_path / "silent.wav"}
    words, message = CASES[case]
    words = [word.format(**names) for word in words]
    out = [] if "--out" in words else ["--out", str(tmp_path / "new")]
    before = sorted(path.name for path in tmp_path.rglob("*"))
    result = run(models, *words, *out)
    assert result.exit_code != 0 and message in result.output
    assert "Traceback" not in result.output and (result.exception is None or isinstance(result.exception, SystemExit))
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_nothing_is_overwritten(models: Path, tmp_path: Path) -> None:
    words = ("generate", "--count", 2, "--out", tmp_path / "a")
    assert run(models, *words).exit_code == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    result = run(models, *words)
    assert result.exit_code == 1 and "would be overwritten" in result.output
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == before


@pytest.mark.parametrize(
    ("stems", "names"),
    [
        (["kick", "kick", "kick-1"], ["kick-2", "kick-3", "kick-1"]),
        (["kick-2", "kick", "kick", "kick"], ["kick-2", "kick-1", "kick-3", "kick-4"]),
        (["kick", "kick", "kick-1", "kick-1"], ["kick-1", "kick-2", "kick-1-1", "kick-1-2"]),
        (["a", "a", "A-1", "b"], ["a-2", "a-3", "A-1", "b"]),
        (["Kick", "kick"], ["Kick-1", "kick-2"]),  # one file on macOS and Windows
    ],
)
def test_no_two_sounds_have_one_name(stems: list[str], names: list[str]) -> None:
    assert unique_names(stems) == [f"{name}.wav" for name in names]


def test_files_of_equal_names_are_all_written(models: Path, tmp_path: Path, hits: tuple[Path, Path]) -> None:
    files = [tmp_path / name for name in ("packA/kick.wav", "packB/kick.wav", "packA/kick-1.wav")]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        shutil.copy(hits[0], file)
    assert run(models, "reconstruct", *files, "--out", tmp_path / "new").exit_code == 0
    check(tmp_path / "new", 3)
    listed = {row["input"]: row["file"] for row in rows(tmp_path / "new")}
    assert listed == dict(zip(map(str, files), ("kick-2.wav", "kick-3.wav", "kick-1.wav"), strict=True))


@pytest.mark.parametrize("words", [("vary", "{file}", "--count", "2"), ("reconstruct", "{file}")])
def test_names_that_are_no_utf8_are_kept(
    models: Path, tmp_path: Path, hits: tuple[Path, Path], words: tuple[str, ...]
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    for source in hits:
        odd = os.fsdecode(os.fsencode(folder) + b"/Caisse \xe9" + os.fsencode(source.suffix))
        shutil.copy(source, odd)
        out = tmp_path / f"new{source.suffix}"
        result = run(models, *(word.format(file=odd) for word in words), "--out", out)
        assert result.exit_code == 0, result.output
        with (out / "manifest.csv").open(newline="", encoding="utf-8", errors="surrogateescape") as file:
            listed = list(csv.DictReader(file))
        assert {row["input"] for row in listed} == {odd}
        assert all(b"Caisse \xe9" in os.fsencode(row["file"]) for row in listed)
        assert sorted([*(row["file"] for row in listed), "manifest.csv"]) == sorted(path.name for path in out.iterdir())


@pytest.mark.parametrize("name", ["font.sf2", "Pack.zip"])
def test_a_file_of_many_sounds_is_refused_in_words(models: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    result = run(models, "vary", tmp_path / name, "--out", tmp_path / "new")
    assert result.exit_code == 1 and "holds many sounds" in result.output
    assert not (tmp_path / "new").exists()


def test_a_failure_before_the_first_sound_leaves_no_folder(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("drumspace.synth.sampling.sound_files.soundfile.write", fail)
    assert run(models, "generate", "--out", tmp_path / "a").exit_code == 1
    assert not (tmp_path / "a").exists()


def test_a_folder_that_can_not_be_created_raises_an_error(models: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run(models, "generate", "--out", tmp_path / "file" / "below")
    assert result.exit_code == 1 and "can't be made" in result.output


def test_an_error_about_a_missing_model_names_the_command_to_run(tmp_path: Path) -> None:
    result = run(tmp_path / "none", "generate", "--out", tmp_path / "a")
    assert result.exit_code == 1 and "holds no generator: run `make repro`" in result.output


def test_a_failure_leaves_no_partial_file(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, written = soundfile.write, []

    def fail(path: Path, *args: object, **kwargs: object) -> None:
        write(path, *args, **kwargs)
        written.append(path)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("drumspace.synth.sampling.sound_files.soundfile.write", fail)
    assert run(models, "generate", "--count", 3, "--out", tmp_path / "a").exit_code == 1
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["sound-0-001.wav"]


def test_a_vaegan_generates_sounds_if_requested_with_a_prior(models: Path, tmp_path: Path) -> None:
    models_root = tmp_path / "both"
    for kind in ("vae", "priors"):
        shutil.copytree(models / kind / "vae", models_root / kind / "vae")
    shutil.copytree(models / "vae" / "vae", models_root / "vae" / "vaegan")
    with pytest.raises(UserError, match=r"There is no generator `vaegan` in .*; there are vae"):
        load_generator(models_root, "vaegan", None)
    shutil.copytree(models / "priors" / "vae", models_root / "priors" / "vaegan")
    assert load_generator(models_root, "vaegan", None).name == "vaegan"
    assert load_generator(models_root, None, None).name == "vae"
