//! What the other tests here stand on: a browser that ends with its test, and judges that do find faults.

use std::{ffi::OsStr, panic, path::PathBuf, time::Duration};

use axum::{Router, response::Html, routing::get};
use tokio::net::TcpListener;

use crate::driving::{Browser, Wire, installed};

/// A page with faults of every kind that the judges look for.
const FAULTY: &str = r#"<!doctype html><html lang="en"><head><title>Faulty</title></head><body>
    <img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input id="nameless"><div style="width: 3000px">wide</div>
    <script>setTimeout(() => nowhere())</script></body></html>"#;
/// A page without.
const SOUND: &str = r#"<!doctype html><html lang="en"><head><title>Sound</title></head><body><main><h1>Sound</h1>
    <label>Name <input></label></main></body></html>"#;

async fn pages() -> String {
    let router = Router::new()
        .route("/faulty", get(|| async { Html(FAULTY) }))
        .route("/sound", get(|| async { Html(SOUND) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

/// Whether a process is there and no zombie.
fn runs(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

/// The processes whose parent is this one.
fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap();
    let numbers = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers
        .filter(|process| {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            let after_name = stat.rsplit_once(") ").unwrap_or_default().1;
            after_name.split(' ').nth(1) == Some(parent.to_string().as_str())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_panics_leaves_neither_driver_nor_browser_behind() {
    let (tell, told) = std::sync::mpsc::channel();
    let test = tokio::spawn(async move {
        let browser = Browser::start().await;
        let driver = browser.driver().process();
        let chromium = children(driver);
        let profile = browser.driver().profile().to_owned();
        assert!(profile.exists());
        tell.send((driver, chromium, profile)).unwrap();
        panic!("on purpose");
    });
    assert!(test.await.unwrap_err().is_panic());
    let (driver, chromium, profile) = told.recv().unwrap();
    assert!(!chromium.is_empty(), "the driver had started no browser");
    assert!(!runs(driver));
    while chromium.iter().any(|&process| runs(process)) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!profile.exists(), "{}", profile.display());
}

#[test]
fn without_chromium_a_test_fails_and_says_what_to_install() {
    let nowhere = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no-such-folder");
    let failed = panic::catch_unwind(|| installed("chromium", Some(nowhere.as_os_str())));
    let words = *failed.unwrap_err().downcast::<String>().unwrap();
    assert!(
        words.contains("apt-get install chromium chromium-driver"),
        "{words}"
    );
    assert!(panic::catch_unwind(|| installed("chromium", None::<&OsStr>)).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_judges_find_the_faults_of_a_faulty_page_and_none_on_a_sound_one() {
    let pages = pages().await;
    let browser = Browser::start().await;
    browser.open(&format!("{pages}/sound")).await;
    browser.is_accessible("sound").await;
    browser.needs_no_sideways_scrolling("sound").await;
    browser.console_is_clean().await;

    browser.open(&format!("{pages}/faulty")).await;
    let faults = browser.grave_findings().await;
    let rules: Vec<&str> = faults
        .iter()
        .map(|fault| fault["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["image-alt", "label"], "{faults:?}");
    let script =
        "const root = document.scrollingElement; return root.scrollWidth > root.clientWidth";
    assert_eq!(browser.script(script, vec![]).await, true);
    let console = browser.console().await;
    assert!(
        console.iter().any(|line| line["message"]
            .as_str()
            .unwrap()
            .contains("nowhere is not defined")),
        "{console:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_wire_lets_nothing_through_until_it_is_mended() {
    let pages = pages().await;
    let wire = Wire::to(&pages).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = || http.get(wire.url("/sound")).send();
    assert!(ask().await.unwrap().status().is_success());
    wire.cut().await;
    // The first one may be lost with the connection that was there; the next ones are refused.
    while wire.refused() == 0 {
        assert!(ask().await.is_err());
    }
    assert!(ask().await.is_err());
    wire.mend();
    assert!(ask().await.unwrap().status().is_success());
}
