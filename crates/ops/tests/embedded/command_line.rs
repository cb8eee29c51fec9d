//! What is said to whoever mistypes, and where help is found. No database.

use crate::driver::with;

const NOWHERE: &str =
    "Server=127.0.0.1,1;Database=AltaworxCentral;User Id=app;Password=fake;Encrypt=false";

#[tokio::test]
async fn help_tells_each_command_and_its_exit_codes() {
    let all = with(&[], &["help"]).await;
    all.says(0, "Exit codes: 0 done");
    assert_eq!(with(&[], &[]).await.out, all.out);
    for command in ["reviews", "settle", "pause", "resume", "account", "show"] {
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
    with(&[("CENTRAL_CONNECTION_STRING", "nonsense")], &["reviews"])
        .await
        .says(1, "CENTRAL_CONNECTION_STRING cannot be used");
}
