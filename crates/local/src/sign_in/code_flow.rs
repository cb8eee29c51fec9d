//! Signing in with a browser: `OpenID` Connect code flow with PKCE, for public clients on this machine.
//!
//! `GET /authorize` shows the sample's people, `POST /authorize` takes the choice and sends the browser back with a code, and
//! `POST /token` (in `endpoints`) gives the tokens for it, once, to whoever knows the verifier (RFC 7636).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_lc_rs::digest;
use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::{Host, Url};
use uuid::Uuid;

use super::{
    Claims, Desk,
    claims::seconds_since_1970,
    people::{PEOPLE, Person},
};

/// How long a code counts (RFC 6749, section 4.1.2, says ten minutes at most).
const CODE_LIFE: Duration = Duration::from_mins(1);
/// Where the portal takes people back.
const WAY_BACK: &str = "/M2M/SignIn";

/// What the portal asks for (`OpenID` Connect Core 1.0, section 3.1.2.1).
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct Wish {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
    nonce: String,
    code_challenge: String,
    code_challenge_method: String,
}

/// What a person chose on the form.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    person: Option<String>,
    expires_in: Option<i64>,
}

/// What a code stands for, until it is used.
#[derive(Debug)]
struct Grant {
    wish: Wish,
    person: &'static Person,
    expires_in: i64,
    given: Instant,
}

/// Codes that were given and not used.
#[derive(Debug, Default)]
pub(super) struct Codes(Mutex<HashMap<String, Grant>>);

impl Codes {
    fn keep(&self, grant: Grant) -> String {
        let code = Uuid::new_v4().simple().to_string();
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.insert(code.clone(), grant);
        code
    }

    /// A code counts once, even for a caller who then turns out to be the wrong one.
    fn take(&self, code: &str) -> Option<Grant> {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes
            .remove(code)
            .filter(|grant| grant.given.elapsed() < CODE_LIFE)
    }
}

impl Wish {
    /// Where the browser goes back to. Anything but the portal on this machine would make the stand-in a relay for others.
    fn way_back(&self) -> Option<Url> {
        let url = Url::parse(&self.redirect_uri).ok()?;
        let here = match url.host()? {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        (here && url.path() == WAY_BACK && url.query().is_none()).then_some(url)
    }

    fn fault(&self) -> Option<&'static str> {
        if self.response_type != "code" {
            Some("unsupported_response_type")
        } else if !self.scope.split(' ').any(|name| name == "openid") {
            Some("invalid_scope")
        } else if self.code_challenge_method != "S256"
            || self.code_challenge.len() != 43
            || self.client_id.is_empty()
        {
            Some("invalid_request")
        } else {
            None
        }
    }

    fn back_with(&self, members: &[(&str, &str)]) -> Response {
        let Some(mut url) = self.way_back() else {
            return refused_here();
        };
        url.query_pairs_mut()
            .extend_pairs(members)
            .append_pair("state", &self.state);
        (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, String::from(url))],
        )
            .into_response()
    }
}

/// The form with the sample's people.
pub(super) async fn ask(Query(wish): Query<Wish>) -> Response {
    if wish.way_back().is_none() {
        return refused_here();
    }
    if let Some(fault) = wish.fault() {
        return wish.back_with(&[("error", fault)]);
    }
    Html(form(&wish)).into_response()
}

/// The choice that was made on it.
pub(super) async fn choose(
    State(desk): State<Arc<Desk>>,
    Query(wish): Query<Wish>,
    body: String,
) -> Response {
    if let Some(fault) = wish.fault() {
        return wish.back_with(&[("error", fault)]);
    }
    let members = url::form_urlencoded::parse(body.as_bytes());
    let mut choice = Choice {
        person: None,
        expires_in: None,
    };
    for (name, value) in members {
        match name.as_ref() {
            "person" => choice.person = Some(value.into_owned()),
            "expires_in" => choice.expires_in = value.parse().ok(),
            _ => {}
        }
    }
    let Some(person) = choice.person.as_deref().and_then(Person::named) else {
        return wish.back_with(&[
            ("error", "access_denied"),
            ("error_description", "Nobody was chosen."),
        ]);
    };
    let code = desk.codes.keep(Grant {
        wish: wish.clone(),
        person,
        expires_in: choice.expires_in.unwrap_or(Claims::DEFAULT_LIFE),
        given: Instant::now(),
    });
    wish.back_with(&[("code", &code)])
}

/// The tokens for a code, or why there are none (RFC 6749, section 5.2).
pub(super) fn exchange(
    desk: &Desk,
    form: &HashMap<String, String>,
) -> Result<Value, (&'static str, &'static str)> {
    let member = |name: &str| form.get(name).map_or("", String::as_str);
    let grant = desk
        .codes
        .take(member("code"))
        .ok_or(("invalid_grant", "the code is unknown, used or too old"))?;
    if grant.wish.client_id != member("client_id")
        || grant.wish.redirect_uri != member("redirect_uri")
    {
        return Err((
            "invalid_grant",
            "the code was given to another client or for another way back",
        ));
    }
    let verifier = member("code_verifier");
    let digest = digest::digest(&digest::SHA256, verifier.as_bytes());
    if !(43..=128).contains(&verifier.len())
        || URL_SAFE_NO_PAD.encode(digest) != grant.wish.code_challenge
    {
        return Err(("invalid_grant", "the verifier does not fit the challenge"));
    }
    let claims = Claims {
        expires_in: grant.expires_in,
        ..grant.person.claims()
    };
    let now = seconds_since_1970();
    let identity = json!({
        "iss": desk.issuer,
        "aud": grant.wish.client_id,
        "sub": grant.person.name,
        "name": grant.person.full_name,
        "nonce": grant.wish.nonce,
        "token_use": "id",
        "iat": now,
        "exp": now.saturating_add(grant.expires_in.max(60)),
    });
    Ok(json!({
        "access_token": desk.token(&claims),
        "id_token": desk.keys().sign(claims.algorithm, &identity),
        "token_type": "Bearer",
        "scope": grant.wish.scope,
        "expires_in": grant.expires_in,
    }))
}

fn refused_here() -> Response {
    let words = "redirect_uri must be /M2M/SignIn on this machine.";
    (StatusCode::BAD_REQUEST, words).into_response()
}

/// No member of the wish stands in it as it came: the query is encoded anew.
fn form(wish: &Wish) -> String {
    let query = serde_json::to_value(wish).unwrap_or_default();
    let pairs = query
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name, value.as_str()?)));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
        .replace('&', "&amp;");
    let people: Vec<String> = PEOPLE
        .iter()
        .map(|person| {
            format!(
                "<button name=\"person\" value=\"{}\"><b>{}</b><br>{}</button>\n",
                person.name, person.full_name, person.words
            )
        })
        .collect();
    include_str!("form.html")
        .replace("{{people}}", &people.concat())
        .replace("{{query}}", &query)
}
