//! PRELOGIN: versions and the agreement about encryption, before the login.

use super::reader::{Malformed, Reader};

const VERSION: u8 = 0;
const ENCRYPTION: u8 = 1;
const MARS: u8 = 4;
const TERMINATOR: u8 = 0xFF;

/// What a side says about encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// The login alone.
    Off,
    /// Everything.
    On,
    /// Nothing, not even the login.
    NotSupported,
    /// Everything, or no connection.
    Required,
}

impl Encryption {
    fn from_byte(byte: u8) -> Result<Self, Malformed> {
        match byte & 0x0F {
            0 => Ok(Self::Off),
            1 => Ok(Self::On),
            2 => Ok(Self::NotSupported),
            3 => Ok(Self::Required),
            other => Err(Malformed::new(format!("encryption option {other}"))),
        }
    }

    /// What a server with a certificate answers to this of a client.
    pub(crate) fn agreed(self) -> Self {
        match self {
            Self::Off => Self::Off,
            Self::On | Self::Required => Self::On,
            Self::NotSupported => Self::NotSupported,
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Off => 0,
            Self::On => 1,
            Self::NotSupported => 2,
            Self::Required => 3,
        }
    }
}

/// What the client says about encryption; nothing said means off.
pub(crate) fn client_encryption(payload: &[u8]) -> Result<Encryption, Malformed> {
    let mut options = Reader::new(payload);
    loop {
        let token = options.u8()?;
        if token == TERMINATOR {
            return Ok(Encryption::Off);
        }
        let offset = usize::from(options.u16_be()?);
        let length = usize::from(options.u16_be()?);
        let value = payload.get(offset..offset + length).ok_or_else(|| {
            Malformed::new(format!("PRELOGIN option {token} outside of the message"))
        })?;
        if token == ENCRYPTION {
            return Encryption::from_byte(Reader::new(value).u8()?);
        }
    }
}

/// The answer: version 14.0.3456.2 as @@VERSION says, this about encryption, no MARS.
pub(crate) fn answer(encryption: Encryption) -> Vec<u8> {
    let options: [(u8, &[u8]); 3] = [
        (VERSION, &[14, 0, 0x0D, 0x80, 0, 2]),
        (ENCRYPTION, &[encryption.byte()]),
        (MARS, &[0]),
    ];
    let mut head = Vec::new();
    let mut values = Vec::new();
    let head_length = options.len() * 5 + 1;
    for (token, value) in options {
        let offset = u16::try_from(head_length + values.len()).unwrap_or(u16::MAX);
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        head.push(token);
        head.extend_from_slice(&offset.to_be_bytes());
        head.extend_from_slice(&length.to_be_bytes());
        values.extend_from_slice(value);
    }
    head.push(TERMINATOR);
    head.extend_from_slice(&values);
    head
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_answered_can_be_read_again() {
        for encryption in [
            Encryption::Off,
            Encryption::On,
            Encryption::NotSupported,
            Encryption::Required,
        ] {
            assert_eq!(client_encryption(&answer(encryption)), Ok(encryption));
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(client_encryption(&bytes));
        }
    }
}
