"""Copies infra/sql into a folder as one schema: columns that a later file adds stand in the CREATE TABLE of the first.

The checker of the SQL knows a table by its CREATE TABLE alone, so that it would not find columns of an ALTER TABLE ... ADD.
Lines stay where they are, so that what the checker says about a file is true of the original.
"""

import pathlib
import re
import sys

ADDED = re.compile(r"^ALTER TABLE dbo\.(\w+) ADD (?!CONSTRAINT\b)(.+);[ \t]*$", re.MULTILINE)


def main(source: pathlib.Path, target: pathlib.Path) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(source.rglob("*.sql"))}
    added: dict[str, list[str]] = {}
    for text in texts.values():
        for table, columns in ADDED.findall(text):
            added.setdefault(table, []).append(columns)
    for path, text in texts.items():
        text = ADDED.sub("", text)
        for table, columns in added.items():
            create = f"CREATE TABLE dbo.{table} (\n"
            text = text.replace(create, f"{create.rstrip()} {', '.join(columns)},\n")
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
