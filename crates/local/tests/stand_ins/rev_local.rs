//! The program `rev-local` and its admin endpoints, over HTTP.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    pin::pin,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use futures::FutureExt as _;
use local::rev::{FAKE_ACCOUNTS, Options, RevStandIn, most_in_a_minute};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

/// Ended with the test, however that ends.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn rev_local(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rev-local"));
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = rev_local(arguments).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

fn http() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

async fn post(http: &Client, url: &str, body: Value) -> (StatusCode, Value) {
    let response = http.post(url).json(&body).send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

async fn get(http: &Client, url: &str) -> Value {
    http.get(url).send().await.unwrap().json().await.unwrap()
}

async fn sign_in(http: &Client, url: &str) -> String {
    let (client_code, username, password) = FAKE_ACCOUNTS[0];
    let body = json!({"client_code": client_code, "username": username, "password": password});
    let (status, answer) = post(http, &format!("{url}/v1/auth/token"), body).await;
    assert_eq!(status, 200);
    answer["access_token"].as_str().unwrap().to_owned()
}

fn line(number: &str) -> Value {
    json!({
        "customer_id": 1001, "number": number, "number2": "8900000000000000001", "service_type_id": 3,
        "provider_id": 4, "package_id": 7, "activated_date": "2026-01-02", "description": "AMOP-1",
    })
}

async fn open(http: &Client, url: &str, token: &str, body: &Value) -> Option<(StatusCode, Value)> {
    let request = http
        .post(format!("{url}/v1/service-lines"))
        .bearer_auth(token)
        .header("Idempotency-Key", "AMOP-1");
    let response = request.json(body).send().await.ok()?;
    Some((response.status(), response.json().await.unwrap_or_default()))
}

#[tokio::test]
async fn it_says_its_address_serves_and_ends_on_sigterm_and_ctrl_c() {
    for signal in ["-TERM", "-INT"] {
        let mut program = Program(rev_local(&["--port", "0"]).spawn().unwrap());
        let mut said = String::new();
        BufReader::new(program.0.stdout.take().unwrap())
            .read_line(&mut said)
            .unwrap();
        let url = said.trim().rsplit(' ').next().unwrap();
        let state = get(&http(), &format!("{url}/admin/state")).await;
        assert_eq!(state["limit_per_minute"], 500);
        let sent = Command::new("kill")
            .args([signal, &program.0.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        assert_eq!(program.0.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn a_port_in_use_and_wrong_arguments_are_said_clearly() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, said) = ended(&["--port", &port]);
    assert_eq!(code, Some(1));
    assert!(said.contains(&format!("port {port} is in use")), "{said}");
    for (arguments, complaint) in [
        (
            vec!["--port", "70000"],
            "--port needs a number, not \"70000\"",
        ),
        (vec!["--latency-ms=x"], "--latency-ms needs a number"),
        (vec!["--seed"], "--seed needs a number"),
        (vec!["--speed", "1"], "unknown argument \"--speed\""),
    ] {
        let (code, said) = ended(&arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(complaint), "{said}");
    }
}

#[tokio::test]
async fn faults_clock_and_lines_can_be_told_and_asked_over_http() {
    let stand_in = RevStandIn::start(Options::default()).await.unwrap();
    let (http, url) = (http(), stand_in.url());
    let token = sign_in(&http, &url).await;
    let rules = json!([
        {"call": "open_line", "kind": "late", "times": 1},
        {"call": "open_line", "times": 1, "fault": {"reply": {"status": {"status": 500}}, "shown_after_s": 60}},
    ]);
    let (status, _) = post(&http, &format!("{url}/admin/faults"), rules).await;
    assert_eq!(status, 200);

    assert!(open(&http, &url, &token, &line("12")).await.is_none());
    let (status, _) = open(&http, &url, &token, &line("12")).await.unwrap();
    assert_eq!(status, 500);
    let (status, answer) = open(&http, &url, &token, &line("12")).await.unwrap();
    assert_eq!((status.as_u16(), &answer["ok"]), (201, &json!(true)));

    let held = format!("{url}/admin/lines?number=12&reference=AMOP-1");
    assert_eq!(get(&http, &held).await["count"], 2);
    let shown = async || {
        let search = format!("{url}/v1/service-lines?search.number=12&search.customer_id=1001");
        let response = http.get(search).bearer_auth(&token).send().await.unwrap();
        response.json::<Value>().await.unwrap()["record_count"].clone()
    };
    assert_eq!(shown().await, 1);
    let clock = format!("{url}/admin/clock");
    post(&http, &clock, json!({"advance_seconds": 60})).await;
    assert_eq!(get(&http, &held).await["count"], 3);
    assert_eq!(shown().await, 3);
    assert_eq!(stand_in.creates_of("AMOP-1"), 3);
    assert_eq!(stand_in.creates_of_number("12"), 3);

    assert!(get(&http, &format!("{url}/admin/calls")).await["count"].as_i64() > Some(4));
    post(&http, &format!("{url}/admin/reset"), json!({})).await;
    assert_eq!(get(&http, &held).await["count"], 0);
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused_and_none_of_its_list_is_taken() {
    let stand_in = RevStandIn::start(Options::default()).await.unwrap();
    let (http, url) = (http(), format!("{}/admin/faults", stand_in.url()));
    for wrong in [
        json!({"call": "open_line", "kind": "no such kind"}),
        json!({"call": "close_line", "kind": "500"}),
        json!({"call": "open_line"}),
        json!({"call": "open_line", "kind": "500", "probability": 2}),
        json!({"call": "open_line", "kind": "500", "time": 1}),
        json!([{"call": "open_line", "kind": "500"}, {"call": "open_line", "kind": "x"}]),
    ] {
        let (status, answer) = post(&http, &url, wrong.clone()).await;
        assert_eq!(status, 400, "{wrong}");
        assert!(answer["error"].is_string(), "{wrong}");
    }
    assert_eq!(get(&http, &url).await["faults"], json!([]));
}

#[tokio::test]
async fn what_rev_would_refuse_is_refused_in_rev_s_envelope() {
    let stand_in = RevStandIn::start(Options::default()).await.unwrap();
    let (http, url) = (http(), stand_in.url());
    let token = sign_in(&http, &url).await;
    let product = |id: i64| json!([{"product_id": id, "rate": 1.5, "generate_proration": false}]);
    for (member, value) in [
        ("customer_id", json!(999)),
        ("number", json!("")),
        ("provider_id", Value::Null),
        ("service_type_id", json!(0)),
        ("activated_date", json!("2026-02-30")),
        ("package_id", Value::Null),
        ("products", product(11)),
    ] {
        let mut body = line("12");
        body[member] = value;
        let (status, answer) = open(&http, &url, &token, &body).await.unwrap();
        assert_eq!(status, 422, "{member}");
        assert_eq!(answer["ok"], false, "{member}");
    }
    let mut body = line("12");
    body.as_object_mut().unwrap().remove("package_id");
    body["products"] = product(0);
    assert_eq!(open(&http, &url, &token, &body).await.unwrap().0, 422);
    body["products"] = product(11);
    assert_eq!(open(&http, &url, &token, &body).await.unwrap().0, 201);
    assert_eq!(
        open(&http, &url, "fake-token-x", &body).await.unwrap().0,
        401
    );
    assert_eq!(stand_in.lines().len(), 1);
}

#[tokio::test]
async fn a_second_request_opens_a_second_line_unless_keys_are_honoured() {
    for (honoured, lines) in [(false, 2), (true, 1)] {
        let options = Options {
            honour_idempotency_key: honoured,
            ..Options::default()
        };
        let stand_in = RevStandIn::start(options).await.unwrap();
        let (http, url) = (http(), stand_in.url());
        let token = sign_in(&http, &url).await;
        let first = open(&http, &url, &token, &line("12")).await.unwrap().1;
        let second = open(&http, &url, &token, &line("12")).await.unwrap().1;
        assert_eq!(stand_in.creates_of("AMOP-1"), lines);
        assert_eq!(first["id"] == second["id"], honoured);
    }
}

#[tokio::test]
async fn an_answer_that_is_held_back_goes_out_when_it_may_and_the_line_is_open_before() {
    let stand_in = RevStandIn::start(Options::default()).await.unwrap();
    let (http, url) = (http(), stand_in.url());
    let token = sign_in(&http, &url).await;
    for over_http in [false, true] {
        let rules = json!({"call": "open_line", "times": 1, "fault": {"held": true}});
        post(&http, &format!("{url}/admin/faults"), rules).await;
        let order = line("12");
        let mut held = pin!(open(&http, &url, &token, &order));
        let before = stand_in.lines().len();
        while stand_in.lines().len() == before {
            let longer = tokio::time::timeout(Duration::from_millis(20), &mut held);
            assert!(longer.await.is_err(), "answered");
        }
        let other = open(&http, &url, &token, &line("13")).await.unwrap();
        assert_eq!(other.0, 201, "nobody else is held back");
        assert!(held.as_mut().now_or_never().is_none(), "answered");
        if over_http {
            let faults = http.delete(format!("{url}/admin/faults"));
            faults.send().await.unwrap();
        } else {
            stand_in.let_go();
        }
        assert_eq!(held.await.unwrap().0, 201);
    }
}

#[tokio::test]
async fn the_limit_holds_in_any_60_seconds_of_the_moved_clock() {
    let options = Options {
        limit_per_minute: Some(10),
        ..Options::default()
    };
    let stand_in = RevStandIn::start(options).await.unwrap();
    let (http, url) = (http(), stand_in.url());
    let token = sign_in(&http, &url).await;
    let mut turned_away = 0;
    for _ in 0..60 {
        let (status, _) = open(&http, &url, &token, &line("12")).await.unwrap();
        turned_away += usize::from(status == 429);
        stand_in.advance(Duration::from_secs(4));
    }
    let (away, through): (Vec<_>, Vec<_>) = stand_in
        .calls()
        .into_iter()
        .partition(|call| call.over_limit);
    assert_eq!(away.len(), turned_away);
    assert!(turned_away > 0);
    assert_eq!(most_in_a_minute(&through), 10);
}
