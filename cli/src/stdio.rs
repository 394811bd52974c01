//! Standard input, standard output, pipes and devices as ends of a transfer that Ctrl-C can leave.
//!
//! A read from a terminal or a write into a full pipe can last for ever, and the signal does not
//! end it. So a thread does that, and whoever waits for the transfer waits for the thread or for
//! the user, whichever comes first. A thread left in such a call ends with the program.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, select};

use crate::signals::Interrupt;

const CHUNK: usize = 64 * 1024;
/// Chunks between the two threads: enough that neither waits for the other's every step.
const AHEAD: usize = 4;

/// The file behind standard input, without the buffer of the standard library's handle.
pub(crate) fn standard_input() -> io::Result<File> {
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

/// The file behind standard output, likewise.
pub(crate) fn standard_output() -> io::Result<File> {
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

/// Something that is read until its end, or until the user interrupts.
pub(crate) struct Inlet {
    chunks: Receiver<io::Result<Vec<u8>>>,
    interrupt: Interrupt,
    chunk: Vec<u8>,
    used: usize,
}

impl Inlet {
    pub(crate) fn new(
        mut file: impl Read + Send + 'static,
        interrupt: Interrupt,
    ) -> io::Result<Inlet> {
        let (sender, chunks) = bounded(AHEAD);
        thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || {
                loop {
                    let mut chunk = vec![0; CHUNK];
                    let read = match file.read(&mut chunk) {
                        Ok(0) => return,
                        Ok(count) => {
                            chunk.truncate(count);
                            Ok(chunk)
                        }
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                        Err(error) => Err(error),
                    };
                    let last = read.is_err();
                    if sender.send(read).is_err() || last {
                        return;
                    }
                }
            })?;
        Ok(Inlet {
            chunks,
            interrupt,
            chunk: Vec::new(),
            used: 0,
        })
    }
}

impl Read for Inlet {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used == self.chunk.len() {
            self.used = 0;
            self.chunk.clear();
            self.chunk = select! {
                recv(self.chunks) -> chunk => match chunk {
                    Ok(chunk) => chunk?,
                    Err(_) => return Ok(0),
                },
                recv(self.interrupt) -> _ => return Err(interrupted()),
            };
        }
        let count = buffer.len().min(self.chunk.len() - self.used);
        buffer[..count].copy_from_slice(&self.chunk[self.used..self.used + count]);
        self.used += count;
        Ok(count)
    }
}

/// Something that is written to until the user interrupts.
pub(crate) struct Outlet {
    chunks: Option<Sender<Vec<u8>>>,
    /// The writing thread's last word.
    end: Receiver<io::Result<()>>,
    interrupt: Interrupt,
    closed: bool,
}

impl Outlet {
    pub(crate) fn new(
        mut file: impl Write + Send + 'static,
        interrupt: Interrupt,
    ) -> io::Result<Outlet> {
        let (sender, chunks) = bounded::<Vec<u8>>(AHEAD);
        let (done, end) = bounded(1);
        thread::Builder::new()
            .name("output".to_owned())
            .spawn(move || {
                let written = chunks.iter().try_for_each(|chunk| file.write_all(&chunk));
                // Before the word is out, no chunk may be taken any more.
                drop(chunks);
                let _ = done.send(written.and_then(|()| file.flush()));
            })?;
        Ok(Outlet {
            chunks: Some(sender),
            end,
            interrupt,
            closed: false,
        })
    }

    /// Whether the reader at the other end went away.
    pub(crate) fn closed(&self) -> bool {
        self.closed
    }

    /// Waits until everything is written.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.chunks = None;
        self.last_word()
    }

    fn last_word(&mut self) -> io::Result<()> {
        let word = select! {
            recv(self.end) -> word => word.unwrap_or_else(|_| Err(io::Error::other("already closed"))),
            recv(self.interrupt) -> _ => Err(interrupted()),
        };
        if let Err(error) = &word {
            self.closed |= error.kind() == io::ErrorKind::BrokenPipe;
        }
        word
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(CHUNK);
        let Some(chunks) = &self.chunks else {
            return Err(io::Error::other("already closed"));
        };
        let sent = select! {
            send(chunks, bytes[..count].to_vec()) -> sent => sent.is_ok(),
            recv(self.interrupt) -> _ => return Err(interrupted()),
        };
        if sent {
            return Ok(count);
        }
        self.chunks = None;
        self.last_word()?;
        Err(io::Error::from(io::ErrorKind::WriteZero))
    }

    /// Chunks are on their way as soon as they are here; [`finish`](Outlet::finish) waits for them.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Not `ErrorKind::Interrupted`, which asks for another try.
fn interrupted() -> io::Error {
    io::Error::other("interrupted")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// A file in memory that two threads share, and that may fail.
    struct Memory(
        std::sync::Arc<std::sync::Mutex<Vec<u8>>>,
        Option<io::ErrorKind>,
    );

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.1 {
                Some(kind) => Err(kind.into()),
                None => self.0.lock().unwrap().write(bytes),
            }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn never() -> (Sender<Infallible>, Interrupt) {
        bounded(0)
    }

    #[test]
    fn what_goes_in_comes_out() {
        let (_alive, interrupt) = never();
        let data: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let mut inlet = Inlet::new(io::Cursor::new(data.clone()), interrupt.clone()).unwrap();
        let shared = std::sync::Arc::default();
        let mut outlet =
            Outlet::new(Memory(std::sync::Arc::clone(&shared), None), interrupt).unwrap();
        io::copy(&mut inlet, &mut outlet).unwrap();
        outlet.finish().unwrap();
        assert_eq!(*shared.lock().unwrap(), data);
    }

    #[test]
    fn a_reader_that_left_is_noticed() {
        let (_alive, interrupt) = never();
        let full = Memory(std::sync::Arc::default(), Some(io::ErrorKind::BrokenPipe));
        let mut outlet = Outlet::new(full, interrupt).unwrap();
        // How many writes are taken before the error comes back is a matter of the threads.
        while outlet.write(b"x").is_ok() {}
        assert!(outlet.closed());
    }

    #[test]
    fn an_error_that_comes_last_is_not_lost() {
        let (_alive, interrupt) = never();
        let full = Memory(std::sync::Arc::default(), Some(io::ErrorKind::StorageFull));
        let mut outlet = Outlet::new(full, interrupt).unwrap();
        outlet.write_all(b"x").unwrap();
        assert_eq!(
            outlet.finish().unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
        assert!(!outlet.closed());
    }

    #[test]
    fn the_user_ends_a_read_and_a_write_that_never_return() {
        struct Stuck(Receiver<Infallible>);
        impl Read for Stuck {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                let _ = self.0.recv();
                Ok(0)
            }
        }
        impl Write for Stuck {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                let _ = self.0.recv();
                Ok(0)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (_held, stuck) = never();
        let (user, interrupt) = never();
        let mut inlet = Inlet::new(Stuck(stuck.clone()), interrupt.clone()).unwrap();
        let mut outlet = Outlet::new(Stuck(stuck), interrupt).unwrap();
        outlet.write_all(b"x").unwrap();
        drop(user);
        assert_eq!(
            inlet.read(&mut [0; 8]).unwrap_err().to_string(),
            "interrupted"
        );
        assert_eq!(outlet.finish().unwrap_err().to_string(), "interrupted");
    }
}
