"""A simulated person: how much each answer brings, asked in the queue's order and at random."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from tqdm import tqdm

from drumspace.metrics.classification.intervals import student_ci95
from drumspace.propagation.final_labels import Propagation
from drumspace.propagation.label_masks import per_class
from drumspace.propagation.review_queue import review_queue, uncertainty_of
from drumspace.propagation.settings import AnnotatorParams


def answer_all(
    propagation: Propagation, labels: np.ndarray, params: AnnotatorParams, order: str, seed: int
) -> Iterator[tuple[int, float, float]]:
    """(answers given, accuracy, macro recall) after each batch, over all clips: those answered are right.

    labels: int [n], the truth, which the person knows, n_classes for `other`; `order`: queue or random. An answer
    labels the clip's whole group of near-duplicates, as it does in the pipeline, right or wrong.
    """
    rng = np.random.default_rng([seed, 4])
    known = np.where(per_class(labels, params.initial_labels_per_class, seed), labels, -1)
    graph = propagation.neighbours.graph(propagation.k)
    answers = 0
    while True:
        said = propagation.said(known)
        found = np.where(known >= 0, known, np.where(said.any(axis=1), said.argmax(axis=1), -1))
        right = found == labels
        yield answers, float(right.mean()), float(np.mean([right[labels == c].mean() for c in np.unique(labels)]))
        candidates = known < 0
        if answers >= params.max_annotations or not candidates.any():
            return
        count = min(params.batch, params.max_annotations - answers)
        if order == "queue":
            uncertainty = np.where(candidates, uncertainty_of(said), 0)
            asked, _ = review_queue(graph, uncertainty, propagation.groups, candidates, count)
        else:
            shuffled = rng.permutation(np.flatnonzero(candidates))
            _, first = np.unique(propagation.groups[shuffled], return_index=True)
            asked = shuffled[np.sort(first)][:count]
        for row in asked:
            group = (propagation.groups == propagation.groups[row]) & (known < 0)
            known[group] = labels[row]
        answers += len(asked)


def answers_needed(curve: list[dict[str, Any]], accuracy: float) -> float | None:
    """How many answers reach an accuracy, linear between the curve's points; None where it is not reached."""
    former = None
    for point in curve:
        if point["accuracy"] >= accuracy:
            if former is None or point["accuracy"] == former["accuracy"]:
                return float(point["annotations"])
            part = (accuracy - former["accuracy"]) / (point["accuracy"] - former["accuracy"])
            return float(former["annotations"] + part * (point["annotations"] - former["annotations"]))
        former = point
    return None


def curves(propagation: Propagation, labels: np.ndarray, params: AnnotatorParams, first_seed: int) -> dict[str, Any]:
    """Accuracy against answers in both orders, mean over seeds, and how many answers the queue needs for random's best.

    ratio: those over random's answers; null where the queue does not reach it.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for order in ("queue", "random"):
        points: dict[int, list[tuple[float, float]]] = {}
        for seed in tqdm(range(first_seed, first_seed + params.seeds), desc=f"answers, {order}", unit="seed"):
            for answers, accuracy, recall in answer_all(propagation, labels, params, order, seed):
                points.setdefault(answers, []).append((accuracy, recall))
        found[order] = [
            {
                "annotations": answers,
                "accuracy": float(np.mean([accuracy for accuracy, _ in values])),
                "macro_recall": float(np.mean([recall for _, recall in values])),
                "ci95": student_ci95([accuracy for accuracy, _ in values]),
            }
            for answers, values in sorted(points.items())
            if len(values) == params.seeds
        ]
    last = found["random"][-1]
    needed = answers_needed(found["queue"], last["accuracy"])
    return {
        **found,
        "n": len(labels),
        "seeds": params.seeds,
        "random_annotations": last["annotations"],
        "queue_annotations": needed,
        "ratio": needed / last["annotations"] if needed is not None and last["annotations"] else None,
    }
