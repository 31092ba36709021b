"""The KL of Gaussian posteriors agrees with its closed form."""

import numpy as np
import pytest
import torch

from drumspace.errors import NotMeasured
from drumspace.metrics.generation.latent import active_units
from drumspace.synth.sampling.posteriors import Posteriors


def test_kl_and_active_units_agree_with_the_closed_form() -> None:
    # One unit equals the prior, one has the mean 2 and the variance 1, one has the variance 1/4.
    mean = torch.tensor([[0.0, 2.0, 0.0]]).repeat(5, 1)
    log_variance = torch.tensor([[0.0, 0.0, np.log(0.25)]]).repeat(5, 1)
    kl = Posteriors(mean, log_variance).mean_kl()
    assert kl == pytest.approx([0, 2, 0.5 * (0.25 - 1 + np.log(4))])
    assert active_units(kl) == 1


def test_mean_kl_without_posteriors_is_missing() -> None:
    with pytest.raises(NotMeasured, match="no sound was encoded"):
        Posteriors(torch.empty(0, 3), torch.empty(0, 3)).mean_kl()
