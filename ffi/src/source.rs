//! Sources of uploads that are the program's: a function, or its memory.

// The program's functions and memory.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use nlftp_core::ErrorKind;

use crate::callback::{self, UserData};
use crate::run::Gate;
use crate::status::{Status, nlftp_status};

pub(crate) type ReadFunction =
    unsafe extern "C" fn(*mut c_void, usize, *mut usize, *mut c_void) -> Status;
pub(crate) type SeekFunction = unsafe extern "C" fn(u64, *mut c_void) -> Status;

/// The operation was freed: its functions and memory are not to be touched.
pub(crate) fn over() -> io::Error {
    io::Error::other("the operation was freed")
}

/// What the answer of a function means for the transfer; `Ok` is NLFTP_OK.
pub(crate) fn heed(gate: &Gate, what: &str, answer: Status) -> io::Result<()> {
    use nlftp_status::*;
    if !gate.is_open() {
        return Err(over());
    }
    let status = match answer.known() {
        Some(NLFTP_OK) => return Ok(()),
        Some(NLFTP_AGAIN) => return Err(io::ErrorKind::WouldBlock.into()),
        Some(NLFTP_CANCELLED) => {
            gate.judge(
                ErrorKind::Cancelled,
                format!("the {what} callback cancelled the transfer"),
            );
            return Err(io::Error::other("cancelled by a callback"));
        }
        status => status,
    };
    let name = status
        .and_then(|status| status.name().to_str().ok())
        .unwrap_or("no status");
    let message = format!(
        "the {what} callback ended the transfer: it answered {} ({name})",
        answer.0
    );
    gate.judge(ErrorKind::LocalFile, message.clone());
    Err(io::Error::other(message))
}

/// A function that said more bytes than it was asked for.
pub(crate) fn too_many(gate: &Gate, what: &str, count: usize, size: usize) -> io::Error {
    let message = format!("the {what} callback said {count} bytes where {size} were asked for");
    gate.judge(ErrorKind::InvalidArgument, message.clone());
    io::Error::other(message)
}

/// An upload from a function.
pub(crate) struct Reader {
    pub(crate) read: ReadFunction,
    pub(crate) seek: Option<SeekFunction>,
    pub(crate) user_data: UserData,
    pub(crate) size: Option<u64>,
    pub(crate) position: u64,
    /// The function has said that it is at its end: it is not asked again, unless it is sent elsewhere.
    pub(crate) ended: bool,
    pub(crate) gate: Arc<Gate>,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.gate.is_open() {
            return Err(over());
        }
        if buffer.is_empty() || self.ended {
            return Ok(0);
        }
        let mut count = 0;
        let answer = callback::inside(|| {
            let data = buffer.as_mut_ptr().cast();
            // SAFETY: the program gave this function for such calls.
            unsafe { (self.read)(data, buffer.len(), &mut count, self.user_data.0) }
        });
        heed(&self.gate, "read", answer)?;
        if count > buffer.len() {
            return Err(too_many(&self.gate, "read", count, buffer.len()));
        }
        self.position += count as u64;
        self.ended = count == 0;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if !self.gate.is_open() {
            return Err(over());
        }
        let (from, by) = match to {
            SeekFrom::Start(offset) => (Some(offset), 0),
            SeekFrom::Current(by) => (Some(self.position), by),
            SeekFrom::End(by) => (self.size, by),
        };
        let target = from.and_then(|from| from.checked_add_signed(by));
        let target = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        if target == self.position {
            return Ok(target);
        }
        let seek = self
            .seek
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotSeekable))?;
        // SAFETY: the program gave this function for such calls.
        let answer = callback::inside(|| unsafe { seek(target, self.user_data.0) });
        if answer.known() == Some(nlftp_status::NLFTP_AGAIN) && self.gate.is_open() {
            let message = "the seek callback ended the transfer: it answered 15 (again), but a seek cannot be put off";
            self.gate.judge(ErrorKind::LocalFile, message);
            return Err(io::Error::other(message));
        }
        heed(&self.gate, "seek", answer)?;
        self.position = target;
        self.ended = false;
        Ok(target)
    }
}

/// An upload from memory.
pub(crate) struct Memory {
    data: *const u8,
    size: usize,
    position: usize,
    gate: Arc<Gate>,
}

// SAFETY: memory of the program's, which by the header's rules is there until the transfer has ended, for whichever
// thread serves it.
unsafe impl Send for Memory {}

impl Memory {
    /// # Safety
    /// `size` bytes can be read at `data` for as long as the gate is open and this is in use.
    pub(crate) unsafe fn new(data: *const c_void, size: usize, gate: Arc<Gate>) -> Memory {
        Memory {
            data: data.cast(),
            size,
            position: 0,
            gate,
        }
    }
}

impl Read for Memory {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.gate.is_open() {
            return Err(over());
        }
        let count = buffer.len().min(self.size - self.position);
        if count > 0 {
            // SAFETY: within the size, of memory that is there by the promise that this was made with.
            let part = unsafe { std::slice::from_raw_parts(self.data.add(self.position), count) };
            buffer[..count].copy_from_slice(part);
            self.position += count;
        }
        Ok(count)
    }
}

impl Seek for Memory {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(offset) => (offset, 0),
            SeekFrom::Current(by) => (self.position as u64, by),
            SeekFrom::End(by) => (self.size as u64, by),
        };
        let target = from
            .checked_add_signed(by)
            .and_then(|target| usize::try_from(target).ok());
        let target = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        // Behind the end there is nothing to read.
        self.position = target.min(self.size);
        Ok(target as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nlftp_core::Error;
    use std::ptr;

    /// What the functions below answer: a status and a count.
    struct Answer {
        status: i32,
        count: usize,
        asked: usize,
    }

    unsafe extern "C" fn read(
        buffer: *mut c_void,
        size: usize,
        count: *mut usize,
        user_data: *mut c_void,
    ) -> Status {
        // SAFETY: the answer of the test, and a buffer of that size.
        unsafe {
            let answer = &mut *user_data.cast::<Answer>();
            answer.asked += 1;
            ptr::write_bytes(buffer.cast::<u8>(), b'x', size.min(answer.count));
            *count = answer.count;
            Status(answer.status)
        }
    }

    unsafe extern "C" fn seek(offset: u64, user_data: *mut c_void) -> Status {
        // SAFETY: the answer of the test.
        let answer = unsafe { &mut *user_data.cast::<Answer>() };
        answer.count = usize::try_from(offset).unwrap();
        Status(answer.status)
    }

    fn reader(answer: &mut Answer, gate: &Arc<Gate>) -> Reader {
        Reader {
            read,
            seek: Some(seek),
            user_data: UserData(ptr::from_mut(answer).cast()),
            size: Some(100),
            position: 0,
            ended: false,
            gate: gate.clone(),
        }
    }

    /// What the operation says after the driver's "local_file".
    fn verdict(gate: &Gate) -> Error {
        gate.corrected(Error::new(ErrorKind::LocalFile, "the source failed"))
    }

    fn ask(status: i32, count: usize) -> (io::Result<usize>, Error) {
        let gate = Arc::default();
        let mut answer = Answer {
            status,
            count,
            asked: 0,
        };
        let read = reader(&mut answer, &gate).read(&mut [0; 8]);
        (read, verdict(&gate))
    }

    #[test]
    fn a_function_reads_waits_and_ends() {
        assert_eq!(ask(0, 8).0.unwrap(), 8);
        assert_eq!(ask(0, 0).0.unwrap(), 0);
        assert_eq!(ask(15, 3).0.unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let (read, error) = ask(130, 0);
        assert!(read.is_err() && error.kind() == ErrorKind::Cancelled);
        for (status, said) in [
            (9, "9 (transfer)"),
            (14, "14 (pending)"),
            (77, "77 (no status)"),
            (-1, "-1 (no status)"),
        ] {
            let (read, error) = ask(status, 8);
            assert!(read.is_err() && error.kind() == ErrorKind::LocalFile);
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn too_many_bytes_are_an_invalid_argument() {
        for count in [9, usize::MAX] {
            let (read, error) = ask(0, count);
            assert!(
                read.is_err() && error.kind() == ErrorKind::InvalidArgument,
                "{error}"
            );
        }
    }

    #[test]
    fn behind_a_shut_gate_nothing_is_asked() {
        let gate = Arc::new(Gate::default());
        let mut answer = Answer {
            status: 0,
            count: 1,
            asked: 0,
        };
        let mut source = reader(&mut answer, &gate);
        // SAFETY: nothing is there to be read, and nothing is read.
        let mut memory = unsafe { Memory::new(ptr::dangling(), 8, gate.clone()) };
        gate.shut();
        assert!(source.read(&mut [0; 8]).is_err() && source.seek(SeekFrom::Start(3)).is_err());
        assert!(memory.read(&mut [0; 8]).is_err());
        assert_eq!(answer.asked, 0);
    }

    #[test]
    fn a_function_seeks_to_offsets_from_the_start() {
        let gate = Arc::default();
        let mut answer = Answer {
            status: 0,
            count: 4,
            asked: 0,
        };
        let user_data = ptr::from_mut(&mut answer);
        let mut source = reader(&mut answer, &gate);
        assert_eq!(source.read(&mut [0; 8]).unwrap(), 4);
        assert_eq!(source.stream_position().unwrap(), 4);
        assert_eq!(source.seek(SeekFrom::Current(3)).unwrap(), 7);
        assert_eq!(source.seek(SeekFrom::End(-1)).unwrap(), 99);
        // SAFETY: nobody else looks at it at this moment.
        assert_eq!(unsafe { (*user_data).count }, 99);
        assert!(source.seek(SeekFrom::Current(-100)).is_err());
    }

    #[test]
    fn a_seek_cannot_be_put_off() {
        let gate = Arc::default();
        let mut answer = Answer {
            status: 15,
            count: 0,
            asked: 0,
        };
        let mut source = reader(&mut answer, &gate);
        let error = source.seek(SeekFrom::Start(3)).unwrap_err();
        assert_ne!(error.kind(), io::ErrorKind::WouldBlock);
        let error = verdict(&gate);
        assert_eq!(error.kind(), ErrorKind::LocalFile);
        assert!(
            error.to_string().contains("a seek cannot be put off"),
            "{error}"
        );
    }

    #[test]
    fn a_function_is_not_asked_again_behind_its_end() {
        let gate = Arc::default();
        let mut answer = Answer {
            status: 0,
            count: 0,
            asked: 0,
        };
        let user_data = ptr::from_mut(&mut answer);
        // SAFETY: nobody else looks at it at this moment.
        let asked = || unsafe { (*user_data).asked };
        let mut source = reader(&mut answer, &gate);
        assert_eq!(source.read(&mut [0; 8]).unwrap(), 0);
        assert_eq!(source.seek(SeekFrom::Start(0)).unwrap(), 0);
        assert_eq!(source.read(&mut [0; 8]).unwrap(), 0);
        assert_eq!(asked(), 1);
        // Sent elsewhere, it is.
        assert_eq!(source.seek(SeekFrom::Start(5)).unwrap(), 5);
        assert_eq!(source.read(&mut [0; 8]).unwrap(), 5);
        assert_eq!(asked(), 2);
    }

    #[test]
    fn memory_is_read_and_sought_within_its_size() {
        let data = b"0123456789";
        // SAFETY: the data lives as long.
        let mut memory = unsafe { Memory::new(data.as_ptr().cast(), data.len(), Arc::default()) };
        let mut buffer = [0; 4];
        assert_eq!(memory.read(&mut buffer).unwrap(), 4);
        assert_eq!(&buffer, b"0123");
        assert_eq!(memory.seek(SeekFrom::End(-2)).unwrap(), 8);
        assert_eq!(memory.read(&mut buffer).unwrap(), 2);
        assert_eq!(memory.read(&mut buffer).unwrap(), 0);
        assert_eq!(
            memory.seek(SeekFrom::Start(u64::MAX)).ok(),
            usize::try_from(u64::MAX).ok().map(|_| u64::MAX)
        );
        assert_eq!(memory.read(&mut buffer).unwrap(), 0);
        // SAFETY: of no size.
        let mut memory = unsafe { Memory::new(ptr::null(), 0, Arc::default()) };
        assert_eq!(memory.read(&mut buffer).unwrap(), 0);
    }
}
