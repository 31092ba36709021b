"""Decision-level attention against the definition of Kong et al. 2020."""

from collections.abc import Callable

import pytest
import torch

from drumspace.classify.models.cnn14_dla import DecisionLevelAttention, Settings


@pytest.fixture
def head(settings: Callable[..., Settings]) -> DecisionLevelAttention:
    """Attention logits are the first feature for both classes, decision logits the other two."""
    values = settings("cnn14_dla").model_copy(update={"trainable": "all", "dropout": 0.0})
    head = DecisionLevelAttention(3, 2, values).eval()
    with torch.no_grad():
        head.attention.weight.copy_(torch.tensor([[1.0, 0, 0], [1.0, 0, 0]]))
        head.decision.weight.copy_(torch.tensor([[0, 1.0, 0], [0, 0, 1.0]]))
        head.attention.bias.zero_()
        head.decision.bias.zero_()
    return head


def probs(head: DecisionLevelAttention, attention: tuple[float, float]) -> torch.Tensor:
    """Class probabilities [2] of a clip of two frames, of classes 0 and 1, with these attention logits."""
    frames = torch.tensor([[[attention[0], 9.0, 0.0], [attention[1], 0.0, 9.0]]])
    return head(frames)[0].exp().detach()


@pytest.mark.parametrize(
    ("logits", "clamped"), [((0, 3), (0, 3)), ((-2, 6), (-2, 6)), ((-40, 2), (-10, 2)), ((30, 9), (10, 9))]
)
def test_attention_is_a_softmax_of_logits_clamped_to_ten(
    head: DecisionLevelAttention, logits: tuple[float, float], clamped: tuple[float, float]
) -> None:
    share = torch.tensor(clamped, dtype=torch.float32).softmax(dim=0)
    sure = torch.tensor([9.0, 0.0]).softmax(dim=0)
    expected = share[0] * sure + share[1] * sure.flip(0)
    torch.testing.assert_close(probs(head, logits), expected)
