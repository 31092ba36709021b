"""A decoder process that hangs, crashes or takes too much memory is replaced, and its file gets a reason."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import soundfile

from drumspace.audio.decode.guarded import CRASHED, Failure, close_processes, run_guarded
from drumspace.audio.decode.settings import STANDARD, DecodeParams
from drumspace.config.root import read_settings

LIMITS = DecodeParams(seconds_per_file=0.5, seconds_per_megabyte=1, memory_megabytes=300)
DEAF = "[__import__('signal').signal(14, __import__('signal').SIG_IGN), __import__('time').sleep(60)]"
"""Ignores the alarm, so that the parent must end the process."""
HANGING = bytes.fromhex(
    "52494646 00000000 57415645 666d7420 10000000 01000100 44ac0000 88580100 02001000 4c495354 f8ffffff"
    "494e464f 65766572 f8ffffff 410affff 0a2525ff ff25410a 0a0a2541 64617461"
) + bytes(32)
"""A WAV with a wrong length inside its LIST chunk, from which libsndfile 1.2.2 never returns."""


def run(*expressions: str, size: int = 0) -> list[object]:
    """Evaluate Python expressions in decoder processes."""
    return run_guarded(eval, expressions, [size] * len(expressions), LIMITS)


def test_a_hanging_decoder_is_stopped_within_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(HANGING)
    soundfile.write(tmp_path / "b.wav", [0.0, 0.5], 44100)
    run("1")
    start = time.monotonic()
    paths = [str(tmp_path / name) for name in ("b.wav", "a.wav", "b.wav")]
    first, second, third = run_guarded(soundfile.read, paths, [0, 0, 0], LIMITS)
    assert isinstance(second, Failure) and "took more than 0.5 s" in second.reason
    assert first[0].tolist() == third[0].tolist() == [0.0, 0.5]
    assert time.monotonic() - start < 10


def test_each_failure_has_its_reason_and_the_rest_goes_on() -> None:
    got = run("1", "__import__('os').abort()", "bytearray(10**9)", DEAF, "__import__('os')._exit(0)", "2")
    reasons = [result.reason if isinstance(result, Failure) else result for result in got]
    assert reasons[0] == 1 and reasons[5] == 2
    assert reasons[1] == reasons[4] == CRASHED
    assert reasons[2] == "decoding it takes more than 300 MB of memory and was stopped: save it again as WAV"
    assert "took more than 0.5 s" in reasons[3]


def test_the_time_limit_grows_with_the_file() -> None:
    assert run("__import__('time').sleep(0.8)", size=2_000_000) == [None]
    assert STANDARD.seconds(5_000_000) == 15


def test_the_commands_have_the_limits_of_the_pipeline() -> None:
    assert read_settings(Path(__file__).parents[3] / "params.yaml").ingest.decode == STANDARD


def test_processes_are_used_again_and_end() -> None:
    close_processes()
    first, second = run("__import__('os').getpid()"), run("__import__('os').getpid()")
    assert first == second != [os.getpid()]
    close_processes()
    with pytest.raises(ProcessLookupError):
        os.kill(first[0], 0)


def test_an_error_of_the_function_is_raised() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        run("1 / 0")


def test_large_results_come_whole_from_many_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda number: run(f"bytes([{number}]) * 3_000_000"), range(8)))
    assert [result[0] for result in got] == [bytes([number]) * 3_000_000 for number in range(8)]


def test_processes_end_with_their_parent() -> None:
    code = (
        "import os; from drumspace.audio.decode.guarded import run_guarded;"
        "from drumspace.audio.decode.settings import STANDARD as limits;"
        "print(run_guarded(eval, [\"__import__('os').getpid()\"], [0], limits)[0], flush=True); os._exit(1)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and Path(f"/proc/{int(done.stdout)}/stat").exists():
        if Path(f"/proc/{int(done.stdout)}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break  # ended, and waits for whoever adopted it
        time.sleep(0.05)
    assert time.monotonic() < deadline
