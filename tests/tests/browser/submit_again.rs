//! A submit whose answer is lost, and one that is pressed twice.

use std::time::Duration;

use local::{sample::Group, sign_in::Claims};
use serde_json::Value;

use crate::{
    driving::Wire,
    portal::{NORA, Portal},
};

impl Portal {
    /// The ids of all bulk changes, as the API tells them without the wire.
    async fn bulk_changes(&self) -> Vec<i64> {
        let token = self.world.sign_in.token(&Claims::of(1, 1));
        let url = self.world.url("/M2M/BulkChanges");
        let answer = self.world.http().get(url).bearer_auth(token).send().await;
        let body: Value = answer.unwrap().json().await.unwrap();
        let items = body["items"].as_array().unwrap();
        items
            .iter()
            .map(|change| change["id"].as_i64().unwrap())
            .collect()
    }

    /// The wizard up to its last step, with three devices.
    async fn is_about_to_submit(&self) {
        self.opens_as(NORA, "/M2M/AssociateCustomer").await;
        self.pastes_devices(&Self::iccids(Group::Assignable, 3))
            .await;
        self.picks_customer("1001").await;
        self.chooses_line_and_plan().await;
        self.browser.sees("3 accepted").await;
        self.browser.press("button", "Next").await;
        self.browser.sees("5. Submit").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submit_whose_answer_is_lost_is_one_bulk_change_when_it_is_submitted_again() {
    let portal = Portal::with(5).await;
    let wire = Wire::to(&portal.world.url("")).await;
    let portal = portal.reached_by(wire.url(""));
    portal.is_about_to_submit().await;
    let browser = &portal.browser;

    wire.lose_answers();
    browser.press("button", "Assign 3 devices").await;
    while portal.bulk_changes().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    wire.cut().await;
    browser.sees("The connection is lost").await;
    browser.sees("It may have been recorded.").await;
    let recorded = portal.bulk_changes().await;
    assert_eq!(recorded.len(), 1);

    wire.mend();
    // Other devices are chosen and the page comes anew: what was sent is not touched, and is asked about.
    let chosen = "sessionStorage.setItem('m2m.wizard.start', JSON.stringify('pasted'));
        sessionStorage.setItem('m2m.wizard.pasted', JSON.stringify(arguments[0])); return true";
    let other = Portal::iccids(Group::Assignable, 5).split_off(3);
    browser.script(chosen, vec![other.join("\n").into()]).await;
    browser.reload().await;
    browser.sees("An assignment is still open").await;
    browser.press("button", "Look at what was sent").await;
    browser
        .sees("This was sent before, and no answer came")
        .await;
    browser.press("button", "Submit again").await;
    assert_eq!(portal.bulk_change_shown().await, recorded[0]);
    browser.sees("0 of 3 devices done").await;
    assert_eq!(portal.bulk_changes().await, recorded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_on_submit_is_one_bulk_change() {
    let portal = Portal::with(5).await;
    portal.is_about_to_submit().await;
    let button = portal.browser.find("button", "Assign 3 devices").await;
    let twice = "arguments[0].click(); arguments[0].click(); return true";
    let button = serde_json::to_value(&button).unwrap();
    portal.browser.script(twice, vec![button]).await;
    let id = portal.bulk_change_shown().await;
    portal.browser.sees("0 of 3 devices done").await;
    assert_eq!(portal.bulk_changes().await, [id]);
}
