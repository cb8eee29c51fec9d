//! Log lines: one JSON object each, with the request's fields, and nobody's numbers.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use telemetry::logs::{self, LogLevel};
use tracing_subscriber::fmt::MakeWriter;

use crate::app::App;

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        let text = self.text();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

#[tokio::test]
async fn a_request_is_told_in_fields_and_no_whole_iccid_reaches_a_line() {
    let app = App::start().await;
    let devices = app.world.add_assignable(2).await;
    let kept = Kept::default();
    let level: LogLevel = "trace".parse().unwrap();
    let _guard = tracing::subscriber::set_default(logs::lines(level, kept.clone()));

    let mut request = app.full_request(&devices);
    request["devices"]
        .as_array_mut()
        .unwrap()
        .push(json!(app.world.iccid(9)));
    let first = app.posting(&request).key("one").send().await;
    app.posting(&request).key("one").send().await;
    app.queue.go_down();
    app.post_association(&request).await;
    app.status(first.change_id()).await;
    request["devices"] = json!(["8".repeat(40), "9".repeat(18)]);
    app.post_association(&request).await;
    app.posting(&request).token("nonsense").send().await;

    let lines = kept.lines();
    let accepted = lines
        .iter()
        .find(|line| line["message"] == "bulk change accepted")
        .unwrap();
    assert_eq!(accepted["level"], "INFO");
    assert_eq!(
        (&accepted["accepted"], &accepted["rejected"]),
        (&2.into(), &1.into())
    );
    let span = &accepted["span"];
    assert_eq!(span["trace_id"], first.header("x-request-id"));
    assert_eq!(span["tenant_id"], app.world.tenant.get());
    assert_eq!(span["bulk_change_id"], first.change_id());
    assert_eq!(span["route"], "/M2M/AssociateCustomer");
    let answered: Vec<&Value> = lines
        .iter()
        .filter(|line| line["message"] == "answered")
        .map(|line| &line["status"])
        .collect();
    assert_eq!(answered, [202, 202, 422, 200, 422, 401]);

    let text = kept.text();
    for device in devices.iter().map(association::ids::Iccid::as_str) {
        assert!(!text.contains(device));
    }
    let long_number = text
        .split(|letter: char| !letter.is_ascii_digit())
        .find(|digits| digits.len() >= 18);
    assert_eq!(long_number, None);
    assert!(!text.contains(&app.token()), "a token");
}
