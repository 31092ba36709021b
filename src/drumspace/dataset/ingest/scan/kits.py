"""Kits: the groups of files that a source holds, by their folders or the prefixes of their names."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from drumspace.dataset.ingest.naming import NamingRules

_PREFIXED = 0.9
"""Prefixes of file names in a flat folder are kits if at least this share of the files has a common prefix."""


def group_kits(files: list[tuple[str, ...]], name: str, layout: str, rules: NamingRules) -> dict[tuple[str, ...], str]:
    """Kit (source/kit) of each file: the first folder below the source, with layout `folder` its whole folder, and
    with `one kit` the source.

    Files that lie in the source's folder itself form one kit of the source's name; but where their names have
    common prefixes ('808_bd.flac', '808_sd.flac', '909_bd.flac'), each prefix is a kit. Prefixes that name drums
    ('Kick_01.wav', 'Snare_01.wav') are no kits: a split by them would hold out whole classes.
    """
    if layout == "one kit":
        return dict.fromkeys(files, f"{name}/{name}")
    kits = {}
    flat: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for parts in files:
        source, rest = (parts[0], parts[1:]) if layout == "source/kit" and len(parts) > 1 else (name, parts)
        if len(rest) > 1:
            kits[parts] = "/".join((source, *(rest[:-1] if layout == "folder" else rest[:1])))
        else:
            flat[source].append(parts)
    for source, members in flat.items():
        prefixes = {parts: parts[-1].partition("_")[0] if "_" in parts[-1] else "" for parts in members}
        counts = Counter(prefix for prefix in prefixes.values() if prefix)
        shared = {parts: prefix for parts, prefix in prefixes.items() if counts[prefix] > 1}
        verdicts = [rules.own_verdict(f"{source}/{prefix}") for prefix in sorted(set(shared.values()))]
        names_drums = any(verdict.label or verdict.other for verdict in verdicts)
        if len(shared) < _PREFIXED * len(members) or names_drums:
            shared = {}
        kits |= {parts: f"{source}/{shared.get(parts, source)}" for parts in members}
    return kits


def join_kits(
    kits: dict[tuple[str, ...], str], documents: Iterable[tuple[tuple[str, ...], str, list[tuple[str, ...]]]]
) -> dict[tuple[str, ...], str]:
    """Join the kits whose sounds one document names, such as those of the folders `Kick` and `Snare` of one kit.

    `documents`: folder, title and sounds of each. A kit of whose sounds a document names less than half is not joined:
    the document is a selection from several kits. The joined kit is called by the document's folder, or by its title
    if it lies in the source's own folder.
    """
    sizes = Counter(kits.values())
    joined: dict[str, str] = {}
    for folder, title, sounds in documents:
        named = Counter(kits[sound] for sound in sounds)
        parts = [kit for kit, count in named.items() if 2 * count >= sizes[kit] and kit not in joined]
        sources = {kit.partition("/")[0] for kit in parts}
        if len(parts) > 1 and len(sources) == 1:
            source = sources.pop()
            inside = folder[1:] if folder[:1] == (source,) else folder
            joined |= dict.fromkeys(parts, "/".join((source, *inside) if inside else (source, title)))
    return {sound: joined.get(kit, kit) for sound, kit in kits.items()}


def join_drum_folders(kits: dict[tuple[str, ...], str], rules: NamingRules) -> dict[tuple[str, ...], str]:
    """Make one kit, of the source's name, of kits that are folders of different drums: `own/Kicks`, `own/Snares`.

    A split by such folders would hold out whole classes.
    """
    drums: dict[str, dict[str, str | None]] = defaultdict(dict)
    for kit in dict.fromkeys(kits.values()):
        source, _, folder = kit.partition("/")
        verdict = rules.verdict(f"{kit}/_")
        if "/" not in folder and (verdict.label or verdict.other):
            drums[source][kit] = verdict.label
    joined = {
        kit: f"{source}/{source}" for source, labels in drums.items() if len(set(labels.values())) > 1 for kit in labels
    }
    return {parts: joined.get(kit, kit) for parts, kit in kits.items()}
