"""Simulated annotator: accuracy over the number of annotations, in the review queue's order and in random order."""

from collections.abc import Iterator

import numpy as np
from tqdm import tqdm

from drumspace.metrics.classification.intervals import student_ci95
from drumspace.metrics.classification.propagation_contract import AnnotationPoint, AnnotatorMetrics
from drumspace.propagation.final_labels import Propagation
from drumspace.propagation.label_masks import per_class
from drumspace.propagation.review_queue import review_queue, uncertainty_of
from drumspace.propagation.settings import AnnotatorParams


def annotate(
    propagation: Propagation, labels: np.ndarray, params: AnnotatorParams, order: str, seed: int
) -> Iterator[tuple[int, float, float]]:
    """Number of annotations, accuracy and macro recall over all clips, after each batch of annotations.

    propagation: with one method; labels: int [n], the true labels, n_classes for `other`; order: queue or random. An
    annotation labels the clip's whole group of near-duplicates, as in the pipeline, even where a near-duplicate has
    another true label.
    """
    rng = np.random.default_rng([seed, 4])
    annotated = np.where(per_class(labels, params.initial_labels_per_class, seed), labels, -1)
    graph = propagation.neighbours.graph(propagation.k)
    annotations = 0
    while True:
        (probs,) = propagation.predict(annotated).values()
        predicted = np.where(annotated >= 0, annotated, np.where(probs.any(axis=1), probs.argmax(axis=1), -1))
        correct = predicted == labels
        recalls = [correct[labels == label].mean() for label in np.unique(labels)]
        yield annotations, float(correct.mean()), float(np.mean(recalls))
        candidates = annotated < 0
        if annotations >= params.max_annotations or not candidates.any():
            return
        count = min(params.batch, params.max_annotations - annotations)
        if order == "queue":
            uncertainty = np.where(candidates, uncertainty_of(probs), 0)
            batch, _ = review_queue(graph, uncertainty, propagation.groups, candidates, count)
        else:
            shuffled = rng.permutation(np.flatnonzero(candidates))
            _, first = np.unique(propagation.groups[shuffled], return_index=True)
            batch = shuffled[np.sort(first)][:count]
        for row in batch:
            group = (propagation.groups == propagation.groups[row]) & (annotated < 0)
            annotated[group] = labels[row]
        annotations += len(batch)


def annotations_needed(curve: list[AnnotationPoint], accuracy: float) -> float | None:
    """Number of annotations at which a curve reaches an accuracy, by linear interpolation; None if it does not."""
    previous = None
    for point in curve:
        if point["accuracy"] >= accuracy:
            if previous is None or point["accuracy"] == previous["accuracy"]:
                return float(point["annotations"])
            part = (accuracy - previous["accuracy"]) / (point["accuracy"] - previous["accuracy"])
            return float(previous["annotations"] + part * (point["annotations"] - previous["annotations"]))
        previous = point
    return None


def learning_curve(
    propagation: Propagation, labels: np.ndarray, params: AnnotatorParams, order: str, first_seed: int
) -> list[AnnotationPoint]:
    """Mean accuracy over seeds after each batch that every seed has."""
    points: dict[int, list[tuple[float, float]]] = {}
    for seed in tqdm(range(first_seed, first_seed + params.seeds), desc=f"annotations, {order}", unit="seed"):
        for annotations, accuracy, recall in annotate(propagation, labels, params, order, seed):
            points.setdefault(annotations, []).append((accuracy, recall))
    return [
        {
            "annotations": annotations,
            "accuracy": float(np.mean([accuracy for accuracy, _ in values])),
            "macro_recall": float(np.mean([recall for _, recall in values])),
            "ci95": student_ci95([accuracy for accuracy, _ in values]),
        }
        for annotations, values in sorted(points.items())
        if len(values) == params.seeds
    ]


def compare_orders(
    propagation: Propagation, labels: np.ndarray, params: AnnotatorParams, first_seed: int
) -> AnnotatorMetrics:
    """Learning curves in both orders, and the annotations with which the queue reaches random order's last accuracy."""
    queue = learning_curve(propagation, labels, params, "queue", first_seed)
    random = learning_curve(propagation, labels, params, "random", first_seed)
    last = random[-1]
    needed = annotations_needed(queue, last["accuracy"])
    return {
        "queue": queue,
        "random": random,
        "n": len(labels),
        "seeds": params.seeds,
        "random_annotations": last["annotations"],
        "queue_annotations": needed,
        "ratio": needed / last["annotations"] if needed is not None and last["annotations"] else None,
    }
