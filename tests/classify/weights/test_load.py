"""Loading of weights, from generated checkpoints with the published keys and shapes and from published files."""

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from drumspace.classify.networks import registry
from drumspace.classify.networks.cnn14_trunk import panns_models
from drumspace.classify.networks.network import Network
from drumspace.classify.training.settings import NetworkSettings
from drumspace.classify.weights.find import Rejected, cached
from drumspace.classify.weights.load import load_state
from drumspace.classify.weights.table import Row, row_of

RATE, LENGTH = 44100, 44100
ROOT = Path(__file__).parents[3]
Make = Callable[..., NetworkSettings]


def network(settings: Make, name: str) -> Network:
    torch.manual_seed(0)
    model = registry.build(name, settings(name), RATE, LENGTH, 8)
    assert isinstance(model, Network)
    return model


def generated(name: str) -> dict[str, Tensor]:
    """Random tensors under the keys and shapes of the published file."""
    if name.startswith("cnn14"):
        # The published network has 527 classes.
        model = panns_models().Cnn14(32000, 1024, 320, 64, 50, 14000, 527)
        if name == "cnn14_dla":
            del model.fc_audioset
            model.att_block = nn.Module()
            model.att_block.att, model.att_block.cla = nn.Conv1d(2048, 527, 1), nn.Conv1d(2048, 527, 1)
            model.att_block.bn_att = nn.BatchNorm1d(527)
    else:
        import timm

        model = timm.create_model({"resnet50": "resnet50", "resnest50": "resnest50d"}[name])
    generator = torch.Generator().manual_seed(1)
    return {
        key: torch.rand(value.shape, generator=generator) if value.is_floating_point() else value.clone()
        for key, value in model.state_dict().items()
    }


def row(name: str, path: Path) -> Row:
    published = row_of(name)
    assert published
    return published.model_copy(update={"bytes": None, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})


@pytest.mark.parametrize("name", ["resnet50", "resnest50", "cnn14", "cnn14_dla"])
def test_published_weights_are_loaded_into_every_tensor_of_the_trunk(settings: Make, name: str, tmp_path: Path) -> None:
    state = generated(name)
    published = row_of(name)
    assert published
    path = tmp_path / published.file
    if path.suffix == ".pth":
        torch.save({"iteration": 1, "model": state}, path)
    else:
        save_file(state, path)
    entry = row(name, path)
    model = network(settings, name)
    model.trunk.load_pretrained(load_state(path, entry, entry.sha256 or ""))
    own = model.trunk.net.state_dict()
    first = {"resnet50": "conv1.weight", "resnest50": "conv1.0.weight"}.get(name)
    for key, value in own.items():
        expected = state[key].sum(dim=1, keepdim=True) if key == first else state[key]
        torch.testing.assert_close(value, expected, msg=key)
    assert {key.split(".")[0] for key in set(state) - set(own)} <= {"fc", "fc_audioset", "att_block"}


@pytest.mark.parametrize("name", ["resnet50", "cnn14"])
def test_weights_with_other_keys_or_shapes_are_rejected(settings: Make, name: str) -> None:
    state = generated(name)
    key = next(key for key in state if key.endswith("conv2.weight"))
    model = network(settings, name)
    with pytest.raises(ValueError, match=f"missing {key}"):
        model.trunk.load_pretrained({k: v for k, v in state.items() if k != key})
    with pytest.raises(ValueError, match=f"{key} is .*, not"):
        model.trunk.load_pretrained({**state, key: state[key][:1]})
    with pytest.raises(ValueError, match="unknown strange"):
        model.trunk.load_pretrained({**state, "strange": torch.zeros(1)})


def test_the_two_networks_of_panns_refuse_each_others_file(settings: Make) -> None:
    with pytest.raises(ValueError, match="unknown fc_audioset"):
        network(settings, "cnn14_dla").trunk.load_pretrained(generated("cnn14"))
    with pytest.raises(ValueError, match=r"unknown att_block\.att"):
        network(settings, "cnn14").trunk.load_pretrained(generated("cnn14_dla"))


class Code:
    """Object whose unpickling writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return exec, (f"open({str(self.path)!r}, 'w').close()",)


def test_a_pickle_with_code_is_rejected_without_running_it(tmp_path: Path) -> None:
    path, trace = tmp_path / "code.pth", tmp_path / "trace"
    path.write_bytes(pickle.dumps(Code(trace)))
    entry = row("aisfx_cnn9", path)
    with pytest.raises(Rejected, match=f"{entry.file} does not hold tensors alone"):
        load_state(path, entry, entry.sha256 or "")
    torch.save({"model": Code(trace)}, path)
    entry = row("cnn14", path)
    with pytest.raises(Rejected):
        load_state(path, entry, entry.sha256 or "")
    assert not trace.exists()


def test_a_file_with_another_hash_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"a": torch.zeros(3)}, path)
    entry = row("resnet50", path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Rejected, match="SHA-256"):
        load_state(path, entry, entry.sha256 or "")


@pytest.mark.parametrize("name", ["aisfx_cnn9", "efficientnet_lite0"])
def test_the_published_files_in_the_cache_can_be_loaded(settings: Make, name: str) -> None:
    entry = row_of(name)
    assert entry and entry.sha256
    path = cached(entry, ROOT / ".cache" / "weights")
    if not path.is_file():
        pytest.skip("the file is not in the cache; `make setup` fetches it")
    model = network(settings, name).eval()
    before = {key: value.clone() for key, value in model.trunk.state_dict().items()}
    model.trunk.load_pretrained(load_state(path, entry, entry.sha256))
    moved = [key for key, value in model.trunk.state_dict().items() if not torch.equal(value, before[key])]
    assert {key for key in before if key.endswith("weight")} <= set(moved)
    # With trained batch statistics, embeddings of sounds are of moderate size and differ.
    time = torch.arange(LENGTH) / RATE
    sounds = torch.stack([torch.sin(2 * torch.pi * 60 * time), torch.randn(LENGTH)]) * torch.exp(-time * 20)
    with torch.no_grad():
        embedding = model.embed(sounds)
    assert torch.isfinite(embedding).all()
    assert 0.05 < embedding.abs().max() < 50
    assert torch.nn.functional.cosine_similarity(*embedding, dim=0) < 0.9
