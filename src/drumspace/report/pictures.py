"""Sounds and arrays as data URIs (PNG, FLAC) and SVG paths for a page."""

import io
from base64 import b64encode

import numpy as np
import soundfile
from matplotlib import colormaps
from PIL import Image

MAX_SIDE = 520
"""Longest side of a picture (pixels). Longer sides are decimated: the page shows less than this."""


def data_uri(kind: str, content: bytes) -> str:
    """Data URI of `content` with the media type `kind`, such as 'image/png'."""
    return f"data:{kind};base64,{b64encode(content).decode('ascii')}"


def flac(pcm: np.ndarray, sample_rate: int) -> str:
    """FLAC data URI of pcm, int16 [T], at sample_rate (Hz); decoding gives the same samples."""
    buffer = io.BytesIO()
    soundfile.write(buffer, pcm, sample_rate, format="FLAC", subtype="PCM_16")
    return data_uri("audio/flac", buffer.getvalue())


def _thin(pixels: np.ndarray) -> np.ndarray:
    rows, columns = (-(-side // MAX_SIDE) for side in pixels.shape[:2])
    return pixels[::rows, ::columns]


def _png(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return data_uri("image/png", buffer.getvalue())


def heat(values: np.ndarray, low: float, high: float, colours: str) -> str:
    """PNG data URI of values [bins, frames], one pixel per value, low bins at the bottom.

    The range from `low` to `high` covers matplotlib's colour map `colours`, as a palette of 256.
    """
    span = max(high - low, 1e-12)
    index = np.round(255 * np.clip((_thin(values[::-1]) - low) / span, 0, 1)).astype(np.uint8)
    image = Image.fromarray(index)
    image.putpalette((255 * colormaps[colours](np.arange(256))[:, :3]).round().astype(np.uint8).tobytes())
    return _png(image)


def rgb(pixels: np.ndarray) -> str:
    """PNG data URI of pixels, uint8 [bins, frames, 3], low bins at the bottom."""
    return _png(Image.fromarray(np.ascontiguousarray(_thin(pixels[::-1]))))


def wave_path(pcm: np.ndarray) -> str:
    """SVG path of the waveform of pcm, int16 [T], in a box of 300 × 100, scaled to its peak.

    The path follows the highest sample of each column, and back the lowest.
    """
    columns = min(300, len(pcm))
    peak = max(int(np.abs(pcm.astype(np.int32)).max(initial=0)), 1)
    edges = np.linspace(0, len(pcm), columns + 1).astype(int)[:-1]
    level = 50 - 48 * (pcm / peak)
    top = np.minimum.reduceat(level, edges) - 0.4  # silence stays visible as a line
    bottom = np.maximum.reduceat(level, edges) + 0.4
    x = (np.arange(columns) + 0.5) * (300 / columns)
    points = [*zip(x, top, strict=True), *zip(x[::-1], bottom[::-1], strict=True)]
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points) + "Z"
