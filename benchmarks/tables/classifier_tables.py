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
    """What a model started from."""
    if name in ("svm", "committee"):
        return "–"
    missing = figures.get("weights_reason") not in (None, "", "trained from scratch")
    start = "random: the published file can't be had" if missing else figures["weights"]
    return f"{start}, head only" if figures["trainable"] == "head" else start


def models() -> str:
    """Every classifier on the first split and over all that it was trained on."""
    found = read_json(CORPUS / "classifiers.json")
    times = read_json(CORPUS / "timings.json")["classify"]
    thesis = thesis_rows()
    held = found["committee"]
    rows = []
    for name, figures in sorted({**found["models"], "committee": held}.items(), key=lambda item: -item[1]["accuracy"]):
        low, high = figures["accuracy_ci95"]
        splits, unseen = found["splits"][name], figures["all_unseen"]
        rows.append(
            [
                f"`{name}`{' ★' if name == found['best'] else ''}",
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
    head = ["model", "starts from", "training", f"test part, n {held['n']} (95 %)"]
    head += [f"all unheard, n {held['all_unseen']['n']}", "mean of splits (how many)", "all unheard, mean of splits"]
    return rows_to_text([*head, "calibration error", "thesis", "minutes a training"], rows)


def brief() -> str:
    """What a reader of the README wants to know first."""
    found = read_json(CORPUS / "classifiers.json")
    thesis = thesis_rows()
    names = sorted(found["splits"], key=lambda name: -found["splits"][name]["accuracy_mean"])
    rows = []
    for name in names:
        splits = found["splits"][name]
        rows.append(
            [
                f"`{name}`",
                origin(name, found["models"].get(name, {})),
                f"{mean(splits)} ({splits['n_splits']})",
                mean(splits, "all_unseen_"),
                number(thesis[name].accuracy, 2) if name in thesis else "–",
            ]
        )
    return rows_to_text(["model", "starts from", "20 a class (splits)", "all unheard", "thesis, its own sounds"], rows)


def pretrained() -> str:
    """Published weights beside random ones."""
    rows = []
    for key, entry in read_json(CORPUS / "pretrained.json").items():
        name, trainable = key.split(", ")
        ours = entry[next(kind for kind in ("imagenet", "audioset", "sfx") if kind in entry)]
        theirs = entry["random"]
        rows.append(
            [
                f"`{name}`",
                "all" if trainable == "all" else "head only",
                f"{number(ours['accuracy'])} / {number(theirs['accuracy'])}",
                f"{number(ours['all_unseen']['accuracy'])} / {number(theirs['all_unseen']['accuracy'])}",
                "< 0.001" if entry["p_all_unseen"] < 0.001 else number(entry["p_all_unseen"]),
            ]
        )
    n, of_all = ours["n"], ours["all_unseen"]["n"]
    head = [
        "network",
        "what learns",
        f"published / random, n {n}",
        f"all unheard, n {of_all}",
        "p (McNemar, all unheard)",
    ]
    return rows_to_text(head, rows)


def label_noise() -> str:
    """What cleaning changes, with and without the noisy source."""
    found = read_json(CORPUS / "label_noise.json")
    rows = []
    for name, table in found["models"].items():
        for title, said in (("all", "all sources"), ("without", f"without {', '.join(found['without'])}")):
            for kind in KINDS:
                figures = table["cells"][f"{title}, {kind}"]
                splits = figures["splits"]
                unseen = sum(split["all_unseen"]["accuracy"] for split in splits) / len(splits)
                trained = sum(split["trained_on"] for split in splits) / len(splits)
                rows.append([f"`{name}`", said, kind, f"{trained:,.0f}", mean(figures), number(unseen)])
    head = ["model", "trained on", "labels", "clips", "mean of three splits", "all unheard, mean of splits"]
    return rows_to_text(head, rows)


def plain_svm() -> str:
    """The plainest machine beside one on our inputs."""
    found = read_json(CORPUS / "plain_svm.json")
    rows = []
    for case in found["plain"]:
        cells = [
            f"{number(found[kind][case]['mean'])} ± {number(found[kind][case]['sd'])}" for kind in ("plain", "ours")
        ]
        rows.append([f"{case} ({found['plain'][case]['n']})", *cells])
    return rows_to_text(["on", "plain inputs", "inputs of `svm`"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "brief": brief,
    "models": models,
    "pretrained": pretrained,
    "label noise": label_noise,
    "plain svm": plain_svm,
}
