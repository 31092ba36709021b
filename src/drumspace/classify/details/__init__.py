"""Second-level classifiers: open, closed and pedal hats, kicks of the TR-808 and of drum kits."""
