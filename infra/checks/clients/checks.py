"""What the Python clients are checked against, and how a check is told."""

import datetime
import decimal
import json
import os
import pathlib
import struct
import sys
import uuid

HERE = pathlib.Path(__file__).resolve().parent
TYPES = json.loads((HERE / "types.json").read_text(encoding="utf-8"))
SERVER = json.loads(os.environ["CLIENTS_SERVER"])
FOLDER = pathlib.Path(os.environ["CLIENTS_FOLDER"])
ALL_TABLES = "SELECT s.name AS s, t.name AS t FROM sys.tables AS t INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id ORDER BY t.name"
LONG = "Ünïcödé 😀 " * 1_000


class Checks:
    """Prints a line for each check and counts those that fail."""

    def __init__(self, client):
        self.client = client
        self.passed = 0
        self.failed = 0

    def equal(self, what, found, expected):
        if found == expected:
            self.passed += 1
            print(f"ok      {self.client}: {what}")
        else:
            self.failed += 1
            print(f"FAILED  {self.client}: {what}\n        expected {shown(expected)}\n        found    {shown(found)}")

    def step(self, what, act):
        """Several checks in one; what goes wrong on the way is a failure too, and the steps after it still run."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever a client raises is a finding
            self.equal(what, f"{type(error).__name__}: {error}", "no error")

    def refused(self, what, act, number, words):
        """The act raises an error with this number and these words."""
        try:
            act()
        except Exception as error:  # noqa: BLE001
            told = number_of(error), words in str(error)
            self.equal(what, told if told[1] else (told[0], str(error)), (number, True))
        else:
            self.equal(what, "no error", (number, words))

    def end(self):
        print(f"{self.client}: {self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


def shown(value):
    text = repr(value)
    return text if len(text) < 400 else f"{text[:400]} ... ({len(text)} characters)"


def number_of(error):
    """SQL Server's number: python-tds has an attribute for it, pymssql the first argument."""
    number = getattr(error, "number", None)
    if number is None and error.args:
        first = error.args[0]
        number = first[0] if isinstance(first, tuple) else first
    return number


def text_of(value):
    """One text for a value, the same for every client: see the README of the crate."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case int() | str():
            return str(value)
        case float():
            return "float " + struct.pack(">d", value).hex()
        case decimal.Decimal():
            text = f"{value:f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
        case bytes() | bytearray():
            return "0x" + bytes(value).hex()
        case uuid.UUID():
            return str(value)
        case datetime.datetime() if value.tzinfo:
            utc = value.astimezone(datetime.timezone.utc)
            return utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case datetime.datetime():
            return value.isoformat(timespec="microseconds")
        case datetime.date():
            return value.isoformat()
    raise TypeError(f"{value!r} of {type(value)}")


def expected_text(kind, text):
    return text_of(float(text)) if kind == "float" else text


def python_value(kind, text):
    """The value to send for this text."""
    match kind:
        case "bit":
            return text == "true"
        case "whole":
            return int(text)
        case "decimal":
            return decimal.Decimal(text)
        case "float":
            return float(text)
        case "text":
            return text
        case "bytes":
            return bytes.fromhex(text[2:])
        case "guid":
            return uuid.UUID(text)
        case "date":
            return datetime.date.fromisoformat(text)
        case "moment":
            return datetime.datetime.fromisoformat(text)
        case "offset":
            return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    raise ValueError(kind)


def definition(table):
    """The table with every type, once for values that may be missing and once for those that may not."""
    columns = [f"{t['name']} {t['declared']} NULL" for t in TYPES]
    columns += [f"{t['name']}Always {t['declared']} NOT NULL DEFAULT {t['values'][0][0]}" for t in TYPES]
    return f"CREATE TABLE {table} (Id int IDENTITY(1,1) NOT NULL PRIMARY KEY, {', '.join(columns)})"


def literal_rows(table):
    names = ", ".join(t["name"] for t in TYPES)
    rows = [", ".join(t["values"][row][0] for t in TYPES) for row in (0, 1)]
    return [f"INSERT INTO {table} ({names}) VALUES ({row})" for row in rows] + [f"INSERT INTO {table} DEFAULT VALUES"]


def expected_rows():
    always = [expected_text(t["kind"], t["values"][0][1]) for t in TYPES]
    rows = [[expected_text(t["kind"], t["values"][row][1]) for t in TYPES] for row in (0, 1)]
    return [row + always for row in [*rows, [None] * len(TYPES)]]


def write_dump(client, read):
    """Every table of the database, as this client reads it: `read` gives column names and rows."""
    tables = {}
    for schema, name in read(ALL_TABLES)[1]:
        if not name.startswith("ClientCheck"):
            columns, rows = read(f"SELECT * FROM {schema}.[{name}]")
            tables[name] = {"columns": columns, "rows": [[text_of(value) for value in row] for row in rows]}
    (FOLDER / f"{client}.json").write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
    return len(tables)
