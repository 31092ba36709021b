"""drumspace: a catalogue, classifiers, a map and a generator for drum one-shots."""
