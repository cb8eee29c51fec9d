//! The inventory over HTTP: as data, and as a file.

use std::io::{Cursor, Read};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::app::App;

/// Devices 1 to 5: 1 is assigned to 1001, 2 to 1002; 3 has a cell that a spreadsheet would take for a formula.
async fn laid() -> App {
    let app = App::start().await;
    let world = &app.world;
    world.add_assignable(5).await;
    world.assign(1, "1001").await;
    world.assign(2, "1002").await;
    world
        .sql
        .run(
            "UPDATE dbo.Device SET IMEI = N'=HYPERLINK(\"x\"), \"y\"', CtdDataUsage = 1234567890123, \
             ProviderDateAdded = '2025-03-04T05:06:07' WHERE ICCID = @P1",
            &[&world.iccid(3).as_str()],
        )
        .await;
    app
}

/// A GET whose answer need not be text.
async fn file(app: &App, path: &str, gzip: bool) -> (StatusCode, HeaderMap, Bytes) {
    let mut request =
        Request::get(path).header(header::AUTHORIZATION, format!("Bearer {}", app.token()));
    if gzip {
        request = request.header(header::ACCEPT_ENCODING, "gzip");
    }
    let request = request.body(Body::empty()).unwrap();
    let (parts, body) = app.router().oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, bytes)
}

/// The values of a sheet, row by row, as they stand in the file.
fn sheet(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut xml = String::new();
    archive
        .by_name("xl/worksheets/sheet1.xml")
        .unwrap()
        .read_to_string(&mut xml)
        .unwrap();
    assert!(!xml.contains("<f>"), "a formula");
    xml.split("<row ")
        .skip(1)
        .map(|row| {
            row.split("<c ")
                .skip(1)
                .map(|cell| {
                    let inner = cell.split_once("<t>").or_else(|| cell.split_once("<v>"));
                    inner.map_or_else(String::new, |(_, rest)| {
                        rest.split('<').next().unwrap().to_owned()
                    })
                })
                .collect()
        })
        .collect()
}

#[tokio::test]
async fn a_page_of_devices_is_answered_in_one_round_trip() {
    let app = laid().await;
    let token = app.token();
    let (answer, round_trips) = app
        .round_trips(app.get("/M2M/Index?facets=true&pageSize=2", Some(&token)))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(round_trips, 1);
    let body = answer.json();
    // Device 2 belongs to a customer that the user may not use.
    assert_eq!(
        (&body["page"], &body["pageSize"], &body["total"]),
        (&json!(1), &json!(2), &json!(4))
    );
    assert_eq!(body["items"].as_array().unwrap().len(), 2);
    let first = &body["items"][0];
    assert_eq!(first["iccid"], app.world.iccid(1).as_str());
    assert_eq!(
        first["customer"],
        json!({"revCustomerId": "1001", "name": "Fake Fleet One", "siteId": app.world.site.get(), "site": "Fake Fleet One HQ"})
    );
    assert_eq!(first["activatedDate"], "2026-01-15T00:00:00Z");
    let unassigned = &body["items"][1];
    assert_eq!(unassigned["usageBytes"], 1_234_567_890_123_i64);
    for nothing in [
        "customer",
        "smsUsage",
        "eid",
        "unfinishedChange",
        "customerRatePlan",
    ] {
        assert_eq!(unassigned.get(nothing), Some(&Value::Null), "{nothing}");
    }
    assert_eq!(
        body["facets"]["serviceProviders"][0]["id"],
        app.world.provider.get()
    );
    assert_eq!(body.get("missing"), None);
}

#[tokio::test]
async fn pasted_identifiers_that_nobody_has_are_named_and_too_many_are_sent_elsewhere() {
    let app = laid().await;
    let token = app.token();
    let path = format!(
        "/M2M/Index?identifiers={}%0A{},nobody",
        app.world.iccid(3).as_str(),
        app.world.iccid(2).as_str()
    );
    let body = app.get(&path, Some(&token)).await.json();
    assert_eq!(body["total"], 1);
    assert_eq!(
        body["missing"],
        json!([app.world.iccid(2).as_str(), "nobody"])
    );

    let many: Vec<String> = (0..301).map(|n| format!("89{n}")).collect();
    let answer = app
        .get(
            &format!("/M2M/Index?identifiers={}", many.join(",")),
            Some(&token),
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        answer.errors(),
        [("?identifiers".to_owned(), "too-many".to_owned())]
    );
    assert!(
        answer
            .text
            .contains("/M2M/AssociateCustomer?validateOnly=true")
    );
}

#[tokio::test]
async fn what_is_not_a_parameter_or_not_a_value_is_a_fault() {
    let app = App::start().await;
    let token = app.token();
    for (query, pointer, code) in [
        ("sort=imei", "?sort", "not-in-list"),
        ("serviceProviderId=01", "?serviceProviderId", "invalid-id"),
        ("customerRatePlanId=x", "?customerRatePlanId", "invalid-id"),
        ("assigned=maybe", "?assigned", "not-a-flag"),
        ("assigned=", "?assigned", "not-a-flag"),
        ("archived=1", "?archived", "not-a-flag"),
        ("status=", "?status", "invalid-text"),
        ("carrierRatePlan=%00", "?carrierRatePlan", "invalid-text"),
        ("format=csv", "?format", "unknown-parameter"),
    ] {
        let answer = app.get(&format!("/M2M/Index?{query}"), Some(&token)).await;
        assert_eq!(
            answer.errors(),
            [(pointer.to_owned(), code.to_owned())],
            "{query}"
        );
    }
    for (query, pointer) in [
        ("page=1", "?page"),
        ("format=pdf", "?format"),
        ("facets=true", "?facets"),
    ] {
        let path = format!("/M2M/DeviceInventoryExport?{query}");
        let answer = app.get(&path, Some(&token)).await;
        assert_eq!(answer.errors()[0].0, pointer, "{query}");
    }
}

#[tokio::test]
async fn an_exported_workbook_holds_the_devices_of_the_list() {
    let app = laid().await;
    let before = app.central.round_trips();
    let (status, headers, bytes) =
        file(&app, "/M2M/DeviceInventoryExport?sortDir=desc", true).await;
    assert_eq!(app.central.round_trips() - before, 1);
    assert_eq!(status, StatusCode::OK);
    let name = headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    let stamp = name
        .strip_prefix("attachment; filename=\"ReportM2MInventory_")
        .and_then(|rest| rest.strip_suffix(".xlsx\""))
        .unwrap();
    assert!(
        stamp.len() == 14 && stamp.bytes().all(|byte| byte.is_ascii_digit()),
        "{name}"
    );
    assert_eq!(headers.get(header::CONTENT_ENCODING), None);
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    let rows = sheet(&bytes);
    assert_eq!(rows[0][0], "ICCID");
    let iccids: Vec<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(
        iccids,
        [5, 4, 3, 1].map(|n| app.world.iccid(n).as_str().to_owned())
    );
    let third = &rows[3];
    assert!(
        third.contains(&"=HYPERLINK(\"x\"), \"y\"".to_owned()),
        "{third:?}"
    );
    assert!(third.contains(&"1234567890123".to_owned()), "{third:?}");
    // 2025-03-04T05:06:07 in days since 1899-12-30.
    assert!(
        third.iter().any(|value| value.starts_with("45720.2125")),
        "{third:?}"
    );
}

#[tokio::test]
async fn an_exported_csv_is_the_same_with_and_without_gzip_and_holds_no_formula() {
    let app = laid().await;
    let path = "/M2M/DeviceInventoryExport?format=csv";
    let (status, headers, plain) = file(&app, path, false).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    let (_, headers, packed) = file(&app, path, true).await;
    assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
    let mut unpacked = Vec::new();
    GzDecoder::new(packed.as_ref())
        .read_to_end(&mut unpacked)
        .unwrap();
    assert_eq!(plain, unpacked);
    let text = String::from_utf8(unpacked).unwrap();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines.len(), 6, "{text}");
    assert!(lines[0].starts_with("ICCID,MSISDN,"));
    assert!(
        lines[2].contains("\"'=HYPERLINK(\"\"x\"\"), \"\"y\"\"\""),
        "{}",
        lines[2]
    );
    assert!(lines[2].contains(",1234567890123,") && lines[2].contains(",2025-03-04T05:06:07Z,"));
}

#[tokio::test]
async fn a_list_that_does_not_fit_into_a_file_is_refused_with_its_count_and_a_way_out() {
    let app = App::start().await;
    // One more than a workbook takes.
    app.world
        .sql
        .run(
            "DECLARE @n TABLE (n int NOT NULL PRIMARY KEY); \
             INSERT INTO @n (n) VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9); \
             INSERT INTO dbo.Device (ServiceProviderId, ICCID, CreatedBy) \
             SELECT @P1, CONCAT(N'89', 1000000 + a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n), N'test' \
             FROM @n AS a CROSS JOIN @n AS b CROSS JOIN @n AS c CROSS JOIN @n AS d CROSS JOIN @n AS e \
             WHERE a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n <= 60000;",
            &[&app.world.provider.get()],
        )
        .await;
    let token = app.token();
    let answer = app.get("/M2M/DeviceInventoryExport", Some(&token)).await;
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        answer.text
    );
    assert_eq!(answer.problem(), "/problems/too-many-rows");
    for words in ["60001 devices", "60000 devices", "format=csv", "filters"] {
        assert!(answer.text.contains(words), "{words}: {}", answer.text);
    }
}
