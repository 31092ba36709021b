"""Near-duplicates: copies of one recording that differ by gain, shift, codec, sample rate or a cut tail.

Spectral fingerprints select similar pairs, cross-correlation of waveforms confirms those of one recording, and each
connected component of confirmed pairs is a group. Two hits of one drum are similar, but their waveforms rarely
correlate.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

import joblib
import numpy as np
from scipy import fft, signal, sparse
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from drumspace.audio.spectral.mel import mel_filterbank
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams

MIN_RATE = 22050
"""Lowest sample rate of the comparison (Hz). Clips are decimated by the largest integer factor that keeps their rate at
or above it, because codecs and resampling mostly change frequencies above 11 kHz."""
N_FFT, HOP, FRAMES, BANDS = 1024, 256, 16, 32
FRAME_DECAY = 8.0
"""Time constant (frames) of the weights of frames in the fingerprint: tails are cut more often than attacks."""
COMPARED = 4096
"""Length of the compared waveforms (samples at the reduced rate)."""
SOUNDING_DB = -60.0
"""Level relative to the peak (dB) below which the end of a clip counts as silence."""
EMPHASIS = 0.97
"""Coefficient of the pre-emphasis y[n] = x[n] - EMPHASIS x[n-1], which raises high frequencies by up to 36 dB."""
OVERSAMPLING = 8
"""Tested shifts per sample. Fractions matter: white noise shifted by half a sample has a correlation of 0.64."""
SINC_REACH = 16
"""Samples on each side from which a fractional shift is interpolated."""
CLIPS_AT_ONCE, ROWS_AT_ONCE, PAIRS_AT_ONCE = 256, 128, 256

ClipReader = Callable[[np.ndarray], np.ndarray]


def group_near_duplicates(
    clips: ClipReader, count: int, sample_rate: int, params: DuplicateParams, progress: bool = True
) -> np.ndarray:
    """Number the groups of near-duplicates among `count` clips.

    `clips(index)` returns int16 [len(index), T] for increasing row numbers: clips cut at their onset, at any level.
    Returns int64 [count]: groups are numbered from 0 in the order of their first clip; a clip without duplicates is a
    group of its own. Several threads read clips in batches; memory grows by 2 kB per clip.
    """

    def fingerprint_batch(start: int) -> np.ndarray:
        return fingerprints(clips(np.arange(start, min(start + CLIPS_AT_ONCE, count))), sample_rate)

    def compare_batch(start: int) -> np.ndarray:
        batch = pairs[start : start + PAIRS_AT_ONCE]
        index, rows_in_batch = np.unique(batch, return_inverse=True)
        return same_recording(clips(index), rows_in_batch.reshape(batch.shape), sample_rate, params)

    prints = np.empty((count, FRAMES * BANDS), dtype=np.float32)
    for start, rows in _map_batches(fingerprint_batch, range(0, count, CLIPS_AT_ONCE), "fingerprints", progress):
        prints[start : start + len(rows)] = rows
    pairs = similar_pairs(prints, params.similarity, params.neighbours, progress)
    same = np.zeros(len(pairs), dtype=bool)
    for start, rows in _map_batches(compare_batch, range(0, len(pairs), PAIRS_AT_ONCE), "near-duplicates", progress):
        same[start : start + len(rows)] = rows
    return components(pairs[same], count)


def _map_batches(
    function: Callable[[int], np.ndarray], starts: range, title: str, progress: bool
) -> Iterator[tuple[int, np.ndarray]]:
    """Iterate over (start, function(start)) in order; one thread per core, without further threads in BLAS."""
    with threadpool_limits(1, "blas"):
        done = joblib.Parallel(n_jobs=-1, prefer="threads", return_as="generator")(
            joblib.delayed(function)(start) for start in starts
        )
        yield from zip(starts, tqdm(done, title, len(starts), disable=not progress), strict=True)


def components(pairs: np.ndarray, count: int) -> np.ndarray:
    """Connected components of a graph of `count` nodes: int64 [count], numbered in the order of their first node.

    `pairs` is int [m, 2].
    """
    graph = sparse.coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    component = sparse.csgraph.connected_components(graph, directed=False)[1]
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def reduced(pcm: np.ndarray, sample_rate: int, length: int) -> tuple[np.ndarray, float]:
    """Decimate clips and keep the first `length` samples: float32 [n, length], and the reduced rate (Hz).

    `pcm` is int16 [n, T] at `sample_rate` (Hz). Shorter clips are padded with zeros.
    """
    factor = max(1, sample_rate // MIN_RATE)
    head = pcm[:, : length * factor].astype(np.float32) / np.float32(32768)
    low = signal.resample_poly(head, 1, factor, axis=1) if factor > 1 else head
    return np.pad(low, ((0, 0), (0, length - low.shape[1]))).astype(np.float32), sample_rate / factor


def fingerprints(pcm: np.ndarray, sample_rate: int) -> np.ndarray:
    """Spectral fingerprints of clips, independent of level: float32 [n, FRAMES * BANDS] with unit L2 norm.

    Square roots of mel magnitudes, which balance spectral peaks and the noise floor of codecs, with smaller weights for
    later frames. `pcm` is int16 [n, T].
    """
    wave, rate = reduced(pcm, sample_rate, FRAMES * HOP + N_FFT // 2)
    wave = np.pad(wave, ((0, 0), (N_FFT // 2, 0)))
    frames = np.lib.stride_tricks.sliding_window_view(wave, N_FFT, axis=1)[:, : FRAMES * HOP : HOP]
    window = signal.get_window("hann", N_FFT).astype(np.float32)
    bank = mel_filterbank(rate, N_FFT, BANDS, fmin=30.0, fmax=min(10000.0, rate / 2))
    power = np.sqrt(np.abs(fft.rfft(frames * window, axis=2)) @ bank.T)
    power *= np.exp(-np.arange(FRAMES, dtype=np.float32) / FRAME_DECAY)[:, None]
    flat = power.reshape(len(pcm), -1)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)


def similar_pairs(prints: np.ndarray, similarity: float, neighbours: int, progress: bool = True) -> np.ndarray:
    """Pairs (i < j) of fingerprints with a cosine similarity of at least `similarity`: int64 [m, 2], sorted.

    Each i has at most `neighbours` pairs, the most similar ones. Large groups stay connected, since every clip but the
    last still has a pair with a later one. `prints` is float32 [n, d] with unit L2 norm.
    """

    def similar_in_block(start: int) -> np.ndarray:
        cosine = prints[start : start + ROWS_AT_ONCE] @ prints[start:].T
        i, j = np.nonzero(cosine >= similarity)
        i, j = i[i < j], j[i < j]
        order = np.lexsort((j, -cosine[i, j], i))
        i, j = i[order] + start, j[order] + start
        rank = np.arange(len(i)) - np.searchsorted(i, i)
        return np.stack([i, j], axis=1)[rank < neighbours]

    batches = _map_batches(similar_in_block, range(0, len(prints), ROWS_AT_ONCE), "similar pairs", progress)
    return np.concatenate([np.empty((0, 2), dtype=np.int64), *(pairs for _, pairs in batches)])


def same_recording(pcm: np.ndarray, pairs: np.ndarray, sample_rate: int, params: DuplicateParams) -> np.ndarray:
    """Decide by cross-correlation whether pairs of clips are one recording: bool [m].

    `pcm` is int16 [n, T]; `pairs` is int [m, 2], indices of its rows. Of clips of unequal length only the part before
    the end of the shorter one is compared.
    """
    wave, rate = reduced(pcm, sample_rate, COMPARED)
    max_lag = round(params.max_shift_ms / 1000 * rate)
    sounding = _sounding(wave)
    end = np.minimum(sounding[pairs[:, 0]], sounding[pairs[:, 1]])[:, None]
    # Zero-padding prevents circular wrap-around at the tested lags; _energy needs an even size.
    half = fft.next_fast_len((COMPARED + max_lag + SINC_REACH + 1) // 2, real=True)
    first, second = (fft.rfft(np.where(np.arange(COMPARED) < end, wave[side], 0), 2 * half, axis=1) for side in pairs.T)
    same = _correlation(first, second, max_lag) >= params.correlation
    lift = np.abs(1 - EMPHASIS * np.exp(-1j * np.pi * np.arange(half + 1) / half)).astype(np.float32)
    same[same] = _correlation(first[same] * lift, second[same] * lift, max_lag) >= params.bright_correlation
    return same


def _correlation(first: np.ndarray, second: np.ndarray, max_lag: int) -> np.ndarray:
    """Largest absolute normalised cross-correlation of signals within ±max_lag samples: float32 [n].

    `first` and `second` are the rfft, complex64 [n, bins], of signals that end in max_lag + SINC_REACH zeros.
    """
    lags = fft.irfft(first * second.conj(), axis=1)
    edge = max_lag + SINC_REACH
    lag_window = np.concatenate([lags[:, -edge:], lags[:, : edge + 1]], axis=1) @ _sinc(max_lag)
    return np.abs(lag_window).max(axis=1) / np.sqrt(np.maximum(_energy(first) * _energy(second), 1e-20))


def _sounding(wave: np.ndarray) -> np.ndarray:
    """Length of each clip up to its last sample above SOUNDING_DB: int [n]."""
    level = np.abs(wave)
    loud = level > level.max(axis=1, keepdims=True) * 10 ** (SOUNDING_DB / 20)
    return wave.shape[1] - np.argmax(loud[:, ::-1], axis=1)


def _energy(spectrum: np.ndarray) -> np.ndarray:
    """Energy of real signals of even length from their rfft, by Parseval's theorem: float32 [n]."""
    flat = spectrum.view(np.float32)
    both_sides = 2 * np.einsum("nb,nb->n", flat, flat) - spectrum[:, 0].real ** 2 - spectrum[:, -1].real ** 2
    return both_sides / (2 * (spectrum.shape[1] - 1))


@lru_cache(maxsize=1)
def _sinc(max_lag: int) -> np.ndarray:
    """Kaiser-windowed sinc matrix: interpolates lags ±(max_lag + SINC_REACH) to ±max_lag, step 1 / OVERSAMPLING."""
    source_lags = np.arange(-max_lag - SINC_REACH, max_lag + SINC_REACH + 1)[:, None]
    target_lags = np.arange(-max_lag * OVERSAMPLING, max_lag * OVERSAMPLING + 1)[None] / OVERSAMPLING
    distance = target_lags - source_lags
    window = np.i0(6 * np.sqrt(np.clip(1 - (distance / SINC_REACH) ** 2, 0, None))) / np.i0(6)
    return (np.sinc(distance) * np.where(np.abs(distance) < SINC_REACH, window, 0)).astype(np.float32)
