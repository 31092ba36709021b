"""Tables of the figures of maps and propagated labels on the corpus."""

from collections.abc import Callable
from typing import Any

from benchmarks.tables.doc_tables import BENCHMARKS, CORPUS, number, rows_to_text
from drumspace.io.json_files import read_json
from drumspace.report.thesis import thesis_propagation

Row = dict[str, Any]
BUDGETS = (1, 4, 16, 64)
"""Labels a class that are shown."""


def rows_of(*tables: str) -> list[Row]:
    """Rows of some tables of propagation.json."""
    return [row for row in read_json(CORPUS / "propagation.json")["rows"] if row["table"] in tables]


def place(row: Row) -> str:
    """Feature and space of a row."""
    space = {"none": "", "full": ""}.get(row["map"], f", {row['map']} {row['dims'] or ''}".rstrip())
    return f"{row['feature']}{space}{' with labels' if row['supervision'] == 'labels' else ''}"


def best(rows: list[Row], **wanted: Any) -> Row | None:
    """The most accurate of the rows that have these values."""
    found = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    return max(found, key=lambda row: row["accuracy"], default=None)


def accuracy(row: Row | None) -> str:
    """A row's accuracy."""
    return number(None if row is None else row["accuracy"])


def cell(row: Row | None) -> str:
    """Accuracy, and where it was had."""
    if row is None:
        return "–"
    k = "" if row["k"] is None else f", k {row['k']}"
    return f"{number(row['accuracy'])} ({place(row)}{k})"


def beside_thesis() -> str:
    """Tables 8.1 and 8.2: the thesis's figure; ours with its ratio as labelled share; with it as share held out."""
    ours = {
        (row["method"], row["feature"], row["k"], round(row["labelled_share"], 3)): row["accuracy"]
        for row in rows_of("thesis")
        if (row["map"], row["dims"]) == ("umap", 2)
    }
    rows = []
    for number_of, table in zip(("8.1", "8.2"), thesis_propagation(), strict=True):
        for feature, by_k in table.rows.items():
            for k, values in by_k.items():
                cells = []
                for ratio, value in zip(table.ratios, values, strict=True):
                    both = [ours.get((table.method, feature, k, round(share, 3))) for share in (ratio, 1 - ratio)]
                    cells.append(" / ".join([number(value, 2), *(number(one, 2) for one in both)]))
                rows.append([number_of, feature, str(k), *cells])
    return rows_to_text(["table", "feature", "k", *(str(ratio) for ratio in table.ratios)], rows)


def thesis_spaces() -> str:
    """The thesis's method on every map at half and a tenth labelled."""
    rows = rows_of("thesis")
    found = []
    for feature, name, dims in dict.fromkeys((row["feature"], row["map"], row["dims"]) for row in rows):
        there = {
            (row["method"], row["labelled_share"], row["k"]): number(row["accuracy"])
            for row in rows
            if (row["feature"], row["map"], row["dims"]) == (feature, name, dims)
        }
        cells = [
            " / ".join(there[method, share, k] for k in (3, 6, 12))
            for method in ("thesis", "thesis_classifier")
            for share in (0.5, 0.1)
        ]
        found.append([f"{feature}, {name} {dims}", *cells])
    head = ["map", "thesis, half", "thesis, a tenth", "with classifier, half", "with classifier, a tenth"]
    return rows_to_text(head, found)


def methods() -> str:
    """Each method's best cell for each share."""
    rows = rows_of("methods", "kits")
    columns = sorted({(row["split"], row["labelled_share"]) for row in rows}, key=lambda c: (c[0], -c[1]))
    head = ["method", *(f"by {split}, {share}" for split, share in columns)]
    found = []
    for method in dict.fromkeys(row["method"] for row in rows):
        cells = [cell(best(rows, method=method, split=split, labelled_share=share)) for split, share in columns]
        found.append([f"`{method}`", *cells])
    found.sort(key=lambda row: row[1], reverse=True)
    return rows_to_text(head, found)


def intervals() -> str:
    """The best two methods with their intervals and macro recall."""
    rows = rows_of("methods", "kits")
    found = []
    for split, share in sorted({(row["split"], row["labelled_share"]) for row in rows}, key=lambda c: (c[0], -c[1])):
        for method in ("classifier", "hybrid"):
            row = best(rows, method=method, split=split, labelled_share=share)
            if row is not None:
                low, high = row["ci95"] or (None, None)
                span = f"{number(low)} to {number(high)}"
                found.append([f"{split}, {share}", f"`{method}`", number(row["accuracy"]), span,
                              number(row["macro_recall"]), f"{row['n']:,} × {row['seeds']}"])  # fmt: skip
    return rows_to_text(["split, labelled share", "method", "accuracy", "95 %", "macro recall", "n × seeds"], found)


def noisy() -> str:
    """What the source with noisy labels changes."""
    found = []
    for method in ("knn", "classifier", "hybrid"):
        cells = []
        for tables, split, shares in (("methods all_clips", "clip", (0.5, 0.1)), ("kits all_kits", "kit", (0.5,))):
            for share in shares:
                pair = [
                    best(rows_of(table), method=method, split=split, labelled_share=share) for table in tables.split()
                ]
                cells.append(" / ".join(accuracy(row) for row in pair))
        found.append([f"`{method}`", *cells])
    return rows_to_text(["method", "by clip, half", "by clip, a tenth", "by kit, half"], found)


def supervised() -> str:
    """Maps made with the known labels, beside those made without."""
    made, plain = rows_of("supervised"), rows_of("methods")
    found = []
    for feature in ("mel", "pretrained"):
        for method in ("thesis", "knn"):
            cells = [
                accuracy(row)
                for share in (0.5, 0.1)
                for row in (
                    best(plain, feature=feature, method=method, labelled_share=share, map="umap", dims=2),
                    best(made, feature=feature, method=method, labelled_share=share),
                )
            ]
            found.append([feature, f"`{method}`", *cells])
    return rows_to_text(["feature", "method", "half: plain", "with labels", "a tenth: plain", "with labels"], found)


def budget() -> str:
    """Accuracy against labels a class, each method of each feature."""
    rows = read_json(CORPUS / "propagation.json")["budget"]
    found = []
    for feature, method in dict.fromkeys((row["feature"], row["method"]) for row in rows):
        table = {r["labels_per_class"]: r["accuracy"] for r in rows if (r["feature"], r["method"]) == (feature, method)}
        found.append([feature, f"`{method}`", *(number(table.get(count)) for count in BUDGETS)])
    return rows_to_text(["feature", "method", *(f"{count} a class" for count in BUDGETS)], found)


def labels() -> str:
    """What the answer for a user is worth."""
    found = read_json(CORPUS / "propagation.json")
    answer, annotator = found["labels"], found["simulated_annotator"]

    def with_interval(name: str) -> str:
        low, high = answer[f"{name}_ci95"] or (None, None)
        return f"{number(answer[name])} ({number(low)} to {number(high)})"

    splits = answer["splits"]
    rows = [
        ["precision of labels given to labelled sounds", with_interval("precision"), f"{answer['n']:,}"],
        ["the same, labels for known others being wrong", with_interval("precision_with_others"), f"{answer['n']:,}"],
        ["share of labelled sounds that got one", with_interval("coverage"), f"{answer['n']:,}"],
        ["share of known others left open", with_interval("others_abstained"),
         f"{sum(split['others'] for split in splits):,}"],
        ["precision / coverage of each split",
         ", ".join(f"{number(s['precision'])} / {number(s['coverage'])}" for s in splits),
         " + ".join(f"{s['n']:,}" for s in splits)],
        ["answers that the queue needs for what random order reaches with "
         f"{annotator['random_annotations']:,.0f}",
         f"{annotator['queue_annotations']:,.0f} (ratio {annotator['ratio']:.2f})",
         f"{annotator['n']:,} sounds × {annotator['seeds']}"],
        ["permuted labels: macro recall (chance 0.125)", number(found["negative_control"]["macro_recall"]),
         f"{found['negative_control']['n']} figures"],
    ]  # fmt: skip
    return rows_to_text(["on kits not heard", "figure (95 %)", "n"], rows)


def propagation_brief() -> str:
    """What a reader of the README wants to know first."""
    found = read_json(CORPUS / "propagation.json")
    rows = []
    for said, table, share in (
        ("half of the sounds labelled, accuracy on the others", "methods", 0.5),
        ("a tenth labelled", "methods", 0.1),
        ("half of the kits labelled, accuracy on the others", "kits", 0.5),
    ):
        row = best(rows_of(table), labelled_share=share)
        rows.append([said, cell(row) if row is None else f"{cell(row)}, `{row['method']}`"])
    answer = found["labels"]
    rows += [
        ["labels that are right, on kits not heard", f"{number(answer['precision'])} (asked for: {answer['target']})"],
        ["sounds of these kits that get one", number(answer["coverage"])],
        ["answers in the queue's order for what random order reaches", f"{found['simulated_annotator']['ratio']:.0%}"],
    ]
    return rows_to_text(["by propagation", "figure"], rows)


def maps() -> str:
    """How faithful each map is."""
    rows = [
        [row["feature"], f"{row['method']} {row['dims']}{' with labels' if row['supervision'] == 'labels' else ''}",
         number(row["trustworthiness"]), number(row["neighbour_overlap"]), number(row["neighbour_purity"])]
        for row in read_json(CORPUS / "manifold.json")["rows"]
    ]  # fmt: skip
    return rows_to_text(["feature", "map", "trustworthiness", "neighbour overlap", "purity of neighbours"], rows)


def large_maps() -> str:
    """Time and memory of maps of many clips."""
    found = read_json(BENCHMARKS / "maps.json")
    names = {"components": "principal components", "umap": "UMAP", "tsne": "t-SNE"}
    rows = [
        [names[name], f"{step['seconds'] / 60:.1f}", f"{step['peak_memory_mib'] / 1024:.1f}"]
        for name, step in found["steps"].items()
    ]
    return rows_to_text([f"of {found['clips']:,} clips", "minutes", "peak memory (GiB)"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "beside thesis": beside_thesis,
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
