/**
 * What every page begins with: is somebody signed in, who, the theme, the way out, and the banner when the session ends.
 */
import { h } from "./dom.js";
import { banner, problemBox } from "./notice.js";
import * as session from "./session.js";
import { leaveForGood, settings, wayIn } from "./sign_in.js";
import { themeButton } from "./theme.js";

const WHY_NOT = {
  notConfigured: "Nobody can sign in here: this installation has no client id for the portal (PORTAL_CLIENT_ID).",
  unavailable: "The sign-in service does not answer now. Reload the page in a moment.",
};

/**
 * Runs a page: `build(main)` fills the element `main` and may be async. Without a session the browser leaves for the sign-in page
 * and comes back to this address.
 */
export async function start(build) {
  const main = document.getElementById("main");
  const tools = document.getElementById("tools");
  tools.append(themeButton());
  const place = document.querySelector(`[data-place="${document.body.dataset.page}"]`);
  place?.setAttribute("aria-current", "page");

  // A page out of the browser's memory shows what was true when it was left, and to whom.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  if (session.token() === null) {
    const { state } = settings();
    if (state === "possible") {
      location.replace(wayIn());
      return;
    }
    banner({ name: "sign-in", kind: "warn", text: WHY_NOT[state] });
    return;
  }
  tools.prepend(
    h("span", { class: "who" }, session.who()?.name ?? ""),
    h("button", { type: "button", class: "quiet", onclick: leaveForGood }, "Sign out"),
  );
  session.onExpired(() =>
    banner({
      name: "session",
      kind: "warn",
      text: "Your sign-in has run out. What you typed and selected is kept.",
      action: { label: "Sign in again", run: () => location.assign(wayIn()) },
    }));
  try {
    await build(main);
  } catch (error) {
    main.append(problemBox(error, () => location.reload()));
  }
}
