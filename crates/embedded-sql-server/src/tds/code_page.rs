//! varchar and char travel in the code page of the collation: SQL_Latin1_General_CP1_CI_AS, Windows-1252.

use encoding_rs::{EncoderResult, WINDOWS_1252};

/// LCID 0x0409, without case, kana and width, sort id 52: SQL_Latin1_General_CP1_CI_AS.
pub(super) const COLLATION: [u8; 5] = [0x09, 0x04, 0xD0, 0x00, 0x34];

/// Text to bytes; what the code page does not have becomes `?`, as in SQL Server.
pub(crate) fn encode(text: &str) -> Vec<u8> {
    let mut encoder = WINDOWS_1252.new_encoder();
    let mut bytes = Vec::with_capacity(text.len() + 1);
    let mut rest = text;
    loop {
        let (result, read) =
            encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => return bytes,
            EncoderResult::OutputFull => bytes.reserve(rest.len() + 16),
            EncoderResult::Unmappable(_) => {
                bytes.push(b'?');
                bytes.reserve(rest.len() + 1);
            }
        }
    }
}

/// Bytes to text.
pub(crate) fn decode(bytes: &[u8]) -> String {
    WINDOWS_1252
        .decode_without_bom_handling(bytes)
        .0
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn western_text_survives_and_other_becomes_a_question_mark() {
        assert_eq!(decode(&encode("Grüße – 5 €")), "Grüße – 5 €");
        assert_eq!(encode("a漢b"), b"a?b");
        assert_eq!(encode(""), b"");
    }
}
