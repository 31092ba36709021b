"""Names give hats and kicks of a hand-written table the detail of a human reader."""

from pathlib import Path

import pytest

from drumspace.dataset.ingest.naming import NamingRules
from drumspace.io.settings import ParamsError
from drumspace.taxonomy import DETAILS

RULES = NamingRules.load()

HATS = {
    # spelled out, joined, abbreviated
    "own/kit/HiHat_Closed_004.wav": "closed",
    "own/kit/closehihat3.wav": "closed",
    "own/kit/hihatclosehard.wav": "closed",
    "own/kit/bat-hihatopen.wav": "open",
    "own/kit/hihat_opened01.ogg": "open",
    "own/kit/Hat Pedal-01.wav": "pedal",
    "own/kit/HiHatFoot-3.wav": "pedal",
    "own/kit/drum_cymbal_pedal.flac": "pedal",
    "own/kit/606-CH.wav": "closed",
    "own/kit/09.OH.808.wav": "open",
    "own/kit/Hats/PH 2.wav": "pedal",
    "own/kit/MPC1000_HHCHH1_TL.wav": "closed",
    "own/kit/512hhop.wav": "open",
    "own/kit/tech-hho.wav": "open",
    "own/kit/hatc.wav": "closed",
    "own/kit/hato.wav": "open",
    "own/kit/OHats 3.wav": "open",
    "own/kit/EE_Hat_Cl_Dirty.flac": "closed",
    "own/kit/louhihatcl1.wav": "closed",
    "own/kit/walkhihatop001.wav": "open",
    "own/kit/v!hihat1.cl.wav": "closed",
    "own/kit/HatClsd.wav": "closed",
    "own/kit/fhh13.wav": "pedal",
    # other languages and scripts
    "own/kit/Hihat offen.wav": "open",
    "own/kit/Hihat geschlossen.wav": "closed",
    "own/kit/Charleston ouvert.wav": "open",
    "own/kit/Charleston fermé.wav": "closed",
    "own/kit/Charles cerrado.wav": "closed",
    "own/kit/Charles abierto.wav": "open",
    "own/kit/Chimbal aberto.wav": "open",
    "own/kit/Chimbal fechado.wav": "closed",
    "own/kit/Charleston chiuso.wav": "closed",
    "own/kit/オープンハイハット.wav": "open",
    "own/kit/クローズドハイハット.wav": "closed",
    "own/kit/ﾊｲﾊｯﾄ ｵｰﾌﾟﾝ.wav": "open",
    "own/kit/ペダルハイハット.wav": "pedal",
    "own/kit/Закрытый хай-хэт.wav": "closed",
    "own/kit/Открытый хай-хэт.wav": "open",
    "own/kit/开镲.wav": "open",
    "own/kit/闭镲.wav": "closed",
    # folders that are about the hat
    "own/Pack/03 Open Hats/07.wav": "open",
    "own/Open Hats/07.wav": "open",
    "own/Pack/Hats/Closed/07.wav": "closed",
    "own/machines/rolandtr808/rolandtr808-oh/07.wav": "open",
    "own/Pack/Open & Closed Hats/hat open.wav": "open",
    # no detail: titles, codes that mean something else, in between, contradictions
    "own/kit/Hi-Hat 1.wav": None,
    "own/Open Air Kit/Hat 1.wav": None,
    "own/open/hat.wav": None,
    "own/open/ohh.wav": "open",
    "own/assets/kits/open/hat.wav": None,
    "own/Pack/Open & Closed Hats/07.wav": None,
    "own/kit/HiHat 3 OH.wav": None,
    "own/kit/hihat close mic.wav": None,
    "own/Samples/OH/hihat 1.wav": None,
    "sfz/Samples/oh_mic/hh_vl1_rr1.wav": None,
    "own/kit/Hat OP-1.wav": "open",
    "own/kit/OP-1 Hat.wav": None,
    "own/kit/Hat C.wav": None,
    "own/kit/Clap Hat.wav": None,
    "own/kit/Hi-Hat Half-Open(L).wav": None,
    "own/kit/hihat-semi-open-1.flac": None,
    "own/kit/hohh27.wav": None,
    "own/half-closed-hihat/hchh1.wav": None,
    "own/kit/Hihat halboffen.wav": None,
    "own/kit/ハーフオープンハイハット.wav": None,
    "own/kit/半开镲.wav": None,
    "own/kit/hihatclop1.wav": None,
    "own/kit/Hat open closed.wav": None,
    "own/kit/Pedal Hat Open.wav": None,
    "own/Pack/Closed Hats/open 3.wav": None,
}
KICKS = {
    "own/kit/Kick 808.wav": "808",
    "own/kit/808BD2.wav": "808",
    "own/kit/TR-808 Kick.wav": "808",
    "own/kit/TR808K.wav": "808",
    "own/kit/808s Kick Long.wav": "808",
    "own/TR-808/BD0010.WAV": "808",
    "own/RolandTR808/rolandtr808-bd/BD7525.WAV": "808",
    "own/Pack/808 Kicks/07.wav": "808",
    "own/drums/808/bd-long.wav": "808",
    "own/kit/rough-sub-kick.wav": "808",
    "own/kit/808 analog kick.wav": "808",
    "own/kit/BD_Acou_01.wav": "acoustic",
    "own/kit/Acoustic Kick 3.wav": "acoustic",
    "own/kit/Kick akustisch.wav": "acoustic",
    "own/kit/Bombo acústico.wav": "acoustic",
    "own/kit/アコースティックキック.wav": "acoustic",
    "own/ColomboAcousticDrumkit/bassdrum.flac": "acoustic",
    "own/kit/36-Pearl22Kick-1.wav": "acoustic",
    "own/pearl-master-studio/kick-01.wav": "acoustic",
    "own/kit/Kick D112 in.wav": "acoustic",
    "own/kit/Kick Drum Mic 2.wav": "acoustic",
    # no detail: titles, other machines, contradictions
    "own/kit/Kick 1.wav": None,
    "own/808 Mafia Kit/Kick 1.wav": None,
    "own/bespoke-808kit/Kick [argo].wav": None,
    "own/Pearl Drum Kit/Kick 1.wav": None,
    "own/kit/Kick 0808.wav": None,
    "own/kit/TR909 Kick.wav": None,
    "own/kit/Kick 808 909.wav": None,
    "own/kit/Acoustic 808 Kick.wav": None,
    "own/TR-808/Acoustic Kick.wav": None,
    "own/kit/Acoustic Electronic Kick.wav": None,
    "own/Acoustic/Electronic/Kick 1.wav": None,
    "own/kit/Pearl Syncussion Kick.wav": None,
    "own/kit/SubKick Mic.wav": "acoustic",
}
TABLE = [*((path, "hat", detail) for path, detail in HATS.items())]
TABLE += [(path, "kick", detail) for path, detail in KICKS.items()]


@pytest.mark.parametrize(("path", "label", "detail"), TABLE)
def test_names_give_the_detail(path: str, label: str, detail: str | None) -> None:
    assert RULES.detail(label, path) == detail


@pytest.mark.parametrize(("path", "label", "detail"), TABLE)
def test_the_detail_belongs_to_its_class_alone(path: str, label: str, detail: str | None) -> None:
    for other in ("snare", "tom", None):
        assert RULES.detail(other, path) is None
    for other in DETAILS:
        assert RULES.detail(other, path) in (None, *DETAILS[other])


def test_the_instrument_counts_as_the_file_does() -> None:
    assert RULES.detail("hat", "own/kit/sample 07.wav", "Hi-Hat Open") == "open"
    assert RULES.detail("hat", "own/kit/hat closed.wav", "Hi-Hat Open") is None


@pytest.mark.parametrize(
    ("keys", "detail"),
    [((42, 42), "closed"), ((44, 44), "pedal"), ((46, 46), "open"), ((42, 44), None), ((38, 38), None)],
)
def test_general_midi_keys_give_the_detail_of_a_hat(keys: tuple[int, int], detail: str | None) -> None:
    assert RULES.detail("hat", "own/kit/smp 1.wav", keys=keys) == detail
    assert RULES.detail("kick", "own/kit/smp 1.wav", keys=keys) is None


def test_names_come_before_keys_even_if_they_contradict_each_other() -> None:
    assert RULES.detail("hat", "own/kit/hat closed.wav", keys=(44, 44)) == "closed"
    assert RULES.detail("hat", "own/kit/hat open closed.wav", keys=(46, 46)) is None
    assert RULES.detail("hat", "own/kit/hat half open.wav", keys=(46, 46)) is None


def naming_file(folder: Path, details: str) -> Path:
    path = folder / "naming.yaml"
    path.write_text(f"naming:\n  rules: []\n  details:\n{details}", encoding="utf-8")
    return path


def test_rules_of_the_user_come_first(tmp_path: Path) -> None:
    path = naming_file(tmp_path, "    - {name: mine, label: hat, give: open, names: [tsss, closed hat]}\n")
    rules = NamingRules.load(path)
    assert rules.detail("hat", "own/kit/tsss 1.wav") == "open"
    assert rules.detail("hat", "own/kit/closed hat 1.wav") == "open"
    assert rules.detail("hat", "own/kit/hat closed 1.wav") == "closed"


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ("    - {name: mine, label: kick, give: open, names: [tsss]}\n", "open is no detail of kick"),
        ("    - {name: mine, label: snare, give: open, names: [tsss]}\n", "label"),
        ("    - {name: mine, label: hat, give: open, names: [tsss, tsss]}\n", "line 4.*`tsss`.*keep one of the two"),
    ],
)
def test_a_wrong_rule_is_an_error_with_its_line(tmp_path: Path, details: str, message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        NamingRules.load(naming_file(tmp_path, details))
