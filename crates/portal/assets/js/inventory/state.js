/**
 * What the inventory page shows: filters, order and page. It lies in the page's address, so that a reload, the way back and a
 * sign-in in between keep it. Pure.
 */

/** Filters with what stands for "no matter". */
export const FILTERS = {
  filter: "",
  serviceProviderId: "",
  status: "",
  revCustomerId: "",
  assigned: "",
  carrierRatePlan: "",
  customerRatePlanId: "",
  archived: "",
};
const VIEW = { sort: "iccid", sortDir: "asc", page: 1, pageSize: 50 };

/** Names of the filters for people. */
const LABELS = {
  filter: "Search",
  serviceProviderId: "Provider",
  status: "Status",
  revCustomerId: "Customer",
  assigned: "Assigned",
  carrierRatePlan: "Carrier plan",
  customerRatePlanId: "Customer plan",
  archived: "Archived",
};

/** The state in an address's query; what is missing or wrong is as at the beginning. */
export function readState(search) {
  const given = new URLSearchParams(search);
  const state = { ...FILTERS, ...VIEW };
  for (const name of Object.keys(state)) {
    const value = given.get(name);
    if (value === null) continue;
    state[name] = typeof state[name] === "number" ? positive(value) ?? state[name] : value;
  }
  state.pageSize = Math.min(state.pageSize, 500);
  return state;
}

function positive(text) {
  return /^[1-9][0-9]{0,6}$/.test(text) ? Number(text) : null;
}

/** The query of the page's own address: only what differs from the beginning. */
export function toSearch(state) {
  const beginning = { ...FILTERS, ...VIEW };
  const differing = Object.entries(state).filter(([name, value]) => name in beginning && String(value) !== String(beginning[name]));
  const text = new URLSearchParams(differing.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

/** Filters and order as the API takes them; `identifiers` is the pasted list, or empty. */
export function toQuery(state, identifiers = []) {
  const { page, pageSize, ...rest } = state;
  return { ...rest, identifiers: identifiers.join(" ") };
}

/** The filters that are set, `[{name, label, value}]`; `names` knows what ids stand for. */
export function active(state, names = {}) {
  return Object.keys(FILTERS)
    .filter((name) => state[name] !== "")
    .map((name) => ({ name, label: LABELS[name], value: names[name]?.(state[name]) ?? words(name, state[name]) }));
}

function words(name, value) {
  if (name === "assigned") return value === "true" ? "yes" : "no";
  return name === "archived" ? "shown" : value;
}
