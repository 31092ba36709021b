"""The tables of docs/*.md and of the README, from the files of reports/benchmarks/.

    python -m benchmarks.tables [--check] [--pages docs/classifiers.md README.md]

Fills each `<!-- table: NAME -->` … `<!-- end -->` of the pages; with --check it changes nothing and exits with 1 where
a page holds other figures than the files.
"""

import argparse
import re
import sys
from pathlib import Path

from benchmarks.tables import (
    classifier_tables,
    detail_tables,
    propagation_tables,
    source_tables,
    synthesis_tables,
    vae_tables,
    vaegan_tables,
)
from benchmarks.tables.doc_tables import ROOT
from drumspace.io.atomic import write_text

MODULES = (
    classifier_tables,
    detail_tables,
    propagation_tables,
    source_tables,
    synthesis_tables,
    vae_tables,
    vaegan_tables,
)
TABLES = {name: table for module in MODULES for name, table in module.TABLES.items()}


def filled(page: str) -> str:
    """The page with every table as the files have it."""

    def table(match: re.Match[str]) -> str:
        return f"<!-- table: {match['name']} -->\n{TABLES[match['name']]()}\n<!-- end -->"

    return re.sub(r"<!-- table: (?P<name>[a-z ]+) -->\n.*?<!-- end -->", table, page, flags=re.DOTALL)


def main() -> None:
    """Fill the pages, or check them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    pages = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
    parser.add_argument("--pages", type=Path, nargs="+", default=pages)
    arguments = parser.parse_args()
    for path in arguments.pages:
        page = path.read_text(encoding="utf-8")
        now = filled(page)
        if arguments.check and now != page:
            sys.exit(f"{path} holds other figures than the files: run `python -m benchmarks.tables`.")
        if now != page:
            write_text(path, now)


if __name__ == "__main__":
    main()
