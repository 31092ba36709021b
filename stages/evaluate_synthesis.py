"""Evaluate generators and inversions → reports/metrics/synthesis.json and the report's samples in data/synthesis."""

import _lib.bootstrap  # noqa: F401

from functools import partial

import pandas as pd

from _lib.paths import CLIPS, JUDGES, MCNN, METRICS, PARAMS, PRIORS, SOUNDS, SPLITS, VAES, WAVEGAN
from _lib.runtime import stage
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.inference.embed_and_predict import embed_and_predict
from drumspace.classify.inference.trained_model import load_trained
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.dataset.access.subsets import Subsets
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.io.settings import read_yaml
from drumspace.synth.evaluation.evaluate_all import SynthesisEvaluation
from drumspace.synth.evaluation.generator_sets import ModelFolders
from drumspace.synth.evaluation.judges import summarize_judge
from drumspace.synth.evaluation.report_samples import write_report_samples
from drumspace.synth.evaluation.settings import SynthesisParams


def main() -> None:
    """Run the stage."""
    with stage("evaluate_synthesis") as work:
        params = work.section("synthesis", SynthesisParams)
        audio = work.section("audio", AudioParams)
        duplicates = work.section("ingest.duplicates", DuplicateParams)
        names = read_yaml(PARAMS)["judge"]["run"]
        work.run.params({"judge.run": names})
        data = LabelledClips(CLIPS, SPLITS)
        subsets = Subsets.read(data, pd.read_parquet(SPLITS))
        folders = ModelFolders(wavegan=WAVEGAN, mcnn=MCNN, vaes=VAES, priors=PRIORS)
        evaluation = SynthesisEvaluation(data, subsets, folders, audio, duplicates, params)
        judges = {name: summarize_judge(JUDGES / name) for name in names}
        results = evaluation.run(
            {name: partial(embed_and_predict, load_trained(JUDGES / name)) for name in names}, judges
        )
        work.times.update(results.times)
        work.write_metrics(METRICS / "synthesis.json", {**results.entries, **evaluation.summary(judges)})
        write_report_samples(SOUNDS, results.samples, results.latent_samples, results.tables)


if __name__ == "__main__":
    main()
