"""Selective prediction: abstaining below a confidence threshold, so that labels keep a target precision."""

import numpy as np
from scipy.special import expit, logit

ALPHA = 0.05
"""Probability with which the precision may be below its lower bound."""
FUTURE_KITS = 2.0
"""Factor of the variance: kits on which the threshold is used vary as much as those on which it was chosen."""
WITHIN_KITS = 0.3
"""Assumed intraclass correlation of the errors of a kit, where none shows it."""
CUTS = 200
"""Largest number of thresholds that are tried."""
LEAST = 10
"""A bound of fewer predictions than this is not taken."""


def threshold_for(precision: float, confidence: np.ndarray, correct: np.ndarray) -> float | None:
    """Smallest confidence threshold above which predictions have at least `precision`; None where there is none.

    confidence: [n]; correct: bool [n]. This is an estimate without a margin: on other kits the precision is as often
    below as above it.
    """
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum(correct[order]) / np.arange(1, len(order) + 1)
    # Predictions of equal confidence are kept or withheld together: only the last of them can be a threshold.
    ordered = confidence[order]
    last = np.append(ordered[1:] < ordered[:-1], True) if len(ordered) else np.empty(0, dtype=bool)
    good = np.flatnonzero((share >= precision) & last)
    return float(ordered[good[-1]]) if len(good) else None


def precision_bound(correct: np.ndarray, kits: np.ndarray) -> float:
    """Lower bound of the precision on other kits, 0 for predictions of fewer than two kits.

    correct: bool [n]; kits: [n]. Clopper-Pearson at ALPHA, for as many independent predictions as have the variance
    over kits of the ratio estimator, times FUTURE_KITS. Where all or none are right, which shows no variance, the
    correlation of the clips of a kit is taken as WITHIN_KITS.
    """
    from scipy.stats import beta

    names, kit = np.unique(kits, return_inverse=True)
    if len(names) < 2:
        return 0.0
    n, share, sizes = len(correct), float(np.mean(correct)), np.bincount(kit)
    if share in (0.0, 1.0):
        effect = 1 + WITHIN_KITS * float((sizes**2).sum() / n - 1)
    else:
        deviation = np.bincount(kit, weights=correct - share)
        variance = (deviation**2).sum() * len(names) / (len(names) - 1) / n**2
        effect = max(1.0, float(variance / (share * (1 - share) / n)))
    independent = n / effect / FUTURE_KITS
    return float(beta.ppf(ALPHA, max(share * independent, 1e-9), (1 - share) * independent + 1))


def bounded_threshold(precision: float, score: np.ndarray, correct: np.ndarray, kits: np.ndarray) -> float | None:
    """Smallest threshold of a score [n] above which `precision_bound` is at least `precision`; None if there is none.

    correct: bool [n]; kits: [n]. Predictions of equal score are kept or withheld together.
    """
    values = np.unique(score)
    for cut in values[np.unique(np.linspace(0, len(values) - 1, CUTS).astype(int))] if len(values) else ():
        given = score >= cut
        if given.sum() >= LEAST and precision_bound(correct[given], kits[given]) >= precision:
            return float(cut)
    return None


def class_thresholds(
    precision: float, confidence: np.ndarray, predicted: np.ndarray, correct: np.ndarray, kits: np.ndarray,
    n_classes: int,
) -> np.ndarray | None:  # fmt: skip
    """Confidence threshold of each predicted class [n_classes], so that all labels together keep `precision`; or None.

    confidence, predicted, correct, kits: [n], from kits that the classifier was not trained on. Equal confidences are
    not equally often right in all classes: a logistic regression of `correct` on the confidence (as logit) and the
    class, with a penalty that pulls classes of few predictions to the mean, makes the score; the thresholds are where
    this score reaches its `bounded_threshold`.
    """
    slope, offsets = 1.0, np.zeros(n_classes)
    odds = logit(np.clip(confidence, 1e-6, 1 - 1e-6))
    if 0 < np.mean(correct) < 1 if len(correct) else False:
        from sklearn.linear_model import LogisticRegression

        inputs = np.column_stack([odds, np.eye(n_classes)[predicted]])
        model = LogisticRegression(max_iter=1000).fit(inputs, correct)
        if model.coef_[0, 0] > 0:
            slope, offsets = float(model.coef_[0, 0]), model.coef_[0, 1:]
    cut = bounded_threshold(precision, slope * odds + offsets[predicted], correct, kits)
    return None if cut is None else np.asarray(expit((cut - offsets) / slope))
