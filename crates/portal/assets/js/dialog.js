/**
 * A question in front of the page: the browser's own `<dialog>`, which keeps the focus inside, closes with Escape, and gives the
 * focus back.
 */
import { h, uniqueId } from "./dom.js";

/**
 * Opens one. `actions` is `[{label, kind, run}]`; the dialog closes when `run` answers anything but false. `cancel` is on the
 * button that only closes.
 */
export function openDialog({ title, body, actions, cancel = "Cancel" }) {
  const id = uniqueId("dialog");
  const dialog = h("dialog", { "aria-labelledby": id, class: "dialog" });
  const close = () => dialog.close();
  dialog.append(
    h("div", { class: "dialog-head" },
      h("h2", { id }, title),
      h("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: close }, "✕")),
    h("div", { class: "dialog-body" }, body),
    h("div", { class: "dialog-foot" },
      h("button", { type: "button", onclick: close }, cancel),
      actions.map(({ label, kind = "primary", run }) =>
        h("button", { type: "button", class: kind, onclick: async () => {
          if ((await run()) !== false) close();
        } }, label))),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
