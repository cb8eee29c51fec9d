//! Bodies as they are sent, and answers as they are read.

use association::{
    ids::{ChangeId, IntegrationAuthenticationId},
    service_line::{Product, Reference},
};
use time::macros::{date, datetime};

use super::*;
use crate::account::{Credentials, Settings};

fn order() -> ServiceLineOrder {
    let reference = Reference::of(ChangeId::new(7).unwrap());
    ServiceLineOrder {
        customer: RevCustomerId::parse("1001").unwrap(),
        number: "15550000001".into(),
        number2: "8900000000000000001".into(),
        service_type_id: 3,
        provider_id: 4,
        billed: Billed::Products(vec![
            Product {
                product_id: 11,
                rate: "12.5000".parse().unwrap(),
            },
            Product {
                product_id: 12,
                rate: "3".parse().unwrap(),
            },
        ]),
        usage_plan_group_id: Some(9),
        effective_date: Some(date!(2026 - 02 - 03)),
        activated_date: date!(2026 - 01 - 02),
        prorate: true,
        description: reference.describe(Some("Fleet A")),
        reference,
    }
}

fn account() -> Account {
    let credentials = Credentials {
        client_code: "fake-client".into(),
        user: "fake-user".into(),
        password: "not-a-password".into(),
    };
    let id = IntegrationAuthenticationId::new(1).unwrap();
    Account::new(id, "https://api.rev.io", credentials, &Settings::default()).unwrap()
}

#[test]
fn a_line_is_opened_with_everything_that_was_ordered() {
    assert_eq!(
        body(&order()).to_string(),
        concat!(
            r#"{"activated_date":"2026-01-02","customer_id":1001,"description":"Fleet A AMOP-7","#,
            r#""effective_date":"2026-02-03","number":"15550000001","number2":"8900000000000000001","#,
            r#""products":[{"generate_proration":true,"product_id":11,"rate":12.5},"#,
            r#"{"generate_proration":true,"product_id":12,"rate":3}],"#,
            r#""provider_id":4,"service_type_id":3,"usage_plan_group_id":9}"#
        )
    );
}

#[test]
fn what_was_not_ordered_is_not_sent() {
    let order = ServiceLineOrder {
        billed: Billed::Package(77),
        usage_plan_group_id: None,
        effective_date: None,
        ..order()
    };
    let body = body(&order);
    assert_eq!(body["package_id"], 77);
    for absent in ["products", "usage_plan_group_id", "effective_date"] {
        assert!(body.get(absent).is_none(), "{absent}");
    }
}

#[test]
fn a_rate_is_sent_exactly_or_as_something_that_rev_refuses() {
    for (amount, sent) in [
        ("0", "0"),
        ("12.50", "12.5"),
        ("0.0001", "0.0001"),
        ("99999999.9999", "99999999.9999"),
        ("-1.10", "-1.1"),
        (
            "123456789012345678901.2345",
            r#""123456789012345678901.2345""#,
        ),
    ] {
        assert_eq!(rate(amount.parse().unwrap()).to_string(), sent, "{amount}");
    }
}

#[test]
fn the_five_calls_go_to_their_paths() {
    let account = account();
    let (base, id) = (&account.base_url, RevCustomerId::parse("1001").unwrap());
    for (request, expected) in [
        (sign_in(&account), "POST https://api.rev.io/v1/auth/token"),
        (
            customer(base, &id),
            "GET https://api.rev.io/v1/customers/1001",
        ),
        (
            products(base, &id, 2),
            "GET https://api.rev.io/v1/service-products?search.customer_id=1001&search.page=2&search.page_size=500",
        ),
        (
            open_line(base, &order()),
            "POST https://api.rev.io/v1/service-lines",
        ),
        (
            lines(base, "1 &2", Some(&id), 1),
            "GET https://api.rev.io/v1/service-lines?search.number=1+%262&search.customer_id=1001&search.page=1&search.page_size=500",
        ),
        (
            lines(base, "12", None, 1),
            "GET https://api.rev.io/v1/service-lines?search.number=12&search.page=1&search.page_size=500",
        ),
    ] {
        assert_eq!(format!("{} {}", request.verb, request.url), expected);
    }
}

#[test]
fn the_call_that_bills_carries_its_reference_as_a_key_and_no_other_call_does() {
    let account = account();
    let (base, id) = (&account.base_url, RevCustomerId::parse("1001").unwrap());
    let open = open_line(base, &order());
    assert_eq!(open.idempotency_key.as_deref(), Some("AMOP-7"));
    assert_eq!(open.body, Some(body(&order()).to_string().into_bytes()));
    for reading in [
        customer(base, &id),
        products(base, &id, 1),
        lines(base, "12", None, 1),
    ] {
        assert_eq!((reading.idempotency_key, reading.body), (None, None));
    }
}

#[test]
fn credentials_go_into_the_body_of_the_sign_in_alone() {
    let request = sign_in(&account());
    assert_eq!(request.idempotency_key, None);
    assert!(!request.url.as_str().contains("fake"), "{}", request.url);
    let body: Value = serde_json::from_slice(&request.body.unwrap()).unwrap();
    assert_eq!(
        body,
        json!({"client_code": "fake-client", "username": "fake-user", "password": "not-a-password"})
    );
}

#[test]
fn a_line_is_read_with_everything_that_a_look_up_compares() {
    let record = json!({
        "id": "5", "number": " 12 ", "customer_id": "1001", "description": "Fleet AMOP-7",
        "created_date": "2026-01-02T03:04:05Z", "status": "ACTIVE",
    });
    let expected = ServiceLine {
        id: ServiceLineId::new(5).unwrap(),
        number: " 12 ".to_owned(),
        customer: "1001".to_owned(),
        description: "Fleet AMOP-7".to_owned(),
        created: Some(datetime!(2026-01-02 03:04:05 UTC)),
        status: "ACTIVE".to_owned(),
    };
    assert_eq!(read_line(&record), Some(expected));
    for missing in ["id", "number", "customer_id"] {
        let mut record = record.clone();
        record.as_object_mut().unwrap().remove(missing);
        assert_eq!(read_line(&record), None, "{missing}");
    }
}

#[test]
fn a_product_is_read_with_its_words_and_not_without_its_id() {
    let record = json!({"product_id": "11", "description": "Data", "status": "ACTIVE", "rate": 1});
    let product = read_product(&record).unwrap();
    assert_eq!(
        (product.product_id, product.description.as_str()),
        (11, "Data")
    );
    assert_eq!(product.status, "ACTIVE");
    for id in [
        json!(2_147_483_648_i64),
        json!("x"),
        Value::Null,
        json!([1]),
    ] {
        assert_eq!(read_product(&json!({"product_id": id})), None, "{id}");
    }
    assert_eq!(read_product(&json!({"product_id": 1, "rate": [1]})), None);
}

#[test]
fn a_page_is_read_whole_or_not_at_all() {
    let page = |body: Value| read_page(&body, read_line).map(|page| page.records.len());
    let line = json!({"id": 5, "number": "12", "customer_id": 1001});
    assert_eq!(
        page(json!({"ok": true, "has_more": false, "record_count": 1, "records": [line]})),
        Some(1)
    );
    for body in [
        json!({"ok": true, "has_more": false, "record_count": 2, "records": [line]}),
        json!({"ok": true, "has_more": false, "record_count": 2, "records": [line, {"id": 6}]}),
        json!({"ok": true, "record_count": 1, "records": [line]}),
        json!({"ok": true, "has_more": false}),
        json!({"has_more": false, "records": [line]}),
        json!({}),
    ] {
        assert_eq!(page(body.clone()), None, "{body}");
    }
}

#[test]
fn a_customer_is_read_only_when_it_is_the_one_asked_for() {
    let asked = RevCustomerId::parse("1001").unwrap();
    let read = |body: Value| read_customer(&body, &asked);
    let found = read(json!({"ok": true, "id": 1001, "name": "N", "status": "ACTIVE"})).unwrap();
    assert_eq!(
        (found.name.as_str(), found.status.as_str()),
        ("N", "ACTIVE")
    );
    assert!(read(json!({"ok": true, "customer_id": "1001"})).is_some());
    assert!(read(json!({"ok": true, "id": 1002})).is_none());
    assert!(read(json!({"ok": true})).is_none());
}

#[test]
fn a_product_s_rate_is_exact() {
    let product = |rate: Value| read_product(&json!({"product_id": 11, "rate": rate}));
    assert_eq!(
        product(json!(0.1)).unwrap().rate,
        Some("0.1".parse().unwrap())
    );
    assert_eq!(
        product(json!("7.25")).unwrap().rate,
        Some("7.25".parse().unwrap())
    );
    assert_eq!(product(Value::Null).unwrap().rate, None);
    assert!(product(json!("x")).is_none());
}

#[test]
fn a_token_without_its_time_or_that_cannot_be_sent_is_not_read() {
    let token = |body: Value| read_token(&body);
    assert_eq!(
        token(json!({"access_token": "fake", "expires_in": 60})),
        Some(("fake".into(), Duration::from_mins(1)))
    );
    for body in [
        json!({"access_token": "fake"}),
        json!({"access_token": "", "expires_in": 60}),
        json!({"access_token": "a\nb", "expires_in": 60}),
        json!({"access_token": "fake", "expires_in": -1}),
    ] {
        assert_eq!(token(body.clone()), None, "{body}");
    }
}

#[test]
fn a_creation_time_is_the_latest_moment_that_its_text_can_mean() {
    for (text, moment) in [
        ("2026-01-02T03:04:05Z", datetime!(2026-01-02 03:04:05 UTC)),
        (
            "2026-01-02T03:04:05+02:00",
            datetime!(2026-01-02 01:04:05 UTC),
        ),
        ("2026-01-02T03:04:05", datetime!(2026-01-02 15:04:05 UTC)),
        ("2026-01-02", datetime!(2026-01-03 11:59:59 UTC)),
    ] {
        assert_eq!(latest_moment(text), Some(moment), "{text}");
    }
    assert_eq!(latest_moment("yesterday"), None);
}
