"""Tables of the figures of maps and propagated labels on the corpus."""

from collections.abc import Callable
from typing import Any

from benchmarks.tables.doc_tables import BENCHMARKS, CORPUS, number, rows_to_text
from drumspace.io.json_files import read_json
from drumspace.report.thesis import thesis_propagation

Row = dict[str, Any]
BUDGETS = (1, 4, 16, 64)
"""Labels per class in the table."""


def rows_of(*tables: str) -> list[Row]:
    """Rows of some tables of propagation.json."""
    return [row for row in read_json(CORPUS / "propagation.json")["rows"] if row["table"] in tables]


def location(row: Row) -> str:
    """Feature and space of a row, in words."""
    space = {"none": "", "full": ""}.get(row["map"], f", {row['map']} {row['dims'] or ''}".rstrip())
    return f"{row['feature']}{space}{' with labels' if row['supervision'] == 'labels' else ''}"


def best(rows: list[Row], **values_: Any) -> Row | None:
    """Most accurate row with the given values; None if there is none."""
    results = [row for row in rows if all(row[key] == value for key, value in values_.items())]
    return max(results, key=lambda row: row["accuracy"], default=None)


def accuracy(row: Row | None) -> str:
    """Accuracy of a row as text."""
    return number(None if row is None else row["accuracy"])


def best_cell(row: Row | None) -> str:
    """Accuracy with feature, space and k."""
    if row is None:
        return "–"
    k = "" if row["k"] is None else f", k {row['k']}"
    return f"{number(row['accuracy'])} ({location(row)}{k})"


def thesis_comparison() -> str:
    """Tables 8.1 and 8.2: thesis / ratio read as labelled share / ratio read as share held out.

    A reading of the method that was not run has no rows.
    """
    accuracies = {
        (row["method"], row["feature"], row["k"], round(row["labelled_share"], 3)): row["accuracy"]
        for row in rows_of("thesis")
        if (row["map"], row["dims"]) == ("umap", 2)
    }
    rows = []
    for number_of, table in zip(("8.1", "8.2"), thesis_propagation(), strict=True):
        for method in table.methods:
            for feature, by_k in table.rows.items():
                for k, values in by_k.items():
                    cells = []
                    for ratio, value in zip(table.ratios, values, strict=True):
                        pair = [accuracies.get((method, feature, k, round(share, 3))) for share in (ratio, 1 - ratio)]
                        cells.append(" / ".join([number(value, 2), *(number(one, 2) for one in pair)]))
                    if any(key[:3] == (method, feature, k) for key in accuracies):
                        rows.append([number_of, method, feature, str(k), *cells])
    return rows_to_text(["table", "method", "feature", "k", *(str(ratio) for ratio in table.ratios)], rows)


def thesis_spaces() -> str:
    """Thesis's methods on every map, with a half and a tenth labelled."""
    rows = rows_of("thesis")
    results = []
    for feature, name, dims in dict.fromkeys((row["feature"], row["map"], row["dims"]) for row in rows):
        cells_by_key = {
            (row["method"], row["labelled_share"], row["k"]): number(row["accuracy"])
            for row in rows
            if (row["feature"], row["map"], row["dims"]) == (feature, name, dims)
        }
        cells = [
            " / ".join(cells_by_key[method, share, k] for k in (3, 6, 12))
            for method in ("thesis", "thesis_classifier")
            for share in (0.5, 0.1)
        ]
        results.append([f"{feature}, {name} {dims}", *cells])
    head = ["map", "thesis, half", "thesis, a tenth", "with classifier, half", "with classifier, a tenth"]
    return rows_to_text(head, results)


def methods() -> str:
    """Best cell of each method for each share."""
    rows = rows_of("methods", "kits")
    columns = sorted({(row["split"], row["labelled_share"]) for row in rows}, key=lambda c: (c[0], -c[1]))
    head = ["method", *(f"by {split}, {share}" for split, share in columns)]
    results = []
    for method in dict.fromkeys(row["method"] for row in rows):
        cells = [best_cell(best(rows, method=method, split=split, labelled_share=share)) for split, share in columns]
        results.append([f"`{method}`", *cells])
    results.sort(key=lambda row: row[1], reverse=True)
    return rows_to_text(head, results)


def intervals() -> str:
    """The two best methods with intervals and macro recall."""
    rows = rows_of("methods", "kits")
    results = []
    for split, share in sorted({(row["split"], row["labelled_share"]) for row in rows}, key=lambda c: (c[0], -c[1])):
        for method in ("classifier", "hybrid"):
            row = best(rows, method=method, split=split, labelled_share=share)
            if row is not None:
                low, high = row["ci95"] or (None, None)
                span = f"{number(low)} to {number(high)}"
                results.append([f"{split}, {share}", f"`{method}`", number(row["accuracy"]), span,
                              number(row["macro_recall"]), f"{row['n']:,} × {row['seeds']}"])  # fmt: skip
    return rows_to_text(["split, labelled share", "method", "accuracy", "95 %", "macro recall", "n × seeds"], results)


def noisy() -> str:
    """Effect of the source with noisy labels."""
    results = []
    for method in ("knn", "classifier", "hybrid"):
        cells = []
        for tables, split, shares in (("methods all_clips", "clip", (0.5, 0.1)), ("kits all_kits", "kit", (0.5,))):
            for share in shares:
                pair = [
                    best(rows_of(table), method=method, split=split, labelled_share=share) for table in tables.split()
                ]
                cells.append(" / ".join(accuracy(row) for row in pair))
        results.append([f"`{method}`", *cells])
    return rows_to_text(["method", "by clip, half", "by clip, a tenth", "by kit, half"], results)


def supervised() -> str:
    """Maps fitted with the given labels compared with maps fitted without."""
    with_labels, plain = rows_of("supervised"), rows_of("methods")
    results = []
    for feature in ("mel", "pretrained"):
        for method in ("thesis", "knn"):
            cells = [
                accuracy(row)
                for share in (0.5, 0.1)
                for row in (
                    best(plain, feature=feature, method=method, labelled_share=share, map="umap", dims=2),
                    best(with_labels, feature=feature, method=method, labelled_share=share),
                )
            ]
            results.append([feature, f"`{method}`", *cells])
    return rows_to_text(["feature", "method", "half: plain", "with labels", "a tenth: plain", "with labels"], results)


def budget() -> str:
    """Accuracy over labels per class, for each feature and method."""
    rows = read_json(CORPUS / "propagation.json")["budget"]
    results = []
    for feature, method in dict.fromkeys((row["feature"], row["method"]) for row in rows):
        table = {r["labels_per_class"]: r["accuracy"] for r in rows if (r["feature"], r["method"]) == (feature, method)}
        results.append([feature, f"`{method}`", *(number(table.get(count)) for count in BUDGETS)])
    return rows_to_text(["feature", "method", *(f"{count} per class" for count in BUDGETS)], results)


def labels() -> str:
    """Figures of the final labels and of the review queue."""
    results = read_json(CORPUS / "propagation.json")
    final, simulated = results["labels"], results["simulated_annotator"]

    def with_interval(name: str) -> str:
        low, high = final[f"{name}_ci95"] or (None, None)
        return f"{number(final[name])} ({number(low)} to {number(high)})"

    splits = final["splits"]
    rows = [
        ["precision of given labels", with_interval("precision"), f"{final['n']:,}"],
        ["precision, drums of no class as errors", with_interval("precision_with_others"), f"{final['n']:,}"],
        ["coverage: share of sounds that get a label", with_interval("coverage"), f"{final['n']:,}"],
        ["share of drums of no class without a label", with_interval("others_abstained"),
         f"{sum(split['others'] for split in splits):,}"],
        ["precision / coverage of each split",
         ", ".join(f"{number(s['precision'])} / {number(s['coverage'])}" for s in splits),
         " + ".join(f"{s['n']:,}" for s in splits)],
        ["labels in the queue's order for the accuracy of random order with "
         f"{simulated['random_annotations']:,.0f}",
         f"{simulated['queue_annotations']:,.0f} (ratio {simulated['ratio']:.2f})",
         f"{simulated['n']:,} sounds × {simulated['seeds']}"],
        ["permuted labels: macro recall (chance 0.125)", number(results["negative_control"]["macro_recall"]),
         f"{results['negative_control']['n']} figures"],
    ]  # fmt: skip
    return rows_to_text(["on unseen kits", "figure (95 %)", "n"], rows)


def propagation_brief() -> str:
    """Figures for the README."""
    results = read_json(CORPUS / "propagation.json")
    rows = []
    for title, table, share in (
        ("accuracy, half of the sounds labelled", "methods", 0.5),
        ("accuracy, a tenth of the sounds labelled", "methods", 0.1),
        ("accuracy, half of the kits labelled", "kits", 0.5),
    ):
        row = best(rows_of(table), labelled_share=share)
        rows.append([title, best_cell(row) if row is None else f"{best_cell(row)}, `{row['method']}`"])
    final = results["labels"]
    rows += [
        ["precision of final labels, on unseen kits", f"{number(final['precision'])} (target: {final['target']})"],
        ["coverage of final labels", number(final["coverage"])],
        [
            "labels needed in the queue's order, as a share of those in random order, for the same accuracy",
            f"{results['simulated_annotator']['ratio']:.0%}",
        ],
    ]
    return rows_to_text(["propagated labels", "figure"], rows)


def maps() -> str:
    """Figures of each map."""
    rows = [
        [row["feature"], f"{row['method']} {row['dims']}{' with labels' if row['supervision'] == 'labels' else ''}",
         number(row["trustworthiness"]), number(row["neighbour_overlap"]), number(row["neighbour_purity"])]
        for row in read_json(CORPUS / "manifold.json")["rows"]
    ]  # fmt: skip
    return rows_to_text(["feature", "map", "trustworthiness", "neighbour overlap", "neighbour purity"], rows)


def large_maps() -> str:
    """Time and memory of maps of many clips."""
    results = read_json(BENCHMARKS / "maps.json")
    names = {"components": "principal components", "umap": "UMAP", "tsne": "t-SNE"}
    rows = [
        [names[name], f"{step['seconds'] / 60:.1f}", f"{step['peak_memory_mib'] / 1024:.1f}"]
        for name, step in results["steps"].items()
    ]
    return rows_to_text([f"of {results['clips']:,} clips", "minutes", "peak memory (GiB)"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "beside thesis": thesis_comparison,
    "thesis spaces": thesis_spaces,
    "methods": methods,
    "intervals": intervals,
    "noisy": noisy,
    "supervised": supervised,
    "budget": budget,
    "labels": labels,
    "propagation brief": propagation_brief,
    "maps": maps,
    "large maps": large_maps,
}
