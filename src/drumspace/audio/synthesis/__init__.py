"""The drum machine: procedural drum sounds."""
