"""The synthetic source writes reproducible files of each class."""

from collections.abc import Callable
from pathlib import Path

import soundfile

from drumspace.dataset.sources.kinds import synth
from drumspace.dataset.sources.record import Context
from drumspace.dataset.sources.settings import SynthSource


def test_files_have_the_requested_format_and_depend_on_the_seed(
    tmp_path: Path, context: Context, tree: Callable
) -> None:
    def clips(folder: str, seed: int, kicks: int) -> dict[str, bytes]:
        source = SynthSource(kind="synth", seed=seed, count={"clap": 1, "kick": kicks, "tom": 0})
        assert synth.fetch(source, tmp_path / folder, context).sounds == kicks + 1
        return tree(tmp_path / folder)

    first = clips("first", seed=1, kicks=3)
    assert list(first) == [
        "clap/clap-00001.wav",
        "kick/kick-00001.wav",
        "kick/kick-00002.wav",
        "kick/kick-00003.wav",
    ]
    info = soundfile.info(tmp_path / "first/kick/kick-00001.wav")
    assert (info.samplerate, info.frames, info.channels, info.subtype) == (8000, 800, 1, "PCM_16")
    assert len(set(first.values())) == 4
    assert clips("same", seed=1, kicks=3) == first
    assert clips("other", seed=2, kicks=3) != first
    assert clips("more", seed=1, kicks=4).items() >= first.items()
