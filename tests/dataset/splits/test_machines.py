"""Names of kits tell drum machines."""

import pandas as pd
import pytest

from drumspace.dataset.splits.machines import machines_in, shared_machines


@pytest.mark.parametrize(
    ("kit", "machine"),
    [
        ("tidal/RolandTR808", "Roland TR-808"),
        ("own/rolandtr808", "Roland TR-808"),
        ("oramics/TR-909-Detroit", "Roland TR-909"),
        ("data/TR808EmulationKit", "Roland TR-808"),
        ("fluid/FluidR3_GM TR-808", "Roland TR-808"),
        ("web/assets/drums/707", "Roland TR-707"),
        ("tidal/RolandCompurhythm78", "Roland CR-78"),
        ("tonejs/CR78", "Roland CR-78"),
        ("oramics/LM-2", "LinnDrum"),
        ("web/linndrum", "LinnDrum"),
        ("tidal/Linn9000", "Linn 9000"),
        ("tidal/KorgMinipops", "Korg Mini Pops"),
    ],
)
def test_the_name_of_a_kit_tells_its_machine(kit: str, machine: str) -> None:
    assert machines_in(kit) == {machine}


@pytest.mark.parametrize("kit", ["own/MC 808", "own/1808", "own/TR-8080", "own/My Kit", "own/R88", "own/Filmmr 16"])
def test_other_numbers_and_words_tell_none(kit: str) -> None:
    assert machines_in(kit) == set()


def test_machines_of_several_kits_are_listed_and_kits_of_several_machines_are_not() -> None:
    paths = [
        *("a/TR-808/x.wav", "b/808/y.wav", "c/CR-78/z.wav"),
        *("d/Old/TR-808/x.wav", "d/Old/notes/y.wav"),  # its folders tell one machine
        *("e/All/TR-808/x.wav", "e/All/TR-909/y.wav", "f/TR-808 and TR-909/z.wav"),
    ]
    catalog = pd.DataFrame({"path": paths, "kit": ["/".join(path.split("/")[:2]) for path in paths]})
    assert shared_machines(catalog) == {"Roland TR-808": ["a/TR-808", "b/808", "d/Old"]}
    assert shared_machines(catalog.iloc[:0]) == {}
