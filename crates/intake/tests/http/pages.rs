//! The portal's pages, assets and way in.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::app::{Answer, App};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const PAGES: [&str; 5] = [
    "/M2M/Index?filter=x&page=2",
    "/M2M/AssociateCustomer",
    "/M2M/BulkChanges?id=17",
    "/M2M/DeviceDetails/17",
    "/M2M/SignIn?code=c&state=s",
];

async fn browse(app: &App, path: &str) -> Answer {
    let request = Request::get(path).header(header::ACCEPT, BROWSER);
    app.call(request.body(Body::empty()).unwrap()).await
}

fn assets_of(html: &str) -> Vec<&str> {
    html.split('"')
        .filter(|text| text.starts_with("/assets/"))
        .collect()
}

#[tokio::test]
async fn a_browser_gets_every_page_without_a_token_and_without_a_round_trip() {
    let app = App::start().await;
    for path in PAGES {
        let (page, trips) = app.round_trips(browse(&app, path)).await;
        assert_eq!((page.status, trips), (StatusCode::OK, 0), "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-cache", "{path}");
        assert!(page.header("vary").contains("accept"), "{path}");
        assert!(page.text.contains("<main id=\"main\""), "{path}");
    }
}

#[tokio::test]
async fn a_page_may_run_and_reach_its_own_origin_and_the_issuer_only() {
    let app = App::start().await;
    let page = browse(&app, "/M2M/Index").await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    let connect = format!("connect-src 'self' {};", app.sign_in.issuer());
    assert!(policy.contains(&connect), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), value);
    }
}

#[tokio::test]
async fn a_program_gets_data_or_its_problem_on_the_paths_that_are_pages_too() {
    let app = App::start().await;
    for path in ["/M2M/Index", "/M2M/BulkChanges", "/M2M/DeviceDetails/1"] {
        let answer = app.get(path, None).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.problem(), "/problems/unauthenticated");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert!(answer.header("vary").contains("accept"), "{path}");
    }
}

#[tokio::test]
async fn every_asset_that_a_page_names_is_there_and_may_be_kept_for_a_year() {
    let app = App::start().await;
    for path in PAGES {
        let page = browse(&app, path).await;
        let assets = assets_of(&page.text);
        assert!(assets.len() > 5, "{path}");
        for asset in assets {
            let answer = app.get(asset, None).await;
            assert_eq!(answer.status, StatusCode::OK, "{asset}");
            assert_eq!(
                answer.header("cache-control"),
                "public, max-age=31536000, immutable"
            );
            let kind = match asset.rsplit_once('.').unwrap().1 {
                "js" => "text/javascript; charset=utf-8",
                "css" => "text/css; charset=utf-8",
                _ => "image/svg+xml",
            };
            assert_eq!(answer.header("content-type"), kind, "{asset}");
        }
    }
}

#[tokio::test]
async fn an_asset_of_another_version_is_not_there_and_that_is_not_kept() {
    let app = App::start().await;
    let page = browse(&app, "/M2M/Index").await;
    let good = assets_of(&page.text)[0].to_owned();
    let hash = good.split('/').nth(2).unwrap();
    for path in [
        good.replace(hash, "0123456789abcdef"),
        format!("/assets/{hash}/js/../../Cargo.toml"),
        format!("/assets/{hash}/"),
    ] {
        let answer = app.get(&path, None).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn the_way_in_leads_to_the_inventory() {
    let app = App::start().await;
    let home = browse(&app, "/").await;
    assert_eq!(home.status, StatusCode::FOUND);
    assert_eq!(home.header("location"), "/M2M/Index");
}

#[tokio::test]
async fn a_page_knows_the_client_and_the_endpoints_that_the_issuer_tells() {
    let app = App::start().await;
    let page = browse(&app, "/M2M/SignIn").await;
    let issuer = app.sign_in.issuer();
    for part in [
        "&quot;state&quot;:&quot;possible&quot;".to_owned(),
        "&quot;clientId&quot;:&quot;m2m-portal&quot;".to_owned(),
        format!("&quot;authorizationEndpoint&quot;:&quot;{issuer}/authorize&quot;"),
        format!("&quot;tokenEndpoint&quot;:&quot;{issuer}/token&quot;"),
    ] {
        assert!(page.text.contains(&part), "{part}: {}", page.text);
    }
}

#[tokio::test]
async fn without_a_client_id_pages_say_that_sign_in_is_not_configured() {
    let app = App::with_portal(None).await;
    let page = browse(&app, "/M2M/Index").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("&quot;notConfigured&quot;"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("connect-src 'self';"), "{policy}");
}

#[tokio::test]
async fn a_page_comes_while_the_issuer_is_away_and_says_so() {
    let mut app = App::start().await;
    app.sign_in_goes_away().await;
    let page = browse(&app, "/M2M/Index").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("&quot;unavailable&quot;"));
}
