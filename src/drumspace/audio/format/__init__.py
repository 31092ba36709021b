"""The format of a clip: settings of the `audio` section, levels in dB, conversion to 16-bit samples.

May be imported by every package above drumspace.io.
"""
