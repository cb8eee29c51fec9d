//! Every class over real HTTP, against the stand-in: what the caller is told, and what was done meanwhile.

use std::{net::TcpListener, time::Duration};

use crate::scene::{CALL_TIMEOUT, Scene, account_at, customer, number, order, settings};
use association::ids::ServiceLineId;
use local::rev::{Call, Fault, Line, Options, Rule};
use rev::{Class, Client, Found, Settings, settle};

#[tokio::test]
async fn a_line_that_was_opened_has_the_id_that_rev_gave() {
    let scene = Scene::new().await;
    let answer = scene.open(7).await;
    let lines = scene.stand_in.lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(
        answer.class.map(ServiceLineId::get),
        Class::Done(lines[0].id)
    );
    assert_eq!(lines[0].description, "Fleet A AMOP-7");
    assert_eq!(lines[0].reference.as_deref(), Some("AMOP-7"));
    // Signing in was the other call.
    assert_eq!(answer.calls, 2);
    assert_eq!(scene.open(8).await.calls, 1);
}

/// What goes wrong with opening a line, the class that it has, and how many lines there are then.
fn faults() -> Vec<(Fault, &'static str, usize)> {
    let contradiction = r#"{"ok":false,"id":5}"#;
    vec![
        (Fault::conflict(), "unknown", 0),
        (Fault::conflict().done(), "unknown", 1),
        (Fault::refuse("no such provider"), "refused", 0),
        (
            Fault::status(400, r#"[{"ok":false,"message":"x"}]"#),
            "refused",
            0,
        ),
        (Fault::status(404, r#"{"ok":false}"#), "refused", 0),
        (
            Fault::status(200, r#"{"ok":false,"error":"x"}"#),
            "refused",
            0,
        ),
        (Fault::status(200, contradiction), "unknown", 0),
        (Fault::status(201, contradiction).done(), "unknown", 1),
        (Fault::status(400, "<html></html>"), "misconfigured", 0),
        (Fault::status(404, "<html></html>"), "misconfigured", 0),
        (Fault::throttled(Some("7")), "throttled", 0),
        (Fault::throttled(None), "throttled", 0),
        (Fault::quota(), "throttled", 0),
        (Fault::key(), "misconfigured", 0),
        (Fault::status(302, ""), "misconfigured", 0),
        (Fault::status(307, ""), "misconfigured", 0),
        (Fault::status(405, ""), "misconfigured", 0),
        (Fault::status(413, ""), "misconfigured", 0),
        (Fault::status(408, ""), "unknown", 0),
        (Fault::server_error(), "unknown", 0),
        (Fault::server_error().done(), "unknown", 1),
        (Fault::bad_gateway(), "unknown", 0),
        (Fault::bad_gateway().done(), "unknown", 1),
        (Fault::status(503, "").done_late(30), "unknown", 0),
        (Fault::html(), "unknown", 0),
        (Fault::html().done(), "unknown", 1),
        (Fault::status(201, "").done(), "unknown", 1),
        (Fault::drop_before(), "unknown", 0),
        (Fault::drop_after(), "unknown", 1),
        (Fault::late(30), "unknown", 0),
        (Fault::huge(), "unknown", 1),
    ]
}

#[tokio::test]
async fn what_goes_wrong_with_opening_a_line_has_its_class_and_is_sent_once() {
    for (fault, class, lines) in faults() {
        let scene = Scene::new().await;
        scene
            .stand_in
            .fault(Rule::once(Call::OpenLine, fault.clone()));
        let answer = scene.open(7).await;
        assert_eq!(answer.class.name(), class, "{fault:?}");
        assert_eq!(scene.stand_in.lines().len(), lines, "{fault:?}");
        let calls = scene.stand_in.calls();
        assert_eq!(calls.len(), 2, "{fault:?} {calls:?}");
        assert_eq!(answer.calls, 2, "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_unknown_whether_or_not_the_line_was_opened() {
    let patience = u64::try_from(CALL_TIMEOUT.as_millis()).unwrap();
    for (fault, lines) in [
        (Fault::delay(20 * patience), 1),
        (Fault::server_error().delayed(20 * patience), 0),
        (Fault::slow_drip(patience), 1),
    ] {
        let scene = Scene::impatient().await;
        // Signed in before, so that all of the time is the call's.
        let signed_in = scene.client.token(&scene.account).await;
        assert_eq!(signed_in.class, Class::Done(()));
        scene
            .stand_in
            .fault(Rule::once(Call::OpenLine, fault.clone()));
        let answer = scene.open(7).await;
        assert_eq!(answer.class.name(), "unknown", "{fault:?}");
        assert_eq!(scene.stand_in.lines().len(), lines, "{fault:?}");
        assert!(
            answer.exchange.latency >= CALL_TIMEOUT * 9 / 10,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn rev_s_words_are_the_reason() {
    let scene = Scene::new().await;
    scene.stand_in.fault(Rule::once(
        Call::OpenLine,
        Fault::refuse("no such provider"),
    ));
    assert_eq!(
        scene.open(7).await.class,
        Class::Refused {
            status: 422,
            reason: "no such provider".into()
        }
    );
}

#[tokio::test]
async fn a_throttled_call_says_for_how_long() {
    let scene = Scene::new().await;
    let far = "Fri, 01 Jan 2100 00:00:00 GMT";
    for (fault, seconds) in [
        (Fault::throttled(Some("7")), 7),
        (Fault::throttled(Some(far)), 86_400),
        (Fault::throttled_in_words(12), 13),
        (Fault::throttled(None), 60),
        (Fault::quota(), 601),
    ] {
        scene
            .stand_in
            .fault(Rule::once(Call::OpenLine, fault.clone()));
        assert_eq!(
            scene.open(7).await.class,
            Class::Throttled {
                retry_after: Duration::from_secs(seconds)
            },
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn the_stand_in_s_own_limit_is_a_throttling() {
    let options = Options {
        limit_per_minute: Some(3),
        ..Options::default()
    };
    let scene = Scene::with(options, Duration::from_secs(20)).await;
    assert_eq!(scene.open(1).await.class.name(), "done");
    assert_eq!(scene.open(2).await.class.name(), "done");
    assert_eq!(scene.open(3).await.class.name(), "throttled");
    scene.stand_in.advance(Duration::from_secs(61));
    assert_eq!(scene.open(3).await.class.name(), "done");
}

#[tokio::test]
async fn a_request_that_reached_nobody_was_not_sent() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = free.local_addr().unwrap();
    drop(free);
    let client = Client::new(settings(Duration::from_secs(20))).unwrap();
    let account = account_at(&client, &format!("http://{nobody}"));
    assert_eq!(
        client.open_line(&account, &order(7)).await.class.name(),
        "not_sent"
    );
    assert_eq!(client.token(&account).await.class.name(), "not_sent");
}

#[tokio::test]
async fn a_name_or_certificate_that_fails_means_not_sent() {
    // It takes connections and never says a word, so that a TLS handshake does not get beyond its beginning.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = (silent.local_addr().unwrap(), silent);
    let plain = Scene::new().await;
    let plain_host = plain.stand_in.url().replace("http://", "");
    for host in [
        "no-such-host.invalid".to_owned(),
        silent.0.to_string(),
        plain_host,
    ] {
        let client = Client::new(Settings {
            call_timeout: Duration::from_secs(2),
            allowed_hosts: vec![host.clone()],
            allow_http_loopback: false,
        })
        .unwrap();
        let account = account_at(&client, &format!("https://{host}"));
        let answer = client.token(&account).await;
        assert_eq!(answer.class.name(), "not_sent", "{host} {:?}", answer.class);
    }
}

#[tokio::test]
async fn a_customer_is_found_or_rev_says_that_there_is_none() {
    let scene = Scene::new().await;
    scene.stand_in.put_customer(2001, "CLOSED");
    let ask = async |id: &str| {
        let id = id.parse().unwrap();
        scene.client.customer(&scene.account, &id).await.class
    };
    assert!(matches!(ask("1001").await, Class::Done(found) if found.status == "ACTIVE"));
    assert!(matches!(ask("2001").await, Class::Done(found) if found.status == "CLOSED"));
    assert_eq!(ask("999").await, Class::NotFound);
    scene.stand_in.fault(Rule::once(
        Call::Customer,
        Fault::status(404, "<html></html>"),
    ));
    assert_eq!(ask("1001").await.name(), "misconfigured");
}

#[tokio::test]
async fn products_are_listed_for_a_customer() {
    let scene = Scene::new().await;
    let answer = scene.client.products(&scene.account, &customer(), 1).await;
    let Class::Done(page) = answer.class else {
        panic!("{:?}", answer.class)
    };
    assert!(!page.has_more);
    let ids: Vec<i32> = page
        .records
        .iter()
        .map(|product| product.product_id)
        .collect();
    assert!(ids.starts_with(&[11, 12, 13]), "{ids:?}");
    assert_eq!(page.records[0].rate, Some("10.5".parse().unwrap()));
}

#[tokio::test]
async fn a_look_up_that_fails_decides_nothing() {
    for (fault, class) in [
        (Fault::server_error(), "unknown"),
        (Fault::drop_before(), "unknown"),
        (Fault::drop_after(), "unknown"),
        (Fault::huge(), "unknown"),
        (Fault::html(), "unknown"),
        (Fault::status(200, r#"{"ok":true,"records":[]}"#), "unknown"),
        (Fault::status(200, r#"{"ok":false,"error":"x"}"#), "refused"),
        (Fault::throttled(None), "throttled"),
        (Fault::status(404, ""), "misconfigured"),
    ] {
        let scene = Scene::new().await;
        scene.stand_in.fault(Rule::once(Call::Lines, fault.clone()));
        let answer = scene
            .client
            .lines(&scene.account, &number(7), None, 1)
            .await;
        assert_eq!(answer.class.name(), class, "{fault:?}");
    }
}

#[tokio::test]
async fn a_line_whose_answer_was_lost_is_found_once_rev_shows_it() {
    let scene = Scene::new().await;
    let before = scene.stand_in.now();
    scene.stand_in.fault(Rule::once(
        Call::OpenLine,
        Fault::drop_after().and_shown_late(45),
    ));
    assert_eq!(scene.open(7).await.class.name(), "unknown");

    let look_up = async || {
        let answer = scene
            .client
            .lines(&scene.account, &number(7), Some(&customer()), 1)
            .await;
        let Class::Done(page) = answer.class else {
            panic!("{:?}", answer.class)
        };
        assert!(!page.has_more);
        settle(
            &page.records,
            &order(7).reference,
            &customer(),
            &number(7),
            before,
        )
    };
    assert_eq!(look_up().await, Found::Absent);
    scene.stand_in.advance(Duration::from_secs(45));
    let opened = scene.stand_in.lines()[0].id;
    assert!(matches!(look_up().await, Found::Ours(id) if id.get() == opened));
}

#[tokio::test]
async fn a_look_up_goes_over_all_its_pages() {
    let scene = Scene::new().await;
    assert_eq!(scene.open(7).await.class.name(), "done");
    let first: Line = scene.stand_in.lines().remove(0);
    for _ in 0..600 {
        scene.stand_in.put_line(Line {
            id: 0,
            ..first.clone()
        });
    }
    let mut seen = Vec::new();
    for page in 1.. {
        let answer = scene
            .client
            .lines(&scene.account, &number(7), None, page)
            .await;
        let Class::Done(found) = answer.class else {
            panic!("{:?}", answer.class)
        };
        seen.extend(found.records);
        if !found.has_more {
            assert_eq!(page, 2);
            break;
        }
    }
    assert_eq!(seen.len(), 601);
}

#[tokio::test]
async fn what_is_kept_of_an_exchange_holds_the_call_and_no_credentials() {
    let scene = Scene::new().await;
    let kept = [
        scene.client.token(&scene.account).await.exchange,
        scene.open(7).await.exchange,
    ];
    assert!(kept[1].request.starts_with("POST http://127.0.0.1:"));
    assert!(kept[1].request.contains(r#""number":"15550000007""#));
    assert!(kept[1].response.contains(r#""ok":true"#));
    assert_eq!(kept[1].status, Some(201));
    for exchange in kept {
        let shown = format!("{} {}", exchange.request, exchange.response);
        for secret in ["fake-token-", "not-a-password", "fake-user", "Bearer"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[tokio::test]
async fn a_reason_never_repeats_the_number_that_was_looked_up() {
    let scene = Scene::new().await;
    scene
        .stand_in
        .fault(Rule::once(Call::Lines, Fault::drop_before()));
    let answer = scene
        .client
        .lines(&scene.account, &number(7), None, 1)
        .await;
    let shown = format!("{answer:?}");
    assert!(!shown.contains(&number(7)), "{shown}");
}
