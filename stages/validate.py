"""Stage validate: check all of params.yaml before any other stage runs; every stage depends on its output."""

import _lib.bootstrap  # noqa: F401

from _lib.paths import PARAMS, PARAMS_CHECKED
from _lib.runtime import stage
from drumspace.config.root import read_settings
from drumspace.io.atomic import write_text


def main() -> None:
    """Run the stage."""
    with stage("validate"):
        read_settings(PARAMS)
        # The text never changes: stages re-run for their own keys, not because something else was edited.
        write_text(PARAMS_CHECKED, "params.yaml holds what the stages expect\n")


if __name__ == "__main__":
    main()
