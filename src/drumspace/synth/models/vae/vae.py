"""The variational autoencoder: encoder, sampling layer, class conditioning, decoder."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from drumspace.synth.dsp.coarse_spectrum import STEADY, PcaInit
from drumspace.synth.losses.kl import kl_divergence
from drumspace.synth.models.vae.interface import DecoderOutput, EncoderDecoder, Segment

LOG_VARIANCE = -3.0
"""Initial log variance of posteriors: with a wide posterior the decoder learns to ignore the latent."""


class Posterior(NamedTuple):
    """q(z | x), a Gaussian with diagonal covariance: [B, d], or [B, d, frames] with one latent a frame."""

    mean: Tensor
    log_variance: Tensor

    def sample(self) -> Tensor:
        """mean + σ ε (Kingma and Welling 2014, section 2.4)."""
        return self.mean + (0.5 * self.log_variance).exp() * torch.randn_like(self.mean)

    def kl(self) -> Tensor:
        """KL(q ‖ N(0, I)) by latent dimension, summed over frames: [B, d], nats."""
        kl = kl_divergence(self.mean, self.log_variance)
        return kl if kl.dim() == 2 else kl.sum(dim=2)


def single_layer_weights(part: nn.Module) -> tuple[Tensor, Tensor]:
    """Weight [out, in] and bias [out] of the only layer in `part`, linear or a convolution of kernel 1."""
    (layer,) = (layer for layer in part.modules() if isinstance(layer, nn.Linear | nn.Conv1d))
    assert layer.bias is not None
    return layer.weight.flatten(1), layer.bias


class Vae(nn.Module):
    """Waves [B, T] to posteriors, and latents with class weights to waves."""

    def __init__(
        self, networks: EncoderDecoder, kind: Literal["global", "frames"], latent: int, classes: int, class_width: int
    ) -> None:
        """kind: `global` has one latent vector of `latent` dimensions a sound, `frames` one a frame.

        classes: number of classes, each embedded in `class_width` dimensions, with one more for no class; 0 for an
        unconditional VAE.
        """
        super().__init__()
        self.encoder, self.decoder, self.kind, self.latent = networks.encoder, networks.decoder, kind, latent
        self.frames, self.hop = networks.frames, networks.hop
        encoded, decoded, frames = networks.encoded, networks.decoded, networks.frames
        self.classes = nn.Linear(classes + 1, class_width, bias=False) if classes else None
        width = latent + (class_width if classes else 0)
        if kind == "global":
            self.to_posterior: nn.Module = nn.Sequential(nn.Flatten(), nn.Linear(encoded * frames, 2 * latent))
            self.from_latent: nn.Module = nn.Sequential(
                nn.Linear(width, decoded * frames), nn.Unflatten(1, (decoded, frames))
            )
        else:
            self.to_posterior = nn.Conv1d(encoded, 2 * latent, 1)
            self.from_latent = nn.Conv1d(width, decoded, 1)
        coarse = networks.coarse_spectrum
        self.pca_init = None if coarse is None else PcaInit(coarse, latent, kind)
        with torch.no_grad():
            weight, bias = single_layer_weights(self.to_posterior)
            bias[latent:] = LOG_VARIANCE
            if self.pca_init is not None:
                weight[:latent], bias[:latent] = 0, 0

    @torch.no_grad()
    def init_from_pca(self, spectra: Tensor) -> None:
        """Initialise the latent with the principal components of coarse spectra [n, channels, frames]."""
        assert self.pca_init is not None
        back, mean, log_variance = self.pca_init.fit(spectra)
        single_layer_weights(self.to_posterior)[1][self.latent :] = log_variance
        weight, bias = single_layer_weights(self.from_latent)
        bias[: len(mean)] = mean
        weight[: len(back)] = 0
        weight[: len(back), : self.latent] = back

    def encode(self, wave: Tensor) -> Posterior:
        """Waves [B, T] → posteriors."""
        mean, log_variance = self.to_posterior(self.encoder(wave)).float().chunk(2, dim=1)
        if self.pca_init is not None:
            mean = STEADY * mean + self.pca_init(wave)
        # Bounds far outside of sensible variances, so that one bad step does not end in an infinite KL.
        return Posterior(mean, log_variance.clamp(-12, 8))

    def decode(
        self,
        latent: Tensor,
        classes: Tensor | None = None,
        generator: torch.Generator | None = None,
        two_renderings: bool = False,
        segment: Segment | None = None,
    ) -> DecoderOutput:
        """Latents [B, d] or [B, d, F] and class weights [B, classes + 1], the last of no class → waves.

        Class weights sum to 1: one-hot for a class, fractions for a mixture; None: no class. `generator`,
        `two_renderings` and `segment` are passed to the decoder.
        """
        if self.classes is not None:
            if classes is None:
                classes = torch.zeros(len(latent), self.classes.in_features, device=latent.device)
                classes[:, -1] = 1
            embedding = self.classes(classes)
            if self.kind == "frames":
                embedding = embedding.unsqueeze(2).expand(-1, -1, latent.shape[2])
            latent = torch.cat([latent, embedding], dim=1)
        # This layer sets the levels, which half precision would round to half a decibel.
        with torch.autocast(latent.device.type, enabled=False):
            features = self.from_latent(latent.float())
        return self.decoder(features, generator, two_renderings, segment)

    def forward(
        self,
        wave: Tensor,
        classes: Tensor | None = None,
        two_renderings: bool = False,
        segment: Segment | None = None,
    ) -> tuple[Posterior, DecoderOutput]:
        """Waves [B, T] and class weights → posteriors, and the decoded waves of a sample from each."""
        posterior = self.encode(wave)
        return posterior, self.decode(posterior.sample(), classes, two_renderings=two_renderings, segment=segment)
