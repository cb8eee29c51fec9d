/**
 * Lists of ICCIDs as people paste them: separated by blanks, commas, semicolons or lines, quoted or not, with a heading or
 * without. Pure.
 */

/** The most devices of one request. */
export const MOST = 10_000;
const ICCID = /^[0-9]{18,22}$/;
const HEADING = /^(iccid|iccids|sim|device|devices)$/i;

/**
 * Answers `{iccids, duplicates, malformed}`: each ICCID once and in order; those that came again, once each; and what is none, as
 * `[{line, text, why}]`.
 */
export function readList(text) {
  const seen = new Set();
  const duplicates = new Set();
  const malformed = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    for (const raw of line.split(/[\s,;|]+/)) {
      const word = raw.replace(/^["'`]+|["'`]+$/g, "");
      if (word === "" || HEADING.test(word)) continue;
      if (!ICCID.test(word)) malformed.push({ line: index + 1, text: word, why: why(word) });
      else if (seen.has(word)) duplicates.add(word);
      else seen.add(word);
    }
  }
  return { iccids: [...seen], duplicates: [...duplicates], malformed };
}

/** Why a word is no ICCID. */
export function why(word) {
  if (/^[0-9.]+e\+?[0-9]+$/i.test(word)) return "a spreadsheet turned it into a rounded number: format the column as text";
  if (!/^[0-9]+$/.test(word)) return "has characters that are not digits";
  return `has ${word.length} digits; an ICCID has 18 to 22`;
}
