import base64
import io

import numpy as np
import soundfile
from matplotlib import colormaps
from PIL import Image

from drumspace.report import pictures


def decoded(uri: str, kind: str) -> io.BytesIO:
    head, content = uri.split(",", 1)
    assert head == f"data:{kind};base64"
    return io.BytesIO(base64.b64decode(content))


def test_flac_gives_back_the_same_samples() -> None:
    pcm = np.random.default_rng(0).integers(-32768, 32768, 3000).astype(np.int16)
    back, rate = soundfile.read(decoded(pictures.flac(pcm, 22050), "audio/flac"), dtype="int16")
    assert rate == 22050
    np.testing.assert_array_equal(back, pcm)


def test_heat_puts_low_bins_at_the_foot_and_spans_the_colour_map() -> None:
    values = np.array([[0.0, 1.0, 2.0], [5.0, 10.0, 12.0]])
    pixels = np.asarray(Image.open(decoded(pictures.heat(values, 0, 10, "magma"), "image/png")).convert("RGB"))
    ends = (255 * np.array(colormaps["magma"]([0.0, 1.0]))[:, :3]).round()
    assert pixels.shape == (2, 3, 3)
    np.testing.assert_array_equal(pixels[1, 0], ends[0])
    np.testing.assert_array_equal(pixels[0, 1:], [ends[1], ends[1]])


def test_heat_of_a_constant_is_the_lowest_colour() -> None:
    image = Image.open(decoded(pictures.heat(np.zeros((4, 4)), 0, 0, "magma"), "image/png"))
    assert np.asarray(image).max() == 0


def test_rgb_keeps_its_pixels_and_carries_no_metadata() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    image = Image.open(decoded(pictures.rgb(pixels), "image/png"))
    np.testing.assert_array_equal(np.asarray(image), pixels[::-1])
    assert image.info == {}


def test_long_pictures_are_thinned() -> None:
    image = Image.open(decoded(pictures.heat(np.zeros((1025, 3000)), 0, 1, "magma"), "image/png"))
    assert max(image.size) <= pictures.MAX_SIDE


def test_wave_path_reaches_its_peaks_and_stays_in_its_box() -> None:
    pcm = np.zeros(3000, np.int16)
    pcm[100], pcm[2900] = 32767, -32768  # loud enough for products to leave 16 bits
    points = np.array([pair.split() for pair in pictures.wave_path(pcm)[1:-1].split("L")], dtype=float)
    assert points.shape == (600, 2)
    assert points.min() >= 0
    assert points[:, 0].max() <= 300
    assert points[:, 1].max() <= 100
    assert points[np.argmin(points[:, 1]), 0] == 10.5
    assert points[np.argmax(points[:, 1]), 0] == 290.5


def test_wave_path_of_few_samples_and_of_silence() -> None:
    assert pictures.wave_path(np.zeros(4, np.int16)).count("L") == 7
    assert "nan" not in pictures.wave_path(np.zeros(4, np.int16))
