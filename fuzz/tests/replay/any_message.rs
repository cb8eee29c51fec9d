//! Answers of Rev.io, events and packets made by structure.

use embedded_sql_server::heard::{again, hear};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::corpus::inputs;

const ID: [&str; 9] = [
    "5", "\"5\"", "0", "\"0\"", "null", "-1", "\"x\"", "\"\"", "5.5",
];

/// One entry of Rev's envelope, or something near it.
fn entry() -> impl Strategy<Value = String> {
    let ok = prop::sample::select(vec!["true", "false", "\"true\"", "null", "1"]);
    let id = prop::option::of(prop::sample::select(ID.to_vec()));
    let words = prop::option::of("[a-zA-Z0-9 é]{0,12}");
    (prop::option::of(ok), id, words).prop_map(|(ok, id, words)| {
        let members = [
            ok.map(|ok| format!("\"ok\":{ok}")),
            id.map(|id| format!("\"id\":{id}")),
            words.map(|words| format!("\"error\":\"{words}\"")),
        ];
        format!(
            "{{{}}}",
            members.into_iter().flatten().collect::<Vec<_>>().join(",")
        )
    })
}

fn body() -> impl Strategy<Value = String> {
    let line = (1..4_i64, 0..3_usize, 0..4_usize, 0..5_usize, 0..4_usize).prop_map(|(id, number, description, created, status)| {
        json!({
            "id": id, "customer_id": if id == 3 { 1002 } else { 1001 },
            "number": (["8900000000000000001", " 15550000001", "12"][number]),
            "description": (["AMOP-7", "Fleet AMOP-7 ", "AMOP-77", ""][description]),
            "created": (["2026-03-01T00:00:01Z", "2026-02-28", "2025-01-01T00:00:00", "9999-12-31", "x"][created]),
            "status": (["ACTIVE", "disconnected", "NEW", ""][status]),
        })
    });
    let page = (prop::collection::vec(line, 0..4), any::<bool>(), 0..3_usize).prop_map(
        |(records, more, count)| {
            let mut page = json!({"ok": true, "has_more": more, "records": records});
            if count < 2 {
                page["record_count"] =
                    json!(page["records"].as_array().map_or(0, Vec::len) + count);
            }
            page.to_string()
        },
    );
    prop_oneof![
        3 => entry(),
        2 => prop::collection::vec(entry(), 0..3).prop_map(|entries| format!("[{}]", entries.join(","))),
        3 => page,
        1 => Just(r#"{"ok":true,"customer_id":"1001","name":"Example One"}"#.to_owned()),
        1 => Just("<html>quota</html>".to_owned()),
        1 => ".{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_answer_has_the_class_of_the_table(
        call in prop::sample::select(vec!["token", "customer", "products", "open_line", "lines"]),
        status in prop_oneof![prop::sample::select(vec![200_u16, 201, 202, 204, 400, 401, 403, 404, 408, 409, 422, 429, 500, 503]), 100..600_u16],
        complete: bool,
        after in prop::option::of("[0-9]{1,25}|soon|-1"),
        body in body(),
    ) {
        let headers = after.map(|after| format!("retry-after: {after}\n")).unwrap_or_default();
        let complete = if complete { "whole" } else { "cut" };
        fuzz::rev_answer(format!("{call} {status} {complete}\n{headers}\n{body}").as_bytes());
    }
}

proptest! {
    #[test]
    fn each_record_of_an_event_is_read_by_itself(
        records in prop::collection::vec((
            prop_oneof![
                Just(json!("Not used")), Just(Value::Null), Just(json!(5)),
                (0..5_i64, 0..3_i64, 0..3_i64).prop_map(|(id, chunk, tenant)| json!(format!("{{\"bulkChangeId\":{id},\"chunk\":{chunk},\"tenantId\":{tenant}}}"))),
                ".{0,20}".prop_map(Value::from),
            ],
            prop::option::of(prop_oneof!["[ +-]?[0-9]{1,20}", ".{0,8}"]),
            prop::option::of("[0-9 ]{0,4}"),
        ), 0..11),
    ) {
        let records: Vec<Value> = records.into_iter().map(|(body, id, chunk)| {
            let mut record = json!({"messageId": "m", "body": body, "messageAttributes": {}});
            for (name, value) in [("BulkChangeId", id), ("Chunk", chunk)] {
                if let Some(value) = value {
                    record["messageAttributes"][name] = json!({"stringValue": value, "dataType": "String"});
                }
            }
            record
        }).collect();
        fuzz::sqs_event(json!({"Records": records}).to_string().as_bytes());
    }

    #[test]
    fn what_a_client_sends_means_the_same_wherever_it_is_cut(seed in any::<prop::sample::Index>(), at_once in 1..600_usize, packet_size in 512..4096_usize) {
        let inputs = inputs("tds");
        let (_, bytes) = seed.get(&inputs);
        let heard = hear(bytes, usize::MAX);
        prop_assert_eq!(&hear(bytes, at_once), &heard);
        let packets = again(bytes, packet_size);
        prop_assert_eq!(hear(&packets, at_once).messages, heard.messages);
    }

    #[test]
    fn a_changed_byte_in_what_a_client_sends_ends_the_connection_or_is_read(
        seed in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>(),
    ) {
        let inputs = inputs("tds");
        let mut bytes = seed.get(&inputs).1.clone();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        bytes.truncate(cut.index(bytes.len()) + 1);
        fuzz::tds(&bytes);
    }
}
