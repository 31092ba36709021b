"""Pictures of the documents: screenshots of the report and of MLflow, by a headless Chromium.

    python -m benchmarks.docs_pictures [--only report] [--runs NAME …] [--metric NAME] [--chromium PATH]

docs/report.png is the first screen of reports/report.html. docs/mlflow.png is MLflow's comparison of the named runs of
the experiment `drumspace` (by default its last three), from mlflow.db or MLFLOW_TRACKING_URI. MLflow plots the first
metric of a run, and these have thousands: so the picture is of a copy with one metric, and the params that differ.
"""

import argparse
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from benchmarks._lib.git import ROOT
from drumspace.io.atomic import atomic_path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
COLOURS = 64
"""Colours of a picture: enough for text and charts, and a fraction of the size of a full-colour PNG."""
MLFLOW_SIDES = (204, 428)
"""Width of MLflow's menu on the left and its assistant on the right, in a window of 1630 pixels."""
START_SECONDS = 60
"""Longest time that MLflow may take to start."""


def screenshot(
    browser: str, url: str, size: tuple[int, int], wait_ms: int, out: Path, sides: tuple[int, int] = (0, 0)
) -> None:
    """Write the first screen of a page at size (width, height in pixels) to `out`, as a palette PNG.

    `sides`: pixels cut off on the left and on the right.
    """
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "screen.png"
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}",
            f"--window-size={size[0]},{size[1]}", f"--virtual-time-budget={wait_ms}", f"--screenshot={picture}", url,
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        buffer = io.BytesIO()
        cut = Image.open(picture).convert("RGB").crop((sides[0], 0, size[0] - sides[1], size[1]))
        cut.quantize(COLOURS).save(buffer, format="PNG", optimize=True)
    with atomic_path(out) as path:
        path.write_bytes(buffer.getvalue())
    print(f"{out.relative_to(ROOT)}: {len(buffer.getvalue()) / 1024:.0f} KiB")


@contextmanager
def mlflow_server(store: str) -> Iterator[str]:
    """Address of an MLflow server on a free local port, which stops at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = ["mlflow", "ui", "--backend-store-uri", store, "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{address}/health", timeout=2)
                break
            except (urllib.error.URLError, TimeoutError):
                if time.monotonic() > end or server.poll() is not None:
                    sys.exit(f"MLflow did not start on {store}: run `make ui` to see why.")
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait()


def copy_runs(store: str, names: list[str], metric: str, copy: str) -> str:
    """Copy runs of the experiment `drumspace` from `store` to `copy`: those with `names`, or the last three.

    The copies hold the params that differ and `metric`. Returns the path of MLflow's page that compares them.
    """
    from mlflow import MlflowClient

    client, target = MlflowClient(store), MlflowClient(copy)
    experiment = client.get_experiment_by_name("drumspace")
    if experiment is None:
        sys.exit("MLflow has no experiment `drumspace`: run `make repro` first.")
    runs = client.search_runs([experiment.experiment_id], order_by=["start_time DESC"])
    chosen = [next((run for run in runs if run.info.run_name == name), None) for name in names] or runs[:3]
    missing = [name for name, run in zip(names, chosen, strict=False) if run is None]
    if missing:
        available = ", ".join(dict.fromkeys(str(run.info.run_name) for run in runs))
        sys.exit(f"MLflow has no run {', '.join(missing)}; there are {available}.")
    compared = [run for run in chosen if run]
    if lacking := [str(run.info.run_name) for run in compared if metric not in run.data.metrics]:
        sys.exit(f"No metric {metric} in {', '.join(lacking)}: name another one with --metric.")
    params = sorted({key for run in compared for key in run.data.params})
    differing = [key for key in params if len({run.data.params.get(key) for run in compared}) > 1]
    folder = target.create_experiment("drumspace")
    ids = []
    for run in compared:
        run_id = target.create_run(folder, run.info.start_time, run_name=run.info.run_name).info.run_id
        for key in differing:
            target.log_param(run_id, key, run.data.params.get(key, ""))
        target.log_metric(run_id, metric, run.data.metrics[metric])
        target.set_terminated(run_id, run.info.status, run.info.end_time)
        ids.append(f'"{run_id}"')
    return f"#/compare-runs?runs=[{','.join(ids)}]&experiments=[%22{folder}%22]".replace('"', "%22")


def main() -> None:
    """Remake the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["report", "mlflow"], help="this picture alone")
    parser.add_argument("--runs", nargs="+", default=[], help="names of the runs to compare")
    parser.add_argument("--metric", default="classifiers.models.svm.accuracy", help="metric to compare")
    parser.add_argument("--chromium", default=None, help="path of the browser")
    arguments = parser.parse_args()
    browser = arguments.chromium or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("No Chromium was found: install it, or give its path with --chromium.")
    if arguments.only != "mlflow":
        page = ROOT / "reports" / "report.html"
        if not page.is_file():
            sys.exit(f"{page} does not exist: run `make repro` first.")
        screenshot(browser, page.as_uri(), (1180, 760), 5000, ROOT / "docs" / "report.png")
    if arguments.only != "report":
        store = os.environ.get("MLFLOW_TRACKING_URI", f"sqlite:///{ROOT}/mlflow.db")
        with tempfile.TemporaryDirectory() as folder:
            copy = f"sqlite:///{folder}/mlflow.db"
            path = copy_runs(store, arguments.runs, arguments.metric, copy)
            with mlflow_server(copy) as address:
                size = (998 + sum(MLFLOW_SIDES), 806)
                screenshot(browser, f"{address}/{path}", size, 20000, ROOT / "docs" / "mlflow.png", MLFLOW_SIDES)


if __name__ == "__main__":
    main()
