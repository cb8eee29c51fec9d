"""compare.py FOLDER CLIENT...: what the clients have read of every table is the same, cell by cell."""

import json
import pathlib
import sys

folder, first, *others = sys.argv[1:]
dumps = {client: json.loads((pathlib.Path(folder) / f"{client}.json").read_text(encoding="utf-8")) for client in (first, *others)}
passed = failed = 0


def check(what, left, right):
    global passed, failed
    if left == right:
        passed += 1
        return True
    failed += 1
    print(f"FAILED  {what}\n        {first}: {str(left)[:300]}\n        other: {str(right)[:300]}")
    return False


rows = sum(len(table["rows"]) for table in dumps[first].values())
check("there is sample data to compare", rows > 100, True)
for other in others:
    check(f"{other}: the tables", sorted(dumps[first]), sorted(dumps[other]))
    for name, table in dumps[first].items():
        found = dumps[other].get(name, {"columns": [], "rows": []})
        if not check(f"{other}: columns of {name}", table["columns"], found["columns"]):
            continue
        if check(f"{other}: number of rows of {name}", len(table["rows"]), len(found["rows"])):
            for place, (left, right) in enumerate(zip(table["rows"], found["rows"], strict=True)):
                check(f"{other}: row {place + 1} of {name}", left, right)
print(f"the same in {', '.join(dumps)}: {len(dumps[first])} tables, {rows} rows, {passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
