//! The two lambdas as deployed: their binaries, what the template sets for them, and how they are called over HTTP.

use serde_json::{Value, json};

use crate::{
    World,
    sqs::{self, Sqs},
};

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// Lambda 1.
    Intake,
    /// Lambda 2.
    Consumer,
}

impl Function {
    /// Its binary, and the folder of its package.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Consumer => "device-bulk-change",
        }
    }

    /// What the template sets, with a budget for which nobody waits, and the credentials that Lambda sets.
    #[must_use]
    pub fn environment(self, world: &World, sqs: &Sqs) -> Vec<(&'static str, String)> {
        let login = match self {
            Self::Intake => &world.logins.intake,
            Self::Consumer => &world.logins.consumer,
        };
        variables(
            login,
            sqs.endpoint(),
            world.sign_in.issuer(),
            world.amop.url(),
        )
    }
}

/// The same without anybody around: everything is at a port where nobody listens.
#[must_use]
pub fn environment_without_neighbours() -> Vec<(&'static str, String)> {
    let database = "Server=tcp:127.0.0.1,9;Database=AltaworxCentral;User Id=app;Password=not-a-secret;Encrypt=false";
    let nowhere = "http://127.0.0.1:9";
    variables(database, nowhere, nowhere, nowhere)
}

fn variables(database: &str, sqs: &str, issuer: &str, amop: &str) -> Vec<(&'static str, String)> {
    [
        ("CENTRAL_CONNECTION_STRING", database),
        ("QUEUE_URL", &sqs::queue_url(sqs)),
        ("AWS_ENDPOINT_URL_SQS", sqs),
        ("OIDC_ISSUER", issuer),
        ("OIDC_AUDIENCE", local::sign_in::DEFAULT_AUDIENCE),
        ("REV_ALLOW_HTTP_LOOPBACK", "true"),
        ("REV_CALLS_PER_MINUTE", "60000"),
        ("REV_CALLS_PER_DAY", "1000000"),
        ("AMOP_SYNC_URL", amop),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "fake-id"),
        ("AWS_SECRET_ACCESS_KEY", "fake-secret"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

/// A request as API Gateway hands it over (payload format 2.0); `request_id` is the gateway's.
#[must_use]
pub fn http(method: &str, path: &str, token: Option<&str>, request_id: &str) -> Value {
    let route = format!("{method} {path}");
    let mut event = json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "",
        "headers": {"host": "api.example"},
        "requestContext": {
            "accountId": "000000000000", "apiId": "fake", "domainName": "api.example", "domainPrefix": "api", "stage": "$default",
            "requestId": request_id, "routeKey": route, "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"},
        },
        "isBase64Encoded": false,
    });
    if let Some(token) = token {
        event["headers"]["authorization"] = format!("Bearer {token}").into();
    }
    event
}

/// `POST /M2M/AssociateCustomer`.
#[must_use]
pub fn submit(request: &Value, token: &str, key: &str, request_id: &str) -> Value {
    let mut event = http("POST", "/M2M/AssociateCustomer", Some(token), request_id);
    event["headers"]["content-type"] = "application/json".into();
    event["headers"]["idempotency-key"] = key.into();
    event["body"] = request.to_string().into();
    event
}

/// The scheduled call.
#[must_use]
pub fn schedule() -> Value {
    json!({"source": "aws.events", "detail-type": "Scheduled Event"})
}
