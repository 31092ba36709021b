"""Audio: decoding sound files to clips, the clip format, spectral transforms, and the drum machine.

May be imported by every package except io and tracking. Imports drumspace.io, drumspace.errors and drumspace.taxonomy.
"""
