//! Commands beyond the WebDriver standard: the developer tools of the browser, and its console.

use axum::http::Method;
use fantoccini::{Client, wd::WebDriverCompatibleCommand};
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A command of the session.
#[derive(Debug)]
struct Command {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// A method of the Chrome DevTools protocol.
pub async fn devtools(client: &Client, method: &str, parameters: Value) -> Value {
    let command = Command {
        path: "goog/cdp/execute",
        body: json!({"cmd": method, "params": parameters}),
    };
    client.issue_cmd(command).await.unwrap()
}

/// What the console said since it was last asked: errors of scripts, refusals of the content security policy, failed requests.
pub async fn console(client: &Client) -> Vec<Value> {
    let command = Command {
        path: "se/log",
        body: json!({"type": "browser"}),
    };
    let lines = client.issue_cmd(command).await.unwrap();
    lines.as_array().cloned().unwrap_or_default()
}
