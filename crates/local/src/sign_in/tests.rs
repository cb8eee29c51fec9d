//! The verifier here is the `jsonwebtoken` crate, so that the stand-in is not judged by its own code.

use jsonwebtoken::{
    DecodingKey, Validation, decode, decode_header, errors::ErrorKind, jwk::JwkSet,
};
use serde_json::{Value, json};

use super::{
    Algorithm, Claims, Options, Permission, SignIn, SignInError, bad_tokens::PublicKeyForm,
};

async fn sign_in() -> SignIn {
    SignIn::start(Options::default()).await.unwrap()
}

async fn get(url: &str) -> Value {
    let text = reqwest::get(url).await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Verifies as a careful service does: key by id, algorithms fixed, issuer and audience compared.
async fn verify(sign_in: &SignIn, token: &str) -> Result<Value, ErrorKind> {
    let keys: JwkSet = serde_json::from_value(get(&sign_in.jwks_url()).await).unwrap();
    let header = decode_header(token).map_err(jsonwebtoken::errors::Error::into_kind)?;
    let key = keys
        .find(&header.kid.unwrap_or_default())
        .ok_or(ErrorKind::InvalidKeyFormat)?;
    let algorithm = match key.common.key_algorithm {
        Some(jsonwebtoken::jwk::KeyAlgorithm::ES256) => jsonwebtoken::Algorithm::ES256,
        _ => jsonwebtoken::Algorithm::RS256,
    };
    let mut rules = Validation::new(algorithm);
    rules.set_issuer(&[sign_in.issuer()]);
    rules.set_audience(&[sign_in.audience()]);
    decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &rules)
        .map(|token| token.claims)
        .map_err(jsonwebtoken::errors::Error::into_kind)
}

#[tokio::test]
async fn a_token_of_either_algorithm_verifies_against_the_served_keys() {
    let sign_in = sign_in().await;
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let token = sign_in.token(&Claims::of(7, 42).signed_with(algorithm));
        let claims = verify(&sign_in, &token).await.unwrap();
        assert_eq!(claims["tenant_id"], 7);
        assert_eq!(claims["user_id"], 42);
        assert_eq!(claims["sub"], "demo.user");
        assert_eq!(claims["token_use"], "access");
        assert_eq!(
            claims["permissions"],
            json!(["m2m:read", "m2m:create", "m2m:edit"])
        );
    }
}

#[tokio::test]
async fn every_bad_token_is_refused_for_its_own_reason() {
    let sign_in = sign_in().await;
    let claims = Claims::of(1, 1);
    let refused = async |token: String| verify(&sign_in, &token).await.unwrap_err();

    assert_eq!(
        refused(sign_in.expired_token(&claims)).await,
        ErrorKind::ExpiredSignature
    );
    assert_eq!(
        refused(sign_in.token_for_another_audience(&claims)).await,
        ErrorKind::InvalidAudience
    );
    assert_eq!(
        refused(sign_in.token_of_another_issuer(&claims)).await,
        ErrorKind::InvalidIssuer
    );
    for spoiled in [
        sign_in.token_signed_with_another_key(&claims).unwrap(),
        sign_in.tampered_token(&claims, "tenant_id", json!(2)),
    ] {
        assert_eq!(refused(spoiled).await, ErrorKind::InvalidSignature);
    }
    let unknown = sign_in.token_with_an_unknown_key(&claims).unwrap();
    assert_eq!(refused(unknown).await, ErrorKind::InvalidKeyFormat);
    for form in [
        PublicKeyForm::Pem,
        PublicKeyForm::Der,
        PublicKeyForm::Modulus,
    ] {
        let token = sign_in.token_signed_with_the_public_key(&claims, form);
        assert_eq!(refused(token).await, ErrorKind::InvalidAlgorithm);
    }
    assert!(
        verify(&sign_in, &sign_in.unsigned_token(&claims))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn the_public_key_forgery_would_pass_where_the_header_chooses() {
    let sign_in = sign_in().await;
    let token = sign_in.token_signed_with_the_public_key(&Claims::of(1, 1), PublicKeyForm::Der);
    let mut rules = Validation::new(jsonwebtoken::Algorithm::HS256);
    rules.set_audience(&[sign_in.audience()]);
    let secret = DecodingKey::from_secret(&sign_in.keys().rsa_public_der());
    assert!(decode::<Value>(&token, &secret, &rules).is_ok());
}

#[tokio::test]
async fn identity_tokens_and_missing_claims_are_signed_properly() {
    let sign_in = sign_in().await;
    let claims = Claims::of(1, 1);
    let identity = verify(&sign_in, &sign_in.identity_token(&claims)).await;
    assert_eq!(identity.unwrap()["token_use"], "id");
    let without = verify(&sign_in, &sign_in.token_without(&claims, "tenant_id")).await;
    assert!(without.unwrap().get("tenant_id").is_none());
}

#[tokio::test]
async fn a_rotation_replaces_the_served_keys_and_fetches_are_counted() {
    let sign_in = sign_in().await;
    let old = sign_in.token(&Claims::of(1, 1));
    assert!(verify(&sign_in, &old).await.is_ok());
    sign_in.rotate_keys().unwrap();
    assert!(verify(&sign_in, &old).await.is_err());
    assert!(
        verify(&sign_in, &sign_in.token(&Claims::of(1, 1)))
            .await
            .is_ok()
    );
    assert_eq!(sign_in.key_fetches(), 3);
}

#[tokio::test]
async fn discovery_names_the_issuer_and_the_keys() {
    let sign_in = sign_in().await;
    let found = get(&format!(
        "{}/.well-known/openid-configuration",
        sign_in.issuer()
    ))
    .await;
    assert_eq!(found["issuer"], sign_in.issuer());
    assert_eq!(found["jwks_uri"], sign_in.jwks_url());
}

#[tokio::test]
async fn tokens_are_handed_out_for_json_and_for_forms() {
    let sign_in = sign_in().await;
    let http = reqwest::Client::new();
    let url = format!("{}/token", sign_in.issuer());
    let json = http.post(&url).body(
        r#"{"tenant_id": 2, "user_id": 5, "permissions": ["m2m:read", "m2m:all-customers"], "expires_in": 60}"#,
    );
    let form = http
        .post(&url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("tenant_id=2&user_id=5&permissions=m2m%3Aread+m2m%3Aall-customers&expires_in=60");
    for request in [json, form] {
        let text = request.send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["expires_in"], 60);
        let claims = verify(&sign_in, answer["access_token"].as_str().unwrap())
            .await
            .unwrap();
        assert_eq!(claims["tenant_id"], 2);
        assert_eq!(
            claims["permissions"],
            json!(["m2m:read", "m2m:all-customers"])
        );
    }
}

#[tokio::test]
async fn an_unknown_member_of_a_wish_is_named() {
    let sign_in = sign_in().await;
    let answer = reqwest::Client::new()
        .post(format!("{}/token", sign_in.issuer()))
        .body(r#"{"tenant": 2}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("`tenant`"));
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = sign_in().await;
    let port = first.issuer().rsplit(':').next().unwrap().parse().unwrap();
    let second = SignIn::start(Options {
        port,
        ..Options::default()
    })
    .await;
    assert!(matches!(second, Err(SignInError::PortTaken { port: named }) if named == port));
}

#[test]
fn all_permissions_have_the_names_of_the_contract() {
    let names = serde_json::to_value([
        Permission::Read,
        Permission::Create,
        Permission::Edit,
        Permission::AllCustomers,
    ]);
    assert_eq!(
        names.unwrap(),
        json!(["m2m:read", "m2m:create", "m2m:edit", "m2m:all-customers"])
    );
}

/// A wish of the portal, with this challenge.
fn wish(challenge: &str) -> Vec<(&'static str, String)> {
    [
        ("response_type", "code"),
        ("client_id", "portal"),
        ("redirect_uri", "http://127.0.0.1:4000/M2M/SignIn"),
        ("scope", "openid"),
        ("state", "a&b"),
        ("nonce", "n\"<"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What the browser is sent back with after choosing somebody.
async fn chosen(
    sign_in: &SignIn,
    wish: &[(&str, String)],
    person: &str,
) -> std::collections::HashMap<String, String> {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let answer = http
        .post(format!("{}/authorize", sign_in.issuer()))
        .query(wish)
        .body(format!("person={person}&expires_in=120"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 303);
    let back = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    assert!(
        back.as_str()
            .starts_with("http://127.0.0.1:4000/M2M/SignIn?")
    );
    back.query_pairs().into_owned().collect()
}

async fn exchanged(sign_in: &SignIn, code: &str, verifier: &str) -> (u16, Value) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", "portal"),
            ("redirect_uri", "http://127.0.0.1:4000/M2M/SignIn"),
            ("code_verifier", verifier),
        ])
        .finish();
    let answer = reqwest::Client::new()
        .post(format!("{}/token", sign_in.issuer()))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "http://127.0.0.1:4000")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    let status = answer.status().as_u16();
    (
        status,
        serde_json::from_str(&answer.text().await.unwrap()).unwrap(),
    )
}

#[tokio::test]
async fn a_code_becomes_the_tokens_of_whoever_was_chosen_once_and_for_the_verifier_only() {
    let sign_in = sign_in().await;
    let back = chosen(&sign_in, &wish(CHALLENGE), "alan.alder").await;
    assert_eq!(back["state"], "a&b");
    let (status, tokens) = exchanged(&sign_in, &back["code"], VERIFIER).await;
    assert_eq!((status, &tokens["expires_in"]), (200, &json!(120)));
    let access = verify(&sign_in, tokens["access_token"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(
        (&access["sub"], &access["user_id"], &access["token_use"]),
        (&json!("alan.alder"), &json!(3), &json!("access"))
    );
    let identity = tokens["id_token"].as_str().unwrap();
    // It is meant for the client, not for the API.
    assert_eq!(
        verify(&sign_in, identity).await.unwrap_err(),
        ErrorKind::InvalidAudience
    );
    let again = exchanged(&sign_in, &back["code"], VERIFIER).await;
    assert_eq!((again.0, &again.1["error"]), (400, &json!("invalid_grant")));

    let back = chosen(&sign_in, &wish(CHALLENGE), "alan.alder").await;
    let stranger = VERIFIER.replace('d', "e");
    let refused = exchanged(&sign_in, &back["code"], &stranger).await;
    assert_eq!(refused.1["error"], "invalid_grant");
    // A code that somebody tried in vain is spent.
    let late = exchanged(&sign_in, &back["code"], VERIFIER).await;
    assert_eq!(late.0, 400);
}

#[tokio::test]
async fn nobody_is_sent_back_elsewhere_and_no_code_comes_without_a_challenge() {
    let sign_in = sign_in().await;
    let ask = async |changes: &[(&str, &str)]| {
        let mut wish = wish(CHALLENGE);
        for (name, value) in changes {
            wish.iter_mut().find(|(known, _)| known == name).unwrap().1 = (*value).to_owned();
        }
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let url = format!("{}/authorize", sign_in.issuer());
        let answer = http.get(url).query(&wish).send().await.unwrap();
        let back = answer
            .headers()
            .get("location")
            .map(|place| place.to_str().unwrap().to_owned());
        (answer.status().as_u16(), back, answer.text().await.unwrap())
    };
    for elsewhere in [
        "https://portal.example/M2M/SignIn",
        "http://127.0.0.1.example/M2M/SignIn",
        "http://127.0.0.1:4000/other",
        "javascript:alert(1)",
    ] {
        let (status, back, _) = ask(&[("redirect_uri", elsewhere)]).await;
        assert_eq!((status, back), (400, None), "{elsewhere}");
    }
    for (changes, error) in [
        ([("response_type", "token")], "unsupported_response_type"),
        ([("scope", "profile")], "invalid_scope"),
        ([("code_challenge_method", "plain")], "invalid_request"),
        ([("code_challenge", "short")], "invalid_request"),
    ] {
        let (status, back, _) = ask(&changes).await;
        assert_eq!(status, 303);
        assert!(back.unwrap().contains(&format!("error={error}")), "{error}");
    }
    let (status, _, form) = ask(&[]).await;
    assert_eq!(status, 200);
    assert!(form.contains("value=\"nora.north\"") && !form.contains("n\"<"));
    let cancelled = chosen(&sign_in, &wish(CHALLENGE), "").await;
    assert_eq!(cancelled["error"], "access_denied");
}
