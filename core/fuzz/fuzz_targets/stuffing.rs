//! Fuzzes `checks/stuffing.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nlftp_fuzz::stuffing(data));
