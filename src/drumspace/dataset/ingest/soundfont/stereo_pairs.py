"""Stereo pairs of a SoundFont's samples."""

import re
from collections.abc import Mapping

import numpy as np

from drumspace.dataset.ingest.soundfont.tables import Keys, text

_RIGHT, _LEFT = 2, 4
"""Types of samples."""
_EQUAL_LENGTH, _SAME_SOUND = 0.9, 0.5
"""Length of a pair's shorter sample relative to the longer one, at least: with different names, and with equal ones."""


def stereo_pairs(samples: np.ndarray, keys: Mapping[int, set[Keys]]) -> dict[int, int]:
    """Map each left or right sample to the index of its other channel. `keys`: the keys of each sample that is played.

    Pairs are found by mutual links, else by name ('Kick(L)', 'Kick(R)'), because common files have all links at 0. A
    link alone makes no pair, since editors leave links behind when samples are exchanged: rates and keys must be equal,
    and either the names without the side or nearly the lengths.
    """
    types, links = (samples["type"] & 0xF).tolist(), samples["link"].tolist()
    named: dict[tuple[str, int, int], int] = {}
    for index, kind in enumerate(types):
        named.setdefault((_stem(samples, index), kind, int(samples[index]["rate"])), index)
    pairs: dict[int, int] = {}
    for left, kind in enumerate(types):
        if kind != _LEFT:
            continue
        linked = links[left]
        is_mutual = linked < len(types) and types[linked] == _RIGHT and links[linked] == left
        by_name = named.get((_stem(samples, left), _RIGHT, int(samples[left]["rate"])))
        for right in (linked if is_mutual else None, by_name):
            if right is not None and right not in pairs and _is_pair(samples, left, right, keys):
                pairs |= {left: right, right: left}
                break
    return pairs


def without_side(name: str) -> str:
    """Name of a sample without its side: 'Snare(L)', 'Snare_R' → 'Snare'."""
    return re.sub(r"[\s_-]*(\([LR]\)?|(?<=[\s_-])[LR])$", "", name)


def _is_pair(samples: np.ndarray, left: int, right: int, keys: Mapping[int, set[Keys]]) -> bool:
    played = [keys[side] for side in (left, right) if side in keys]
    if samples[left]["rate"] != samples[right]["rate"] or (len(played) == 2 and not played[0] & played[1]):
        return False
    lengths = sorted(int(samples[side]["end"]) - int(samples[side]["start"]) for side in (left, right))
    same_name = _stem(samples, left) == _stem(samples, right)
    return lengths[0] >= (_SAME_SOUND if same_name else _EQUAL_LENGTH) * lengths[1]


def _stem(samples: np.ndarray, index: int) -> str:
    return without_side(text(samples[index]["name"]))
