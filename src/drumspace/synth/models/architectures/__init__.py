"""One encoder and decoder a file, each with `Settings` and `build`.

May import synth.dsp and synth.models.vae.interface.
"""
