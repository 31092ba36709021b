"""Suffixes of the files that sounds come in, in small letters with their dot."""

from collections.abc import Mapping
from pathlib import PurePosixPath

SOUNDS = frozenset(
    f".{suffix}"
    for suffix in (
        *("wav", "wave", "bwf", "rf64", "w64", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc"),
        *("au", "snd", "caf", "8svx", "svx", "iff", "voc"),
        *("m4a", "aac", "wma", "wv", "ape"),
    )
)
"""Sound files. Those that libsndfile cannot decode are among them: such files are rejected, not passed over."""
SOUND_FONTS = frozenset({".sf2", ".sf3"})
ARCHIVES = frozenset({".zip", ".h2drumkit", ".dslibrary", ".tar", ".tgz", ".tbz2", ".txz"})
_COMPRESSIONS = frozenset({".gz", ".bz2", ".xz"})
KIT_DOCUMENTS = frozenset({".xml", ".sfz", ".dspreset"})
"""Documents of drum samplers, which name the sounds beside them."""
COMPANIONS = frozenset(
    f".{suffix}"
    for suffix in (
        *("txt", "md", "rst", "rtf", "pdf", "doc", "docx", "odt", "html", "htm", "url", "webloc", "nfo", "diz", "log"),
        *("jpg", "jpeg", "png", "gif", "svg", "webp", "bmp", "tif", "tiff", "ico", "psd", "css", "ttf", "otf"),
        *("csv", "tsv", "json", "yaml", "yml", "toml", "ini", "cfg", "conf", "xml", "plist", "py", "pyc", "js", "sh"),
        *("asd", "reapeaks", "reapindex", "pkf", "pk", "sfk", "sfl", "gpk", "ovw", "wfm", "db", "lnk", "bak", "part"),
        *("md5", "sha1", "sha256", "sfv", "asc", "sig", "license", "licence"),
    )
)
"""Texts, pictures, and files that editors write beside sounds: nobody expects a sound in them."""


def without_companions(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Suffixes of files in which somebody may expect a sound, with their numbers, the most frequent first."""
    notable = (item for item in counts.items() if item[0] and item[0] not in COMPANIONS)
    return sorted(notable, key=lambda item: (-item[1], item[0]))


def suffix_of(name: str) -> str:
    """Suffix of a file name in small letters: '.wav'; the empty string without one; '.tar.gz' for both of its parts."""
    path = PurePosixPath(name.lower())
    if path.suffix in _COMPRESSIONS and path.with_suffix("").suffix == ".tar":
        return f".tar{path.suffix}"
    return path.suffix


def is_archive(name: str) -> bool:
    """Whether a file name is that of an archive."""
    suffix = suffix_of(name)
    return suffix in ARCHIVES or suffix.startswith(".tar.")


def holds_sounds(name: str) -> bool:
    """Whether a file name is that of a sound, a SoundFont or an archive."""
    return suffix_of(name) in SOUNDS | SOUND_FONTS or is_archive(name)
