//! Fuzzes `checks/listing.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nlftp_fuzz::listing(data));
