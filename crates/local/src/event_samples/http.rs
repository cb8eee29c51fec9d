//! Requests as API Gateway hands them over (payload format 2.0), at least one for each route.

use serde_json::{Map, Value, json};

use super::SUBMITTED;
use crate::sample::{Group, PRODUCTS};

/// The key under which the submitted bulk change is made; sent again it gives the same answer and makes nothing.
const KEY: &str = "00000000-0000-4000-8000-000000000001";
/// Of whom it is asked: nobody's name.
const HOST: &str = "fake-api.execute-api.us-east-1.amazonaws.com";
/// The day on which the events claim to be made.
const TIME: &str = "01/Mar/2026:12:00:00 +0000";
const TIME_EPOCH: i64 = 1_772_366_400_000;

/// One request while it is put together.
struct Request {
    method: &'static str,
    route: &'static str,
    parts: &'static [(&'static str, &'static str)],
    query: &'static [(&'static str, &'static str)],
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

fn get(route: &'static str) -> Request {
    Request {
        method: "GET",
        route,
        parts: &[],
        query: &[],
        headers: vec![("accept", "application/json".to_owned())],
        body: None,
    }
}

impl Request {
    /// What stands in the place of each part of the route.
    fn at(mut self, parts: &'static [(&'static str, &'static str)]) -> Self {
        self.parts = parts;
        self
    }

    fn asking(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.query = query;
        self
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    /// As a browser asks for a page: without a token.
    fn for_a_page(self) -> Self {
        self.header("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
    }

    fn by(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    fn event(self) -> Value {
        let path = self
            .parts
            .iter()
            .fold(self.route.replace('+', ""), |path, (name, value)| {
                path.replace(&format!("{{{name}}}"), value)
            });
        let query: Vec<String> = self
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let route = format!("{} {}", self.method, self.route);
        let mut headers: Map<String, Value> = self
            .headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        headers.insert("host".to_owned(), HOST.into());
        let mut event = json!({
            "version": "2.0",
            "routeKey": route,
            "rawPath": path,
            "rawQueryString": query.join("&"),
            "headers": headers,
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "fake-api",
                "domainName": HOST,
                "domainPrefix": "fake-api",
                "http": {"method": self.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "events"},
                "requestId": "fake-request",
                "routeKey": route,
                "stage": "$default",
                "time": TIME,
                "timeEpoch": TIME_EPOCH,
            },
            "isBase64Encoded": false,
        });
        if !self.query.is_empty() {
            event["queryStringParameters"] = members(self.query);
        }
        if !self.parts.is_empty() {
            event["pathParameters"] = members(self.parts);
        }
        if let Some(body) = self.body {
            event["body"] = body.to_string().into();
        }
        event
    }
}

fn members(pairs: &[(&str, &str)]) -> Value {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect::<Map<_, _>>()
        .into()
}

/// Three devices that can be associated, from this number on, and one that does not exist, with a service line and a rate plan.
fn association(first: usize) -> Value {
    let mut devices = Group::Assignable.iccids(1, 16);
    devices.drain(first + 2..);
    devices.drain(..first - 1);
    devices.extend(Group::Unknown.iccids(1, 1));
    let devices: Vec<&str> = devices
        .iter()
        .map(association::ids::Iccid::as_str)
        .collect();
    json!({
        "devices": devices,
        "serviceProviderId": 1,
        "revCustomerId": "1001",
        "createRevService": true,
        "serviceTypeId": 1,
        "providerId": 1,
        "products": [{"productId": PRODUCTS[0], "rate": 4.99}],
        "description": "events",
        "addCustomerRatePlan": true,
        "customerRatePlan": 1,
    })
}

fn submit(first: usize) -> Request {
    Request {
        method: "POST",
        body: Some(association(first)),
        ..get("/M2M/AssociateCustomer")
    }
    .header("content-type", "application/json")
}

/// ICCID of the sample data's first device, whose id is 1.
const FIRST: &str = "89000110000000000001";

/// Name and event of each. The ICCIDs and ids are the sample data's.
pub(super) fn requests(token: &str) -> Vec<(&'static str, Value)> {
    debug_assert_eq!(SUBMITTED, 1);
    let with_token = [
        (
            "http-inventory",
            get("/M2M/Index").asking(&[("pageSize", "2"), ("sort", "iccid"), ("facets", "true")]),
        ),
        (
            "http-inventory-export",
            get("/M2M/DeviceInventoryExport")
                .asking(&[("format", "csv"), ("identifiers", FIRST)])
                .header("accept", "*/*"),
        ),
        (
            "http-associate-customer",
            submit(1).header("idempotency-key", KEY),
        ),
        (
            "http-associate-customer-check",
            submit(11).asking(&[("validateOnly", "true")]),
        ),
        ("http-bulk-changes", get("/M2M/BulkChanges")),
        (
            "http-bulk-change-status",
            get("/M2M/BulkChangeStatus/{id}").at(&[("id", "1")]),
        ),
        (
            "http-device-log",
            get("/api/bulk-changes/{id}/devices/{iccid}/log").at(&[("id", "1"), ("iccid", FIRST)]),
        ),
        (
            "http-device-details",
            get("/M2M/DeviceDetails/{deviceId}").at(&[("deviceId", "1")]),
        ),
        ("http-rev-customers", get("/M2M/GetRevCustomers")),
        (
            "http-customer-sites",
            get("/api/customers/{customerId}/sites").at(&[("customerId", "1001")]),
        ),
        (
            "http-customer-rate-plans",
            get("/api/rate-plans/customer/{customerId}").at(&[("customerId", "1001")]),
        ),
        (
            "http-validate-device",
            get("/api/devices/validate/{iccid}").at(&[("iccid", "89000130000000000001")]),
        ),
        (
            "http-device-history",
            get("/api/devices/{deviceId}/history").at(&[("deviceId", "1")]),
        ),
    ]
    .map(|(name, request)| (name, request.by(token)));
    let without_token = [
        ("http-home", get("/").for_a_page()),
        ("http-inventory-page", get("/M2M/Index").for_a_page()),
        (
            "http-associate-customer-page",
            get("/M2M/AssociateCustomer").for_a_page(),
        ),
        (
            "http-bulk-changes-page",
            get("/M2M/BulkChanges").for_a_page(),
        ),
        (
            "http-device-details-page",
            get("/M2M/DeviceDetails/{deviceId}")
                .at(&[("deviceId", "1")])
                .for_a_page(),
        ),
        ("http-sign-in-page", get("/M2M/SignIn").for_a_page()),
        ("http-health", get("/healthz")),
        ("http-health-ready", get("/healthz/ready")),
        ("http-openapi", get("/openapi.json")),
        ("http-without-token", get("/M2M/GetRevCustomers")),
    ];
    with_token
        .into_iter()
        .chain(without_token)
        .map(|(name, request)| (name, request.event()))
        .chain([("http-asset", asset())])
        .collect()
}

/// The only address with a part that the portal decides: the hash of its files.
fn asset() -> Value {
    let hash = portal::hash();
    let path = "icon.svg";
    let mut event = get("/assets/{hash}/{path+}")
        .header("accept", "*/*")
        .event();
    let address = format!("/assets/{hash}/{path}");
    event["rawPath"] = address.as_str().into();
    event["requestContext"]["http"]["path"] = address.into();
    event["pathParameters"] = json!({"hash": hash, "path": path});
    event
}
