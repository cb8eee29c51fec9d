//! The wizard, as tests walk through it.

use serde_json::json;

use crate::portal::Portal;

impl Portal {
    /// Step 1 with a pasted list, from the wizard's address to step 2.
    pub async fn pastes_devices(&self, devices: &[String]) {
        let browser = &self.browser;
        browser.press("box", "A pasted list of ICCIDs").await;
        browser.chooses("Service provider", PROVIDER).await;
        browser.pastes("ICCIDs", &devices.join("\n")).await;
        browser.sees(&format!("{} device", devices.len())).await;
        browser.press("button", "Next").await;
        browser.sees("2. Customer").await;
    }

    /// Step 2: a customer of the sample data, by its number.
    pub async fn picks_customer(&self, number: &str) {
        let browser = &self.browser;
        browser.types("Customer", number).await;
        let option = browser
            .until(
                "the customer is offered",
                "return [...document.querySelectorAll('[role=option]')].map((option) => option.textContent)
                    .find((text) => text.includes(arguments[0]))",
                vec![json!(number)],
            )
            .await;
        browser.press("option", option.as_str().unwrap()).await;
        browser.sees("Account number").await;
        browser.press("button", "Next").await;
        browser.sees("3. Options").await;
    }

    /// Step 3: a service line with one product, and the first customer rate plan.
    pub async fn chooses_line_and_plan(&self) {
        let browser = &self.browser;
        browser
            .press("box", "Create a Rev.io service line for each device")
            .await;
        browser.types("Service type id", "1").await;
        browser.types("Provider id", "1").await;
        browser.types("Product id 1", "11").await;
        browser.types("Rate 1", "4.50").await;
        browser.press("box", "Set a customer rate plan").await;
        let plan = "const select = [...document.querySelectorAll('select')].find((select) => select.labels[0]?.textContent === 'Customer rate plan');
            return select.options[1]?.textContent";
        let plan = browser.until("a plan is offered", plan, vec![]).await;
        browser
            .chooses("Customer rate plan", plan.as_str().unwrap())
            .await;
        browser.press("button", "Next").await;
        browser.sees("4. Check").await;
    }

    /// Step 5, and the bulk change that comes of it.
    pub async fn submits(&self, accepted: usize) -> i64 {
        let devices = if accepted == 1 { "device" } else { "devices" };
        self.browser
            .press("button", &format!("Assign {accepted} {devices}"))
            .await;
        self.bulk_change_shown().await
    }

    /// The bulk change whose page is shown.
    pub async fn bulk_change_shown(&self) -> i64 {
        let script = "return location.pathname === '/M2M/BulkChanges' && Number(new URLSearchParams(location.search).get('id'))";
        let id = self
            .browser
            .until("a bulk change is shown", script, vec![])
            .await;
        id.as_i64().unwrap()
    }
}

/// The provider of the sample's first tenant.
pub const PROVIDER: &str = "Jasper sample";
