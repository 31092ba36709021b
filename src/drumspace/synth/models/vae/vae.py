"""The variational autoencoder: an encoder, a sampling layer, a decoder, and a class beside the latent."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from drumspace.synth.dsp.coarse_spectrum import STEADY, PcaInit
from drumspace.synth.losses.kl import kl_divergence
from drumspace.synth.models.vae.interface import DecoderOutput, Pair, Segment

LOG_VARIANCE = -3.0
"""Of the posterior before training: a decoder that begins with nothing but noise learns to do without its latents."""


class Posterior(NamedTuple):
    """q(z | x), a Gaussian with a diagonal covariance: [B, d], or [B, d, frames] of a latent a frame."""

    mean: Tensor
    log_variance: Tensor

    def sample(self) -> Tensor:
        """mean + σ ε (Kingma and Welling 2014, section 2.4)."""
        return self.mean + (0.5 * self.log_variance).exp() * torch.randn_like(self.mean)

    def kl(self) -> Tensor:
        """KL(q ‖ N(0, 1)) of each dimension of each sound, frames summed: [B, d] (nats)."""
        each = kl_divergence(self.mean, self.log_variance)
        return each if each.dim() == 2 else each.sum(dim=2)


def weights_of(part: nn.Module) -> tuple[Tensor, Tensor]:
    """Weight [out, in] and bias [out] of the one layer in `part`, a convolution one frame long or none."""
    (layer,) = (layer for layer in part.modules() if isinstance(layer, nn.Linear | nn.Conv1d))
    assert layer.bias is not None
    return layer.weight.flatten(1), layer.bias


class Vae(nn.Module):
    """Waves to latents and back."""

    def __init__(
        self, pair: Pair, kind: Literal["global", "frames"], latent: int, classes: int, class_width: int
    ) -> None:
        """kind: `global` has one vector of `latent` numbers a sound, `frames` one a frame. A class is a vector of
        `class_width` numbers beside the latent: `classes` of them and one for none; 0 classes make it unconditional.
        """
        super().__init__()
        self.encoder, self.decoder, self.kind, self.latent = pair.encoder, pair.decoder, kind, latent
        self.frames, self.hop = pair.frames, pair.hop
        encoded, decoded, frames = pair.encoded, pair.decoded, pair.frames
        self.classes = nn.Linear(classes + 1, class_width, bias=False) if classes else None
        beside = class_width if classes else 0
        if kind == "global":
            self.to_posterior: nn.Module = nn.Sequential(nn.Flatten(), nn.Linear(encoded * frames, 2 * latent))
            self.from_latent: nn.Module = nn.Sequential(
                nn.Linear(latent + beside, decoded * frames), nn.Unflatten(1, (decoded, frames))
            )
        else:
            self.to_posterior = nn.Conv1d(encoded, 2 * latent, 1)
            self.from_latent = nn.Conv1d(latent + beside, decoded, 1)
        self.principal = None if pair.sketch is None else PcaInit(pair.sketch, latent, kind)
        with torch.no_grad():
            weight, bias = weights_of(self.to_posterior)
            bias[latent:] = LOG_VARIANCE
            if self.principal is not None:
                weight[:latent], bias[:latent] = 0, 0

    @torch.no_grad()
    def begin(self, sketches: Tensor) -> None:
        """Let the latent be the principal components of `sketches` [n, channels, coarse] (synth.dsp)."""
        assert self.principal is not None
        back, mean, log_variance = self.principal.fit(sketches)
        weights_of(self.to_posterior)[1][self.latent :] = log_variance
        weight, bias = weights_of(self.from_latent)
        bias[: len(mean)] = mean
        weight[: len(back)] = 0
        weight[: len(back), : self.latent] = back

    def encode(self, wave: Tensor) -> Posterior:
        """Wave [B, T] → its posterior."""
        mean, log_variance = self.to_posterior(self.encoder(wave)).float().chunk(2, dim=1)
        if self.principal is not None:
            mean = STEADY * mean + self.principal(wave)
        # Far beyond any sensible variance: one wild step must not end in an infinite divergence.
        return Posterior(mean, log_variance.clamp(-12, 8))

    def decode(
        self,
        latent: Tensor,
        classes: Tensor | None = None,
        generator: torch.Generator | None = None,
        twice: bool = False,
        segment: Segment | None = None,
    ) -> DecoderOutput:
        """Latents [B, d] or [B, d, F] and weights of classes [B, classes + 1], the last of none → waves.

        Weights sum to 1: a one for a class, shares for a mixture. Without them all sounds are of none. `generator`,
        `twice` and `segment` go to the decoder.
        """
        if self.classes is not None:
            if classes is None:
                classes = torch.zeros(len(latent), self.classes.in_features, device=latent.device)
                classes[:, -1] = 1
            beside = self.classes(classes)
            if self.kind == "frames":
                beside = beside.unsqueeze(2).expand(-1, -1, latent.shape[2])
            latent = torch.cat([latent, beside], dim=1)
        # Levels come straight from here: half precision would round them to half a decibel.
        with torch.autocast(latent.device.type, enabled=False):
            features = self.from_latent(latent.float())
        return self.decoder(features, generator, twice, segment)

    def forward(
        self, wave: Tensor, classes: Tensor | None = None, twice: bool = False, segment: Segment | None = None
    ) -> tuple[Posterior, DecoderOutput]:
        """Waves [B, T] and weights of classes → their posterior, and what a sample of it is decoded to."""
        posterior = self.encode(wave)
        return posterior, self.decode(posterior.sample(), classes, twice=twice, segment=segment)
