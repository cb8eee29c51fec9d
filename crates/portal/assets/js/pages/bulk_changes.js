/**
 * /M2M/BulkChanges: bulk changes, or one of them (`?id=17`).
 */
import { start } from "../frame.js";
import { showList } from "./bulk_changes_list.js";
import { showOne } from "./bulk_changes_one.js";

const id = new URLSearchParams(location.search).get("id");
await start((main) => (id === null ? showList(main) : showOne(main, id)));
