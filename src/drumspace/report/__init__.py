"""The HTML report and its figures.

May import maps, dataset, metrics, audio, io; not classify, propagation or synth.
"""
