//! libFuzzer over [`fuzz::foreign_change`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::foreign_change(bytes));
