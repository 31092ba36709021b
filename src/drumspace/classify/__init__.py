"""Classifiers of drum one-shots."""
