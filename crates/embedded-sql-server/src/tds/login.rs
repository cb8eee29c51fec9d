//! LOGIN7: who connects, to which database, and how large the packets may be.

use super::{
    packets::{DEFAULT_PACKET_SIZE, PACKET_SIZES},
    reader::{Malformed, Reader, utf16},
};

/// TDS 7.4 (SQL Server 2012 and later).
pub(crate) const TDS_7_4: u32 = 0x7400_0004;
/// TDS 7.2 (SQL Server 2005): the oldest whose tokens have the shape that this server writes.
const TDS_7_2: u32 = 0x7209_0002;

/// Bytes before the list of offsets.
const FIXED: usize = 36;
const EXTENSION_USED: u8 = 0x10;
const INTEGRATED_SECURITY: u8 = 0x80;

/// A login as asked for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Login {
    /// The version spoken from here on.
    pub tds_version: u32,
    /// Agreed size of packets in bytes, header included.
    pub packet_size: usize,
    pub host: String,
    pub application: String,
    pub user: String,
    pub password: String,
    /// Empty: the default database of the user.
    pub database: String,
    /// The client asked for extended features and waits for an answer to it.
    pub asks_for_features: bool,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The password stays out of every log.
        formatter
            .debug_struct("Login")
            .field("user", &self.user)
            .field("database", &self.database)
            .field("host", &self.host)
            .field("application", &self.application)
            .field("packet_size", &self.packet_size)
            .finish_non_exhaustive()
    }
}

/// Reads a LOGIN7 message.
///
/// # Errors
/// Fields outside of the message, integrated authentication, versions before 7.2.
pub(crate) fn read(payload: &[u8]) -> Result<Login, Malformed> {
    let mut fixed = Reader::new(payload);
    let length = fixed.u32()?;
    if usize::try_from(length)
        .ok()
        .is_none_or(|length| length > payload.len())
    {
        return Err(Malformed::new(format!(
            "a login of {length} bytes in a message of {}",
            payload.len()
        )));
    }
    let asked_version = fixed.u32()?;
    let packet_size = fixed.u32()?;
    fixed.take(13)?; // program version, process id, connection id, first option flags
    let flags_2 = fixed.u8()?;
    fixed.take(1)?;
    let flags_3 = fixed.u8()?;
    let mut offsets = Reader::new(payload.get(FIXED..).unwrap_or_default());
    let host = text(payload, &mut offsets)?;
    let user = text(payload, &mut offsets)?;
    let password = hidden_text(payload, &mut offsets)?;
    let application = text(payload, &mut offsets)?;
    let _server = text(payload, &mut offsets)?;
    offsets.take(4)?; // the extension, answered without reading
    let _library = text(payload, &mut offsets)?;
    let _language = text(payload, &mut offsets)?;
    let database = text(payload, &mut offsets)?;

    if asked_version < TDS_7_2 {
        return Err(Malformed::new(format!(
            "TDS version {asked_version:#x}; 7.2 or later is needed"
        )));
    }
    if flags_2 & INTEGRATED_SECURITY != 0 {
        return Err(Malformed::new(
            "integrated authentication; only user and password are known here",
        ));
    }
    Ok(Login {
        tds_version: asked_version.min(TDS_7_4),
        packet_size: agreed_packet_size(packet_size),
        host,
        application,
        user,
        password,
        database,
        asks_for_features: flags_3 & EXTENSION_USED != 0,
    })
}

fn agreed_packet_size(asked: u32) -> usize {
    match usize::try_from(asked) {
        Ok(0) | Err(_) => DEFAULT_PACKET_SIZE,
        Ok(asked) => asked.clamp(*PACKET_SIZES.start(), *PACKET_SIZES.end()),
    }
}

fn field<'a>(payload: &'a [u8], offsets: &mut Reader<'_>) -> Result<&'a [u8], Malformed> {
    let offset = usize::from(offsets.u16()?);
    let bytes = usize::from(offsets.u16()?) * 2;
    if bytes == 0 {
        return Ok(&[]);
    }
    payload
        .get(offset..offset + bytes)
        .ok_or_else(|| Malformed::new("a field of the login outside of the message"))
}

fn text(payload: &[u8], offsets: &mut Reader<'_>) -> Result<String, Malformed> {
    utf16(field(payload, offsets)?)
}

/// Passwords are sent with the halves of each byte exchanged and every second bit turned over.
fn hidden_text(payload: &[u8], offsets: &mut Reader<'_>) -> Result<String, Malformed> {
    let shown: Vec<u8> = field(payload, offsets)?
        .iter()
        .map(|byte| (byte ^ 0xA5).rotate_right(4))
        .collect();
    utf16(&shown)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A login message as a client writes it.
    pub(crate) fn login_message(
        user: &str,
        password: &str,
        database: &str,
        packet_size: u32,
    ) -> Vec<u8> {
        let mut head = Vec::new();
        head.extend_from_slice(&TDS_7_4.to_le_bytes());
        head.extend_from_slice(&packet_size.to_le_bytes());
        head.extend_from_slice(&[0; 24]);
        let mut values: Vec<u8> = Vec::new();
        let start = FIXED + 58;
        let hide = |bytes: Vec<u8>| {
            bytes
                .into_iter()
                .map(|byte| byte.rotate_right(4) ^ 0xA5)
                .collect::<Vec<u8>>()
        };
        let plain = |text: &str| {
            text.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>()
        };
        let fields = [
            "host", user, password, "test", "server", "", "", "", database,
        ];
        for (index, value) in fields.iter().enumerate() {
            let bytes = if index == 2 {
                hide(plain(value))
            } else {
                plain(value)
            };
            head.extend_from_slice(&u16::try_from(start + values.len()).unwrap().to_le_bytes());
            head.extend_from_slice(&u16::try_from(bytes.len() / 2).unwrap().to_le_bytes());
            values.extend_from_slice(&bytes);
        }
        head.extend_from_slice(&[0; 22]);
        head.extend_from_slice(&values);
        let length = u32::try_from(head.len() + 4).unwrap();
        [length.to_le_bytes().to_vec(), head].concat()
    }

    #[test]
    fn user_password_and_database_are_read() {
        let login = read(&login_message(
            "sa",
            "Fake-Passwörd;1",
            "AltaworxCentral",
            8000,
        ))
        .unwrap();
        assert_eq!(login.user, "sa");
        assert_eq!(login.password, "Fake-Passwörd;1");
        assert_eq!(login.database, "AltaworxCentral");
        assert_eq!(login.packet_size, 8000);
    }

    #[test]
    fn a_password_is_not_shown() {
        let login = read(&login_message("sa", "Fake-Password", "d", 0)).unwrap();
        assert!(!format!("{login:?}").contains("Fake-Password"));
    }

    #[test]
    fn packet_sizes_stay_within_the_allowed_ones() {
        for (asked, agreed) in [(0, 4096), (1, 512), (4096, 4096), (1_000_000, 32_767)] {
            assert_eq!(
                read(&login_message("u", "p", "d", asked))
                    .unwrap()
                    .packet_size,
                agreed
            );
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            drop(read(&bytes));
        }

        #[test]
        fn a_cut_or_changed_login_never_panics(cut in 0_usize..200, at in 0_usize..200, byte in any::<u8>()) {
            let mut message = login_message("user", "password", "database", 4096);
            if let Some(place) = message.get_mut(at) { *place = byte; }
            message.truncate(cut);
            drop(read(&message));
        }
    }
}
