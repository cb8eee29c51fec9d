//! Signing in: once for all who wait, again only when Rev says so.

use std::time::{Duration, Instant};

use crate::scene::{CALL_TIMEOUT, Scene, credentials};
use association::ids::IntegrationAuthenticationId;
use futures::future::join_all;
use local::rev::{Call, Fault, Options, Rule};
use rev::{Class, Credentials};

fn sign_ins(scene: &Scene) -> usize {
    scene.stand_in.called(Call::Token)
}

#[tokio::test]
async fn fifty_calls_at_once_sign_in_once() {
    let scene = Scene::new().await;
    scene.stand_in.set_latency(Duration::from_millis(50));
    assert!(!scene.client.has_token(&scene.account));
    let answers = join_all((1..=50).map(|change| scene.open(change))).await;
    assert!(answers.iter().all(|answer| answer.class.name() == "done"));
    assert_eq!(sign_ins(&scene), 1);
    assert_eq!(answers.iter().map(|answer| answer.calls).sum::<u32>(), 51);
    assert_eq!(scene.stand_in.calls().len(), 51);
    assert!(scene.client.has_token(&scene.account));
}

#[tokio::test]
async fn a_sign_in_that_fails_fails_all_who_waited_for_it_and_nobody_after() {
    let scene = Scene::new().await;
    scene
        .stand_in
        .fault(Rule::once(Call::Token, Fault::server_error().delayed(100)));
    let answers = join_all((1..=50).map(|change| scene.open(change))).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.class.name() == "not_sent")
    );
    assert_eq!(sign_ins(&scene), 1);
    assert_eq!(scene.open(51).await.class.name(), "done");
}

#[tokio::test]
async fn a_401_leads_to_one_fresh_token_for_all() {
    let scene = Scene::new().await;
    assert_eq!(scene.open(1).await.class.name(), "done");
    scene.stand_in.revoke_tokens();
    scene.stand_in.set_latency(Duration::from_millis(50));
    let answers = join_all((2..=51).map(|change| scene.open(change))).await;
    assert!(answers.iter().all(|answer| answer.class.name() == "done"));
    assert_eq!(sign_ins(&scene), 2);
    assert_eq!(scene.stand_in.lines().len(), 51);
    let calls: u32 = answers.iter().map(|answer| answer.calls).sum();
    assert_eq!(calls, 50 + 50 + 1);
}

#[tokio::test]
async fn a_401_with_a_fresh_token_too_is_the_end_of_it() {
    let scene = Scene::new().await;
    assert_eq!(scene.open(1).await.class.name(), "done");
    scene
        .stand_in
        .fault(Rule::always(Call::OpenLine, Fault::status(401, "")));
    let answer = scene.open(2).await;
    assert_eq!(answer.class, Class::Token);
    // The call, a sign-in, and the call once more.
    assert_eq!(answer.calls, 3);
    assert_eq!(scene.stand_in.calls().len(), 2 + 3);
    assert_eq!(scene.stand_in.lines().len(), 1);
    assert!(!scene.client.has_token(&scene.account));
}

#[tokio::test]
async fn credentials_that_are_refused_stop_the_account_and_fail_no_device() {
    let scene = Scene::new().await;
    let wrong = Credentials {
        password: "another-fake".into(),
        ..credentials()
    };
    let account = scene
        .client
        .account(scene.account.id, &scene.stand_in.url(), wrong)
        .unwrap();
    let order = crate::scene::order(1);
    assert_eq!(
        scene.client.open_line(&account, &order).await.class,
        Class::Token
    );
    assert_eq!(scene.client.token(&account).await.class, Class::Token);
    scene.stand_in.fault(Rule::once(
        Call::Token,
        Fault::refuse("this user is locked"),
    ));
    assert_eq!(scene.open(1).await.class, Class::Token);
    assert!(scene.stand_in.lines().is_empty());
}

#[tokio::test]
async fn a_sign_in_that_went_wrong_means_that_the_call_was_not_made() {
    for (fault, class) in [
        (Fault::server_error(), "not_sent"),
        (Fault::drop_before(), "not_sent"),
        (Fault::html(), "not_sent"),
        (Fault::throttled(Some("7")), "throttled"),
        (Fault::quota(), "throttled"),
        (Fault::key(), "misconfigured"),
        (Fault::status(404, "<html></html>"), "misconfigured"),
    ] {
        let scene = Scene::new().await;
        scene.stand_in.fault(Rule::once(Call::Token, fault.clone()));
        let answer = scene.open(1).await;
        assert_eq!(answer.class.name(), class, "{fault:?}");
        assert_eq!(answer.calls, 1, "{fault:?}");
        assert!(scene.stand_in.lines().is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn signing_in_and_calling_together_take_no_longer_than_the_time_out() {
    let patience = u64::try_from(CALL_TIMEOUT.as_millis()).unwrap();
    // Four tenths of the time go to the sign-in and four to a call that is refused: too little is left for a second try.
    let scene = Scene::impatient().await;
    let slow = |fault: Fault| fault.delayed(patience * 4 / 10);
    scene
        .stand_in
        .fault(Rule::always(Call::Token, slow(Fault::none())));
    scene
        .stand_in
        .fault(Rule::once(Call::OpenLine, slow(Fault::status(401, ""))));
    let begun = Instant::now();
    let answer = scene.open(1).await;
    assert_eq!(answer.class.name(), "not_sent", "{:?}", answer.class);
    assert!(
        begun.elapsed() < CALL_TIMEOUT * 3 / 2,
        "{:?}",
        begun.elapsed()
    );
    assert!(scene.stand_in.lines().is_empty());
}

#[tokio::test]
async fn a_token_is_not_kept_to_its_end() {
    let options = Options {
        token_seconds: 0,
        ..Options::default()
    };
    let scene = Scene::with(options, Duration::from_secs(20)).await;
    assert_eq!(
        scene.client.token(&scene.account).await.class,
        Class::Done(())
    );
    assert!(!scene.client.has_token(&scene.account));
}

#[tokio::test]
async fn every_account_has_its_own_token_and_changed_credentials_do_not_use_the_old_one() {
    let scene = Scene::new().await;
    assert_eq!(
        scene.client.token(&scene.account).await.class,
        Class::Done(())
    );
    let url = scene.stand_in.url();
    let other_id = IntegrationAuthenticationId::new(2).unwrap();
    let other = scene.client.account(other_id, &url, credentials()).unwrap();
    assert!(!scene.client.has_token(&other));
    let changed = Credentials {
        password: "another-fake".into(),
        ..credentials()
    };
    let changed = scene
        .client
        .account(scene.account.id, &url, changed)
        .unwrap();
    assert!(!scene.client.has_token(&changed));
    assert!(scene.client.has_token(&scene.account));
}
