//! Writes the seeds of the corpus: what real callers, producers, Rev.io and drivers send, with made-up numbers.
//!
//! `cargo test --package fuzz --test replay -- --ignored --exact seeds::are_written`. What fuzzing added stays beside them.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tiberius::{AuthMethod, Client, Config, EncryptionLevel, ToSql};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::compat::TokioAsyncWriteCompatExt;

use crate::{corpus::folder, served::server};

const ONE: &str = "8900000000000000001";
const TWO: &str = "89000000000000000002";

#[tokio::test]
#[ignore = "writes into fuzz/corpus"]
async fn are_written() {
    requests();
    changes();
    events();
    answers();
    statements();
    recorded().await;
}

fn write(target: &str, name: &str, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(folder(target)).unwrap();
    fs::write(folder(target).join(name), bytes).unwrap();
}

fn requests() {
    let plain = json!({"devices": [ONE], "serviceProviderId": 1, "revCustomerId": "1001"});
    let service = json!({"createRevService": true, "serviceTypeId": 3, "providerId": 4});
    let with = |parts: &[&Value]| {
        let mut body = plain.clone();
        for part in parts {
            body.as_object_mut()
                .unwrap()
                .extend(part.as_object().unwrap().clone());
        }
        body
    };
    let package = json!({"revPackageId": 5, "prorate": true, "description": "Fleet 😀", "usagePlanGroupId": 6, "activatedDate": "2026-03-02"});
    let products =
        json!({"products": [{"productId": 11, "rate": 4.5}, {"productId": 12, "rate": 0.0001}]});
    let lists = json!({"revProductIdList": [11, "12"], "rateList": [4.5, 1e2]});
    let plans = json!({"addCarrierRatePlan": true, "carrierRatePlan": "C 1", "commPlan": "Comm", "addCustomerRatePlan": true,
        "customerRatePlan": "7", "customerRatePool": 3, "customerDataAllocationMB": 12.5});
    let seeds = [
        ("smallest", plain.clone()),
        (
            "repeated",
            with(&[
                &json!({"devices": [ONE, format!(" {TWO} "), ONE, TWO, ONE], "effectiveDate": "2026-03-01"}),
            ]),
        ),
        ("package", with(&[&service, &package])),
        ("products", with(&[&service, &products])),
        ("lists", with(&[&service, &lists])),
        (
            "plans",
            with(&[
                &plans,
                &json!({"useCarrierActivationDate": true, "integrationAuthenticationId": 9}),
            ]),
        ),
        (
            "portal",
            json!({"Devices": [ONE], "ServiceProviderId": "1", "RevCustomerId": 1001, "CreateRevService": false,
            "ServiceTypeId": 0, "RevProductIdList": [], "RateList": [], "Prorate": false, "Description": "",
            "EffectiveDate": "2026-03-01T00:00:00Z", "AddCustomerRatePlan": true, "CustomerRatePlan": "7"}),
        ),
        (
            "every-fault",
            json!({"devices": ["x", 5, ONE], "serviceProviderId": 0, "RevCustomerId": "007", "effectiveDate": "2026-02-30",
            "createRevService": true, "products": [{"productId": 1}, 2, {"productId": 1, "rate": -1}], "revPackageId": 5,
            "rateList": [1], "unknown~/": 1, "prorate": "yes", "description": "\u{0}"}),
        ),
        (
            "unused",
            with(&[&json!({"description": "x", "carrierRatePlan": "y", "customerRatePlan": 7})]),
        ),
        (
            "twice",
            json!({"devices": [ONE], "Devices": [TWO], "serviceProviderId": 1, "revCustomerId": "1001"}),
        ),
        ("list", json!([plain])),
        (
            "found-day-with-a-sign",
            with(&[&json!({"effectiveDate": "+2026-03-01"})]),
        ),
    ];
    for (name, body) in seeds {
        write("request", name, body.to_string());
    }
    write("request", "cut", &plain.to_string()[..30]);
    let many: Vec<&str> = vec!["x"; 120];
    write(
        "request",
        "many-faults",
        json!({"devices": many, "y": 1}).to_string(),
    );
}

fn changes() {
    let portal = json!({
        "Number": "15550000001", "ICCID": ONE, "RevCustomerId": "1001", "DeviceId": 1, "CreateRevService": true,
        "ServiceTypeId": 3, "RevPackageId": null, "RevProductIdList": [11, null, 12], "RateList": [4.5, null, 0.25], "Prorate": true,
        "Description": "Fleet", "EffectiveDate": "2026-03-01T00:00:00", "AddCarrierRatePlan": true, "CarrierRatePlan": "C 1",
        "CommPlan": "Comm", "IntegrationAuthenticationId": 9, "JasperDeviceID": "x", "SiteId": 5, "ActivatedDate": "0001-01-01T00:00:00",
        "ProviderId": 4, "UsagePlanGroupId": null, "AddCustomerRatePlan": true, "CustomerRatePlan": "7", "CustomerRatePool": "",
        "RevProductId": null, "Rate": null,
    });
    let newer = json!({
        "Number": ONE, "ICCID": ONE, "RevCustomerId": 1001, "DeviceId": "1", "CreateRevService": "true",
        "ServiceTypeId": "3", "RevPackageId": 0, "RevProductIdList": 11, "RateList": "4.50", "Prorate": null, "Description": "",
        "EffectiveDate": null, "IntegrationAuthenticationId": 0, "SiteId": null, "ProviderId": "4", "CustomerRatePlan": 7,
    });
    let own = json!({
        "Number": "15550000001", "ICCID": ONE, "RevCustomerId": "1001", "DeviceId": 1, "CreateRevService": true, "ServiceTypeId": 3,
        "RevPackageId": null, "RevProductIdList": [11, 12], "RateList": ["4.5", "0.25"], "Prorate": true, "Description": "Fleet",
        "EffectiveDate": "2026-03-01", "AddCarrierRatePlan": false, "CarrierRatePlan": null, "CommPlan": null,
        "IntegrationAuthenticationId": 9, "SiteId": 5, "ActivatedDate": "2026-03-01", "ProviderId": 4, "UsagePlanGroupId": null,
        "AddCustomerRatePlan": true, "CustomerRatePlan": "7", "CustomerRatePool": "3", "CustomerDataAllocationMB": "12.5",
    });
    let with = |name: &str, value: Value| {
        let mut change = portal.clone();
        change[name] = value;
        change
    };
    let mut package = own.clone();
    package["RevPackageId"] = json!(5);
    let mut without_line = own.clone();
    without_line["CreateRevService"] = json!(false);
    let mut without_provider = own.clone();
    without_provider["ProviderId"] = Value::Null;
    let seeds = [
        ("portal", portal.clone()),
        ("newer", newer),
        ("own", own),
        ("own-package", package),
        ("own-without-line", without_line),
        ("own-without-provider", without_provider),
        (
            "small-letters",
            json!({"revcustomerid": "1001", "RevCustomerId": 1002, "effectivedate": "2026-03-01 00:00:00"}),
        ),
        (
            "plan-without-flag",
            with("AddCustomerRatePlan", Value::Null),
        ),
        ("product-twice", with("RevProductIdList", json!([11, "11"]))),
        ("bad-rate", with("RateList", json!(["4,5", 1, 1e-9]))),
        ("bad-day", with("EffectiveDate", json!("03/01/2026"))),
        (
            "bad-iccid",
            with("ICCID", json!(8_900_000_000_000_000_001_u64)),
        ),
        ("no-customer", with("RevCustomerId", json!(""))),
        ("list", json!([1, 2])),
        (
            "found-rate-with-underlines",
            with("RateList", json!(["1_0", null, "0.25"])),
        ),
        (
            "found-rate-that-was-rounded",
            with(
                "RateList",
                json!(["4.50000000000000000000000000000000001", null, "0.25"]),
            ),
        ),
    ];
    for (name, change) in seeds {
        write("foreign_change", name, change.to_string());
    }
    write("foreign_change", "cut", &portal.to_string()[..40]);
}

fn events() {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    for file in fs::read_dir(events).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name.starts_with("sqs-") || name.starts_with("scheduled-") {
            let event: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            write("sqs_event", &name, event.to_string());
        }
    }
    let record = |body: Value, attributes: &[(&str, &str)]| {
        let attributes: serde_json::Map<String, Value> = attributes
            .iter()
            .map(|(name, value)| {
                (
                    (*name).to_owned(),
                    json!({"stringValue": value, "dataType": "String"}),
                )
            })
            .collect();
        json!({"messageId": "m", "body": body, "attributes": {}, "messageAttributes": attributes})
    };
    let chunk = json!(r#"{"bulkChangeId":1,"chunk":0,"tenantId":1}"#);
    let seeds = [
        (
            "contradiction",
            vec![
                record(chunk.clone(), &[("BulkChangeId", "2")]),
                record(chunk.clone(), &[("Chunk", "1")]),
            ],
        ),
        (
            "traced",
            vec![record(
                chunk,
                &[("BulkChangeId", " 1 "), ("TraceId", "JKJaXmPLvHcESHA=")],
            )],
        ),
        (
            "bad-ids",
            ["0", "-1", "x", "", "9223372036854775808", "+5"]
                .map(|id| record(json!("Not used"), &[("BulkChangeId", id)]))
                .to_vec(),
        ),
        (
            "strange-bodies",
            [
                json!(null),
                json!(7),
                json!("{"),
                json!("{}"),
                json!(" {\"bulkChangeId\":0}"),
            ]
            .map(|body| record(body, &[]))
            .to_vec(),
        ),
        ("no-records", vec![]),
        (
            "no-objects",
            vec![json!(1), json!(null), json!([]), json!({"messageId": 5})],
        ),
    ];
    for (name, records) in seeds {
        write("sqs_event", name, json!({"Records": records}).to_string());
    }
}

fn answers() {
    let line = |id: i64, number: &str, description: &str, created: &str, status: &str| json!({"id": id, "number": number, "customer_id": 1001, "description": description, "created": created, "status": status});
    let page = |records: Value| {
        let count = records.as_array().unwrap().len();
        json!({"ok": true, "has_more": false, "record_count": count, "records": records})
            .to_string()
    };
    let no = r#"{"ok":false,"error":"no such provider"}"#;
    let seeds: Vec<(&str, &str, String)> = vec![
        (
            "opened",
            "open_line 201 whole\n\n",
            r#"{"ok":true,"id":5}"#.into(),
        ),
        (
            "opened-as-text",
            "open_line 200 whole\n\n",
            r#"{"id":"5"}"#.into(),
        ),
        (
            "opened-and-cut",
            "open_line 201 cut\n\n",
            r#"{"ok":true,"id":5"#.into(),
        ),
        (
            "promised",
            "open_line 202 whole\n\n",
            r#"{"ok":true,"id":5}"#.into(),
        ),
        ("refused", "open_line 422 whole\n\n", no.into()),
        (
            "refused-in-a-list",
            "open_line 400 whole\n\n",
            r#"[{"ok":false,"error":"a"},{"ok":false,"message":"b"}]"#.into(),
        ),
        ("refused-with-200", "open_line 200 whole\n\n", no.into()),
        (
            "refused-with-an-id",
            "open_line 201 whole\n\n",
            r#"{"ok":false,"id":5}"#.into(),
        ),
        (
            "found-half-refused",
            "open_line 201 whole\n\n",
            r#"[{"ok":true},{"ok":false,"error":"a"}]"#.into(),
        ),
        (
            "conflict",
            "open_line 409 whole\n\n",
            r#"{"ok":true,"id":5}"#.into(),
        ),
        (
            "html",
            "open_line 200 whole\n\n",
            "<html><body>Not here</body></html>".into(),
        ),
        (
            "gateway",
            "open_line 404 whole\n\n",
            r#"{"statusCode":404,"message":"Resource not found"}"#.into(),
        ),
        (
            "broken",
            "open_line 502 whole\n\n",
            "<html>Bad Gateway</html>".into(),
        ),
        ("token-refused", "open_line 401 whole\n\n", String::new()),
        (
            "too-many",
            "open_line 429 whole\nretry-after: 7\n\n",
            String::new(),
        ),
        (
            "too-many-until",
            "lines 429 whole\nretry-after: Sun, 01 Mar 2026 00:00:30 GMT\ndate: Sun, 01 Mar 2026 00:00:00 GMT\n\n",
            String::new(),
        ),
        (
            "too-many-in-words",
            "open_line 429 whole\n\n",
            r#"{"statusCode":429,"message":"Rate limit is exceeded. Try again in 12 seconds."}"#
                .into(),
        ),
        (
            "quota",
            "lines 403 whole\n\n",
            r#"{"message":"Out of call volume quota. Quota will be replenished in 00:10:00."}"#
                .into(),
        ),
        (
            "no-key",
            "lines 403 whole\n\n",
            r#"{"message":"invalid subscription key"}"#.into(),
        ),
        (
            "moved",
            "customer 302 whole\nlocation: https://example.com\n\n",
            String::new(),
        ),
        (
            "signed-in",
            "token 200 whole\n\n",
            r#"{"access_token":"fake","expires_in":3600}"#.into(),
        ),
        (
            "customer",
            "customer 200 whole\n\n",
            r#"{"ok":true,"customer_id":1001,"name":"Example One","status":"ACTIVE"}"#.into(),
        ),
        (
            "no-customer",
            "customer 404 whole\n\n",
            r#"{"ok":false,"error":"not found"}"#.into(),
        ),
        (
            "products",
            "products 200 whole\n\n",
            page(
                json!([{"product_id": 11, "description": "a", "rate": 4.5, "status": "ACTIVE"}, {"product_id": "12", "rate": "1e1"}]),
            ),
        ),
        ("no-lines", "lines 200 whole\n\n", page(json!([]))),
        (
            "our-line",
            "lines 200 whole\n\n",
            page(json!([line(
                5,
                ONE,
                "Fleet AMOP-7",
                "2026-03-01T00:00:00Z",
                "ACTIVE"
            )])),
        ),
        (
            "two-of-ours",
            "lines 200 whole\n\n",
            page(json!([
                line(5, ONE, "AMOP-7", "2026-03-01", "ACTIVE"),
                line(6, ONE, "x AMOP-7", "2026-03-01T00:00:00", "NEW")
            ])),
        ),
        (
            "another-changes",
            "lines 200 whole\n\n",
            page(json!([
                line(5, ONE, "AMOP-77", "2025-03-01T00:00:00-08:00", "ACTIVE"),
                line(6, "15550000001", "xAMOP-7", "", "DISCONNECTED")
            ])),
        ),
        (
            "old-systems",
            "lines 200 whole\n\n",
            page(json!([line(
                5,
                "15550000001",
                "Fleet",
                "2026-03-02T00:00:00Z",
                "ACTIVE"
            )])),
        ),
        (
            "half-a-page",
            "lines 200 whole\n\n",
            r#"{"ok":true,"has_more":true,"record_count":2,"records":[{"id":5}]}"#.into(),
        ),
        ("timed-out", "lines 408 whole\n\n", no.into()),
    ];
    for (name, head, body) in seeds {
        write("rev_answer", name, format!("{head}{body}"));
    }
}

fn statements() {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/central/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                files.push(path);
            }
        }
    }
    files.sort_by_key(|file| (fs::metadata(file).unwrap().len(), file.clone()));
    for file in files.iter().take(24) {
        write(
            "statement",
            &file.file_stem().unwrap().to_string_lossy(),
            fs::read(file).unwrap(),
        );
    }
    for (name, text) in [
        (
            "table",
            "CREATE TABLE dbo.T (Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_T PRIMARY KEY, Name nvarchar(50) NULL, At datetime2(3) NOT NULL DEFAULT SYSUTCDATETIME());",
        ),
        (
            "index",
            "CREATE UNIQUE NONCLUSTERED INDEX IX ON dbo.T (Name) INCLUDE (At) WHERE Name IS NOT NULL;",
        ),
        (
            "procedure",
            "CREATE OR ALTER PROCEDURE dbo.P (@a int, @b nvarchar(20) = N'x' OUTPUT) AS BEGIN IF @a > 1 RETURN 2; WHILE @a < 3 SET @a += 1; END",
        ),
        (
            "throw",
            "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION; THROW 50001, N'no', 1;",
        ),
        ("nested", "SELECT ((((((((((1))))))))))"),
    ] {
        write("statement", name, text);
    }
}

/// What tiberius sends in sessions of a few statements: whole sessions, and each message alone.
async fn recorded() {
    let server = server().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = Config::from_ado_string(&server.connection_string()).unwrap();
    config.port(listener.local_addr().unwrap().port());
    config.encryption(EncryptionLevel::NotSupported);
    let (long, bytes) = ("x".repeat(4100), vec![1_u8, 2, 3]);
    let date = time::Date::from_calendar_date(2026, time::Month::March, 1).unwrap();
    let moment = time::PrimitiveDateTime::new(date, time::Time::MIDNIGHT);
    let (id, in_utc) = (uuid::Uuid::from_u128(7), moment.assume_utc());
    let decimal = rust_decimal::Decimal::new(45, 1);
    let sessions: [(&str, &str, Vec<&dyn ToSql>); 4] = [
        (
            "numbers",
            "SELECT @P1, @P2, @P3, @P4, @P5, @P6",
            vec![&1_u8, &2_i16, &3_i32, &4_i64, &true, &decimal],
        ),
        (
            "texts",
            "SELECT @P1, @P2, @P3, @P4",
            vec![&"Fleet 😀", &None::<&str>, &bytes, &id],
        ),
        (
            "dates",
            "SELECT @P1, @P2, @P3, @P4",
            vec![&date, &moment, &in_utc, &2.5_f64],
        ),
        ("long", "SELECT LEN(@P1)", vec![&long]),
    ];
    for (name, text, parameters) in sessions {
        let client = async {
            let stream = TcpStream::connect(listener.local_addr().unwrap())
                .await
                .unwrap();
            let mut client = Client::connect(config.clone(), stream.compat_write())
                .await
                .unwrap();
            client
                .simple_query("BEGIN TRANSACTION")
                .await
                .unwrap()
                .into_results()
                .await
                .unwrap();
            client
                .query(text, &parameters)
                .await
                .unwrap()
                .into_results()
                .await
                .unwrap();
            client
                .simple_query("COMMIT TRANSACTION")
                .await
                .unwrap()
                .into_results()
                .await
                .unwrap();
            client.close().await.unwrap();
        };
        let (sent, ()) = tokio::join!(relay(&listener, server.address()), client);
        write("tds", &format!("session-{name}"), &sent);
        for (place, message) in messages(&sent).enumerate() {
            // The first two and the last are the same in all sessions.
            if place == 3 || name == "numbers" {
                write("tds", &format!("{name}-{place}"), message);
            }
        }
    }
    let mut wrong = config.clone();
    wrong.authentication(AuthMethod::sql_server("nobody", "Fake-Password-1"));
    let client = async {
        let stream = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        assert!(Client::connect(wrong, stream.compat_write()).await.is_err());
    };
    let (sent, ()) = tokio::join!(relay(&listener, server.address()), client);
    write("tds", "session-refused", &sent);
    write("tds", "attention", [6, 1, 0, 8, 0, 0, 1, 0]);
    write(
        "tds",
        "begin",
        [
            &[14, 1, 0, 34, 0, 0, 1, 0, 22, 0, 0, 0, 18, 0, 0, 0, 2, 0][..],
            &[0; 8],
            &[1, 0, 0, 0, 5, 0, 0, 0],
        ]
        .concat(),
    );
}

/// Carries one connection to the server and keeps what the client sends.
async fn relay(listener: &TcpListener, server: std::net::SocketAddr) -> Vec<u8> {
    let (client, _) = listener.accept().await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = TcpStream::connect(server).await.unwrap().into_split();
    let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut sent = Vec::new();
    let mut bytes = [0; 4096];
    loop {
        match from_client.read(&mut bytes).await {
            Ok(0) | Err(_) => break,
            Ok(count) => {
                sent.extend_from_slice(&bytes[..count]);
                to_server.write_all(&bytes[..count]).await.unwrap();
            }
        }
    }
    drop(to_server);
    let _ = back.await;
    sent
}

/// Packets up to one that ends its message.
fn messages(mut bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    std::iter::from_fn(move || {
        let mut message = Vec::new();
        while let Some(header) = bytes.get(..8) {
            let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
            let (packet, rest) = bytes.split_at_checked(length)?;
            bytes = rest;
            message.extend_from_slice(packet);
            if packet[1] & 1 != 0 {
                return Some(message);
            }
        }
        None
    })
}
