//! Lambda 1: takes association requests over HTTP, records them and enqueues the work.
