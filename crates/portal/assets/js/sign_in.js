/**
 * Signing in: OpenID Connect code flow with PKCE (RFC 7636, S256), for a public client. The shell tells the client and the
 * endpoints in `<meta name="sign-in">`. Between leaving and coming back, state, nonce, verifier and the place to go to lie in
 * sessionStorage and are used once.
 */
import * as session from "./session.js";
import { read, write } from "./store.js";

const ATTEMPT = "attempt";
const PLACE = "/M2M/SignIn";
const HOME = "/M2M/Index";
/** Milliseconds that the token endpoint may take. */
const PATIENCE = 15_000;
/** Seconds that a token must live to be worth anything. */
const SHORTEST = 10;

/** Why signing in did not work; the message is for people. */
export class SignInError extends Error {}

/** What the shell says: `{state: "notConfigured" | "unavailable" | "possible", …client}`. */
export function settings() {
  return JSON.parse(document.querySelector('meta[name="sign-in"]').content);
}

/** Bytes as base64url without padding (RFC 4648, section 5). */
export function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The members of a JWT's payload; its signature is not looked at (it comes from the token endpoint itself). */
export function claimsOf(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Where to go after signing in: a page of ours, never another origin. */
export function safePlace(place, origin) {
  try {
    const url = new URL(place, origin);
    const ours = url.origin === origin && url.pathname.startsWith("/M2M/") && url.pathname !== PLACE;
    return ours ? url.pathname + url.search + url.hash : HOME;
  } catch {
    return HOME;
  }
}

/** What is wrong with an identity token (OpenID Connect Core 1.0, section 3.1.3.7), or null. `now` in milliseconds. */
export function faultOf(claims, client, nonce, now) {
  const audience = [claims.aud].flat();
  if (claims.iss !== client.issuer) return "it comes from another issuer";
  if (!audience.includes(client.clientId)) return "it is meant for another application";
  if (claims.nonce !== nonce) return "it belongs to another attempt";
  if (!(claims.exp * 1000 > now - 60_000)) return "it has expired";
  if (typeof claims.sub !== "string" || claims.sub === "") return "it names nobody";
  return null;
}

/** The address of the sign-in page that leads back to `place`. */
export function wayIn(place = location.pathname + location.search + location.hash) {
  return `${PLACE}?${new URLSearchParams({ return: place })}`;
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** Where the attempt that is under way, or went wrong, should have led to; null when there is none. */
export function placeOfAttempt() {
  return read(ATTEMPT)?.place ?? null;
}

/** Leaves for the issuer. */
export async function leave(client, place) {
  if (!crypto.subtle) {
    throw new SignInError("The browser signs in over https only, or on this machine by the name localhost.");
  }
  const attempt = { state: random(), nonce: random(), verifier: random(), place: safePlace(place, location.origin) };
  if (!write(ATTEMPT, attempt)) {
    throw new SignInError("The browser keeps nothing for this site: allow it site data, and try again.");
  }
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(attempt.verifier));
  const url = new URL(client.authorizationEndpoint);
  const members = {
    response_type: "code",
    client_id: client.clientId,
    redirect_uri: location.origin + PLACE,
    scope: client.scope,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(members)) url.searchParams.set(name, value);
  location.replace(url);
}

/**
 * Takes what the issuer sent back in `parameters` (of the page's address) and begins the session. Answers where to go.
 */
export async function comeBack(client, parameters) {
  const attempt = read(ATTEMPT);
  write(ATTEMPT, null);
  if (!attempt || parameters.get("state") !== attempt.state) {
    throw new SignInError("This way back belongs to no sign-in of this tab. Begin again.");
  }
  if (parameters.has("error")) {
    const words = parameters.get("error_description") ?? parameters.get("error");
    throw new SignInError(`The sign-in service refused: ${words}`);
  }
  const answer = await exchange(client, parameters.get("code"), attempt.verifier);
  if (typeof answer.id_token !== "string" || typeof answer.access_token !== "string") {
    throw new SignInError("The sign-in service did not say who signed in.");
  }
  const claims = claimsOf(answer.id_token);
  const fault = faultOf(claims, client, attempt.nonce, Date.now());
  if (fault) throw new SignInError(`The sign-in service sent an identity that does not fit: ${fault}.`);
  const life = Number(answer.expires_in ?? 300);
  // A shorter one is over before a page has begun, and the page would send whoever signed in back here without end.
  if (!(life >= SHORTEST)) throw new SignInError("The sign-in service gave a token that is over already.");
  session.begin({
    accessToken: answer.access_token,
    subject: `${claims.iss} ${claims.sub}`,
    name: claims.name ?? claims.preferred_username ?? claims.email ?? claims.sub,
    expiresAt: Date.now() + life * 1000,
  });
  return safePlace(attempt.place, location.origin);
}

async function exchange(client, code, verifier) {
  let response;
  try {
    response = await fetch(client.tokenEndpoint, {
      method: "POST",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE),
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code: code ?? "",
        redirect_uri: location.origin + PLACE,
        client_id: client.clientId,
        code_verifier: verifier,
      }),
    });
  } catch {
    throw new SignInError("The sign-in service cannot be reached. Try again in a moment.");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    const words = answer.error_description ?? answer.error ?? `status ${response.status}`;
    throw new SignInError(`The sign-in service refused: ${words}`);
  }
  return answer;
}

/** Signs out here, and at the issuer where it has a place for that. */
export function leaveForGood() {
  const client = settings();
  session.end();
  const back = `${location.origin}${PLACE}`;
  if (!client.endSessionEndpoint) {
    location.replace(`${PLACE}?signedOut=`);
    return;
  }
  const url = new URL(client.endSessionEndpoint);
  // No id_token_hint: it would lay who signed in down in histories and logs.
  url.searchParams.set("client_id", client.clientId);
  url.searchParams.set("post_logout_redirect_uri", `${back}?signedOut=`);
  // Amazon Cognito's word for the same.
  url.searchParams.set("logout_uri", `${back}?signedOut=`);
  location.replace(url);
}
