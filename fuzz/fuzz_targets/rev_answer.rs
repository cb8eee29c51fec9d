//! libFuzzer over [`fuzz::rev_answer`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::rev_answer(bytes));
