//! Nothing secret, no whole ICCID or MSISDN and no body of a Rev call is printed: by the good way, nor by any way to fail that
//! these tests know. Everything runs at LOG_LEVEL=trace, and all that is printed is searched.

use std::{process::Stdio, sync::Arc, time::Duration};

use axum::{Router, http::StatusCode, routing::post};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use device_bulk_change::RevLogins;
use embedded_sql_server::faults::{Action, Trigger};
use end_to_end::{
    Wishes, World,
    deliveries::event,
    printed::{Marks, Printed},
};
use futures::{FutureExt as _, future::BoxFuture};
use local::rev::{Call, FAKE_ACCOUNTS, Fault, Rule};
use queue::{Outgoing, Queue};
use secrets::{ReadError, Reader};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpListener, process::Command};

/// In the body of each Rev call that opens a line.
const BODY: &str = "marked body of a Rev call";
/// A client may think of its key as a secret.
const KEY: &str = "marked-key-0815-of-a-client";
/// What every login of these databases has for a password.
const DATABASE_PASSWORD: &str = "Embedded-Only-1";
const AMOP_KEY: &str = "marked-key-of-amop";

/// Everything that this world must keep to itself, of devices 1 to `devices`.
fn marks(world: &World, devices: usize) -> Marks {
    let mut marks = Marks::default();
    for n in 1..=devices {
        marks.add(format!("ICCID {n}"), world.iccid(n));
        marks.add(format!("MSISDN {n}"), world.msisdn(n));
    }
    marks.add("database password", DATABASE_PASSWORD);
    for (code, _, password) in FAKE_ACCOUNTS {
        marks.add("client code", code);
        marks.add("Rev password", password);
    }
    marks.add("key", KEY);
    marks.add("body of a call", BODY);
    marks.add("key of AMOP", AMOP_KEY);
    marks
}

fn assert_clean(printed: &Printed, marks: &Marks) {
    let found = marks.found_in(&printed.text());
    assert!(found.is_empty(), "{} times: {found:#?}", found.len());
}

/// A request whose calls of Rev carry the mark.
fn request(world: &World, devices: &[String]) -> Value {
    let mut request = world.with_service(devices);
    request["description"] = json!(BODY);
    request
}

/// Sent on the queue as it is.
async fn put(world: &World, body: &str, attributes: &[(&str, &str)]) {
    let attributes = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let message = Outgoing {
        body: body.to_owned(),
        attributes: attributes.collect(),
        group: None,
        delay: Duration::ZERO,
    };
    assert!(world.queue.send(&[message]).await[0].is_ok());
}

fn told(printed: &Printed, message: &str) -> bool {
    printed
        .logged()
        .iter()
        .any(|line| line["message"] == message)
}

#[test]
fn the_search_finds_what_is_planted() {
    let iccid = "8900000000010000007";
    let mut marks = Marks::default();
    marks.add("ICCID", iccid);
    marks.add("password", "not a/password+1");
    let hexadecimal: String = iccid.chars().flat_map(|digit| ['3', digit]).collect();
    for leak in [
        iccid.to_owned(),
        format!("the value ({iccid}, 1)"),
        "8900-0000 0001.0000(007)".to_owned(),
        hexadecimal,
        STANDARD.encode(iccid),
        STANDARD.encode(format!("x{iccid}y")),
        STANDARD.encode(format!("{{\"iccid\":\"{iccid}\"}}")),
        "password=not%20a%2Fpassword%2B1&x=1".to_owned(),
        "Not A/Password+1".to_owned(),
    ] {
        let line = format!("fine\n{{\"message\":\"{leak}\"}}\nfine");
        assert!(!marks.found_in(&line).is_empty(), "{leak}");
    }
    for fine in ["…0007", "8900000000010000008", "not a password 2", ""] {
        assert_eq!(marks.found_in(fine), Vec::<String>::new(), "{fine}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_finds_what_a_line_of_ours_would_leak() {
    let printed = Printed::everything("trace");
    let world = World::embedded(Wishes::devices(2)).await;
    let marks = marks(&world, 2);
    assert_clean(&printed, &marks);
    tracing::debug!(number = world.msisdn(2), "planted");
    assert_eq!(
        printed.text(),
        "",
        "a line of a crate that is none of ours, below warn"
    );
    tracing::error!(number = world.msisdn(2), "planted");
    assert!(marks.found_in(&printed.text())[0].starts_with("MSISDN 2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_good_and_refused_requests() {
    let printed = Printed::everything("trace");
    let world = World::embedded(Wishes::devices(120)).await;
    let mut marks = marks(&world, 130);
    let token = world.token();
    marks.add("token", token.rsplit('.').next().unwrap());
    let devices = world.iccids(1..=125);
    let mut asked = request(&world, &devices);
    asked["addCarrierRatePlan"] = json!(true);
    asked["carrierRatePlan"] = json!("CARRIER-1GB");
    let id = world.post_with(&asked, KEY).await.bulk_change();
    assert_eq!(world.post_with(&asked, KEY).await.bulk_change(), id);
    asked["devices"] = json!(world.iccids(1..=2));
    assert_eq!(
        world.post_with(&asked, KEY).await.status,
        422,
        "the key belongs to another request"
    );

    // Bodies that cannot be read, with numbers at the place of the fault.
    for body in [
        format!("{{\"devices\": [\"{}\" ", world.iccid(1)),
        json!({"devices": [{"iccid": world.iccid(1)}], "serviceProviderId": world.iccid(2)}).to_string(),
        json!({"devices": world.iccid(1), world.iccid(2): 1}).to_string(),
        json!({"devices": [world.iccid(1), format!("{}x", world.iccid(2))], "revCustomerId": world.msisdn(1)}).to_string(),
    ] {
        let sent = world.http().post(world.url("/M2M/AssociateCustomer")).bearer_auth(&token);
        let answer = sent.header("content-type", "application/json").body(body).send().await.unwrap();
        assert!(answer.status().is_client_error());
    }
    // Tokens that are refused, and numbers in paths and parameters.
    for refused in [&token[..token.len() - 4], KEY, "a.b.c"] {
        let sent = world
            .http()
            .get(world.url("/M2M/Index"))
            .bearer_auth(refused);
        assert_eq!(sent.send().await.unwrap().status(), 401);
    }
    for path in [
        format!("/api/devices/validate/{}", world.iccid(1)),
        format!("/api/devices/validate/{}", world.iccid(129)),
        format!("/api/bulk-changes/{id}/devices/{}/log", world.iccid(1)),
        format!("/M2M/Index?iccids={}", world.iccid(1)),
        format!("/M2M/Index?nobody={}", world.iccid(1)),
        format!("/nowhere/{}?key={KEY}", world.iccid(1)),
        format!("/M2M/DeviceInventoryExport?search={}", world.msisdn(1)),
    ] {
        world
            .http()
            .get(world.url(&path))
            .bearer_auth(&token)
            .send()
            .await
            .unwrap();
    }
    world.drain().await;
    world.get(&format!("/M2M/BulkChangeStatus/{id}")).await;
    for message in [
        "answered",
        "token refused",
        "bulk change accepted",
        "rev_call",
        "bulk_change_finished",
    ] {
        assert!(told(&printed, message), "{message}");
    }
    assert_clean(&printed, &marks);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_rev_s_failures_that_say_everything_back() {
    let printed = Printed::everything("trace");
    let world = World::embedded(Wishes::devices(40)).await;
    let mut marks = marks(&world, 40);
    marks.add("words of Rev", "marked words of Rev");
    let secret = FAKE_ACCOUNTS[0].2;
    let echo = |n: usize| {
        format!(
            "marked words of Rev: {} {} {secret} {BODY}",
            world.iccid(n),
            world.msisdn(n)
        )
    };
    let envelope = json!({"ok": false, "error": echo(1)}).to_string();
    for (n, fault) in [
        (1, Fault::refuse(&echo(1))),
        (2, Fault::status(400, &envelope)),
        (3, Fault::status(500, &envelope)),
        (4, Fault::status(404, &envelope)),
        (5, Fault::status(200, &echo(5))),
        (6, Fault::status(200, &format!("<html>{}</html>", echo(6)))),
        (7, Fault::status(409, &envelope)),
        (8, Fault::drop_after()),
        (9, Fault::drop_before()),
        (10, Fault::server_error().done()),
        (11, Fault::status(302, &envelope)),
    ] {
        let rule = Rule::once(Call::OpenLine, fault);
        world.rev.fault(rule.for_number(&world.msisdn(n)));
    }
    world
        .rev
        .fault(Rule::once(Call::Lines, Fault::status(500, &envelope)));
    world
        .rev
        .fault(Rule::once(Call::Lines, Fault::status(200, &echo(12))));
    let id = world
        .post(&request(&world, &world.iccids(1..=20)))
        .await
        .bulk_change();
    world.drain().await;
    assert!(!world.statuses(id).await.is_empty());

    // Products and customers, the sign-in, throttling, and an account that is stopped.
    for (call, fault) in [
        (Call::Customer, Fault::status(404, &envelope)),
        (Call::Products, Fault::status(422, &envelope)),
        (Call::Token, Fault::status(401, &envelope)),
        (Call::Token, Fault::status(500, &envelope)),
        (Call::OpenLine, Fault::throttled(Some("30"))),
        (Call::OpenLine, Fault::status(403, &envelope)),
    ] {
        world.rev.fault(Rule::once(call, fault));
        world.rev.revoke_tokens();
        let devices = world.iccids(21..=22);
        world.post(&request(&world, &devices)).await;
        for _ in 0..3 {
            world.deliver(10, 1).await;
            world.pass(Duration::from_mins(6));
            world.sweep().await;
        }
    }
    world.drain().await;
    // Where Rev is said to be.
    world
        .sql()
        .await
        .rows("UPDATE dbo.Integration_Connection SET ProductionURL = N'https://marked:marked-words-of-Rev@rev.example/' WHERE IntegrationId = 3")
        .await;
    let consumer = world.another_consumer().await;
    world
        .post(&request(&world, &world.iccids(31..=32)))
        .await
        .bulk_change();
    let end = std::time::Instant::now() + Duration::from_mins(2);
    device_bulk_change::handle(&consumer, event(&world.queue.receive(10)), end)
        .await
        .unwrap();
    for message in [
        "rev_call",
        "rev_account_stopped",
        "rev_account_refused",
        "preflight_refused",
    ] {
        assert!(told(&printed, message), "{message}");
    }
    assert_clean(&printed, &marks);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_errors_of_the_database_that_quote_values_and_of_panics() {
    let printed = Printed::everything("trace");
    let world = World::embedded(Wishes::devices(40)).await;
    let marks = marks(&world, 40);
    let mut sql = world.sql().await;

    // The consumer's business write, and then the intake's, meet an index that quotes the number.
    sql.rows("CREATE UNIQUE INDEX UX_Quotes ON dbo.DeviceActionHistory (ICCID)")
        .await;
    world
        .post(&request(&world, &world.iccids(1..=3)))
        .await
        .bulk_change();
    for _ in 0..4 {
        world.deliver(10, 1).await;
        world.pass(Duration::from_secs(40));
    }
    assert!(told(&printed, "record_refused"));
    sql.rows("DROP INDEX UX_Quotes ON dbo.DeviceActionHistory")
        .await;
    sql.rows("CREATE UNIQUE INDEX UX_QuotesToo ON dbo.M2M_DeviceChange (ICCID)")
        .await;
    assert!(
        world
            .post(&request(&world, &world.iccids(2..=6)))
            .await
            .status
            >= 400
    );
    sql.rows("DROP INDEX UX_QuotesToo ON dbo.M2M_DeviceChange")
        .await;

    // Each kind of failure once, in each lambda.
    for number in [1205, 40501, 50_000, 245, -2] {
        for statement in [
            "dbo.BulkChangeRequestKey (KeyHash",
            "OPENJSON(@P1)",
            "AS OutboxAge",
        ] {
            world
                .server()
                .faults()
                .add(Trigger::matching(statement), Action::Error { number });
        }
        world
            .post_with(&request(&world, &world.iccids(10..=12)), KEY)
            .await;
        let end = std::time::Instant::now() + Duration::from_mins(2);
        let _may_fail =
            device_bulk_change::handle(&world.consumer, json!({"source": "aws.events"}), end).await;
        world.deliver(10, 1).await;
        world.server().faults().clear();
        world.pass(Duration::from_mins(16));
    }
    world.server().faults().refuse_logins(true);
    world.server().faults().cut_all();
    world.get("/M2M/Index").await;
    let end = std::time::Instant::now() + Duration::from_mins(2);
    let sweep = device_bulk_change::handle(&world.consumer, json!({"source": "aws.events"}), end);
    assert!(sweep.await.is_err());
    world.server().faults().refuse_logins(false);

    // A panic that says what it was about.
    let text = format!(
        "1*panic({} {} 8900-0000)->off",
        world.iccid(7),
        world.msisdn(7)
    );
    fail::cfg("central.claim.before", &text).unwrap();
    world
        .post(&request(&world, &world.iccids(20..=21)))
        .await
        .bulk_change();
    world.deliver(10, 1).await;
    fail::remove("central.claim.before");
    for message in ["panicked", "message_panicked", "database", "sweep_failed"] {
        assert!(told(&printed, message), "{message}");
    }
    assert_clean(&printed, &marks);
}

/// Fails, and says too much.
struct Talkative(String);

impl Reader for Talkative {
    fn read<'a>(&'a self, secret: &'a str) -> BoxFuture<'a, Result<String, ReadError>> {
        let problem = self.0.clone();
        async move {
            Err(ReadError::Unavailable {
                secret: secret.to_owned(),
                problem,
            })
        }
        .boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_other_producers_poison_and_secrets_that_are_not_read() {
    let printed = Printed::everything("trace");
    let mut world = World::embedded(Wishes::devices(20)).await;
    let marks = marks(&world, 20);
    let (iccid, msisdn) = (world.iccid(1), world.msisdn(1));

    let mut rows = world.foreign_rows(1..=8).await;
    rows[1].text = format!("{{\"ICCID\": \"{iccid}\", \"Number\": \"{msisdn}\"");
    rows[2].text =
        json!({"Number": {"of": msisdn}, "RevCustomerId": iccid, "EffectiveDate": msisdn})
            .to_string();
    rows[3].iccid = format!("{iccid} {msisdn}");
    let id = world.write_assignment(&rows).await;
    world.announce(id).await;
    world.drain().await;

    for body in [
        format!("{{\"bulkChangeId\":\"{iccid}\"}}"),
        format!("{{\"bulkChangeId\":{msisdn},\"chunk\":0,\"tenantId\":1}}"),
        format!("{{{iccid}"),
        "Not used".to_owned(),
    ] {
        put(
            &world,
            &body,
            &[
                ("BulkChangeId", &iccid),
                ("TraceId", &msisdn),
                ("Chunk", &iccid),
            ],
        )
        .await;
    }
    put(
        &world,
        "Not used",
        &[
            ("BulkChangeId", &msisdn),
            ("TraceId", &format!("x {iccid}")),
        ],
    )
    .await;
    // What SQS would never hand over.
    let mut strange = event(&world.queue.receive(10));
    strange["Records"]
        .as_array_mut()
        .unwrap()
        .push(json!({"messageId": iccid, "body": {"of": msisdn}}));
    strange["Records"]
        .as_array_mut()
        .unwrap()
        .push(json!({"messageId": iccid, "awsRegion": iccid, "attributes": msisdn}));
    let answer = world.call(strange).await;
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 7);

    let talkative = Talkative(format!("refused for {iccid}, +{}", &msisdn));
    let plain = Arc::into_inner(world.another_consumer().await).unwrap();
    let logins = RevLogins::new(Arc::new(talkative), "fake-secret-arn");
    world.consumer = Arc::new(plain.with_rev_logins(Some(logins)));
    world
        .post(&request(&world, &world.iccids(10..=11)))
        .await
        .bulk_change();
    world.deliver(10, 1).await;
    for message in [
        "message_unreadable",
        "message_failed",
        "secret not read",
        "bulk_change_enrolled",
    ] {
        assert!(told(&printed, message), "{message}");
    }
    assert_clean(&printed, &marks);
}

/// AMOP 2.0 that refuses, and says back what it was told.
async fn amop_that_echoes() -> String {
    let router = Router::new().fallback(post(async |body: String| (StatusCode::BAD_GATEWAY, body)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/sync?key={AMOP_KEY}",
        listener.local_addr().unwrap()
    );
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// Everything that the consumer prints as a process of its own, on both of its outputs.
async fn process(
    world: &World,
    level: &str,
    connection: &str,
    amop: &str,
    event: &Value,
) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lambda-process"))
        .arg("consumer")
        .env("CENTRAL_CONNECTION_STRING", connection)
        .env("QUEUE_URL", "memory")
        .env("REV_ALLOW_HTTP_LOOPBACK", "true")
        .env("REV_CALLS_PER_MINUTE", "60000")
        .env("AMOP_SYNC_URL", amop)
        .env("LOG_LEVEL", level)
        .env("RUST_BACKTRACE", "1")
        .env(
            "FAILPOINTS",
            format!("central.finish.before=1*panic({})->off", world.msisdn(3)),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(event.to_string().as_bytes()).await.unwrap();
    drop(input);
    let output = child.wait_with_output().await.unwrap();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_process_on_any_of_its_outputs() {
    let world = World::embedded(Wishes::devices(30)).await;
    let marks = marks(&world, 30);
    let amop = amop_that_echoes().await;
    for (number, level) in [(0, "trace"), (1, "debug"), (2, "info,rev=trace")] {
        let first = number * 10 + 1;
        world
            .post(&request(&world, &world.iccids(first..=first + 4)))
            .await
            .bulk_change();
        let refused = Fault::refuse(&format!("{} {BODY}", world.msisdn(first)));
        world.rev.fault(Rule::once(Call::OpenLine, refused));
        let mut batch = event(&world.queue.receive(10));
        let poison = json!({"messageId": "poison", "body": format!("{{{}", world.iccid(1))});
        batch["Records"].as_array_mut().unwrap().push(poison);
        let printed = process(&world, level, &world.logins.consumer, &amop, &batch).await;
        let found = marks.found_in(&printed);
        assert!(found.is_empty(), "{found:#?}");
        for message in [
            "batchItemFailures",
            "message_failed",
            "panicked",
            "RevCalls",
        ] {
            assert!(printed.contains(message), "{message}: {printed}");
        }
        world.pass(Duration::from_mins(15));
        let sweep = json!({"source": "aws.events"});
        let printed = process(&world, level, &world.logins.consumer, &amop, &sweep).await;
        let found = marks.found_in(&printed);
        assert!(found.is_empty(), "{found:#?}");
        world.pass(Duration::from_mins(15));
    }
    // A password that the database refuses, and a connection string that cannot be read.
    let mut marks = marks.clone();
    marks.add("wrong password", "marked-wrong-password");
    let wrong = world
        .logins
        .consumer
        .replace(DATABASE_PASSWORD, "marked-wrong-password");
    for connection in [wrong.clone(), wrong.replace("Database=", "Databas=")] {
        let sweep = json!({"source": "aws.events"});
        let printed = process(&world, "trace", &connection, &amop, &sweep).await;
        assert!(!printed.is_empty());
        let found = marks.found_in(&printed);
        assert!(found.is_empty(), "{found:#?}");
    }
}
