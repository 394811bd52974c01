//! Fuzzes `checks/replies.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nlftp_fuzz::replies(data));
