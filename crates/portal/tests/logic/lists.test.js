import assert from "node:assert/strict";
import { test } from "node:test";

import { cell, csv } from "../../assets/js/files.js";
import { readList } from "../../assets/js/identifiers.js";
import { range } from "../../assets/js/pager.js";
import { Selection } from "../../assets/js/selection.js";
import { visible } from "../../assets/js/window.js";

const A = "89000110000000000001";
const B = "89000110000000000002";

test("a pasted list is read as spreadsheets and people write it", () => {
  for (const text of [`${A}\n${B}`, `${A}, ${B}`, `ICCID\r\n"${A}"\r\n${B}\t\r\n`, ` ${A};${B} `]) {
    assert.deepEqual(readList(text), { iccids: [A, B], duplicates: [], malformed: [] }, text);
  }
  assert.deepEqual(readList("").iccids, []);
});

test("what comes again and what is no ICCID is named with its line", () => {
  const read = readList(`${A}\n${A} ${A}\n8.90001E+19\n1234\n${A.slice(0, 17)}x\n${"9".repeat(23)}`);
  assert.deepEqual([read.iccids, read.duplicates], [[A], [A]]);
  assert.deepEqual(read.malformed.map(({ line }) => line), [3, 4, 5, 6]);
  assert.match(read.malformed[0].why, /spreadsheet/);
  assert.match(read.malformed[1].why, /4 digits/);
  assert.match(read.malformed[2].why, /not digits/);
});

test("10,000 lines are read at once", () => {
  const text = Array.from({ length: 10_000 }, (_, at) => `8900011${String(at).padStart(13, "0")}`).join("\n");
  assert.equal(readList(text).iccids.length, 10_000);
});

test("drawn rows cover the view wherever it is, and never more than there are", () => {
  for (const total of [0, 1, 30, 10_000]) {
    for (const top of [-10, 0, 33, 5_000, 329_000, 1e9]) {
      const { from, to } = visible({ total, top, height: 600, rowHeight: 33 });
      assert.ok(from >= 0 && to <= total && from <= to, `${total} ${top}`);
      const first = Math.min(Math.floor(Math.max(top, 0) / 33), Math.max(total - 19, 0));
      assert.ok(from <= first && to >= Math.min(first + 19, total), `${total} ${top}: ${from} to ${to}`);
      assert.ok(to - from <= 19 + 41, `${total} ${top}: ${to - from} rows`);
    }
  }
});

test("a page says where it is", () => {
  assert.equal(range(1, 25, 0), "None");
  assert.equal(range(2, 25, 26), "26–26 of 26");
  assert.equal(range(2, 1000, 4913), "1,001–2,000 of 4,913");
});

test("a selection takes each device once and no more than one request takes", () => {
  const selection = new Selection([]);
  let changes = 0;
  selection.onchange(() => {
    changes += 1;
  });
  const many = Array.from({ length: 10_001 }, (_, at) => [String(at), 1]);
  assert.equal(selection.add(many.slice(0, 2)), 0);
  assert.equal(selection.add(many), 1);
  assert.equal(selection.size, 10_000);
  selection.remove(["0"]);
  assert.equal(selection.has("0"), false);
  selection.clear();
  assert.deepEqual([selection.size, changes], [0, 4]);
});

test("a cell is quoted, and no formula", () => {
  assert.equal(cell('a "b", c'), '"a ""b"", c"');
  for (const formula of ["=1+1", "+1", "-1", "@x"]) assert.equal(cell(formula), `'${formula}`);
  for (const formula of ["\r=1", "\n=1"]) assert.equal(cell(formula), `"'${formula}"`);
  assert.equal(csv([["a", null], [1, "x\ny"]]), 'a,\r\n1,"x\ny"\r\n');
});
