//! What the session's own code holds of memory: each block knows whether it was asked for in there.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What stands before each block: who asked for it.
const HEADER: usize = 16;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static HELD: Cell<u64> = const { Cell::new(0) };
    static HIGHEST: Cell<u64> = const { Cell::new(0) };
}

/// Runs code of the session's; what it allocates counts until it is freed, wherever that is.
pub(crate) fn of_session<T>(run: impl FnOnce() -> T) -> T {
    let before = INSIDE.replace(true);
    let result = run();
    INSIDE.set(before);
    result
}

/// Counts from nothing again.
pub(crate) fn begin() {
    INSIDE.set(false);
    HELD.set(0);
    HIGHEST.set(0);
}

/// The most that was held at once since [`begin`].
pub(crate) fn highest() -> u64 {
    HIGHEST.get()
}

fn count(size: usize) {
    let held = HELD.get() + size as u64;
    HELD.set(held);
    HIGHEST.set(HIGHEST.get().max(held));
}

fn uncount(size: usize) {
    // Blocks of the session before may be freed behind a new beginning.
    HELD.set(HELD.get().saturating_sub(size as u64));
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

/// How far behind the beginning of what the system gives the block begins, and the layout of both.
fn with_header(layout: Layout) -> Option<(usize, Layout)> {
    let before = layout.align().max(HEADER);
    let size = layout.size().checked_add(before)?;
    Some((before, Layout::from_size_align(size, before).ok()?))
}

// SAFETY: every block is the system allocator's, `before` bytes into it, which keeps the alignment asked for, and is
// given back with the layout that it was asked for with.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some((before, whole)) = with_header(layout) else {
            return std::ptr::null_mut();
        };
        let inside = INSIDE.get();
        // SAFETY: its size is not 0, as the header is part of it.
        let start = unsafe { System.alloc(whole) };
        if start.is_null() {
            return start;
        }
        // SAFETY: the header's first byte and the block behind it are within what was just allocated.
        let block = unsafe {
            start.write(u8::from(inside));
            start.add(before)
        };
        if inside {
            count(layout.size());
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some((before, whole)) = with_header(layout) else {
            return;
        };
        // SAFETY: the block came from `alloc` or `realloc` with this layout: its header stands `before` bytes ahead.
        let (start, inside) = unsafe {
            let start = block.sub(before);
            (start, start.read() != 0)
        };
        if inside {
            uncount(layout.size());
        }
        // SAFETY: it is given back as it was asked for.
        unsafe { System.dealloc(start, whole) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some((before, whole)) = with_header(layout) else {
            return std::ptr::null_mut();
        };
        let Some(total) = size.checked_add(before) else {
            return std::ptr::null_mut();
        };
        // SAFETY: as in `dealloc`; the header moves with the block.
        let (start, inside) = unsafe {
            let start = block.sub(before);
            let inside = start.read() != 0;
            (System.realloc(start, whole, total), inside)
        };
        if start.is_null() {
            return start;
        }
        if inside {
            uncount(layout.size());
            count(size);
        }
        // SAFETY: the block is as far behind its start as it was.
        unsafe { start.add(before) }
    }
}
