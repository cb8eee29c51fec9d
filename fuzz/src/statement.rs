//! Statements as text, as `sp_prepare` has them looked at by the embedded SQL Server.

use std::sync::LazyLock;

use embedded_sql_server::{
    collect::Collected,
    database::{Database, Storage},
};

#[expect(
    clippy::expect_used,
    reason = "without a database the target would try nothing, and pass"
)]
static DATABASE: LazyLock<Database> = LazyLock::new(|| {
    Database::open(&Storage::Memory, "AltaworxCentral").expect("a database in memory")
});

/// Any text can be prepared or is refused with an error that says why, the same each time.
pub fn statement(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let checked = || {
        let mut told = Collected::default();
        (DATABASE.session().check(text, &mut told), told)
    };
    let (good, told) = checked();
    assert_eq!(good, told.errors.is_empty(), "{:?}", told.errors);
    assert!(
        told.sets.is_empty() && told.counts.is_empty(),
        "a check has run something"
    );
    for error in &told.errors {
        assert!(error.number > 0 && !error.message.is_empty(), "{error:?}");
    }
    assert_eq!(checked(), (good, told), "the same text is read in two ways");
}
