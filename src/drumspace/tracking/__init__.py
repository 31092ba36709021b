"""Tracking of stages in MLflow. In no stage's dependencies: no output depends on it. May import io.

Stages write journals, which need no import of MLflow; `drumspace track` sends them, and so do long stages themselves.
"""
