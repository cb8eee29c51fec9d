/**
 * /M2M/SignIn: leaves for the issuer, and takes what comes back from there. Stays in sight only when there is something to say.
 */
import { fill, h } from "../dom.js";
import { emptyState } from "../notice.js";
import { SignInError, comeBack, leave, placeOfAttempt, settings } from "../sign_in.js";
import { themeButton } from "../theme.js";

const main = document.getElementById("main");
const parameters = new URLSearchParams(location.search);
/** A second try leads to where the first one should have. */
const place = parameters.get("return") ?? placeOfAttempt() ?? "";

function say(title, text, label) {
  const again = () => attempt(() => leave(settings(), place));
  const action = label && h("button", { type: "button", class: "primary", onclick: again }, label);
  fill(main, h("h1", { class: "unseen" }, "Sign in"), emptyState({ title, text, action }));
}

async function attempt(work) {
  say("Signing in …", "");
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SignInError)) console.error(error);
    const words = error instanceof SignInError ? error.message : "The page failed. Try again.";
    say("You are not signed in", words, "Try again");
  }
}

document.getElementById("tools").append(themeButton());
const client = settings();
if (client.state === "notConfigured") {
  say("Nobody can sign in here", "This installation has no client id for the portal. An administrator sets PORTAL_CLIENT_ID.");
} else if (client.state === "unavailable") {
  say("The sign-in service does not answer", "Reload the page in a moment.");
} else if (parameters.has("code") || parameters.has("error")) {
  // The code is used once; a reload must not send it again.
  history.replaceState(null, "", location.pathname);
  await attempt(async () => location.replace(await comeBack(client, parameters)));
} else if (parameters.has("signedOut")) {
  say("You are signed out", "What was selected and typed in this tab is forgotten.", "Sign in");
} else {
  await attempt(() => leave(client, place));
}
