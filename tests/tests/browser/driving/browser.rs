//! What a person does in front of the browser.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use fantoccini::{
    Client,
    actions::{Actions, InputSource, KeyAction, KeyActions},
    elements::{Element, ElementRef},
    wd::WindowHandle,
};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{Driver, axe, devtools, named};

/// How long a condition may take to come true. Reaching it means that it never will.
const LONGEST: Duration = Duration::from_mins(1);
/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(40);

/// Keys that have no character (WebDriver, section 17.4.2).
#[derive(Debug, Clone, Copy)]
pub enum Key {
    Tab,
    Enter,
    Space,
    Down,
}

/// One browser window with its driver.
pub struct Browser {
    client: Client,
    driver: Driver,
}

impl Browser {
    /// Starts driver and browser, with an empty profile.
    pub async fn start() -> Self {
        let driver = Driver::start().await;
        let client = driver.session().await;
        Self { client, driver }
    }

    /// The driver.
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    /// Goes to an address.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Where the window is.
    pub async fn address(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    /// What a script answers.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        match self.client.execute(script, arguments).await {
            Ok(answer) => answer,
            // A page that is being left has no scripts; whoever waits asks again.
            Err(error) if error.to_string().contains("navigat") => Value::Null,
            Err(error) => panic!("{error}\n{script}"),
        }
    }

    /// Waits until a script answers something other than null, false, 0, an empty text or list, and returns it.
    pub async fn until(&self, what: &str, script: &str, arguments: Vec<Value>) -> Value {
        let begun = Instant::now();
        loop {
            let answer = self.script(script, arguments.clone()).await;
            if is_something(&answer) {
                return answer;
            }
            assert!(
                begun.elapsed() < LONGEST,
                "{what}: not after {LONGEST:?}\n{}",
                self.scene().await
            );
            sleep(LOOK).await;
        }
    }

    /// Waits until a text can be read.
    pub async fn sees(&self, text: &str) {
        let what = format!("the text {text:?} is seen");
        self.until(&what, named::READS, vec![json!(text)]).await;
    }

    /// Waits until a text can no longer be read.
    pub async fn no_longer_sees(&self, text: &str) {
        let what = format!("the text {text:?} is gone");
        let script = format!("return !(() => {{ {} }})()", named::READS)
            .replace("arguments[0]", &json!(text).to_string());
        self.until(&what, &script, vec![]).await;
    }

    /// Everything that can be read.
    pub async fn text(&self) -> String {
        let text = self.script("return document.body.innerText", vec![]).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits for the one thing with a role and a name (see [`named`]).
    pub async fn find(&self, role: &str, name: &str) -> Element {
        let what = format!("there is a {role} named {name:?}");
        let script = format!(
            "return (() => {{ {} }})()[0]",
            named::FIND.replace("arguments", "wanted")
        );
        let script = format!("const wanted = [arguments[0], arguments[1]]; {script}");
        let found = self
            .until(&what, &script, vec![json!(role), json!(name)])
            .await;
        let id: String = found
            .as_object()
            .and_then(|members| members.values().next())
            .and_then(Value::as_str)
            .unwrap()
            .to_owned();
        Element::from_element_id(self.client.clone(), ElementRef::from(id))
    }

    /// Clicks it, once it can be clicked.
    pub async fn press(&self, role: &str, name: &str) {
        let begun = Instant::now();
        loop {
            let element = self.find(role, name).await;
            if element.is_enabled().await.unwrap_or(false) {
                match element.click().await {
                    Ok(()) => return,
                    // Redrawn, or still below something that is going away: a person clicks again.
                    Err(error) if begun.elapsed() > LONGEST => {
                        panic!("{role} {name:?}: {error}\n{}", self.scene().await)
                    }
                    Err(_) => {}
                }
            }
            assert!(
                begun.elapsed() < LONGEST,
                "{role} {name:?} stays disabled\n{}",
                self.scene().await
            );
            sleep(LOOK).await;
        }
    }

    /// Types into a field, in place of what it holds.
    pub async fn types(&self, field: &str, text: &str) {
        let element = self.find("field", field).await;
        element.clear().await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    /// Pastes into a field: a long list at once, as a person does from a sheet.
    pub async fn pastes(&self, field: &str, text: &str) {
        let element = self.find("field", field).await;
        element.click().await.unwrap();
        devtools::devtools(&self.client, "Input.insertText", json!({"text": text})).await;
    }

    /// What a field holds.
    pub async fn value(&self, field: &str) -> String {
        let element = self.find("field", field).await;
        element.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Chooses in a list.
    pub async fn chooses(&self, field: &str, option: &str) {
        let what = format!("{field:?} offers {option:?}");
        let offered = format!(
            "const wanted = ['field', arguments[0]]; const field = (() => {{ {} }})()[0]; \
             return [...(field?.options || [])].some((option) => option.textContent.trim() === arguments[1])",
            named::FIND.replace("arguments", "wanted")
        );
        self.until(&what, &offered, vec![json!(field), json!(option)])
            .await;
        let element = self.find("field", field).await;
        element.select_by_label(option).await.unwrap();
    }

    /// Moves the focus on with the Tab key until it is at a control, and fails when it never gets there or cannot be seen there.
    pub async fn tabs_to(&self, role: &str, name: &str) {
        let element = self.find(role, name).await;
        let here = "return document.activeElement === arguments[0]";
        for _ in 0..80 {
            let at = self
                .script(here, vec![serde_json::to_value(&element).unwrap()])
                .await;
            if at == true {
                let seen = "return document.activeElement.matches(':focus-visible')";
                assert_eq!(
                    self.script(seen, vec![]).await,
                    true,
                    "{role} {name:?} shows no focus"
                );
                return;
            }
            self.key(Key::Tab).await;
        }
        panic!(
            "the Tab key does not lead to {role} {name:?}\n{}",
            self.scene().await
        );
    }

    /// Presses a key wherever the focus is.
    pub async fn key(&self, key: Key) {
        let value = match key {
            Key::Tab => '\u{E004}',
            Key::Enter => '\u{E007}',
            Key::Space => ' ',
            Key::Down => '\u{E015}',
        };
        self.keys(&value.to_string()).await;
    }

    /// Types wherever the focus is.
    pub async fn keys(&self, text: &str) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in text.chars() {
            actions = actions
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        self.client
            .perform_actions(Actions::from(actions))
            .await
            .unwrap();
    }

    /// Opens a second tab and goes there. Answers the first.
    pub async fn second_tab(&self) -> WindowHandle {
        let first = self.client.window().await.unwrap();
        let tab = self.client.new_window(true).await.unwrap();
        self.client.switch_to_window(tab.handle).await.unwrap();
        first
    }

    /// A second tab with what this one remembers, as "Duplicate tab" makes it. The driver stays in the first.
    pub async fn duplicate_tab(&self) -> WindowHandle {
        let before = self.client.windows().await.unwrap();
        self.script("window.open(location.href)", vec![]).await;
        let begun = Instant::now();
        loop {
            let now = self.client.windows().await.unwrap();
            if let Some(new) = now.into_iter().find(|tab| !before.contains(tab)) {
                return new;
            }
            assert!(begun.elapsed() < LONGEST, "no tab was opened");
            sleep(LOOK).await;
        }
    }

    /// The tab that the driver works in.
    pub async fn tab(&self) -> WindowHandle {
        self.client.window().await.unwrap()
    }

    /// Goes to a tab.
    pub async fn switch_to(&self, tab: WindowHandle) {
        self.client.switch_to_window(tab).await.unwrap();
    }

    /// Makes the page this wide, whatever the window can do.
    pub async fn width(&self, pixels: u32, height: u32) {
        let metrics =
            json!({"width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": false});
        devtools::devtools(&self.client, "Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// What the person prefers: `dark` or `light`.
    pub async fn prefers(&self, scheme: &str) {
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]});
        devtools::devtools(&self.client, "Emulation.setEmulatedMedia", media).await;
    }

    /// A picture of what is seen, as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    /// Serious and critical findings of axe-core fail the test.
    pub async fn is_accessible(&self, page: &str) {
        axe::judge(&self.client, page).await;
    }

    /// What axe-core finds serious or critical.
    pub async fn grave_findings(&self) -> Vec<Value> {
        axe::grave(&self.client).await
    }

    /// What the console said since it was last asked.
    pub async fn console(&self) -> Vec<Value> {
        devtools::console(&self.client).await
    }

    /// The page is not wider than the window, so that nobody scrolls it sideways (what scrolls within a box of its own may).
    pub async fn needs_no_sideways_scrolling(&self, page: &str) {
        let script = "const root = document.scrollingElement;
            const wide = [...document.querySelectorAll('body *')]
              .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
              .map((element) => element.tagName.toLowerCase() + '.' + element.className).slice(0, 8);
            return {scroll: root.scrollWidth, client: root.clientWidth, wide}";
        let found = self.script(script, vec![]).await;
        assert!(
            found["scroll"].as_u64() <= found["client"].as_u64(),
            "{page} is wider than its window: {found}"
        );
    }

    /// Nothing went wrong that only the console tells: an error of a script, a refusal of the content security policy. Answers
    /// that are not 2xx stand there too, and are no fault.
    pub async fn console_is_clean(&self) {
        let mut faults = String::new();
        for line in devtools::console(&self.client).await {
            if line["level"] == "SEVERE" && line["source"] != "network" {
                let _ = writeln!(faults, "{line}");
            }
        }
        assert!(faults.is_empty(), "the console says:\n{faults}");
    }

    /// What a person would tell of the page when something is wrong.
    async fn scene(&self) -> String {
        let mut scene = format!("at {}\n{}\n", self.address().await, self.text().await);
        for line in devtools::console(&self.client).await {
            let _ = writeln!(scene, "{line}");
        }
        let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("browser-failed-{}.png", std::process::id()));
        if let Ok(picture) = self.client.screenshot().await {
            let _ = std::fs::write(&file, picture);
            let _ = writeln!(scene, "picture: {}", file.display());
        }
        scene
    }
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(so) => *so,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(_) => true,
    }
}
