//! Fuzzes `checks/framer.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nlftp_fuzz::framer(data));
