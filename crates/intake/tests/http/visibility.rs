//! What belongs to another tenant, or to a customer that the caller may not use, answers exactly like what does not exist.

use axum::http::StatusCode;
use serde_json::json;

use crate::app::{App, USER, database::World};
use local::sign_in::{Claims, Permission};

#[tokio::test]
async fn what_another_tenant_owns_does_not_exist() {
    let app = App::start().await;
    let other = World::new(&app.base.sql).await;
    let their_devices = other.add_assignable(1).await;
    let stranger = Claims::of(i64::from(app.world.tenant.get()), USER).for_all_customers();
    let token = app.sign_in.token(&stranger);

    // Their provider, against one that nobody has.
    let mut request = app.request(&their_devices);
    request["serviceProviderId"] = json!(other.provider.get());
    let theirs = app.posting(&request).token(&token).send().await;
    request["serviceProviderId"] = json!(2_147_483_647);
    let nobodys = app.posting(&request).token(&token).send().await;
    assert_eq!(theirs.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(theirs.comparable(), nobodys.comparable());

    // Their device under our provider, against one that nobody has.
    let code = |answer: crate::app::Answer| answer.json()["rejected"][0]["code"].clone();
    let theirs = app.posting(&app.request(&their_devices)).token(&token);
    let nobodys = app.request(&[app.world.iccid(77)]);
    let nobodys = app.posting(&nobodys).token(&token);
    assert_eq!(code(theirs.send().await), code(nobodys.send().await));
    app.assert_nothing_written("a look at another tenant").await;
}

#[tokio::test]
async fn a_customer_that_the_user_may_not_use_does_not_exist() {
    let app = App::start().await;
    let devices = app.world.add_assignable(1).await;
    let mut request = app.request(&devices);
    request["revCustomerId"] = json!("1002");
    let theirs = app.post_association(&request).await;
    request["revCustomerId"] = json!("9999");
    let nobodys = app.post_association(&request).await;
    assert_eq!(theirs.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(theirs.comparable(), nobodys.comparable());
    app.assert_nothing_written("another customer").await;

    request["revCustomerId"] = json!("1002");
    let permitted = app.posting(&request).token(app.token_for_all_customers());
    assert_eq!(permitted.send().await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_bulk_change_of_another_tenant_or_customer_answers_like_none() {
    let app = App::start().await;
    let devices = app.world.add_assignable(1).await;
    let mut request = app.request(&devices);
    request["revCustomerId"] = json!("1002");
    let all = app.token_for_all_customers();
    let id = app.posting(&request).token(&all).send().await.change_id();
    let other = World::new(&app.base.sql).await;
    let stranger = Claims::of(i64::from(other.tenant.get()), USER).for_all_customers();
    let stranger = app.sign_in.token(&stranger);
    let limited = app.token();

    let path = |id: &str| format!("/M2M/BulkChangeStatus/{id}");
    let mine = app.get(&path(&id.to_string()), Some(&all)).await;
    assert_eq!(mine.status, StatusCode::OK, "{}", mine.text);
    let none = app.get(&path("9223372036854775807"), Some(&all)).await;
    assert_eq!(none.problem(), "/problems/not-found");
    for (case, id, token) in [
        ("another tenant", id.to_string(), &stranger),
        ("another customer", id.to_string(), &limited),
        ("malformed", "7'--".to_owned(), &all),
        ("zero", "0".to_owned(), &all),
        ("negative", "-1".to_owned(), &all),
        ("another spelling", format!("0{id}"), &all),
        ("too large", "9223372036854775808".to_owned(), &all),
        ("emoji", "%F0%9F%9A%9A".to_owned(), &all),
    ] {
        let answer = app.get(&path(&id), Some(token)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{case}");
        assert_eq!(answer.comparable(), none.comparable(), "{case}");
    }
}

#[tokio::test]
async fn each_route_asks_for_its_permission() {
    let app = App::start().await;
    let request = app.request(&app.world.add_assignable(1).await);
    let with = |permissions: &[Permission]| {
        app.sign_in
            .token(&app.claims().with_permissions(permissions))
    };
    let reader = app
        .posting(&request)
        .token(with(&[Permission::Read, Permission::Edit]));
    let answer = reader.send().await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.problem(), "/problems/forbidden");
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer error=\"insufficient_scope\", scope=\"m2m:create\""
    );
    app.assert_nothing_written("a reader's request").await;
    let creator = with(&[Permission::Create]);
    let answer = app.get("/M2M/BulkChangeStatus/1", Some(&creator)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}
