"""A few hundred mutated files of all containers through ingest: none hangs, crashes the stage or writes elsewhere."""

from benchmarks._lib.mutated_files import mutations, small_files
from benchmarks.data.files import run_mutated


def test_mutated_files_cost_no_run() -> None:
    assert len(small_files(0)) >= 30
    assert list(mutations(70, 3)) == list(mutations(70, 3))
    assert list(mutations(70, 3)) != list(mutations(70, 4))
    figures = run_mutated(400, 7)
    assert figures["mutated"] == 400
    assert [figures[key] for key in ("hung_past_limit", "crashed", "files_written_elsewhere")] == [0, 0, 0]
    assert 50 < figures["rejected"] < 400
