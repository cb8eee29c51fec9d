//! libFuzzer over [`fuzz::tds`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::tds(bytes));
