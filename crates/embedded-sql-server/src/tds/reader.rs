//! Reads fields out of a message, never past its end.

/// A message that does not follow the protocol. It ends its connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed TDS: {0}")]
pub struct Malformed(pub(crate) String);

impl Malformed {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// Where a reader stands in a message.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| {
            Malformed::new(format!("{count} bytes expected, {} left", self.rest.len()))
        })?;
        self.rest = rest;
        Ok(taken)
    }

    /// A field of exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let taken = self.take(N)?;
        <[u8; N]>::try_from(taken).map_err(|_| Malformed::new("a field of another length"))
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(crate) fn u16_be(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// UTF-16 text of this many code units.
    pub(crate) fn utf16(&mut self, units: usize) -> Result<String, Malformed> {
        let bytes = units
            .checked_mul(2)
            .ok_or_else(|| Malformed::new("a text longer than memory"))?;
        utf16(self.take(bytes)?)
    }

    /// Text with its length in code units in one byte before it.
    pub(crate) fn short_text(&mut self) -> Result<String, Malformed> {
        let units = self.u8()?;
        self.utf16(usize::from(units))
    }
}

/// Reads UTF-16, little-endian. An unpaired surrogate becomes U+FFFD: SQL Server keeps it, Rust's text cannot.
pub(crate) fn utf16(bytes: &[u8]) -> Result<String, Malformed> {
    let (units, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(Malformed::new("UTF-16 text of an odd number of bytes"));
    }
    Ok(
        char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit)))
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_past_the_end_is_malformed() {
        let mut reader = Reader::new(&[1, 0, 0]);
        assert_eq!(reader.u16(), Ok(1));
        assert!(reader.u16().is_err());
        assert_eq!(reader.u8(), Ok(0));
    }

    #[test]
    fn text_is_read_in_utf16() {
        let mut reader = Reader::new(&[2, 0x41, 0, 0xDF, 0]);
        assert_eq!(reader.short_text(), Ok("Aß".to_owned()));
        assert!(utf16(&[0]).is_err());
    }
}
