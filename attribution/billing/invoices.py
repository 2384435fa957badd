"""What providers bill, read from what they export or answer: each as lines of one form.

`files.py` reads rows, `apis.py` and `clouds.py` say what those of each provider mean, `meters.py` what a cloud's meters count, `lines.py`
what is made of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from attribution.billing import apis, clouds
from attribution.billing.files import Placed, answered, placed_rows
from attribution.billing.lines import BilledLine, Row
from attribution.errors import RefusedError

REFUSED_SHOWN_MAX = 1000

APIS: Mapping[str, Callable[[Row], list[BilledLine]]] = {
    "openai": apis.openai,
    "anthropic": apis.anthropic,
    "openrouter": apis.openrouter,
    "copilot": apis.copilot,
}
"""Whose JSON is what their API answers."""
FORMATS: Mapping[str, Callable[[Row], list[BilledLine]]] = {
    **APIS,
    "aws": clouds.aws,
    "azure": clouds.azure,
    "gcp": clouds.gcp,
    "focus": clouds.focus,
}
"""Whose exports can be read."""
USAGE: Mapping[str, Callable[[Row], apis.Usage]] = {"openai": apis.openai_usage, "anthropic": apis.anthropic_usage}
"""Who tells by an API of its own how many tokens were used."""


@dataclass(slots=True)
class Invoice:
    """What was read of an invoice, and what could not be read of it."""

    lines: list[BilledLine] = field(default_factory=list)
    refused_count: int = 0
    refused: list[str] = field(default_factory=list)
    """Rows that are wrong: file, line, column and why; the first REFUSED_SHOWN_MAX."""

    def refuse(self, why: str) -> None:
        """Count a row that is wrong."""
        self.refused_count += 1
        if len(self.refused) < REFUSED_SHOWN_MAX:
            self.refused.append(why)


def read_invoice(paths: Sequence[Path], provider: str) -> Invoice:
    """All lines of some files that together are one invoice; a row that is wrong is named, and all others are read.

    Args:
        paths: CSV (`.csv`), Parquet (`.parquet`), or JSON: answers of an API, or rows as JSON lines or a list; also packed (`.gz`).
        provider: one of FORMATS.

    Raises RefusedError where a file cannot be read, or none holds a line that is billed.
    """
    if provider not in FORMATS:
        raise RefusedError(f"invoices of {provider!r} cannot be read; of {', '.join(FORMATS)} they can")
    invoice = Invoice()
    sums: dict[object, BilledLine] = {}
    for path in paths:
        for placed in placed_rows(path, answers=provider in APIS):
            for line in read_row(placed, provider, f"{path}, ", invoice):
                _sum_up(sums, line)
    if not sums:
        raise RefusedError(invoice.refused[0] if invoice.refused else f"{', '.join(map(str, paths))}: holds no line that is billed")
    invoice.lines = list(sums.values())
    return invoice


def _sum_up(sums: dict[object, BilledLine], line: BilledLine) -> None:
    """One line for all that bill the same, and count it or do not: exports have one for each hour, account and resource."""
    key = (line.day, line.provider, line.model, line.kind, line.principal, line.quantity is None)
    before = sums.get(key)
    if before is not None:
        quantity = None if line.quantity is None or before.quantity is None else before.quantity + line.quantity
        line = replace(before, amount=before.amount + line.amount, quantity=quantity)
    sums[key] = line


def read_row(placed: Placed, provider: str, where: str, invoice: Invoice) -> list[BilledLine]:
    """The lines of a row; one that is wrong is refused and has none."""
    place, row = placed
    if isinstance(row, str):
        invoice.refuse(f"{where}{place}: {row}")
        return []
    try:
        return FORMATS[provider](row)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, InvalidOperation) as problem:
        invoice.refuse(f"{where}{place}: this is no line of {provider}'s: {str(problem) or type(problem).__name__}")
        return []


def read_answers(answers: Sequence[object], provider: str, where: str) -> list[BilledLine]:
    """The lines of all answers of a provider's API, as JSON gave them with numbers as Decimal; `where` is named in errors.

    Raises RefusedError, which names the row that cannot be read.
    """
    invoice = Invoice()
    lines = [line for placed in answered(answers, where) for line in read_row(placed, provider, f"{where}, ", invoice)]
    if invoice.refused:
        raise RefusedError(invoice.refused[0])
    return lines


def with_counts(lines: Sequence[BilledLine], answers: Sequence[object], provider: str, where: str) -> list[BilledLine]:
    """Lines with the tokens that the provider's usage API tells, for those of a day, model and kind that have none; they become one line.

    Args:
        lines: of one provider.
        answers: of the usage API, by day and model.
        provider: one of USAGE.
        where: named in errors.

    """
    counts: dict[tuple[date, str, str], Decimal] = defaultdict(Decimal)
    for place, row in answered(answers, where):
        try:
            day, model, used = USAGE[provider](row)
        except (ValueError, TypeError, AttributeError) as problem:
            raise RefusedError(f"{where}, {place}: this is no line of {provider}'s: {problem}") from None
        for kind, count in used.items():
            counts[day, model, kind] += count
    done: dict[object, BilledLine] = {}
    counted = {(line.day, line.model, line.kind) for line in lines if line.quantity is not None}
    for number, line in enumerate(lines):
        key = (line.day, line.model, line.kind)
        if key not in counts or key in counted:
            done[number] = line
        else:
            before = done[key].amount if key in done else Decimal(0)
            done[key] = replace(line, amount=before + line.amount, quantity=counts[key])
    return list(done.values())
