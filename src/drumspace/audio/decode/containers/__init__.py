"""Containers of sound: a file a format, each finds the samples and checks what the header says of them.

`layout.py` has what they return, `sniff.py` chooses by the first bytes.
"""
