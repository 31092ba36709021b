"""Settings and commands of the small pipeline that the tests of this folder run."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from drumspace.taxonomy import CLASSES

RATE = 8000
KITS = 6


def environment() -> dict[str, str]:
    """The shell's, with this interpreter's programs first and a network that leads nowhere."""
    nowhere = "http://127.0.0.1:9"
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DVC_NO_ANALYTICS": "1",
        "DRUMSPACE_TRACKING": "off",
        "OMP_NUM_THREADS": "1",
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), nowhere),
    }


def shell(
    *words: str, cwd: Path, check: bool = True, settings: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in the clone; its output is in the error when it fails. `settings`: more of the environment."""
    done = subprocess.run(words, cwd=cwd, env={**environment(), **(settings or {})}, text=True, capture_output=True)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(words)} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done


def shrink(params: Any) -> None:
    """Make the default params tiny, in place: short clips, few steps, no packages."""
    params["audio"].update(sample_rate=RATE, seconds=0.25)
    own = params["sources"]["own"]
    params["sources"].clear()
    params["sources"]["own"] = own
    params["sources"]["machine"] = {"kind": "synth", "seed": 77, "count": dict.fromkeys(CLASSES, 2)}
    params["split"].update(test_per_class=3, repeats=2)
    for name in ("spec", "mel", "mfcc"):
        params["features"][name].update(n_fft=256, hop_length=128)
    for name in ("mel", "mfcc"):
        params["features"][name].update(n_mels=24)
    params["weights"].update(network=False, policy="skip", random=["aisfx_cnn9"])
    # The pipeline with three kinds of models; what holds for each network is tested with the networks.
    params["classify"]["run"] = ["svm", "cnn_spec", "aisfx_cnn9", "resnet50"]
    models = params["classify"]["models"]
    for name in list(models):
        if name not in params["classify"]["run"]:
            del models[name]
    for model in models.values():
        model["splits"] = 2
    for name in ("svm", "cnn_spec"):
        models[name]["mel"].update(n_fft=256, hop_length=128, n_mels=16)
    models["cnn_spec"]["spectrum"]["channels"] = [4, 8]
    models["resnet50"]["splits"] = 1
    models["aisfx_cnn9"].update(splits=1, trainable="head")
    models["aisfx_cnn9"]["training"].update(steps=6)
    params["classify"]["training"].update(steps=12, batch_size=8, validate_every=6, checkpoint_every=5)
    params["compare"].update(resamples=100, min_test_per_class=2)
    # Each map costs the compilation of UMAP: two of them, one that has heard labels.
    params["embed"].update(features=["mel", "learned"], components=8)
    params["embed"]["quality"].update(k=5)
    judge = params["judge"]
    judge.update(run=["aisfx_cnn9"], folds=3)
    del judge["models"]["efficientnet_lite0"]
    judge["models"]["aisfx_cnn9"]["training"].update(steps=6, validate_every=3)
    params["wavegan"].update(width=2, layers=3, discriminator_steps=1, batch_size=4, steps=3, checkpoint_every=2)
    params["mcnn"].update(n_fft=256, hop_length=64, heads=2, width=8, segment=2048, steps=3, batch_size=2)
    vae = params["vae"]
    vae["training"].update(latent=4, class_width=2, steps=4, batch_size=4, validate_every=2, checkpoint_every=2)
    vae["training"]["segment"] = 0.16
    vae["models"]["vae"]["network"].update(
        n_fft=256, hop_length=64, width=8, features=8, bands=8, channels=[8, 8, 8, 16]
    )
    vae["models"]["vae"]["network"]["mel"].update(n_fft=256, hop_length=64, n_mels=16)
    vae["models"]["sing"].update(steps=4)
    vae["models"]["sing"]["network"].update(width=8, features=8)
    vaegan = params["vaegan"]["training"]
    vaegan.update(steps=4, batch_size=4, validate_every=2, checkpoint_every=2, segment=0.16)
    vaegan["discriminators"]["multi_resolution_stft"].update(width=2, resolutions=[[256, 64]], mel_bands=16)
    params["priors"]["models"]["mixture"].update(components=1, samples_per_component=2)
    params["priors"]["models"]["flow"].update(width=8, layers=1, steps=3, batch_size=8, num_steps=2)
    params["synthesis"].update(
        sounds=24,
        reference_per_class=4,
        reconstructions=4,
        griffin_lim_iterations=2,
        resamples=20,
        neighbours=2,
        interpolations=2,
        axes=2,
    )
    propagate = params["propagate"]
    propagate["classifier"].update(features=["pretrained", "mel"], segments=4, components=20)
    tables = propagate["tables"]
    for name in ("kits", "supervised"):
        del tables[name]
    tables["thesis"].update(spaces={"mel": ["umap_2"]}, labelled_shares=[0.5], seeds=2)
    tables["methods"].update(spaces={"mel": ["pca", "full"], "fused": ["full"]}, labelled_shares=[0.5], seeds=2, k=[3])
    propagate["budget"].update(labels_per_class=[1, 4], seeds=2)
    propagate["labels"].update(folds=3, queue_length=5)
    propagate["simulated_annotator"].update(max_annotations=20, batch=10, seeds=2)


def write_params(path: Path, change: Any = shrink) -> None:
    """Apply `change` to the params file at `path`, keeping its comments and anchors."""
    yaml = YAML(typ="rt")
    params = yaml.load(path.read_text(encoding="utf-8"))
    change(params)
    with path.open("w", encoding="utf-8") as handle:
        yaml.dump(params, handle)
