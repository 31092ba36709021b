"""Confident errors of a classifier: unseen clips that it assigns to another class than their label."""

import numpy as np
import pandas as pd

from drumspace.classify.evaluation.choice import COMMITTEE
from drumspace.classify.evaluation.predictions import UNSEEN, labels_and_probs, select
from drumspace.metrics.classification.contract import ConfidentError


def confident_errors(
    name: str, tables: dict[str, pd.DataFrame], classes: list[str], count: int
) -> list[ConfidentError]:
    """The `count` most confident errors of the classifier `name` on unseen clips of the first split.

    tables: predictions by model and of the committee. `agree` is the number of models, without the committee, that
    predict the same class: if many do, the label is in doubt; if few do, the classifier is.
    """
    table = select(tables[name], 0, *UNSEEN)
    truth, probs = labels_and_probs(table, classes)
    predicted = probs.argmax(axis=1)
    by_model = pd.DataFrame(
        {
            model: select(rows, 0, *UNSEEN).set_index("clip_id")[classes].idxmax(axis=1)
            for model, rows in tables.items()
            if model != COMMITTEE
        }
    )
    order = np.argsort(-probs.max(axis=1), kind="stable")
    errors: list[ConfidentError] = []
    for row in order[predicted[order] != truth[order]][:count]:
        clip_id, label = table["clip_id"].iloc[row], classes[predicted[row]]
        errors.append(
            {
                "clip_id": clip_id,
                "label": classes[truth[row]],
                "predicted": label,
                "confidence": float(probs[row].max()),
                "agree": int((by_model.loc[clip_id] == label).sum()),
                "models": by_model.shape[1],
            }
        )
    return errors
