"""Predictions as the labeller uses them: a class, and the confidence that it is this one and no other sound."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drumspace.classify.evaluation.predictions import labels_and_probs


@dataclass(frozen=True)
class LabellerRows:
    """Predictions for clips of the classes and for other drums, in kits that the model was not trained on."""

    truth: np.ndarray
    """Class index, -1 for other drums: int [n]."""
    predicted: np.ndarray
    """Class index: int [n]."""
    confidence: np.ndarray
    """Probability that a clip is of the predicted class and no other sound: [n]."""
    kits: np.ndarray

    def of_classes(self) -> "LabellerRows":
        """The rows without other drums."""
        chosen = self.truth >= 0
        return LabellerRows(self.truth[chosen], self.predicted[chosen], self.confidence[chosen], self.kits[chosen])

    @property
    def correct(self) -> np.ndarray:
        """Whether the predicted class is right, never for other drums: bool [n]."""
        return self.predicted == self.truth


def labeller_rows(table: pd.DataFrame, classes: list[str]) -> LabellerRows:
    """Rows of a model's predictions, other drums included."""
    truth, probs = labels_and_probs(table, classes)
    confidence = probs.max(axis=1) * (1 - table["other"].to_numpy(np.float64)) if len(table) else np.empty(0)
    return LabellerRows(truth, probs.argmax(axis=1), confidence, table["kit"].to_numpy(str))
