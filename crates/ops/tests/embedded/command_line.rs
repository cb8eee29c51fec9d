//! What is said to whoever mistypes, and where help is found.

use std::time::Duration;

use end_to_end::{Wishes, World};

use crate::driver::{account, in_review, with};

const NOWHERE: &str =
    "Server=127.0.0.1,1;Database=AltaworxCentral;User Id=app;Password=fake;Encrypt=false";

#[tokio::test]
async fn help_tells_each_command_and_its_exit_codes() {
    let all = with(&[], &["help"]).await;
    all.says(0, "Exit codes: 0 done");
    all.says(0, "CENTRAL_CA_FILE");
    assert_eq!(with(&[], &[]).await.out, all.out);
    for command in [
        "reviews",
        "settle",
        "pause",
        "resume",
        "account",
        "show",
        "dead-letters",
        "redrive",
    ] {
        all.says(0, command);
        let help = with(&[], &[command, "--help"]).await;
        help.says(0, &format!("Usage: ops {command}"));
        assert_eq!(with(&[], &["help", command]).await.out, help.out);
    }
}

#[tokio::test]
async fn a_wrong_command_line_ends_with_2_before_anything_is_asked() {
    let variables = [("CENTRAL_CONNECTION_STRING", NOWHERE)];
    for (arguments, words) in [
        (&["show", "8900"][..], "18 to 22 digits"),
        (&["settle", "17"], "say one of"),
        (&["pause", "5"], "--reason TEXT is missing"),
        (&["tell"], "`tell` is no command"),
    ] {
        with(&variables, arguments).await.says(2, words);
    }
    with(&[], &["reviews"])
        .await
        .says(2, "CENTRAL_CONNECTION_STRING is not set");
}

#[tokio::test]
async fn a_database_that_is_away_is_no_empty_list() {
    let away = with(&[("CENTRAL_CONNECTION_STRING", NOWHERE)], &["reviews"]).await;
    away.says(1, "the database cannot be used now");
    assert_eq!(away.out, "");
    assert!(!away.err.contains("fake"), "{away:?}");
    let nonsense = with(&[("CENTRAL_CONNECTION_STRING", "nonsense")], &["reviews"]).await;
    nonsense.says(1, "CENTRAL_CONNECTION_STRING cannot be used");
    assert_eq!(
        nonsense.err.matches("onversion error").count(),
        0,
        "a reason, and not what the driver calls it: {nonsense:?}"
    );
}

#[tokio::test]
async fn a_refused_login_is_told_as_such_and_not_as_a_database_that_is_away() {
    let world = World::embedded(Wishes::devices(1)).await;
    let wrong = world.logins.ops.replace("Password=", "Password=not-");
    assert_ne!(wrong, world.logins.ops);
    let refused = with(&[("CENTRAL_CONNECTION_STRING", &wrong)], &["reviews"]).await;
    refused.says(1, "the database refused the login");
    assert!(!refused.err.contains("cannot be used now"), "{refused:?}");
    assert!(!refused.err.contains("not-"), "{refused:?}");
}

#[tokio::test]
async fn a_run_that_writes_nothing_needs_no_name_and_one_that_writes_does() {
    let world = World::embedded(Wishes::devices(2)).await;
    let (_, change) = in_review(&world).await;
    world.pass(Duration::from_mins(16));
    let (change, account) = (change.to_string(), account(&world).await);
    let nobody = [
        ("CENTRAL_CONNECTION_STRING", world.logins.ops.as_str()),
        ("USER", ""),
    ];
    for command in [
        &["settle", &change, "--give-up", "--reason", "x"][..],
        &["pause", &account, "--reason", "x"],
    ] {
        with(&nobody, command).await.says(0, "Nothing was written.");
        let apply = [command, &["--apply"]].concat();
        with(&nobody, &apply).await.says(2, "--by NAME is missing");
    }
}
