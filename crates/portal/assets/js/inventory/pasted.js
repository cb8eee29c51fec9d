/**
 * A pasted list of ICCIDs: the dialog that takes it, and what is said about it while it is typed.
 */
import { openDialog } from "../dialog.js";
import { fill, h, whenQuiet } from "../dom.js";
import { field } from "../form.js";
import { count, number } from "../format.js";
import { MOST, readList } from "../identifiers.js";

/** The most identifiers that the inventory filters by. */
export const MOST_FILTERED = 300;
/** Faulty words that are shown of many. */
const SHOWN = 5;

/** What was found in a pasted list, in words: nodes. */
export function findings({ iccids, duplicates, malformed }) {
  if (iccids.length + malformed.length === 0) return [];
  return [
    h("p", {}, h("strong", {}, count(iccids.length, "device"))),
    iccids.length > MOST && h("p", { class: "bad" }, `One request takes at most ${number(MOST)}: leave out ${number(iccids.length - MOST)}.`),
    duplicates.length > 0 && h("p", { class: "muted" }, `${count(duplicates.length, "ICCID")} named more than once; each counts once.`),
    malformed.length > 0 && h("p", { class: "bad" }, `${count(malformed.length, "entry", "entries")} cannot be an ICCID and ${malformed.length === 1 ? "is" : "are"} left out:`),
    malformed.length > 0 && h("ul", { class: "small" },
      malformed.slice(0, SHOWN).map(({ line, text, why }) => h("li", {}, `Line ${line}: `, h("code", {}, text.slice(0, 40)), ` ${why}`)),
      malformed.length > SHOWN && h("li", {}, `and ${number(malformed.length - SHOWN)} more`)),
  ];
}

/** Asks for a list. `onfilter(iccids)` shows them in the inventory, `onassign(text)` goes on to the assignment with all that was pasted. */
export function askForList({ text = "", onfilter, onassign }) {
  const control = h("textarea", { rows: 10, placeholder: "8900011…\n8900011…", autofocus: true });
  control.value = text;
  const found = h("div", { class: "findings", role: "status" });
  const place = field({ label: "ICCIDs", hint: "One a line, or separated by commas or blanks, as a spreadsheet gives them.", control });
  let list = readList(text);
  const read = whenQuiet(150, () => {
    list = readList(control.value);
    place.fault("");
    fill(found, findings(list));
  });
  control.addEventListener("input", read);
  const checked = (most, words) => {
    read.now();
    const fault = list.iccids.length === 0 ? "Paste at least one ICCID." : list.iccids.length > most ? words : "";
    place.fault(fault);
    return fault === "";
  };
  openDialog({
    title: "Paste ICCIDs",
    body: [place.element, found],
    actions: [
      {
        label: "Show in the list",
        kind: "",
        run: () => checked(MOST_FILTERED, `The list shows at most ${MOST_FILTERED} at once. With more, go on to the assignment: its check tells about each.`)
          && onfilter(list.iccids),
      },
      { label: "Assign these", run: () => checked(MOST, `One request takes at most ${number(MOST)}.`) && onassign(control.value) },
    ],
  });
  read.now();
}
