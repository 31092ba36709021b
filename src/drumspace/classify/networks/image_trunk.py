"""A trunk from timm, pretrained on ImageNet, on the log-mel spectrogram as an image."""

from typing import Any

import torch
from pydantic import Field
from torch import Tensor, nn

from drumspace.classify.networks.front_end import LogMel
from drumspace.classify.networks.trunk import Trunk, load_exactly
from drumspace.io.settings import Params


class ImageTrunkParams(Params):
    """Size of the input image: the log-mel spectrogram is resized to bands x frames."""

    bands: int = Field(ge=32, le=512)
    frames: int = Field(ge=32, le=512)


class ImageTrunk(Trunk):
    """log-mel image → resized → standardised as in ImageNet training → a pooled network of timm."""

    def __init__(self, name: str, front_end: LogMel, params: ImageTrunkParams, mean: float, std: float) -> None:
        """Build timm's network `name`; `mean` and `std` standardise images in [0, 1] as in its pretraining."""
        super().__init__()
        import timm

        self.front_end, self.size = front_end, (params.bands, params.frames)
        self.mean, self.std = mean, std
        # One input channel: the weights of the three colours are summed, which is equivalent for a grey image.
        net: Any = timm.create_model(name, num_classes=0, in_chans=1, pretrained=False)
        self.net, self.features = net, int(net.num_features)
        self.to(memory_format=torch.channels_last)

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, features]."""
        image = self.front_end(wave)
        image = nn.functional.interpolate(image, self.size, mode="bilinear", antialias=True)
        image = ((image + 1) / 2 - self.mean) / self.std
        return self.net(image.contiguous(memory_format=torch.channels_last))

    def load_pretrained(self, state: dict[str, Tensor]) -> None:
        """Load timm's weights for three input channels, summed to one; see Trunk."""
        config = self.net.default_cfg
        first = f"{config['first_conv']}.weight"
        if first in state:
            state = {**state, first: state[first].sum(dim=1, keepdim=True)}
        load_exactly(self.net, state, but=(config["classifier"],))
