//! Packets: the frames of at most the negotiated size that messages travel in.

use super::reader::Malformed;

/// Bytes of a packet's header.
pub(crate) const HEADER: usize = 8;
/// The packet size before login, and when a client names none.
pub(crate) const DEFAULT_PACKET_SIZE: usize = 4096;
/// The sizes that a client can choose among.
pub(crate) const PACKET_SIZES: std::ops::RangeInclusive<usize> = 512..=32_767;
/// No message of a client is longer; more is taken for an error, so that nobody fills the memory.
const MESSAGE_LIMIT: usize = 256 * 1024 * 1024;
/// How many bytes are read at once.
const READ_AHEAD: usize = 16 * 1024;

const END_OF_MESSAGE: u8 = 0x01;
const IGNORE: u8 = 0x02;
const RESET: u8 = 0x08;
const RESET_KEEP_TRANSACTION: u8 = 0x10;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Batch,
    Rpc,
    Answer,
    Attention,
    TransactionManager,
    Login7,
    PreLogin,
    /// Bulk load, federated and integrated authentication, versions before 7.
    Other(u8),
}

impl Kind {
    pub(crate) fn from_byte(byte: u8) -> Self {
        match byte {
            1 => Self::Batch,
            3 => Self::Rpc,
            4 => Self::Answer,
            6 => Self::Attention,
            14 => Self::TransactionManager,
            16 => Self::Login7,
            18 => Self::PreLogin,
            other => Self::Other(other),
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Batch => 1,
            Self::Rpc => 3,
            Self::Answer => 4,
            Self::Attention => 6,
            Self::TransactionManager => 14,
            Self::Login7 => 16,
            Self::PreLogin => 18,
            Self::Other(byte) => byte,
        }
    }
}

/// What a client wants of its session before the request is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Reset {
    #[default]
    No,
    /// Default options, transaction rolled back.
    All,
    /// Default options, the transaction stays open.
    KeepTransaction,
}

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub kind: Kind,
    pub reset: Reset,
    pub payload: Vec<u8>,
}

/// Puts messages together from bytes as they arrive.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    arrived: Vec<u8>,
    unfinished: Option<Message>,
}

impl Assembler {
    /// Where bytes from the socket are put, behind those that wait there.
    pub(crate) fn room(&mut self) -> &mut Vec<u8> {
        self.arrived.reserve(READ_AHEAD);
        &mut self.arrived
    }

    #[cfg(test)]
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.arrived.extend_from_slice(bytes);
    }

    /// Whether a message has begun and not ended.
    pub(crate) fn is_amid_message(&self) -> bool {
        self.unfinished.is_some() || !self.arrived.is_empty()
    }

    /// The next whole message, `None` while bytes are missing.
    ///
    /// # Errors
    /// Headers that no client sends; the connection cannot be read any further.
    pub(crate) fn next_message(&mut self) -> Result<Option<Message>, Malformed> {
        while let Some(packet) = self.next_packet()? {
            if let Some(message) = self.add(packet)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    fn next_packet(&mut self) -> Result<Option<Packet>, Malformed> {
        let Some((header, _)) = self.arrived.split_first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let [kind, status, high, low, ..] = *header;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length < HEADER {
            return Err(Malformed::new(format!(
                "a packet of {length} bytes, header included"
            )));
        }
        if self.arrived.len() < length {
            return Ok(None);
        }
        let payload = self.arrived.drain(..length).skip(HEADER).collect();
        Ok(Some(Packet {
            kind: Kind::from_byte(kind),
            status,
            payload,
        }))
    }

    fn add(&mut self, packet: Packet) -> Result<Option<Message>, Malformed> {
        if packet.kind == Kind::Attention {
            // It may come in the middle of a long message, which is then given up.
            self.unfinished = None;
        }
        let mut message = match self.unfinished.take() {
            None => Message {
                kind: packet.kind,
                reset: reset_of(packet.status),
                payload: packet.payload,
            },
            Some(begun) if begun.kind != packet.kind => {
                return Err(Malformed::new(format!(
                    "a packet of {:?} within a message of {:?}",
                    packet.kind, begun.kind
                )));
            }
            Some(mut begun) => {
                begun.payload.extend_from_slice(&packet.payload);
                begun
            }
        };
        if message.payload.len() > MESSAGE_LIMIT {
            return Err(Malformed::new(format!(
                "a message of more than {MESSAGE_LIMIT} bytes"
            )));
        }
        if packet.status & END_OF_MESSAGE == 0 {
            self.unfinished = Some(message);
            return Ok(None);
        }
        if packet.status & IGNORE != 0 {
            return Ok(None);
        }
        message.payload.shrink_to_fit();
        Ok(Some(message))
    }
}

struct Packet {
    kind: Kind,
    status: u8,
    payload: Vec<u8>,
}

fn reset_of(status: u8) -> Reset {
    if status & RESET_KEEP_TRANSACTION != 0 {
        Reset::KeepTransaction
    } else if status & RESET != 0 {
        Reset::All
    } else {
        Reset::No
    }
}

/// Cuts one outgoing message into packets.
#[derive(Debug)]
pub(crate) struct Splitter {
    kind: Kind,
    connection: u16,
    room: usize,
    number: u8,
}

impl Splitter {
    /// For one message of this connection, in packets of at most `packet_size` bytes.
    pub(crate) fn new(kind: Kind, connection: u16, packet_size: usize) -> Self {
        Self {
            kind,
            connection,
            room: packet_size - HEADER,
            number: 0,
        }
    }

    /// Whole packets out of `pending` while more is to come; the rest stays.
    pub(crate) fn full_packets(&mut self, pending: &mut Vec<u8>) -> Vec<u8> {
        let mut packets = Vec::new();
        // A full packet that turns out to be the last must carry the end bit, so it stays until more comes.
        let mut sent = 0;
        while pending.len() - sent > self.room {
            self.packet(&pending[sent..sent + self.room], 0, &mut packets);
            sent += self.room;
        }
        pending.drain(..sent);
        packets
    }

    /// What is left, ending the message.
    pub(crate) fn last_packets(&mut self, pending: &mut Vec<u8>) -> Vec<u8> {
        let mut packets = self.full_packets(pending);
        self.packet(pending, END_OF_MESSAGE, &mut packets);
        pending.clear();
        packets
    }

    fn packet(&mut self, payload: &[u8], status: u8, packets: &mut Vec<u8>) {
        self.number = self.number.wrapping_add(1);
        // The room is at most 32,767 - 8, so the length always fits.
        let length = u16::try_from(payload.len() + HEADER).unwrap_or(u16::MAX);
        packets.extend_from_slice(&[self.kind.byte(), status]);
        packets.extend_from_slice(&length.to_be_bytes());
        packets.extend_from_slice(&self.connection.to_be_bytes());
        packets.extend_from_slice(&[self.number, 0]);
        packets.extend_from_slice(payload);
    }
}

/// A whole message in packets.
pub(crate) fn split(
    kind: Kind,
    connection: u16,
    packet_size: usize,
    mut payload: Vec<u8>,
) -> Vec<u8> {
    Splitter::new(kind, connection, packet_size).last_packets(&mut payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(assembler: &mut Assembler) -> Vec<Message> {
        std::iter::from_fn(|| assembler.next_message().unwrap()).collect()
    }

    #[test]
    fn a_packet_shorter_than_its_header_is_malformed() {
        let mut assembler = Assembler::default();
        assembler.feed(&[1, 1, 0, 7, 0, 0, 0, 0]);
        assert!(assembler.next_message().is_err());
    }

    #[test]
    fn another_kind_within_a_message_is_malformed() {
        let mut assembler = Assembler::default();
        assembler.feed(&[1, 0, 0, 9, 0, 0, 1, 0, 7]);
        assembler.feed(&[3, 1, 0, 9, 0, 0, 2, 0, 7]);
        assert!(assembler.next_message().is_err());
    }

    #[test]
    fn an_attention_gives_up_the_message_before_it() {
        let mut assembler = Assembler::default();
        assembler.feed(&[1, 0, 0, 9, 0, 0, 1, 0, 7]);
        assembler.feed(&[6, 1, 0, 8, 0, 0, 2, 0]);
        let messages = all(&mut assembler);
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].kind, Kind::Attention);
        assert!(!assembler.is_amid_message());
    }

    #[test]
    fn a_message_marked_to_be_ignored_is_dropped() {
        let mut assembler = Assembler::default();
        assembler.feed(&[1, 3, 0, 9, 0, 0, 1, 0, 7]);
        assert_eq!(all(&mut assembler), vec![]);
    }

    #[test]
    fn the_reset_bits_of_the_first_packet_count() {
        for (status, reset) in [
            (0x01, Reset::No),
            (0x09, Reset::All),
            (0x11, Reset::KeepTransaction),
        ] {
            let mut assembler = Assembler::default();
            assembler.feed(&[1, status, 0, 9, 0, 0, 1, 0, 7]);
            assert_eq!(all(&mut assembler)[0].reset, reset);
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..64), 0..16)) {
            let mut assembler = Assembler::default();
            for chunk in chunks {
                assembler.feed(&chunk);
                drop(assembler.next_message());
            }
        }

        #[test]
        fn a_message_comes_out_as_it_went_in_however_it_is_cut(
            payload in proptest::collection::vec(any::<u8>(), 0..5000),
            packet_size in 512_usize..2000,
            chunk in 1_usize..700,
        ) {
            let bytes = split(Kind::Rpc, 51, packet_size, payload.clone());
            let mut assembler = Assembler::default();
            let mut messages = Vec::new();
            for part in bytes.chunks(chunk) {
                assembler.feed(part);
                messages.extend(all(&mut assembler));
            }
            prop_assert_eq!(messages, vec![Message { kind: Kind::Rpc, reset: Reset::No, payload }]);
        }
    }
}
