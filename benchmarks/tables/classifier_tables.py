"""Tables of the classifiers' figures on the corpus."""

from collections.abc import Callable
from typing import Any

from benchmarks.tables.doc_tables import CORPUS, number, rows_to_text
from drumspace.io.json_files import read_json
from drumspace.report.thesis import thesis_rows

KINDS = ("as they are", "cleaned", "as many dropped at random")


def mean(figures: dict[str, Any], prefix: str = "") -> str:
    """Mean ± standard deviation over splits."""
    average, deviation = figures[f"{prefix}accuracy_mean"], figures[f"{prefix}accuracy_sd"]
    return number(average) + ("" if deviation is None else f" ± {number(deviation)}")


def origin(name: str, figures: dict[str, Any]) -> str:
    """Initial weights of a model."""
    if name in ("svm", "committee"):
        return "–"
    missing = figures.get("weights_reason") not in (None, "", "trained from scratch")
    start = "random: published weights not available" if missing else figures["weights"]
    return f"{start}, head only" if figures["trainable"] == "head" else start


def models() -> str:
    """Figures of every classifier on the first split and over all of its splits."""
    results = read_json(CORPUS / "classifiers.json")
    times = read_json(CORPUS / "timings.json")["classify"]
    thesis = thesis_rows()
    committee = results["committee"]
    rows = []
    for name, figures in sorted(
        {**results["models"], "committee": committee}.items(), key=lambda item: -item[1]["accuracy"]
    ):
        low, high = figures["accuracy_ci95"]
        splits, unseen = results["splits"][name], figures["all_unseen"]
        rows.append(
            [
                f"`{name}`{' ★' if name == results['best'] else ''}",
                origin(name, figures),
                ", ".join(f"`{member}`" for member in figures.get("members", [])) or figures.get("note") or "–",
                f"{number(figures['accuracy'])} ({number(low)} to {number(high)})",
                f"{number(unseen['accuracy'])}",
                f"{mean(splits)} ({splits['n_splits']})",
                f"{mean(splits, 'all_unseen_')}",
                f"{number(figures['calibration_error'])}",
                number(thesis[name].accuracy, 2) if name in thesis else "–",
                f"{times[name]['seconds'] / 60 / splits['n_splits']:.1f}" if name in times else "–",
            ]
        )
    head = ["model", "initial weights", "training", f"test part, n {committee['n']} (95 %)"]
    head += [
        f"all unseen, n {committee['all_unseen']['n']}",
        "mean of splits (how many)",
        "all unseen, mean of splits",
    ]
    return rows_to_text([*head, "calibration error", "thesis", "minutes per training"], rows)


def brief() -> str:
    """Accuracies for the README."""
    results = read_json(CORPUS / "classifiers.json")
    thesis = thesis_rows()
    names = sorted(results["splits"], key=lambda name: -results["splits"][name]["accuracy_mean"])
    rows = []
    for name in names:
        splits = results["splits"][name]
        rows.append(
            [
                f"`{name}`",
                origin(name, results["models"].get(name, {})),
                f"{mean(splits)} ({splits['n_splits']})",
                mean(splits, "all_unseen_"),
                number(thesis[name].accuracy, 2) if name in thesis else "–",
            ]
        )
    return rows_to_text(
        [
            "model",
            "initial weights",
            "20 test sounds a class (splits)",
            "all sounds of unseen kits",
            "thesis, on its own sounds",
        ],
        rows,
    )


def pretrained() -> str:
    """Published weights compared with random ones."""
    rows = []
    for key, entry in read_json(CORPUS / "pretrained.json").items():
        name, trainable = key.split(", ")
        published = entry[next(key for key in ("imagenet", "audioset", "sfx") if key in entry)]
        random = entry["random"]
        rows.append(
            [
                f"`{name}`",
                "all" if trainable == "all" else "head only",
                f"{number(published['accuracy'])} / {number(random['accuracy'])}",
                f"{number(published['all_unseen']['accuracy'])} / {number(random['all_unseen']['accuracy'])}",
                "< 0.001" if entry["p_all_unseen"] < 0.001 else number(entry["p_all_unseen"]),
            ]
        )
    n, n_unseen = published["n"], published["all_unseen"]["n"]
    head = [
        "network",
        "trained part",
        f"published / random, n {n}",
        f"all unseen, n {n_unseen}",
        "p (McNemar, all unseen)",
    ]
    return rows_to_text(head, rows)


def label_noise() -> str:
    """Effect of cleaning, with and without the source with noisy labels."""
    results = read_json(CORPUS / "label_noise.json")
    rows = []
    for name, table in results["models"].items():
        for title, sources in (("all", "all sources"), ("without", f"without {', '.join(results['without'])}")):
            for key in KINDS:
                figures = table["cells"][f"{title}, {key}"]
                splits = figures["splits"]
                unseen = sum(split["all_unseen"]["accuracy"] for split in splits) / len(splits)
                trained = sum(split["trained_on"] for split in splits) / len(splits)
                rows.append([f"`{name}`", sources, key, f"{trained:,.0f}", mean(figures), number(unseen)])
    head = ["model", "trained on", "labels", "clips", "mean of three splits", "all unseen, mean of splits"]
    return rows_to_text(head, rows)


def plain_svm() -> str:
    """A plain SVM compared with `svm`."""
    results = read_json(CORPUS / "plain_svm.json")
    rows = []
    for case in results["plain"]:
        cells = [
            f"{number(results[key][case]['mean'])} ± {number(results[key][case]['sd'])}" for key in ("plain", "ours")
        ]
        rows.append([f"{case} ({results['plain'][case]['n']})", *cells])
    return rows_to_text(["on", "plain inputs", "inputs of `svm`"], rows)


def robustness_rows(models: dict[str, Any]) -> str:
    """Accuracy of every model under each condition of `benchmarks.classify.robustness`, and its change."""
    names = sorted(models, key=lambda name: -models[name]["clean"]["accuracy"])
    conditions = list(models[names[0]])
    rows = [[condition, *(accuracy_and_change(models[name][condition]) for name in names)] for condition in conditions]
    return rows_to_text(["condition", *(f"`{name}`" for name in names)], rows)


def accuracy_and_change(figures: dict[str, Any]) -> str:
    """Accuracy and its change against clean clips, with a star where the interval of the change excludes 0."""
    low, high = figures["accuracy_change_ci95"]
    change = figures["accuracy_change"]
    if low == high == 0:
        return number(figures["accuracy"])
    return f"{number(figures['accuracy'])} ({change:+.3f}{'' if low <= 0 <= high else '*'})"


def robustness() -> str:
    """Accuracy on degraded clips."""
    return robustness_rows(read_json(CORPUS / "robustness.json")["models"])


TABLES: dict[str, Callable[[], str]] = {
    "brief": brief,
    "models": models,
    "pretrained": pretrained,
    "label noise": label_noise,
    "plain svm": plain_svm,
    "robustness": robustness,
}
