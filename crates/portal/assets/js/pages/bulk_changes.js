/**
 * /M2M/BulkChanges: bulk changes, or one of them (`?id=17`).
 */
import { h } from "../dom.js";
import { start } from "../frame.js";

await start((main) => main.append(h("h1", {}, "Bulk changes")));
