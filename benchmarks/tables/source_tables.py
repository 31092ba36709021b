"""Tables of leave-sources-out cross-validation: accuracies, rejection of other drums, and thresholds on other kits."""

from collections.abc import Callable
from typing import Any

from benchmarks.tables.doc_tables import CORPUS, number, rows_to_text
from drumspace.io.json_files import read_json


def leave_sources_out() -> str:
    """Figures of every model of every variant, with the folds that were run."""
    return leave_sources_out_rows(read_json(CORPUS / "leave_sources_out.json")["variants"])


def leave_sources_out_rows(variants: dict[str, Any]) -> str:
    """A row a variant and model, the most accurate first among those of as many folds."""
    rows = []
    for variant, content in variants.items():
        models = content["models"]
        for name in sorted(models, key=lambda name: (-len(models[name]["by_fold"]), -models[name]["accuracy"])):
            figures, labeller = models[name], models[name]["labeller"]
            rows.append(
                [
                    f"`{name}`",
                    variant,
                    ", ".join(figures["by_fold"]),
                    interval(figures, "accuracy"),
                    interval(figures, "macro_recall"),
                    number(figures["other_auroc"], 2),
                    f"{number(labeller['precision'])}, {number(labeller['coverage'], 2)}",
                    number(labeller["others_abstained"], 2),
                    f"{figures['n']:,} ({figures['kits']})",
                ]
            )
    head = ["model", "variant", "folds", "accuracy (95 %)", "macro recall (95 %)", "AUROC of other drums"]
    head += ["labels at target 0.95: precision, coverage", "other drums without a label", "sounds (kits)"]
    return rows_to_text(head, rows)


def interval(figures: dict[str, Any], name: str) -> str:
    """A figure with its interval."""
    low, high = figures[f"{name}_ci95"]
    return f"{number(figures[name])} ({number(low)} to {number(high)})"


RULES = {
    "class_thresholds": "lower bound, one threshold a class (the labeller's)",
    "one_bound": "lower bound, one threshold",
    "point_estimate": "estimate without a margin",
}


def target_precision() -> str:
    """Share of simulated repeats in which other kits keep the target precision, by rule."""
    results = read_json(CORPUS / "target_precision.json")
    rows = [
        [
            f"`{name}`",
            RULES[rule],
            number(figures["kept"], 2),
            number(figures["precision_mean"]),
            number(figures["coverage_mean"], 2),
            number(figures["without_threshold"], 2),
        ]
        for name, by_rule in results["models"].items()
        for rule, figures in by_rule.items()
    ]
    head = ["model", "threshold", f"repeats that keep {results['target']}", "mean precision", "mean coverage"]
    return rows_to_text([*head, "repeats without a threshold"], rows)


TABLES: dict[str, Callable[[], str]] = {"leave sources out": leave_sources_out, "target precision": target_precision}
