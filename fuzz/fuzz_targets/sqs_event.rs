//! libFuzzer over [`fuzz::sqs_event`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::sqs_event(bytes));
