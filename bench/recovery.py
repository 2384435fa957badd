"""How much of the true money and of the true payers the rules find, on worlds whose calls are known (tests/oracle/recovery).

python -m bench.recovery [--worlds N] [--write docs/attribution.md]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.oracle.recovery.kinds import in_order
from tests.oracle.recovery.table import BEGIN, END, WORLDS, found, lines, page, percent


def main() -> None:
    """Print the table, or write it where it is committed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=WORLDS, help="of each kind; ten times as many mixed ones")
    parser.add_argument("--kind", action="append", help="of these kinds only, with more digits")
    parser.add_argument("--write", type=Path, help="the page whose table this is")
    chosen = parser.parse_args()
    if chosen.kind:
        for kind in in_order():
            if kind.name in chosen.kind:
                figures = found(kind, chosen.worlds)
                print(kind.name, {name: float(amount) for name, amount in vars(figures).items()}, percent(figures.exact, figures.true))
    elif chosen.write:
        before, _, rest = chosen.write.read_text(encoding="utf-8").partition(BEGIN)
        chosen.write.write_text(f"{before}{BEGIN}{page()}{END}{rest.partition(END)[2]}", encoding="utf-8")
    else:
        for line in lines(chosen.worlds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
