//! The token runs out in mid-work.

use local::{sample::Group, sign_in::Claims};
use serde_json::json;

use crate::portal::{NORA, Portal};

#[tokio::test(flavor = "multi_thread")]
async fn after_the_sign_in_ran_out_everything_typed_and_selected_is_still_there() {
    let portal = Portal::with(10).await;
    let devices = Portal::iccids(Group::Assignable, 2);
    portal.opens_as(NORA, "/M2M/Index").await;
    let browser = &portal.browser;
    browser.types("Search", &devices[0]).await;
    browser
        .press("box", &format!("Select {}", devices[0]))
        .await;
    portal.opens("/M2M/AssociateCustomer").await;
    portal.pastes_devices(&devices).await;
    portal.picks_customer("1001").await;
    browser
        .press("box", "Create a Rev.io service line for each device")
        .await;
    browser.types("Service type id", "1").await;
    browser.types("Provider id", "1").await;
    browser.types("Product id 1", "11").await;
    browser.types("Rate 1", "4.50").await;
    browser.types("Description", "typed before the end").await;

    // The page believes its token good; the API does not.
    let expired = portal.world.sign_in.expired_token(&Claims::of(1, 1));
    let script = "const session = JSON.parse(sessionStorage.getItem('m2m.session'));
        session.accessToken = arguments[0];
        sessionStorage.setItem('m2m.session', JSON.stringify(session));
        return true";
    browser.script(script, vec![json!(expired)]).await;
    browser.press("button", "Next").await;
    browser
        .sees("Your sign-in has run out. What you typed and selected is kept.")
        .await;
    browser.press("button", "Sign in again").await;
    portal.signs_in(NORA).await;
    portal.is_at("/M2M/AssociateCustomer").await;
    browser.sees("2 accepted").await;
    browser.press("button", "Back").await;
    assert_eq!(browser.value("Description").await, "typed before the end");
    portal.opens("/M2M/Index").await;
    browser.sees("1 selected").await;
}
