/**
 * Every device that the filters find, for "select all", page by page.
 */
import { get } from "../api.js";

const PAGE = 500;

/** Answers `[[iccid, serviceProviderId]]`, at most `most`; `onprogress(count)` hears how far it is. */
export async function collect(query, most, { signal, onprogress }) {
  const found = [];
  for (let page = 1; ; page += 1) {
    const answer = await get("/M2M/Index", { signal, query: { ...query, sort: "iccid", sortDir: "asc", page, pageSize: PAGE } });
    found.push(...answer.items.map((device) => [device.iccid, device.serviceProviderId]));
    onprogress(found.length);
    if (found.length >= most || answer.items.length < PAGE) return found.slice(0, most);
  }
}
