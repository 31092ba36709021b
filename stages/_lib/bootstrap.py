"""Every stage imports this first: before torch loads, how its threads wait; and the code beside it, also in a copy.

`dvc exp run --temp` and the queue run in such copies, while the installed package points to the repository itself.
"""

import os
import sys
from pathlib import Path

# Threads that wait in a loop make two busy programs on one machine many times slower, not twice.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
