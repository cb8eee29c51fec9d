use association::ids::ServiceLineId;

use super::*;

fn read_line(line: &str) -> Result<Command, String> {
    read(
        line.split_whitespace().map(OsString::from).collect(),
        Some("someone".to_owned()),
    )
}

#[test]
fn without_apply_nothing_is_applied() {
    for line in [
        "settle 17 --give-up --reason x",
        "settle 17 --give-up --reason x --dry-run",
    ] {
        assert!(
            matches!(read_line(line), Ok(Command::Settle { apply: false, .. })),
            "{line}"
        );
    }
    assert!(matches!(
        read_line("resume 5 --apply"),
        Ok(Command::Resume { apply: true, .. })
    ));
}

#[test]
fn a_decision_is_read_with_its_changes() {
    let Ok(Command::Settle {
        changes,
        decision,
        signature,
        ..
    }) = read_line("settle 18 17 18 --not-created --reason x --by other")
    else {
        panic!("not read");
    };
    assert_eq!(
        changes.iter().map(|c| c.get()).collect::<Vec<_>>(),
        [17, 18]
    );
    assert_eq!(
        (decision, signature.0.as_str()),
        (Decision::NotCreated, "other")
    );
    let Ok(Command::Settle { decision, .. }) = read_line("settle 17 --adopt=700 --reason x") else {
        panic!("not read");
    };
    assert_eq!(decision, Decision::Adopt(ServiceLineId::new(700).unwrap()));
}

#[test]
fn what_cannot_be_meant_is_refused_in_words() {
    for (line, words) in [
        ("settel 17", "`settel` is no command"),
        ("--apply", "--apply comes before any command"),
        ("settle --give-up --reason x", "CHANGE is missing"),
        ("settle 0 --give-up --reason x", "`0` is no change"),
        ("settle x --give-up --reason x", "`x` is no change"),
        ("settle 17 --reason x", "say one of"),
        ("settle 17 --give-up --not-created --reason x", "say one of"),
        ("settle 17 --give-up", "--reason TEXT is missing"),
        ("settle 17 --adopt 0 --reason x", "`0` is no service line"),
        (
            "settle 17 --adopt 2147483648 --reason x",
            "is no service line",
        ),
        (
            "settle 17 --adopt 700 --adopt 701 --reason x",
            "--adopt is given twice",
        ),
        ("settle 17 18 --adopt 700 --reason x", "takes one CHANGE"),
        (
            "settle 17 --give-up --reason x --apply --dry-run",
            "contradict",
        ),
        ("settle 17 --give-up=yes --reason x", "unexpected argument"),
        ("pause --reason x", "ACCOUNT is missing"),
        ("pause 5 6 --reason x", "`6` is one value too many"),
        (
            "pause 5 --for 2h --until 2026-11-24T08:00Z --reason x",
            "contradict",
        ),
        ("pause 5 --for soon --reason x", "`soon` is no length"),
        ("pause 5", "--reason TEXT is missing"),
        ("resume 5 --json", "`ops resume` does not know --json"),
        ("account five", "`five` is no account"),
        ("show 8900", "18 to 22 digits"),
        ("show", "ICCID is missing"),
        ("reviews 17", "`17` is one value too many"),
        ("reviews --tenant", "missing argument"),
        ("redrive", "say which: MESSAGE_ID..., or --all"),
        ("redrive --all 5b6c", "--all and `5b6c` contradict"),
        ("redrive a/b", "`a/b` is no message id"),
        ("redrive --all --json", "`ops redrive` does not know --json"),
        ("dead-letters 5b6c", "`5b6c` is one value too many"),
        ("help settel", "`settel` is no command"),
    ] {
        let refused = read_line(line).expect_err(line);
        assert!(refused.contains(words), "{line}: {refused}");
    }
}

#[test]
fn a_redrive_names_its_messages_and_sends_nothing_by_itself() {
    let ids = ["5b6c-1", "5b6c-2"].map(str::to_owned);
    assert_eq!(
        read_line("redrive 5b6c-2 5b6c-1 5b6c-2"),
        Ok(Command::Redrive {
            which: Which::These(ids.into()),
            apply: false
        })
    );
    assert_eq!(
        read_line("redrive --all --apply"),
        Ok(Command::Redrive {
            which: Which::All,
            apply: true
        })
    );
}

#[test]
fn somebody_must_have_done_it() {
    let arguments = ["resume", "5", "--apply"].map(OsString::from).to_vec();
    assert!(read(arguments, None).unwrap_err().contains("--by NAME"));
    let dry = ["resume", "5"].map(OsString::from).to_vec();
    assert!(
        read(dry, None).is_ok(),
        "what writes nothing is nobody's deed"
    );
    let long = "x".repeat(51);
    assert!(
        read_line(&format!("resume 5 --by {long}"))
            .unwrap_err()
            .contains("50")
    );
}

#[test]
fn help_is_found_wherever_it_is_asked_for() {
    let settle = Ok(Command::Help(Some("settle".to_owned())));
    for (line, expected) in [
        ("", Ok(Command::Help(None))),
        ("help", Ok(Command::Help(None))),
        ("--help", Ok(Command::Help(None))),
        ("help settle", settle.clone()),
        ("settle --help", settle.clone()),
        ("settle 17 -h", settle),
    ] {
        assert_eq!(read_line(line), expected, "{line}");
    }
}
