"""Files as people have them: whatever the bytes are, each row is read, or said why it was not."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from shared.errors import Invalid
from shared.imports import reading
from shared.imports.custom_cells import money
from shared.imports.fields import TYPES, built_in
from shared.imports.framing import BELOW
from shared.imports.guessing import guess_mapping, guess_type
from shared.imports.spool import Spool
from shared.imports.styles import Evidence, Style, moment, number

PLAIN = "Name,City\nMüller,Köln\nŁódź,Gdańsk\n"


def read(tmp_path: Path, data: bytes | str, **layout: object) -> tuple[reading.Layout, list[reading.Row]]:
    path = tmp_path / "file"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    found, _ = reading.inspect(path, **layout)  # type: ignore[arg-type]
    return found, list(reading.rows(path, found))


def cells(rows: list[reading.Row]) -> list[list[reading.Cell]]:
    return [row.cells for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_any_unicode_encoding_with_and_without_a_mark(tmp_path: Path, encoding: str) -> None:
    layout, rows = read(tmp_path, PLAIN.encode(encoding))
    assert layout.headers == ["Name", "City"]
    assert cells(rows) == [["Müller", "Köln"], ["Łódź", "Gdańsk"]]


@pytest.mark.parametrize(
    ("encoding", "rows"),
    [
        ("cp1252", ["Müller;Köln €", "René;Zürich"]),
        ("cp1250", ["Małgorzata Dąbrowska;Łódź"]),
        ("cp1251", ["Анна Иванова;Ростов", "ПЁТР СИДОРОВ;Москва"]),
        ("koi8_r", ["Анна Иванова;Ростов", "Пётр Сидоров;Москва"]),
        ("cp1253", ["Μαρία Παπαδοπούλου;Αθήνα"]),
        ("cp1255", ["רחל כהן;תל אביב", "דוד לוי;חיפה"]),
        ("cp1256", ["محمد;القاهرة", "فاطمة;الرياض"]),
        ("shift_jis", ["山田太郎;東京", "鈴木花子;株式会社トヨタ"]),
        ("gb18030", ["王伟;中国石油", "李娜;华为技术有限公司"]),
        ("euc_kr", ["김민수;삼성전자"]),
    ],
)
@pytest.mark.parametrize("times", [1, 300])  # among many lines of plain letters too
def test_an_encoding_that_the_file_does_not_name_is_told_by_its_letters(
    tmp_path: Path, encoding: str, rows: list[str], times: int
) -> None:
    plain = ["Ann Smith;Boston"] * (times - 1)
    layout, found = read(tmp_path, "\n".join(["Name;City", *plain, *rows]).encode(encoding))
    assert layout.asks_encoding
    assert cells(found)[times - 1 :] == [row.split(";") for row in rows]


def test_who_knows_better_what_a_file_is_written_in_is_believed(tmp_path: Path) -> None:
    data = "Name;City\nJiří Dvořák;Plzeň\n".encode("cp1250")
    assert cells(read(tmp_path, data)[1]) == [["Jiøí Dvoøák", "Plzeò"]]
    assert cells(read(tmp_path, data, encoding="cp1250")[1]) == [["Jiří Dvořák", "Plzeň"]]
    assert not read(tmp_path, PLAIN)[0].asks_encoding


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_what_separates_cells_is_found(tmp_path: Path, sign: str) -> None:
    text = "\n".join(sign.join(row) for row in (["Name", "Betrag"], ["Müller", '"1.234,50; und, mehr"'], ["Ann", "3"]))
    layout, rows = read(tmp_path, text)
    assert (layout.delimiter, cells(rows)[0]) == (sign, ["Müller", "1.234,50; und, mehr"])


def test_excels_sep_line_is_no_row(tmp_path: Path) -> None:
    layout, rows = read(tmp_path, "sep=;\nName;City\nAnn;Bonn\n")
    assert (layout.headers, cells(rows)) == (["Name", "City"], [["Ann", "Bonn"]])


def test_quoted_line_ends_belong_to_the_cell_and_numbers_are_lines_of_the_file(tmp_path: Path) -> None:
    _, rows = read(tmp_path, 'Name,Note\r\nAnn,"one\r\ntwo ""x"""\r\nBob,three\r\n')
    assert [(row.number, row.cells) for row in rows] == [(2, ["Ann", 'one\r\ntwo "x"']), (4, ["Bob", "three"])]


def test_a_quote_that_is_never_closed_is_an_error_of_its_row(tmp_path: Path) -> None:
    for below in (1, 120_000):
        _, rows = read(tmp_path, 'Name,Note\nAnn,"never\n' + "x,y\n" * below)
        assert "never closed" in (rows[0].error or "")
        assert (rows[0].number, rows[0].cells) == (2, [])


def test_a_cell_that_no_field_holds_is_not_blamed_on_a_quote(tmp_path: Path) -> None:
    _, rows = read(tmp_path, "Name,Note\nAnn," + "x" * 500_000 + "\nBob,three\n")
    assert [(row.number, row.error or "".join(row.cells)) for row in rows] == [
        (2, "A cell of this row holds more text than any field does."), (3, "Bobthree"),
    ]  # fmt: skip


def test_a_line_of_windows_in_a_file_of_utf_8_spoils_neither(tmp_path: Path) -> None:
    _, rows = read(tmp_path, "Name,City\nJosé,Köln\nÅsa,Malmö\n".encode() + "René,Zürich\n".encode("cp1252"))
    assert cells(rows) == [["José", "Köln"], ["Åsa", "Malmö"], ["René", "Zürich"]]


def test_three_hundred_columns_and_one_named_twice(tmp_path: Path) -> None:
    names = [f"Column {n}" for n in range(297)] + ["Phone", "Phone", "phone"]
    layout, rows = read(tmp_path, ",".join(names) + "\n" + ",".join(map(str, range(300))) + "\n")
    assert len(layout.headers) == 300 == len(set(layout.headers))
    assert layout.headers[-3:] == ["Phone", "Phone (2)", "phone (3)"]
    assert len(rows[0].cells) == 300


def test_a_million_empty_lines_are_no_rows_and_cost_little(tmp_path: Path) -> None:
    started = time.process_time()
    _, rows = read(tmp_path, "Name,City\nAnn,Bonn\n" + "\n" * 500_000 + ",\n" * 500_000 + "Bob,Bern\n")
    assert [(row.number, row.cells[0]) for row in rows] == [(2, "Ann"), (1_000_003, "Bob")]
    assert time.process_time() - started < 10


@pytest.mark.parametrize("data", [b"", b"\n \n\n", b",,\n,,\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Invalid, match="empty"):
        read(tmp_path, data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"PK\x03\x04 not a zip", b"\xd0\xcf\x11\xe0" * 20,
        b"<!DOCTYPE html><html><table><tr><td>Name</td></tr></table></html>", b'[{"name": "Ann"}]',
        bytes(range(1, 256)) * 8,
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Invalid, match=r"spreadsheet|table"):
        read(tmp_path, data)


def test_zeros_that_a_disk_left_at_the_end_are_no_encoding(tmp_path: Path) -> None:
    layout, rows = read(tmp_path, b"Name,City\nAnn,Bonn\n" + bytes(4096))
    assert (layout.encoding, cells(rows)) == ("utf-8", [["Ann", "Bonn"]])


def test_names_of_columns_alone_are_nothing_to_import(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="nothing to import"):
        read(tmp_path, "First name,Last name\n")


def test_a_file_without_a_header_keeps_its_first_row(tmp_path: Path) -> None:
    layout, rows = read(tmp_path, "Ann,ann@x.example\nBob,bob@x.example\n")
    assert (layout.has_header, layout.headers, len(rows)) == (False, ["Column 1", "Column 2"], 2)


# --- Spreadsheets


def sheet(fill: object) -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        fill(book)  # type: ignore[operator]
    return data.getvalue()


def test_cells_of_a_spreadsheet(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        page, other = book.add_worksheet("People"), book.add_worksheet("Other")
        page.write_row(0, 0, ["Name", "Amount", "Due", "At", "Phone", "Sum", "Done"])
        page.write_string(1, 0, " Ann ")
        page.write_number(1, 1, 1234.5)
        page.write_datetime(1, 2, datetime(2026, 4, 3), book.add_format({"num_format": "dd.mm.yyyy"}))
        page.write_datetime(1, 3, datetime(2026, 4, 3, 9, 30), book.add_format({"num_format": "dd.mm.yyyy hh:mm"}))
        page.write_number(1, 4, 491711234567)
        page.write_formula(1, 5, "=1+1", None, 2)
        page.write_boolean(1, 6, True)
        page.write_string(9, 0, "Bob")
        other.write_row(0, 0, ["X"])
        other.write_row(1, 0, ["y"])

    layout, rows = read(tmp_path, sheet(fill))
    assert layout.sheets == ["People", "Other"]
    assert rows[0].cells == ["Ann", 1234.5, "2026-04-03", "2026-04-03 09:30:00", 491711234567, 2, "true"]
    assert (rows[1].number, rows[1].cells) == (10, ["Bob"])
    _, rows = read(tmp_path, sheet(fill), sheet="Other")
    assert cells(rows) == [["y"]]


@pytest.mark.parametrize("above", [[], ["Our customers in 2026"]])
def test_of_a_workbook_the_first_sheet_with_a_table_is_read(tmp_path: Path, above: list[str]) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        cover, page = book.add_worksheet("Cover"), book.add_worksheet("People")
        cover.write_row(0, 0, above)
        page.write_row(0, 0, ["Name", "City"])
        page.write_row(1, 0, ["Ann", "Bonn"])

    layout, rows = read(tmp_path, sheet(fill))
    assert (layout.sheet, layout.sheets, cells(rows)) == ("People", ["Cover", "People"], [["Ann", "Bonn"]])
    with pytest.raises(Invalid, match=r"rows in it|only one row"):  # who asks for one is told what it is
        read(tmp_path, sheet(fill), sheet="Cover")


def test_formulas_that_were_never_worked_out_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    path.write_bytes(sheet(lambda book: book.add_worksheet().write_formula(1, 0, "=1+1", None, "")))
    assert reading.sheets.formulas_without_result(path) == 1


def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    data = io.BytesIO()
    with (
        zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as out,
    ):
        for _ in range(70):
            out.write(b" " * 1024 * 1024)
    with pytest.raises(Invalid, match="unpacks to far more"):
        read(tmp_path, data.getvalue())


def test_a_bomb_that_lies_about_its_size_is_not_opened(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 5_000_000)
    lying = data.getvalue().replace(struct.pack("<L", 5_000_000), struct.pack("<L", 500))
    with pytest.raises(Invalid, match="damaged"):
        read(tmp_path, lying)


def test_a_spreadsheet_with_one_wrong_byte_is_refused_in_words(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", '<row r="1"/>' * 50)
        archive.writestr("xl/workbook.xml", "<x/>")
    # Each says it by another exception: bad data, cut off, unknown version, locked, a seek to before the beginning.
    for place, byte in ((-251, 1), (-251, 255), (-147, 127), (-145, 1), (-6, 127)):
        broken = bytearray(data.getvalue())
        broken[place] = byte
        with pytest.raises(Invalid, match="damaged"):
            read(tmp_path, bytes(broken))
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("xl/wörkbook.xml", "<x/>")
    with pytest.raises(Invalid, match="damaged"):  # a name that is no text
        read(tmp_path, data.getvalue().replace("ö".encode(), b"\xc3\x28"))


def test_a_cell_in_the_last_corner_does_not_take_the_memory(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        page.write(0, 0, "Name")
        page.write(1_048_575, 16_383, "x")

    with pytest.raises(Invalid, match="columns wide"):
        read(tmp_path, sheet(fill))


# --- vCards

CARDS = """BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;\r
EMAIL;INTERNET:joerg@x.example\r
TEL;WORK;PREF:+49 30 1234567\r
TEL;CELL:0171 5551234\r
NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=\r
two=\r
 three\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:3.0\r
FN:Jane Roe\r
N:Roe;Jane;Q.;;\r
ORG:Quillhaven\\, Logistics;Sales\r
TITLE:Director of very many thing\r
 s that need a second line\r
item1.EMAIL;type=INTERNET;type=WORK:jane@quill.example\r
EMAIL;TYPE=HOME:roe@home.example\r
UID:abc-1\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:4.0\r
FN:Ann Lee\r
TEL;VALUE=uri;TYPE="voice,home":tel:+44-20-7946-0000;ext=102\r
TEL;VALUE=uri;TYPE=fax:tel:+44-20-7946-0001\r
EMAIL;PREF=1:ann@x.example\r
EMAIL;PREF=2:lee@home.example\r
CATEGORIES:Key\\, account,VIP\r
CATEGORIES:VIP,Semi\\;colon\r
URL:https://x.example\r
END:VCARD\r
BEGIN:VCARD\r
N:;;;;\r
FN:Acme AG\r
ORG:Acme AG;\r
X-ABShowAs:COMPANY\r
END:VCARD\r
BEGIN:VCARD\r
N:Cut;Off\r
"""


def test_vcards_of_three_versions(tmp_path: Path) -> None:
    layout, rows = read(tmp_path, CARDS)
    found = [dict(zip(layout.headers, row.cells, strict=True)) for row in rows if not row.error]
    joerg, jane, ann, firm = found
    assert (joerg["First name"], joerg["Last name"], joerg["E-mail"]) == ("Jörg", "Müller", "joerg@x.example")
    assert joerg["Phone"].split("\n") == ["+49 30 1234567", "0171 5551234"]
    assert joerg["Note"] == "one\r\ntwothree"
    assert (jane["First name"], jane["Company"], jane["UID"]) == ("Jane Q.", "Quillhaven, Logistics", "abc-1")
    assert jane["Job title"] == "Director of very many things that need a second line"
    assert jane["E-mail"].split("\n") == ["jane@quill.example", "roe@home.example"]
    assert (ann["First name"], ann["Last name"], ann["Phone"]) == ("Ann", "Lee", "+44-20-7946-0000 ext. 102")
    assert ann["E-mail"].split("\n") == ["ann@x.example", "lee@home.example"]
    assert (ann["Website"], ann["Categories"]) == ("https://x.example", '"Key, account"; VIP; "Semi;colon"')
    assert (firm["Full name"], firm["Last name"]) == ("Acme AG", "")
    assert rows[4].error == "This card has no end."


# --- Guesses

HEADERS = {
    "contact": [
        ("Vorname", "first_name"), ("Nachname", "last_name"), ("E-Mail-Adresse", "emails"),
        ("Telefon geschäftlich", "phones"),
        ("Mobiltelefon", "phones"), ("Firma", "company"), ("Position", "title"), ("Zuständig", "owner"), ("Fax", None),
        ("E-mail 2 - Value", "emails"), ("E-mail 2 - Type", None), ("Bemerkung", "description"),
        ("E-mail 2 Display Name", None), ("Lead Status", None), ("Lifecycle Stage", "lifecycle"),
        ("Person - ID", "external_id"),
    ],
    "company": [
        ("Company name", "name"), ("Company Domain Name", "domain"), ("Industry", "industry"),
        ("Postleitzahl", "postcode"),
        ("Ort", "city"), ("Straße", "street"), ("Number of Employees", "employees"), ("Record ID", "external_id"),
    ],
    "deal": [
        ("Deal Name", "name"), ("Betrag", "amount"), ("STAGENAME", "stage"), ("Abschlussdatum", "expected_close"),
        ("Associated Company", "company"), ("Währung", "currency"), ("Deal owner", "owner"),
    ],
    "task": [
        ("Aufgabe", "title"), ("Fällig am", "due"), ("Priorität", "priority"), ("Zuständig", "assignee"),
        ("Status", "status"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("type_", HEADERS)
def test_type_and_columns_are_guessed_from_names_in_both_languages(type_: str) -> None:
    known = {name: built_in(name) for name in TYPES}
    headers = [header for header, _ in HEADERS[type_]]
    assert guess_type(headers, known) == type_
    assert dict(zip(headers, guess_mapping(type_, headers, [], known[type_]), strict=True)) == dict(HEADERS[type_])


def test_columns_of_other_programs_exports_are_guessed_without_a_choice() -> None:
    known = {name: built_in(name) for name in TYPES}
    blocks = (Path(__file__).parents[2] / "data" / "imports" / "columns.txt").read_text(encoding="utf-8").split("\n\n")
    wrong = []
    for block in blocks[1:]:
        first, *lines = block.strip().splitlines()
        type_, _, program = first[1:].partition("] ")
        cells = [[cell.strip() for cell in [*line.split("|"), "", ""][:4]] for line in lines]
        headers, wanted, *values = zip(*cells, strict=True)
        guessed = guess_mapping(type_, headers, values, known[type_])
        wrong += [(program, *each) for each in zip(headers, wanted, guessed, strict=True)
                  if each[1] not in ("*", each[2] or "")]  # fmt: skip
        wrong += [(program, type_)] if guess_type(headers, known) != type_ else []
    assert (len(blocks), wrong) == (42, [])


@pytest.mark.parametrize(
    ("text", "headers", "rows", "below"),
    [
        (  # as Salesforce ends its reports
            "Opportunity Name,Account Name,Amount\nPilot,Quill,1\nRollout,Berg,2\nGrand Totals (2 records)\n\n\n"
            "Copyright (c) 2026\nConfidential\n",
            ["Opportunity Name", "Account Name", "Amount"], ["Pilot", "Rollout"], 3,
        ),
        (  # as LinkedIn begins its
            'Notes:\n"You may notice that, at times, much is missing."\n\nFirst Name,Last Name,Company\nJane,Roe,\n'
            "Olaf,Berg,Berg\nAnn,Lee,Quill\n",
            ["First Name", "Last Name", "Company"], ["Jane", "Olaf", "Ann"], 0,
        ),
        (
            "Kunden 27.11.2026;;\nFirma;Ort;Umsatz\nQuill;Kiel;1\nTotal Energies;;\nBerg;Bonn;2\nSumme;;3\n",
            ["Firma", "Ort", "Umsatz"], ["Quill", "Total Energies", "Berg"], 1,
        ),
        ("Name,Domain,City\nQuill,q.example,Kiel\nBerg,b.example,Oslo\nTotal Energies\nLast\n",
         ["Name", "Domain", "City"], ["Quill", "Berg", "Total Energies", "Last"], 0),
        ("Firma;Ort;Umsatz\nQuill;Kiel;1\nBerg;;\nSumme;;1\n", ["Firma", "Ort", "Umsatz"], ["Quill", "Berg"], 1),
        ("Firma;Ort;Umsatz\nQuill;Kiel;1\nSumme;;1\n", ["Firma", "Ort", "Umsatz"], ["Quill"], 1),
        ("Name,City\nQuill,Kiel\n\nBerg\n", ["Name", "City"], ["Quill", "Berg"], 0),
        ("jane@x.example,,\nJane,Roe,Quill\nOlaf,Berg,Berg\n",
         ["Column 1", "Column 2", "Column 3"], ["jane@x.example", "Jane", "Olaf"], 0),
    ],
)  # fmt: skip
def test_titles_above_a_table_are_left_out_and_what_stands_below_it_is_asked_about(
    tmp_path: Path, text: str, headers: list[str], rows: list[str], below: int
) -> None:
    layout, _ = read(tmp_path, text)
    spool = Spool(tmp_path / "file", layout, [], {})
    found = list(spool.rows())
    spool.close()
    assert layout.headers == headers
    assert [row.cells[0] for row in found if row.error is None] == rows
    assert [row.error for row in found[len(rows) :]] == [BELOW] * below


def test_columns_without_a_known_name_are_guessed_from_what_they_hold() -> None:
    fields = built_in("contact")
    rows = [["Jane Roe", "jane@x.example", "+49 30 123456", "12.03.2026"]] * 3
    assert guess_mapping("contact", ["A", "B", "C", "D"], rows, fields) == [None, "emails", "phones", None]
    assert guess_type(["Column 1", "Column 2"], {name: built_in(name) for name in TYPES}) == "contact"


# --- Styles


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["03/04/2026", "31/12/2026"], ["2026-04-03", "2026-12-31"]),
        (["03/04/2026", "12/31/2026"], ["2026-03-04", "2026-12-31"]),
        (["3.4.26", "31. Dezember 2026", "2026-12-01"], ["2026-04-03", "2026-12-31", "2026-12-01"]),
        (["Dec 31, 2026", "5 Mar 2026", "1999-01-02"], ["2026-12-31", "2026-03-05", "1999-01-02"]),
        (["46387", "46387.75", "20261231"], ["2026-12-31"] * 3),  # a spreadsheet's cells without a date's format
    ],
)
def test_dates_in_three_styles_are_decided_over_the_column(column: list[str], expected: list[str]) -> None:
    evidence = Evidence()
    for cell in column:
        evidence.see_date(cell)
    style = evidence.style("en_GB")
    assert [moment(cell, style)[0].isoformat() for cell in column] == expected


@pytest.mark.parametrize(
    ("cell", "currency"),
    [
        ("₹ 5", "INR"),
        ("Rs. 5,000/-", "INR"),
        ("Fr. 5.–", "CHF"),
        ("5,- €", "EUR"),
        ("5 zł", "PLN"),
        ("50EUR", "EUR"),
        ("EUR1", "EUR"),
        ("5", ""),
    ],
)
def test_a_price_names_its_currency_as_people_write_it(cell: str, currency: str) -> None:
    assert money(cell, Style())[1] == currency


def test_what_is_no_number_stays_none() -> None:
    for nonsense in ("12k", "2.5M", "5 Mio. €", "3 Tsd", "5/3", "a/-", "- / -", "31/12/2026"):
        with pytest.raises(ValueError, match="not a number"):
            number(nonsense, Style())


def test_a_date_the_other_way_round_than_its_column_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="other way round"):
        moment("12/31/2026", Style("dmy"))
    for nonsense in ("31.02.2026", "soon", "2026-13-01", "45.45.2026"):
        with pytest.raises(ValueError, match=r"not a date|other way"):
            moment(nonsense, Style())
    assert moment("2026-11-27T04:17:01.123456Z", Style())[1:] == (datetime(2026, 4, 3, 4, 17, 1).time(), "Z")
    assert moment("3.4.2026 14:05 Uhr", Style())[:2] == (date(2026, 4, 3), datetime(2026, 4, 3, 14, 5).time())


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["1.234,50 €", "1.000"], ["1234.50", "1000"]),
        (["$1,234.50", "1,000"], ["1234.50", "1000"]),
        (["1'234.50 CHF", "12"], ["1234.50", "12"]),
        (["1 234,5", "-3,25", "0,125"], ["1234.5", "-3.25", "0.125"]),
        (["1.500,- €", "1.234", "-5,00"], ["1500.00", "1234", "-5.00"]),
        (["CHF 2’500.–", "Fr. 99.95", "CHF 1'000.—", "12'000"], ["2500.00", "99.95", "1000.00", "12000"]),
        (["₹ 12,34,567.89", "1,00,000", "Rs. 5,000/-"], ["1234567.89", "100000", "5000"]),
    ],
)
def test_money_in_local_spelling(column: list[str], expected: list[str]) -> None:
    evidence = Evidence()
    for cell in column:
        evidence.see_number(cell)
    assert [str(number(cell, evidence.style("en"))) for cell in column] == expected
