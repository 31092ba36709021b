"""Check the whole of params.yaml before any other stage works; every stage waits for this one's output."""

import here  # noqa: F401

from common import PARAMS, STAGES_MAY_RUN, stage
from drumspace import artifacts
from drumspace.all_params import check


def main() -> None:
    """Run the stage."""
    with stage("validate"):
        check(PARAMS)
        # The text never changes: stages re-run for their own keys, not because something else was edited.
        artifacts.write_text(STAGES_MAY_RUN, "params.yaml holds what the stages expect\n")


if __name__ == "__main__":
    main()
