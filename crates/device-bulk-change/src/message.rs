//! One message: what it names, and whose turn that is.

use std::collections::HashMap;

use association::trace::TraceId;
use aws_lambda_events::sqs::SqsMessage;
use queue::Incoming;
use tokio::time::Instant;
use tracing::Span;

use crate::{chunk, consumer::Consumer, enroll, work_error::WorkError};

/// Works on a message until it is done with: finished, or offered again for later.
pub(crate) async fn work(
    consumer: &Consumer,
    message: &SqsMessage,
    deadline: Instant,
) -> Result<(), WorkError> {
    let attributes: HashMap<String, String> = message
        .message_attributes
        .iter()
        .filter_map(|(name, attribute)| Some((name.clone(), attribute.string_value.clone()?)))
        .collect();
    let span = Span::current();
    let trace = Incoming::trace(&attributes);
    if let Some(trace) = &trace {
        span.record("trace_id", trace.as_str());
    }
    match Incoming::read(message.body.as_deref(), &attributes)? {
        Incoming::Chunk(chunk) => {
            record(&span, "bulk_change_id", chunk.bulk_change.get());
            record(&span, "tenant_id", i64::from(chunk.tenant.get()));
            chunk::work(consumer, &chunk, trace.as_ref(), deadline).await
        }
        Incoming::BulkChange(id) => {
            record(&span, "bulk_change_id", id.get());
            // The other producer writes no trace: its message is what everything follows from.
            let trace = trace.or_else(|| message.message_id.as_deref().and_then(TraceId::parse));
            if let Some(trace) = &trace {
                span.record("trace_id", trace.as_str());
            }
            enroll::work(consumer, message, id, trace.as_ref(), deadline).await
        }
    }
}

/// Numbers from here on may be an MSISDN, which a message may name where it should name an id.
const LONG_NUMBER: i64 = 100_000_000;

/// Notes what a message says of itself. Of a long number that is done when the database knows it for what it should be.
fn record(span: &Span, field: &'static str, id: i64) {
    if id < LONG_NUMBER {
        span.record(field, id);
    }
}
