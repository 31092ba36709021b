"""Label propagation from labelled to unlabelled clips: methods, label masks, tables, final labels, review queue.

May import maps, training, dataset, metrics, io; not classify, synth or report.
"""
