//! What a client may send to the embedded SQL Server.

use embedded_sql_server::heard::{again, hear};

/// Any bytes are understood or end the connection, however they arrive and are cut into packets, and nothing is kept of them that
/// was not sent.
pub fn tds(bytes: &[u8]) {
    let heard = hear(bytes, usize::MAX);
    for at_once in [1, 7, 4096] {
        assert_eq!(
            hear(bytes, at_once),
            heard,
            "read otherwise in pieces of {at_once}"
        );
    }
    // UTF-8 takes at most three bytes for one of a code page, and a text may be kept as a name too.
    assert!(
        heard.kept <= 6 * bytes.len(),
        "{} bytes kept of {}",
        heard.kept,
        bytes.len()
    );
    for packet_size in [512, 4096] {
        let packets = again(bytes, packet_size);
        let said = hear(&packets, usize::MAX);
        assert_eq!(
            said.messages, heard.messages,
            "another meaning in packets of {packet_size}"
        );
    }
}
