"""Find training labels in doubt: data/review/label_issues.csv, a table for a person to review."""

import _lib.bootstrap  # noqa: F401

import sys

import numpy as np

from _lib.paths import CLIPS, EMBEDDINGS, LABEL_ISSUES, METRICS, PRETRAINED, SPLITS, WEIGHTS
from _lib.runtime import log, stage
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.evaluation.label_issues import cross_val_predict, issue_table, unmeasured_issues
from drumspace.classify.evaluation.label_issues_settings import LabelIssuesParams
from drumspace.classify.networks import registry
from drumspace.classify.training.train_classifier import CacheFolders, train_classifier
from drumspace.classify.weights.manifest import or_random
from drumspace.dataset.access.groups import connected_groups
from drumspace.dataset.access.labelled_clips import LabelledClips
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
        manifest = or_random(read_json(PRETRAINED / f"{name}.json"))
        data = LabelledClips(CLIPS, SPLITS)
        rows = data.rows(0, "train")
        labels, catalog = data.labels[rows], data.catalog.iloc[rows]
        caches = CacheFolders(WEIGHTS, EMBEDDINGS, checkpoints=None)

        def fit_predict(training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
            validation = np.empty(0, dtype=np.int64)
            trained = train_classifier(
                name, settings, audio, data, rows[training], validation, data.all_rows, params.seed, manifest, caches
            )
            return trained.logits(rows[held_out])

        groups = connected_groups(catalog["kit"].to_numpy(), catalog["duplicate_group"].to_numpy())
        try:
            probs = cross_val_predict(labels, groups, params.folds, params.seed, fit_predict)
            table, figures = issue_table(catalog, labels, probs, CLASSES)
            issues: int | None = len(table)
        except ValueError as error:
            why = f"{error}: lower label_issues.folds, or add sounds of more kits"
            log.warning("labels in doubt are not measured: %s.", why)
            (table, figures), issues = unmeasured_issues(why), None
        with atomic_path(LABEL_ISSUES) as temporary:
            table.to_csv(temporary, index=False, float_format="%.6f", lineterminator="\n")
        metrics = {"n": len(rows), "issues": issues, "model": name, **figures}
        work.write_metrics(METRICS / "label_issues.json", metrics)


if __name__ == "__main__":
    main()
