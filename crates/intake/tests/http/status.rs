//! The status answer.

use axum::http::StatusCode;
use serde_json::Value;

use crate::app::{App, steady};

#[tokio::test]
async fn a_fresh_bulk_change_shows_counts_indicators_and_reasons() {
    let app = App::start().await;
    let mut devices = app.world.add_assignable(2).await;
    devices.push(app.world.iccid(9));
    let id = app.post_association(&app.full_request(&devices)).await;
    let answer = app.status(id.change_id()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let differing = [
        "deviceId",
        "id",
        "createdAt",
        "estimatedFinish",
        "iccid",
        "msisdn",
        "processedAt",
    ];
    insta::assert_json_snapshot!(steady(answer.json(), &differing));
}

#[tokio::test]
async fn pages_show_every_device_once_in_the_order_of_the_request() {
    let app = App::start().await;
    let devices = app.world.add_assignable(7).await;
    let id = app
        .post_association(&app.request(&devices))
        .await
        .change_id();
    let mut seen = Vec::new();
    for page in 1..=4 {
        let answer = app
            .status_page(id, &format!("?page={page}&pageSize=3"))
            .await
            .json();
        assert_eq!(
            (&answer["page"], &answer["pageSize"]),
            (&page.into(), &3.into())
        );
        assert_eq!(answer["total"], 7);
        let items = answer["items"].as_array().unwrap().clone();
        seen.extend(items.iter().map(|item: &Value| item["iccid"].clone()));
    }
    let asked: Vec<Value> = devices.iter().map(|iccid| iccid.as_str().into()).collect();
    assert_eq!(seen, asked);
}

#[tokio::test]
async fn a_page_out_of_range_is_named() {
    let app = App::start().await;
    for (query, pointer) in [
        ("?page=0", "?page"),
        ("?pageSize=501", "?pageSize"),
        ("?page=x", "?page"),
        ("?outcome=succeeded", "?outcome"),
        ("?sort=iccid", "?sort"),
    ] {
        let answer = app.status_page(1, query).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(answer.errors()[0].0, pointer, "{query}");
    }
}
