"""Statements as they are sent: every digit where programs read, two where people do, the same bytes each time, no text that is run."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from attribution.statements import Item, Statement, TeamStatement, for_customer
from collector.documents import as_lines, as_nested, document_of
from collector.documents.html import as_html
from collector.documents.lines import COLUMNS
from collector.documents.pdf import as_pdf, printable
from collector.documents.xlsx import as_xlsx
from collector.printing import as_csv, as_json_object

CLOSED = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
NOW = datetime(2026, 10, 20, 8, 0, 7, tzinfo=UTC)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def item(name: str, amount: str, detail: str = "", **more: int | Decimal) -> Item:
    return Item(name, detail, **{"count": 0, "weight": Decimal(0), "share": Decimal(0), **more}, amount=Decimal(amount))  # type: ignore[arg-type]


def team(name: str, own: str = "3.333333333333") -> TeamStatement:
    return TeamStatement(
        name,
        {
            "payer": [item("revenue", str(Decimal(own) + 1), "CC-1100")],
            "workflow": [item("=cmd|' /C calc'!A0", own)],
            "agent": [item("planner", "3"), item("", str(Decimal(own) - 3))],
            "model": [item("gpt-4o", own, "openai")],
            "bucket": [item("llm", own)],
            "pool": [item("guardrail", "1", "by invocations in 2026-10", weight=Decimal(12), share=Decimal("0.25"))],
            "change": [item("late", "0.25", "late for 2026-09, which is closed: billed", count=3)],
            "missing": [item("no known price", "0", "acme-secret-1", count=4)],
        },
    )


STATEMENT = Statement("2026-10", CLOSED, [team("sales"), team("<b>ops</b>", "3.005")])


CHARGED = TeamStatement(
    "acme",
    {
        **team("acme").sections,
        "charged": [item("seats", "2.5", "2 seats at 20 USD, by use", weight=Decimal("3.5")), item("direct", "1", "at cost")],
        "covered": [item("seats", "3.333333333333", "API-equivalent"), item("direct", "1", "cost")],
        "variance": [item("plans", "-0.833333333333", "seats")],
    },
)


def sheets(book: bytes) -> dict[str, list[list[str]]]:
    """The cells of every sheet as they are stored; a text that is none would show as a formula, which fails."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        texts = ["".join(each.itertext()) for each in ET.fromstring(parts.read("xl/sharedStrings.xml"))]  # noqa: S314
        names = [sheet.get("name", "") for sheet in ET.fromstring(parts.read("xl/workbook.xml")).iter(f"{SHEET}sheet")]  # noqa: S314
        found = {}
        for number, name in enumerate(names, 1):
            sheet = ET.fromstring(parts.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314
            assert not list(sheet.iter(f"{SHEET}f"))
            found[name] = [
                [texts[int(cell[0].text or "")] if cell.get("t") == "s" else cell[0].text or "" for cell in row if len(cell)]
                for row in sheet.iter(f"{SHEET}row")
            ]
        return found


def test_a_workbook_has_a_sheet_a_team_and_all_digits_on_the_last() -> None:
    found = sheets(as_xlsx(document_of(STATEMENT), as_lines(STATEMENT)))
    assert list(found) == ["All teams", "Team sales", "Team <b>ops<_b>", "Exact"]
    assert ["sales", "revenue", "CC-1100", "3.333333333333", "1", "4.333333333333"] in found["All teams"]
    assert ["guardrail", "by invocations in 2026-10", "12", "0.25", "1"] in found["Team sales"]
    assert ["=cmd|' /C calc'!A0", "3.333333333333"] in found["Team sales"]
    assert len(found["Exact"]) == 1 + len(as_lines(STATEMENT))
    assert sum(Decimal(row[-1]) for row in found["Exact"][1:] if "payer" in row) == STATEMENT.total


def test_names_of_sheets_are_cut_and_told_apart() -> None:
    teams = [team("x" * 40), team("x" * 41), team("X" * 42)]
    found = sheets(as_xlsx(document_of(Statement("2026-10", CLOSED, teams)), []))
    assert list(found)[1:-1] == ["Team " + "x" * 26, "Team " + "x" * 24 + " 2", "Team " + "X" * 24 + " 3"]


@pytest.mark.parametrize("draw", [as_pdf, as_html, lambda document: as_xlsx(document, as_lines(STATEMENT))])
def test_the_statement_of_a_closed_month_is_the_same_to_the_byte(draw, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    first = draw(document_of(STATEMENT, NOW))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert draw(document_of(STATEMENT)) == first


def test_a_pdf_says_what_is_paid_and_who_signs() -> None:
    drawn = as_pdf(document_of(STATEMENT))
    for text in (
        "Statement of 2026-10",
        "closed 2026-11-03 09:30 UTC",
        "Team sales",
        "at least $4.33",
        "guardrail",
        "25.00%",
        "Approved by: name",
    ):
        assert text.encode() in drawn, text
    assert b"CreationDate (D:20261103093000+00'00')" in drawn


def test_what_the_font_cannot_draw_is_written_out() -> None:
    assert printable("Zoë 中") == "Zoë U+4E2D"


def test_a_page_escapes_names_and_marks_what_is_provisional() -> None:
    drawn = as_html(document_of(Statement("2026-10", None, STATEMENT.teams), NOW)).decode()
    assert "PROVISIONAL, as of 2026-10-20 08:00 UTC" in drawn
    assert "<b>ops" not in drawn
    assert "&lt;b&gt;ops" in drawn
    assert "At least: 8 calls or spans are in no amount" in drawn


def test_each_table_sums_to_its_total_as_it_is_shown() -> None:
    for page in document_of(STATEMENT).pages:
        for table in page.tables:
            if not table.has_total:
                continue
            *rows, total = table.texts()
            amounts = [row[-1].replace("<$0.01", "$0.00").replace("$", "") or "0" for row in rows]
            assert sum(map(Decimal, amounts)) == Decimal(total[-1].replace("$", "")), table.title


def test_programs_get_every_digit_and_spreadsheets_no_formula() -> None:
    lines = list(csv.DictReader(io.StringIO(as_csv(as_lines(STATEMENT), COLUMNS))))
    (workflow,) = (line for line in lines if line["section"] == "workflow" and line["team"] == "sales")
    assert (workflow["item"], workflow["amount"], workflow["state"]) == ("'=cmd|' /C calc'!A0", "3.333333333333", "closed")
    nested = json.loads(as_json_object(as_nested(STATEMENT)))
    assert (nested["total"], nested["closed_at"]) == ("8.338333333333", "2026-11-03T09:30:00+00:00")
    assert nested["teams"][0]["sections"]["pool"][0]["share"] == "0.25"


def test_what_is_charged_stands_before_what_it_cost_in_every_format() -> None:
    statement = Statement("2026-10", CLOSED, [CHARGED, team("sales")])
    document = document_of(statement)
    summary, acme, _ = (list(page.tables[0].texts()) for page in document.pages)
    assert [column.name for column in document.pages[0].tables[0].columns][3:] == ["direct", "shared", "cost", "variance", "charged"]
    assert ["acme", "revenue", "CC-1100", "$3.33", "$1.00", "$4.33", "-$0.83", "$3.50"] in summary
    assert ["seats", "2 seats at 20 USD, by use", "3.5", "$2.50"] in acme
    assert document.pages[1].notes[0] == "To pay: at least $3.50"
    assert [table.title for table in document.pages[1].tables][1:3] == ["Charged beyond cost, by account", "What the charges cover"]
    cells = [cell for sheet in sheets(as_xlsx(document, as_lines(statement))).values() for row in sheet for cell in row]
    for text in ("2 seats at 20 USD, by use", "API-equivalent", "plans"):
        assert text.encode() in as_html(document), text
        assert text.encode() in as_pdf(document), text
        assert text in cells
        assert text in as_csv(as_lines(statement), COLUMNS)
    nested = json.loads(as_json_object(as_nested(statement)))["teams"][0]
    assert (nested["total"], nested["variance"], nested["charged"]) == ("4.333333333333", "-0.833333333333", "3.5")
    assert not statement.teams[1].has_charges
    assert statement.teams[1].charged == statement.teams[1].total


@pytest.mark.parametrize("one", [CHARGED, team("sales")])
def test_a_customer_sees_what_is_charged_and_not_what_it_cost(one: TeamStatement) -> None:
    whole = Statement("2026-10", CLOSED, [one])
    shown = for_customer(whole)
    assert (shown.charged, shown.missing) == (whole.charged, whole.missing)
    texts = [
        as_html(document_of(shown)).decode(), as_csv(as_lines(shown), COLUMNS), as_json_object(as_nested(shown)),
        as_html(document_of(for_customer(Statement("2026-10", CLOSED, [one, CHARGED])))).decode(),
    ]  # fmt: skip
    for text in texts:
        assert "plans" not in text
        assert "guardrail" not in text
        assert "API-equivalent" not in text
        assert "variance" not in text
    assert {table.title for table in document_of(shown).pages[0].tables} == {"What is charged", "Not contained: unknown is not zero"}
    nested = json.loads(texts[2])
    assert not {"total", "direct"} & (nested.keys() | nested["teams"][0].keys())


@pytest.mark.parametrize("own", ["1234.56", "-9876543.21", "123456789.99"])
def test_no_amount_of_a_pdf_is_broken_over_lines(own: str) -> None:
    document = document_of(Statement("2026-10", CLOSED, [team("sales", own), replace(CHARGED, team="support")]))
    drawn = as_pdf(document).decode("latin-1")
    amounts = {
        text for page in document.pages for table in page.tables for row in table.texts() for text in row if text.startswith(("$", "-$"))
    }
    assert amounts
    assert [amount for amount in amounts if amount not in drawn] == []
