"""MLflow. In no stage's dependencies: no output depends on it. May import io."""
