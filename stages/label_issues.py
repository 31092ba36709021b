"""Which training labels are in doubt: data/review/label_issues.csv, a table to review."""

import _lib.bootstrap  # noqa: F401

import sys

import numpy as np

from _lib.paths import CLIPS, EMBEDDINGS, LABEL_ISSUES, METRICS, PRETRAINED, SPLITS, WEIGHTS
from _lib.runtime import stage
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.evaluation.label_issues import crossed, issues
from drumspace.classify.evaluation.label_issues_settings import LabelIssuesParams
from drumspace.classify.networks import registry
from drumspace.classify.training.build_model import start
from drumspace.classify.training.examples import examples
from drumspace.classify.training.fit import fit, logits
from drumspace.dataset.access.groups import connected_groups
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.errors import UserError
from drumspace.io.atomic import atomic_path
from drumspace.io.json_files import read_json
from drumspace.taxonomy import CLASSES


def main() -> None:
    """Run the stage with the model named on the command line."""
    name = sys.argv[1]
    with stage("label_issues") as work:
        params = work.section("label_issues", LabelIssuesParams)
        audio = work.section("audio", AudioParams)
        settings = work.section(f"classify.models.{name}", registry.settings_type(name))
        manifest = read_json(PRETRAINED / f"{name}.json")
        data = LabelledClips(CLIPS, SPLITS)
        rows = data.rows(0, "train")
        labels = data.labels[rows]
        nothing = np.empty(0, dtype=np.int64)

        def scores(fitted: np.ndarray, asked: np.ndarray) -> np.ndarray:
            model = start(name, settings, audio, params.seed, manifest, WEIGHTS)
            pcm, rate = data.clips.__getitem__, audio.sample_rate
            material = examples(model, settings, pcm, data.all_rows, rate, EMBEDDINGS, data.digest)
            training = getattr(settings, "training", None)
            fit(material, rows[fitted], labels[fitted], nothing, nothing, training, params.seed, title=name)
            return logits(material.module, material.inputs, rows[asked])

        catalog = data.catalog.iloc[rows]
        groups = connected_groups(catalog["kit"].to_numpy(), catalog["duplicate_group"].to_numpy())
        try:
            probabilities = crossed(labels, groups, params.folds, params.seed, scores)
        except ValueError as error:
            raise UserError(f"label_issues: {error}: lower label_issues.folds, or add sounds of more kits.") from None
        doubted, quality = issues(labels, probabilities)
        classes = np.array(CLASSES)
        table = catalog[["path", "label", "clip_id"]].reset_index(drop=True).iloc[doubted]
        table = table.assign(suggested=classes[probabilities[doubted].argmax(axis=1)], quality=quality[doubted])
        with atomic_path(LABEL_ISSUES) as temporary:
            columns = ["path", "label", "suggested", "quality", "clip_id"]
            table.to_csv(temporary, index=False, float_format="%.6f", columns=columns, lineterminator="\n")
        sources = catalog.assign(doubted=np.isin(np.arange(len(rows)), doubted)).groupby("source")["doubted"]
        work.write_metrics(
            METRICS / "label_issues.json",
            {
                "n": len(rows),
                "issues": len(doubted),
                "model": name,
                "accuracy_out_of_fold": float(np.mean(probabilities.argmax(axis=1) == labels)),
                "classes": {c: int(np.sum(labels[doubted] == i)) for i, c in enumerate(CLASSES)},
                "sources": {key: {"issues": int(part.sum()), "n": len(part)} for key, part in sources},
            },
        )


if __name__ == "__main__":
    main()
