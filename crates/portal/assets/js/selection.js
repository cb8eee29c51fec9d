/**
 * The devices that a person picked: ICCID and service provider of each. Survives pages, filters and reloads of the tab, until it is
 * cleared, used up or the person signs out.
 */
import { MOST } from "./identifiers.js";
import { read, write } from "./store.js";

const NAME = "selection";

export class Selection {
  #devices;
  #listeners = new Set();

  constructor(entries = read(NAME) ?? []) {
    this.#devices = new Map(entries);
  }

  get size() {
    return this.#devices.size;
  }

  has(iccid) {
    return this.#devices.has(iccid);
  }

  /** `[[iccid, serviceProviderId]]`, in the order of picking. */
  entries() {
    return [...this.#devices];
  }

  /** Adds devices, `[[iccid, serviceProviderId]]`, up to the most that one request takes. Answers how many had no room. */
  add(entries) {
    let left = 0;
    for (const [iccid, provider] of entries) {
      if (this.#devices.has(iccid)) continue;
      if (this.#devices.size >= MOST) left += 1;
      else this.#devices.set(iccid, provider);
    }
    this.#changed();
    return left;
  }

  /** Takes devices out, by ICCID. */
  remove(iccids) {
    for (const iccid of iccids) this.#devices.delete(iccid);
    this.#changed();
  }

  clear() {
    this.#devices.clear();
    this.#changed();
  }

  /** Calls `listener` after each change. */
  onchange(listener) {
    this.#listeners.add(listener);
  }

  #changed() {
    write(NAME, this.#devices.size === 0 ? null : this.entries());
    for (const listener of this.#listeners) listener();
  }
}
