//! Sinks of downloads that are the program's: a function, or its memory.

// The program's functions and memory.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::io::{self, Write};
use std::sync::Arc;

use nlftp_core::ErrorKind;

use crate::callback::{self, UserData};
use crate::run::Gate;
use crate::source::{heed, over, too_many};
use crate::status::Status;

pub(crate) type WriteFunction =
    unsafe extern "C" fn(*const c_void, usize, *mut usize, *mut c_void) -> Status;

/// A download to a function.
pub(crate) struct Writer {
    pub(crate) write: WriteFunction,
    pub(crate) user_data: UserData,
    pub(crate) gate: Arc<Gate>,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.gate.is_open() {
            return Err(over());
        }
        if bytes.is_empty() {
            return Ok(0);
        }
        let mut count = 0;
        let answer = callback::inside(|| {
            let data = bytes.as_ptr().cast();
            // SAFETY: the program gave this function for such calls.
            unsafe { (self.write)(data, bytes.len(), &mut count, self.user_data.0) }
        });
        heed(&self.gate, "write", answer)?;
        match count {
            // No room right now, said in another way.
            0 => Err(io::ErrorKind::WouldBlock.into()),
            count if count > bytes.len() => Err(too_many(&self.gate, "write", count, bytes.len())),
            count => Ok(count),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A download to memory.
pub(crate) struct Memory {
    buffer: *mut u8,
    capacity: usize,
    position: usize,
    gate: Arc<Gate>,
}

// SAFETY: memory of the program's, which by the header's rules is there until the transfer has ended, for whichever
// thread serves it.
unsafe impl Send for Memory {}

impl Memory {
    /// # Safety
    /// `capacity` bytes can be written at `buffer` for as long as the gate is open and this is in use.
    pub(crate) unsafe fn new(buffer: *mut c_void, capacity: usize, gate: Arc<Gate>) -> Memory {
        Memory {
            buffer: buffer.cast(),
            capacity,
            position: 0,
            gate,
        }
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.gate.is_open() {
            return Err(over());
        }
        if bytes.len() > self.capacity - self.position {
            let message = format!(
                "the file is longer than the buffer of {} bytes",
                self.capacity
            );
            self.gate.judge(ErrorKind::Transfer, message.clone());
            return Err(io::Error::other(message));
        }
        if !bytes.is_empty() {
            // SAFETY: within the capacity, of memory that is there by the promise that this was made with, and that
            // the library's own bytes are no part of.
            unsafe {
                let place = self.buffer.add(self.position);
                place.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            }
            self.position += bytes.len();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    unsafe extern "C" fn take(
        _: *const c_void,
        _: usize,
        count: *mut usize,
        user_data: *mut c_void,
    ) -> Status {
        // SAFETY: the answer of the test.
        let (status, taken) = unsafe { *user_data.cast::<(i32, usize)>() };
        // SAFETY: the library's own place for the count.
        unsafe { *count = taken };
        Status(status)
    }

    fn ask(mut answer: (i32, usize)) -> io::Result<usize> {
        let mut writer = Writer {
            write: take,
            user_data: UserData(ptr::from_mut(&mut answer).cast()),
            gate: Arc::default(),
        };
        writer.write(b"01234567")
    }

    #[test]
    fn a_function_takes_all_a_part_or_nothing() {
        assert_eq!(ask((0, 8)).unwrap(), 8);
        assert_eq!(ask((0, 3)).unwrap(), 3);
        for none in [(0, 0), (15, 0), (15, 8)] {
            assert_eq!(ask(none).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        }
        for wrong in [(0, 9), (0, usize::MAX), (2, 8), (130, 0)] {
            assert_eq!(ask(wrong).unwrap_err().kind(), io::ErrorKind::Other);
        }
    }

    #[test]
    fn memory_takes_what_fits() {
        let mut place = [b'-'; 6];
        let gate = Arc::new(Gate::default());
        // SAFETY: the place lives as long; its last byte is not told of.
        let mut memory = unsafe { Memory::new(place.as_mut_ptr().cast(), 5, gate.clone()) };
        memory.write_all(b"012").unwrap();
        memory.write_all(b"34").unwrap();
        memory.write_all(b"").unwrap();
        assert!(memory.write_all(b"5").is_err());
        assert_eq!(&place, b"01234-");
        let error = gate.corrected(nlftp_core::Error::new(ErrorKind::LocalFile, "x"));
        assert_eq!(error.kind(), ErrorKind::Transfer);
        assert_eq!(
            error.to_string(),
            "the file is longer than the buffer of 5 bytes"
        );
        // SAFETY: of no capacity.
        let mut memory = unsafe { Memory::new(ptr::null_mut(), 0, Arc::default()) };
        assert!(memory.write_all(b"").is_ok() && memory.write_all(b"0").is_err());
    }
}
