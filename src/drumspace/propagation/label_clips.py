"""Labels for all unlabelled clips: table of labels, review queue, conflicting labels and metrics."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drumspace.metrics.classification.propagation_contract import CatalogueLabels, CrossValidated
from drumspace.propagation.final_labels import Propagation, build_propagation
from drumspace.propagation.fused_features import without_kit_means
from drumspace.propagation.label_choice import choose, cross_val_predict
from drumspace.propagation.label_quality import cross_validated_metrics, evaluate_labels, split_masks
from drumspace.propagation.label_table import DUPLICATE, label_table, queue_table, summarize_groups
from drumspace.propagation.settings import LabelsParams, PropagateParams

log = logging.getLogger("drumspace")


@dataclass(frozen=True)
class LabelledCatalogue:
    """Results of label propagation over a catalogue."""

    labels: pd.DataFrame
    """clip_id, label or null, confidence, method and a probability for each class."""
    queue: pd.DataFrame
    """Clips to label by hand, the most useful first."""
    conflicts: pd.DataFrame
    """Near-duplicates with different labels: duplicate_group, path, label, clip_id."""
    metrics: CatalogueLabels
    """The part `labels` of propagation.json."""


def label_one_shots(
    catalog: pd.DataFrame,
    truth: np.ndarray,
    trusted: np.ndarray,
    parts: list[np.ndarray],
    fused: np.ndarray,
    params: PropagateParams,
    classes: tuple[str, ...],
) -> LabelledCatalogue:
    """`label_clips` on the one-shots of a catalogue: loops, rolls and multi-hits are neither labelled nor learned from.

    fused: float [clips, d], the fused features. The metrics have the figures of single files too.
    """
    rows = np.flatnonzero(catalog["sequence"].isna())
    one_shots, truth, trusted, fused = catalog.iloc[rows], truth[rows], trusted[rows], fused[rows]
    groups, kits = one_shots["duplicate_group"].to_numpy(), one_shots["kit"].to_numpy()
    parts = [part[rows] for part in parts]
    propagation = build_propagation(fused, groups, len(classes), params, params.labels.methods)
    result = label_clips(one_shots, truth, trusted, parts, propagation, params.labels, classes)
    single = build_propagation(without_kit_means(fused), groups, len(classes), params, params.labels.methods)
    labels, _ = split_masks(single, truth, kits, parts[0])
    held_out = cross_val_predict(single, labels, kits, trusted, params.labels.folds)
    result.metrics["single_files"] = cross_validated_metrics(held_out, params.labels.target_precision)
    return result


def report_quality(quality: CrossValidated, target: float) -> None:
    """Log the precision of labels on kits that were held out; a warning where it misses the target."""
    precision, span = quality["precision_with_others"], quality["precision_with_others_ci95"]
    if precision is None:
        log.warning("propagate: no label has a precision of %.2f on kits that were held out; none is given", target)
    elif not quality["target_kept"]:
        log.warning(
            "propagate: labels have a precision of %.3f (95 %%: %s) on kits that were held out, the target is %.2f; "
            "more labelled kits, or a higher propagate.labels.target_precision, raise it", precision, span, target,
        )  # fmt: skip


def label_clips(
    catalog: pd.DataFrame,
    truth: np.ndarray,
    trusted: np.ndarray,
    parts: list[np.ndarray],
    propagation: Propagation,
    params: LabelsParams,
    classes: tuple[str, ...],
) -> LabelledCatalogue:
    """Label the clips without a label, and evaluate the labels on kits of which no label was used.

    The labels condition generators, and the kits of judge, reference and test parts evaluate these: only labels of
    the first split's training and validation kits are propagated, copied to near-duplicates or set the threshold.

    truth: int [clips], the number of classes for `other`, -1 for unlabelled clips; trusted: bool [clips], clips whose
    labels are reliable; parts: the part of every clip, for each split.
    """
    kits = catalog["kit"].to_numpy()
    evaluation = evaluate_labels(propagation, truth, kits, trusted, parts, params)
    log.info("labels on unseen kits: %s", {"precision": evaluation["precision"], "coverage": evaluation["coverage"]})
    training_labels, _ = split_masks(propagation, truth, kits, parts[0])
    held_out = cross_val_predict(propagation, training_labels, kits, trusted, params.folds)
    choice = choose(held_out, params.methods, params.target_precision)
    quality = cross_validated_metrics(held_out, params.target_precision)
    report_quality(quality, params.target_precision)
    probs = propagation.predict(training_labels)[choice.method]
    groups = summarize_groups(training_labels, propagation.groups)
    labels = label_table(
        catalog["clip_id"].to_numpy(),
        probs,
        truth,
        groups,
        choice.threshold,
        params.target_precision,
        choice.method,
        classes,
    )
    graph = propagation.neighbours.graph(propagation.k)
    labelled_by_duplicate = catalog["clip_id"].isin(labels.loc[labels["method"] == DUPLICATE, "clip_id"]).to_numpy()
    queue = queue_table(catalog, probs, truth, labelled_by_duplicate, graph, params.queue_length, classes)
    names = np.array([*classes, "other"])
    conflicting = summarize_groups(truth, propagation.groups).conflicting
    conflicts = catalog.loc[conflicting, ["duplicate_group", "path", "clip_id"]].assign(label=names[truth[conflicting]])
    conflicts = conflicts.sort_values(["duplicate_group", "path"])[["duplicate_group", "path", "label", "clip_id"]]
    labelled_by = labels["label"].notna().groupby(labels["method"]).sum()
    metrics: CatalogueLabels = {
        **evaluation,
        "method": choice.method,
        "threshold": choice.threshold,
        "candidates": choice.candidates,
        "cross_validated": quality,
        "expected_in_classes": float(probs[truth < 0, :-1].sum()),
        "unlabelled": int((truth < 0).sum()),
        "labelled": int(labels["label"].notna().sum()),
        "labelled_by": {str(name): int(count) for name, count in labelled_by.items()},
        "named_others": int((truth == len(classes)).sum()),
        "conflicts": int(conflicting.sum()),
        "near_duplicate_agreement": groups.agreement,
        "queue_length": len(queue),
    }
    return LabelledCatalogue(labels, queue, conflicts, metrics)
