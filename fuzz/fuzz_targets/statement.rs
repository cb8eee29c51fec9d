//! libFuzzer over [`fuzz::statement`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::statement(bytes));
