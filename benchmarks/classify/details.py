"""Precision and coverage of second-level classifiers on a corpus: open, closed and pedal hats, 808 and acoustic kicks.

    python -m benchmarks.classify.details WORK [--out [FILE]]

WORK is a folder in which the pipeline has run up to `split` on a corpus, such as that of `make bench`. Nested
cross-validation over kits, and over whole sources, for two target precisions: no classifier, threshold or decision to
give a detail at all has seen the kit or the source that it is measured on. The details are those of names. 3 minutes.
"""

import argparse
from pathlib import Path
from typing import Any

from benchmarks._lib.git import head
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.details.settings import DetailParams
from drumspace.classify.details.train import train_detail
from drumspace.classify.networks import registry
from drumspace.dataset.access.clips import Clips
from drumspace.io.json_files import write_json
from drumspace.io.settings import load
from drumspace.taxonomy import DETAILS

OUT = Path(__file__).parents[2] / "reports" / "benchmarks" / "corpus" / "details.json"
TARGETS = (0.9, 0.95)


def main() -> None:
    """Measure, print, and write JSON with --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--out", type=Path, nargs="?", const=OUT, help=f"JSON; by default {OUT.name} in reports/")
    arguments = parser.parse_args()
    settings_file = arguments.work / "params.yaml"
    audio, params = load(settings_file, "audio", AudioParams), load(settings_file, "detail", DetailParams)
    model = load(settings_file, f"classify.models.{params.model}", registry.settings_type(params.model))
    clips = Clips(arguments.work / "data" / "clips")
    rows: list[dict[str, Any]] = []
    for unit in ("kit", "source"):
        for label in DETAILS:
            for target in TARGETS:
                chosen = params.model_copy(update={"unseen": unit, "target_precision": target})
                trained = train_detail(label, model, audio, clips.catalog, clips.__getitem__, chosen)
                # A corpus with few sources is measured by kit both times, and says so in the figures.
                rows.append({"label": label, "unseen": unit, "target_precision": target, **trained.figures})
    print("unseen  class  target  detail     precision  coverage     n  given")
    for row in rows:
        for name, part in [("all", row), *row.get("details", {}).items()]:
            precision, coverage = (
                "    –" if part.get(key) is None else f"{part[key]:.3f}" for key in ("precision", "coverage")
            )
            print(f"{row['unseen']:7} {row['label']:6} {row['target_precision']:6}  {name:9}", end="")
            print(f"  {precision:9}  {coverage:8} {part.get('n', 0):5} {part.get('why_not') or ''}")
    if arguments.out:
        write_json(arguments.out, {"commit": head(), "settings": params.model_dump(), "rows": rows})


if __name__ == "__main__":
    main()
