"""Start-up of every stage, imported before all else.

It sets how threads wait, which torch reads when it loads, and puts this copy's library first on the path: `dvc exp run
--temp` and the queue run in copies of the repository, while the installed package is the user's own.
"""

import os
import sys
from pathlib import Path

# Threads that wait in a loop make two busy programs on one machine many times slower, not twice.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
