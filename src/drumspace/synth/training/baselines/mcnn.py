"""Training of MCNN on random segments of clips."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from drumspace.audio.spectral.inversion import magnitude as magnitude_of
from drumspace.audio.spectral.transforms import to_wave
from drumspace.synth.losses.stft import spectral_terms
from drumspace.synth.models.baselines.mcnn import Mcnn, McnnSettings
from drumspace.training.core.base_loop import Report, no_report
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.loop import LoopSettings, train
from drumspace.training.core.not_finite import NotFinite
from drumspace.training.core.result import TrainingResult


def train_mcnn(
    pcm: Callable[[np.ndarray], np.ndarray],
    rows: np.ndarray,
    settings: McnnSettings,
    checkpoints: Checkpoints | None = None,
    report: Report = no_report,
    title: str = "mcnn",
) -> tuple[Mcnn, TrainingResult]:
    """Train an Mcnn to invert the spectrograms of the clips `rows`; the averaged weights of the last step are kept.

    pcm: row numbers → int16 [n, T]. Loss: spectral convergence plus log magnitude, the two terms that Arık et al. found
    to matter most, at the resolutions of Parallel WaveGAN. Raises NotFinite, with the rows of the batch, where the loss
    is NaN or infinite.
    """
    torch.manual_seed(settings.seed)
    model = Mcnn(settings)

    def loss(network: nn.Module, step: int, rank: int, world: int) -> Tensor:
        batch_rows, positions = (part[rank::world] for part in draw_batch(rows, settings, step))
        real = random_segments(pcm(batch_rows), positions, settings.segment).to(next(network.parameters()).device)
        magnitude = magnitude_of(real, settings.n_fft, settings.hop_length)
        convergence, log_difference = spectral_terms(network(magnitude, real.shape[1]), real)
        return (convergence + log_difference).mean()

    loop = LoopSettings(
        schedule="cosine",
        weight_decay=0.0,
        validate_every=settings.steps,
        **settings.model_dump(include={"steps", "learning_rate", "ema_decay", "checkpoint_every", "seed"}),
    )
    try:
        result = train(model, loss, None, loop, checkpoints, report, title)
    except NotFinite as error:
        batch = ", ".join(str(row) for row in draw_batch(rows, settings, error.step)[0])
        raise error.with_context(f"{title}; the rows of that batch: {batch}") from None
    model.load_state_dict(result.state)
    return model.eval(), result


def draw_batch(rows: np.ndarray, settings: McnnSettings, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the batch of a step, and the positions of their segments as a share of the possible range, [B] each."""
    rng = np.random.default_rng([settings.seed, step])
    positions = rng.random(settings.batch_size) * rng.integers(0, 2, settings.batch_size)
    return rng.choice(rows, settings.batch_size), positions


def random_segments(clips: np.ndarray, positions: np.ndarray, samples: int) -> Tensor:
    """Segments of at most `samples` of clips, int16 [B, T], at `positions` in [0, 1]: float32 [B, n]."""
    length = min(samples, clips.shape[1])
    starts = (positions * (clips.shape[1] - length)).astype(int)
    return to_wave(np.stack([clip[start : start + length] for clip, start in zip(clips, starts, strict=True)]))
