//! What a message of device-bulk-change-queue says, and how one is read back.
//!
//! Two producers write to the queue. Ours names a chunk: JSON in the body, the same in attributes for people who look
//! at a queue. The other one (AMOP 2.0 and the old portal) names a whole bulk change, in one attribute alone.

use std::collections::HashMap;

use association::{
    ids::{BulkChangeId, TenantId},
    trace::TraceId,
};
use serde::{Deserialize, Serialize};

/// Attribute (type String) of both producers: the bulk change.
pub const BULK_CHANGE_ID: &str = "BulkChangeId";
/// Attribute (type String) of ours: the chunk.
pub const CHUNK: &str = "Chunk";
/// Attribute (type String) of ours: the request that caused the message, for logs.
pub const TRACE_ID: &str = "TraceId";
/// Attribute (type String) of the other producer; it always writes 0 for an association.
pub const ADDITION_BULK_CHANGE_ID: &str = "AdditionBulkChangeId";
/// The body of the other producer's messages.
pub const NOT_USED: &str = "Not used";

/// Offers one chunk of a bulk change to the consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChunkMessage {
    /// Which bulk change.
    #[serde(rename = "bulkChangeId")]
    pub bulk_change: BulkChangeId,
    /// Which chunk of it, from 0.
    pub chunk: u32,
    /// Whose it is: the message group, so that a small bulk change of one tenant does not wait for a big one of another.
    #[serde(rename = "tenantId")]
    pub tenant: TenantId,
}

impl ChunkMessage {
    /// The body of the message, which is also the payload of its outbox row.
    #[must_use]
    pub fn body(&self) -> String {
        format!(
            r#"{{"bulkChangeId":{},"chunk":{},"tenantId":{}}}"#,
            self.bulk_change, self.chunk, self.tenant
        )
    }

    /// Reads the payload of an outbox row.
    pub fn from_payload(payload: &str) -> Result<Self, Unreadable> {
        serde_json::from_str(payload).map_err(Unreadable::Body)
    }
}

/// A message as the consumer takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incoming {
    /// Of ours: work on this chunk.
    Chunk(ChunkMessage),
    /// Of the other producer: a bulk change that it wrote itself. Which tenant and type it has is read from its row.
    BulkChange(BulkChangeId),
}

/// Why a message cannot be taken. It is poison: another delivery changes nothing, so it belongs into the dead letter queue.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Neither body nor attribute names a bulk change.
    #[error("the message names no bulk change")]
    NoBulkChange,
    /// The attribute holds something else than a positive whole number; the other producer writes 0 for "none".
    #[error("the attribute BulkChangeId is not the id of a bulk change")]
    BulkChangeId,
    /// The body begins like one of ours and cannot be read.
    #[error("the body is not a chunk message")]
    Body(#[source] serde_json::Error),
    /// Body and attributes name different work.
    #[error("the attribute {attribute} contradicts the body")]
    Contradiction {
        /// The attribute's name.
        attribute: &'static str,
    },
}

impl Incoming {
    /// Reads a delivered message from its body and its String attributes.
    ///
    /// A body that begins like a JSON object is taken for one of ours; any other body belongs to the other producer,
    /// whose only content is the attribute [`BULK_CHANGE_ID`] (docs/decisions/0080). Its further attributes
    /// belong to other change types and do not count.
    pub fn read(
        body: Option<&str>,
        attributes: &HashMap<String, String>,
    ) -> Result<Self, Unreadable> {
        let body = body.map(str::trim).filter(|body| body.starts_with('{'));
        let named = attributes.get(BULK_CHANGE_ID).map(|text| text.trim());
        if let Some(body) = body {
            let message = ChunkMessage::from_payload(body)?;
            let agrees = |attribute: &'static str, of_body: String| match attributes.get(attribute)
            {
                Some(text) if text.trim() != of_body => {
                    Err(Unreadable::Contradiction { attribute })
                }
                _ => Ok(()),
            };
            agrees(BULK_CHANGE_ID, message.bulk_change.to_string())?;
            agrees(CHUNK, message.chunk.to_string())?;
            return Ok(Self::Chunk(message));
        }
        let id = named.filter(|text| !text.is_empty());
        let number: i64 = id
            .ok_or(Unreadable::NoBulkChange)?
            .parse()
            .map_err(|_| Unreadable::BulkChangeId)?;
        BulkChangeId::new(number)
            .map(Self::BulkChange)
            .map_err(|_| Unreadable::BulkChangeId)
    }

    /// The request that caused a delivered message, out of its String attributes. Anything else that stands there is none, because
    /// whoever may send can write it.
    #[must_use]
    pub fn trace(attributes: &HashMap<String, String>) -> Option<TraceId> {
        attributes
            .get(TRACE_ID)
            .and_then(|text| TraceId::parse(text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn attributes(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn message(bulk_change: i64, chunk: u32, tenant: i32) -> ChunkMessage {
        ChunkMessage {
            bulk_change: BulkChangeId::new(bulk_change).unwrap(),
            chunk,
            tenant: TenantId::new(tenant).unwrap(),
        }
    }

    #[test]
    fn the_body_has_the_members_that_the_outbox_row_holds() {
        assert_eq!(
            message(7, 2, 1).body(),
            r#"{"bulkChangeId":7,"chunk":2,"tenantId":1}"#
        );
    }

    #[test]
    fn a_trace_is_read_back_and_anything_else_is_none() {
        let sent = attributes(&[(TRACE_ID, "JKJaXmPLvHcESHA=")]);
        assert_eq!(Incoming::trace(&sent).unwrap().as_str(), "JKJaXmPLvHcESHA=");
        assert_eq!(Incoming::trace(&HashMap::new()), None);
        for text in ["", "8901000000000000001", "a b", &"x".repeat(1000)] {
            assert_eq!(
                Incoming::trace(&attributes(&[(TRACE_ID, text)])),
                None,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_chunk_message_reads_back(id in 1..i64::MAX, chunk: u32, tenant in 1..i32::MAX) {
            let message = message(id, chunk, tenant);
            let named = attributes(&[
                (BULK_CHANGE_ID, &id.to_string()),
                (CHUNK, &chunk.to_string()),
                (TRACE_ID, "x"),
            ]);
            let read = Incoming::read(Some(&message.body()), &named).unwrap();
            prop_assert_eq!(read, Incoming::Chunk(message));
            let bare = Incoming::read(Some(&message.body()), &HashMap::new()).unwrap();
            prop_assert_eq!(bare, Incoming::Chunk(message));
        }

        #[test]
        fn no_body_makes_reading_fall_over(body: String, id: String) {
            let _ = Incoming::read(Some(&body), &attributes(&[(BULK_CHANGE_ID, &id)]));
        }
    }

    #[test]
    fn a_message_of_the_other_producer_is_its_attribute_alone() {
        let expected = Incoming::BulkChange(BulkChangeId::new(41).unwrap());
        for body in [Some(NOT_USED), Some(""), None, Some("anything")] {
            let named = attributes(&[
                (BULK_CHANGE_ID, " 41 "),
                (ADDITION_BULK_CHANGE_ID, "0"),
                ("RetryNumber", "2"),
            ]);
            assert_eq!(Incoming::read(body, &named).unwrap(), expected, "{body:?}");
        }
    }

    #[test]
    fn what_names_no_work_is_poison_with_its_reason() {
        type Attributes<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Option<&str>, Attributes<'_>, &str); 9] = [
            (Some(NOT_USED), &[], "names no bulk change"),
            (None, &[(BULK_CHANGE_ID, " ")], "names no bulk change"),
            (Some(NOT_USED), &[(BULK_CHANGE_ID, "0")], "not the id"),
            (Some(NOT_USED), &[(BULK_CHANGE_ID, "-1")], "not the id"),
            (Some(NOT_USED), &[(BULK_CHANGE_ID, "x")], "not the id"),
            (
                Some(r#"{"bulkChangeId":0,"chunk":0,"tenantId":1}"#),
                &[],
                "not a chunk",
            ),
            (
                Some(r#"{"bulkChangeId":1}"#),
                &[(BULK_CHANGE_ID, "1")],
                "not a chunk",
            ),
            (
                Some(r#"{"bulkChangeId":1,"chunk":0,"tenantId":1}"#),
                &[(BULK_CHANGE_ID, "2")],
                "attribute BulkChangeId contradicts",
            ),
            (
                Some(r#"{"bulkChangeId":1,"chunk":0,"tenantId":1}"#),
                &[(CHUNK, "1")],
                "attribute Chunk contradicts",
            ),
        ];
        for (body, named, reason) in cases {
            let error = Incoming::read(body, &attributes(named)).unwrap_err();
            assert!(error.to_string().contains(reason), "{body:?}: {error}");
        }
    }
}
