//! How often a transfer asks for memory once it is under way: never.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![allow(unsafe_code)]

#[path = "support/modem.rs"]
mod modem;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use modem::Modem;
use nlftp_bench::clients::marked;
use nlftp_bench::work::Way;
use nlftp_core::{Config, Login};

static TAKEN: AtomicU64 = AtomicU64::new(0);

/// The system's memory, counted: by all threads of this process, which runs one test alone.
struct Counting;

// SAFETY: passes every request on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        TAKEN.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        TAKEN.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, passed on.
        unsafe { System.dealloc(old, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn no_chunk_of_any_way_takes_memory() {
    for way in Way::TRANSFERS {
        let size = 8 << 20;
        let modem = Modem::start(size);
        let device = nlftp_core::Modem::open(&modem.port, Config::default()).unwrap();
        let ftp = device.ftp(&Login::new("h", "u", "p")).unwrap();
        let mut counts = [0; 2];
        let mut marks = counts.iter_mut();
        let counted = marked::transfer(&ftp, way, size, || {
            if let Some(count) = marks.next() {
                *count = TAKEN.load(Ordering::Relaxed);
            }
        })
        .unwrap();
        assert!(
            counted > size / 3,
            "{way}: only {counted} bytes were counted"
        );
        let [before, after] = counts;
        assert!(before > 0 && after >= before, "{way}: {counts:?}");
        assert_eq!(
            after - before,
            0,
            "{way}: requests for memory in {counted} bytes"
        );
    }
}
