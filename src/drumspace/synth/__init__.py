"""Generators of drum sounds: dsp, models, losses, discriminators, priors, training, sampling, evaluation.

May import maps, training, dataset, metrics, audio, io; not classify, propagation or report.
"""
