"""Classifiers: models, pretrained weights, training, evaluation, inference.

May import training, dataset, metrics, audio, io; not propagation, synth or report.
"""
