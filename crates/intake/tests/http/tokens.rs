//! Tokens that are good, and every kind that is not.

use std::time::Duration;

use axum::http::StatusCode;
use futures::future::join_all;
use intake::token::Pace;
use local::sign_in::{Algorithm, bad_tokens::PublicKeyForm};
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn a_token_that_is_not_good_is_a_401_and_nothing_is_written() {
    let app = App::start().await;
    let request = app.request(&app.world.add_assignable(1).await);
    let (sign_in, claims) = (&app.sign_in, app.claims());
    let another_tenant = json!(app.world.tenant.get() + 1);
    let hmac = |form| sign_in.token_signed_with_the_public_key(&claims, form);
    let cases = [
        ("empty", String::new()),
        ("no token at all", "nonsense".to_owned()),
        (
            "wrong signature",
            sign_in.token_signed_with_another_key(&claims).unwrap(),
        ),
        (
            "unknown key",
            sign_in.token_with_an_unknown_key(&claims).unwrap(),
        ),
        ("alg none", sign_in.unsigned_token(&claims)),
        ("HS256 with the public key as PEM", hmac(PublicKeyForm::Pem)),
        ("HS256 with the public key as DER", hmac(PublicKeyForm::Der)),
        ("HS256 with the modulus", hmac(PublicKeyForm::Modulus)),
        ("expired", sign_in.expired_token(&claims)),
        (
            "wrong audience",
            sign_in.token_for_another_audience(&claims),
        ),
        ("another issuer", sign_in.token_of_another_issuer(&claims)),
        ("identity token", sign_in.identity_token(&claims)),
        (
            "tenant changed",
            sign_in.tampered_token(&claims, "tenant_id", another_tenant),
        ),
        ("no tenant", sign_in.token_without(&claims, "tenant_id")),
        ("no user", sign_in.token_without(&claims, "user_id")),
        ("no name", sign_in.token_without(&claims, "sub")),
        ("no expiry", sign_in.token_without(&claims, "exp")),
        ("no issuer", sign_in.token_without(&claims, "iss")),
        ("no use", sign_in.token_without(&claims, "token_use")),
    ];
    for (case, token) in cases {
        let (answer, trips) = app
            .round_trips(app.posting(&request).token(&token).send())
            .await;
        assert_eq!(
            answer.status,
            StatusCode::UNAUTHORIZED,
            "{case}: {}",
            answer.text
        );
        assert_eq!(answer.problem(), "/problems/unauthenticated", "{case}");
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.starts_with("Bearer error=\"invalid_token\""),
            "{case}: {challenge}"
        );
        assert_eq!(trips, 0, "{case}");
        let status = app.get("/M2M/BulkChangeStatus/1", Some(&token)).await;
        assert_eq!(status.status, StatusCode::UNAUTHORIZED, "{case}");
    }
    let answer = app.posting(&request).without_token().send().await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    app.assert_nothing_written("bad tokens").await;
}

#[tokio::test]
async fn both_pinned_algorithms_are_taken() {
    let app = App::start().await;
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let token = app.sign_in.token(&app.claims().signed_with(algorithm));
        let answer = app.get("/M2M/BulkChangeStatus/1", Some(&token)).await;
        assert_eq!(
            answer.status,
            StatusCode::NOT_FOUND,
            "{algorithm:?}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn a_token_that_expired_within_the_leeway_is_taken() {
    let app = App::start().await;
    let mut claims = app.claims();
    claims.expires_in = -20;
    let token = app.sign_in.token(&claims);
    let answer = app.get("/M2M/BulkChangeStatus/1", Some(&token)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text);
}

#[tokio::test]
async fn keys_are_fetched_once_however_many_ask_and_whatever_keys_they_name() {
    let app = App::start().await;
    let token = app.token();
    let unknown = app
        .sign_in
        .token_with_an_unknown_key(&app.claims())
        .unwrap();
    let asks = (0..20).map(|_| app.get("/M2M/BulkChangeStatus/1", Some(&token)));
    for answer in join_all(asks).await {
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text);
    }
    let asks = (0..20).map(|_| app.get("/M2M/BulkChangeStatus/1", Some(&unknown)));
    for answer in join_all(asks).await {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(app.sign_in.key_fetches(), 1);
}

#[tokio::test]
async fn new_keys_count_when_they_are_first_named_and_old_ones_no_longer() {
    let app = App::with_pace(Pace {
        unknown: Duration::ZERO,
        ..Pace::default()
    })
    .await;
    let path = "/M2M/BulkChangeStatus/1";
    let old = app.token();
    assert_eq!(
        app.get(path, Some(&old)).await.status,
        StatusCode::NOT_FOUND
    );
    app.sign_in.rotate_keys().unwrap();
    let new = app.token();
    assert_eq!(
        app.get(path, Some(&new)).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        app.get(path, Some(&old)).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn while_the_issuer_is_away_known_keys_still_count_and_without_any_the_answer_is_a_503() {
    let mut app = App::start().await;
    let (path, token) = ("/M2M/BulkChangeStatus/1", app.token());
    assert_eq!(
        app.get(path, Some(&token)).await.status,
        StatusCode::NOT_FOUND
    );
    let mut fresh = App::start().await;
    let early = fresh.token();
    for app in [&mut app, &mut fresh] {
        app.sign_in_goes_away().await;
    }
    assert_eq!(
        app.get(path, Some(&token)).await.status,
        StatusCode::NOT_FOUND
    );
    let answer = fresh.get(path, Some(&early)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.problem(), "/problems/sign-in-unavailable");
    assert_ne!(answer.header("retry-after"), "");
}
