//! The built program at its start.

use std::process::Command;

#[test]
fn without_its_environment_the_program_ends_and_names_every_variable_it_needs() {
    let output = Command::new(env!("CARGO_BIN_EXE_intake"))
        .env_clear()
        .output()
        .unwrap();
    assert!(!output.status.success());
    let told = String::from_utf8(output.stderr).unwrap();
    for name in [
        "CENTRAL_CONNECTION_STRING",
        "QUEUE_URL",
        "OIDC_ISSUER",
        "OIDC_AUDIENCE",
    ] {
        assert!(told.contains(&format!("{name} is missing")), "{told}");
    }
}
