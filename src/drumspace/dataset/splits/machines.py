"""Drum machines by the names of kits: captures of one machine in several sources are one kit for splits.

A TR-808 sampled by two people sounds nearly alike: a classifier trained on one capture and tested on the other would
be tested on what it knows. Only names of kits and sources tell; a capture under another name is not found.
"""

import re

import pandas as pd

MACHINES: dict[str, tuple[str, ...]] = {
    "Ace Tone Rhythm Ace": ("rhythm ace",),
    "Akai MPC60": ("mpc 60",),
    "Akai XR10": ("xr 10",),
    "Alesis HR-16": ("hr 16",),
    "Alesis SR-16": ("sr 16",),
    "Boss DR-55": ("dr 55",),
    "Boss DR-110": ("dr 110",),
    "Boss DR-220": ("dr 220",),
    "Boss DR-550": ("dr 550",),
    "Boss DR-660": ("dr 660",),
    "Casio RZ-1": ("rz 1",),
    "E-mu Drumulator": ("drumulator",),
    "E-mu SP-12": ("sp 12",),
    "E-mu SP-1200": ("sp 1200",),
    "Korg DDD-1": ("ddd 1",),
    "Korg DDM-110": ("ddm 110",),
    "Korg KPR-77": ("kpr 77",),
    "Korg KR-55": ("kr 55",),
    "Korg Mini Pops": ("mini pops",),
    "Linn 9000": ("linn 9000",),
    "Linn LM-1": ("lm 1",),
    "LinnDrum": ("linn drum", "lm 2"),
    "MFB-512": ("mfb 512",),
    "Oberheim DMX": ("dmx",),
    "Oberheim DX": ("oberheim dx",),
    "Roland CR-78": ("cr 78", "compurhythm 78"),
    "Roland CR-1000": ("cr 1000", "compurhythm 1000"),
    "Roland CR-5000": ("cr 5000", "compurhythm 5000"),
    "Roland CR-8000": ("cr 8000", "compurhythm 8000"),
    "Roland R-8": ("r 8",),
    "Roland TR-505": ("tr 505",),
    "Roland TR-606": ("tr 606", "606"),
    "Roland TR-626": ("tr 626",),
    "Roland TR-707": ("tr 707", "707"),
    "Roland TR-727": ("tr 727",),
    "Roland TR-808": ("tr 808", "808"),
    "Roland TR-909": ("tr 909", "909"),
    "Sequential Drumtraks": ("drumtraks", "drumtracks"),
    "Simmons SDS-5": ("sds 5", "sds v"),
    "Simmons SDS-400": ("sds 400",),
    "Yamaha RM50": ("rm 50",),
    "Yamaha RX5": ("rx 5",),
    "Yamaha RX11": ("rx 11",),
    "Yamaha RX15": ("rx 15",),
    "Yamaha RX21": ("rx 21",),
    "Yamaha RY30": ("ry 30",),
}
"""Machine → its names, in words of letters or of digits; spaces between them are optional."""

_MAKERS = re.compile(r"\b(akai|alesis|boss|casio|emu|korg|linn|oberheim|roland|sequential|simmons|yamaha)(?=[a-z])")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|/")


def shared_machines(catalog: pd.DataFrame) -> dict[str, list[str]]:
    """Machines that several kits of a catalogue (kit, path) capture, with the names of these kits.

    The name of a kit tells its machine, else the folders of its sounds do if all that tell one tell the same.
    """
    machines: dict[str, list[str]] = {}
    for kit, paths in catalog.groupby("kit", sort=True)["path"]:
        names = machines_in(str(kit)) or set().union(*map(machines_in, paths.str.rpartition("/")[0].unique()))
        if len(names) == 1:
            machines.setdefault(names.pop(), []).append(str(kit))
    return {machine: kits for machine, kits in sorted(machines.items()) if len(kits) > 1}


def machines_in(name: str) -> set[str]:
    """Drum machines that the name of a kit or folder (source/kit/…) tells."""
    words = _MAKERS.sub(r"\1 ", " ".join(_WORD.findall(name)).lower())
    return {machine for machine, pattern in _PATTERNS.items() if pattern.search(words)}


def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Pattern of a machine's names in lower-case words. A bare number follows no model's letters ("MC 808")."""
    forms = [
        rf"(?:^|/ |[a-z]{{4}} ){name}\b" if name.isdigit() else rf"\b{name.replace(' ', ' ?')}\b" for name in names
    ]
    return re.compile("|".join(forms))


_PATTERNS = {machine: _pattern(names) for machine, names in MACHINES.items()}
