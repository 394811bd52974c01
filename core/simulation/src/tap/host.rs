//! What comes to the modem: command lines and payload, with all that may go wrong with them.

use std::time::Duration;

use nlftp_vmodem::Modem;

use super::{Heard, Tap, Upload};
use crate::faults::Carries;
use crate::lines::{is_receive, plain};
use crate::scenario::{Fault, What, When};

impl Tap {
    /// Bytes of the host that have come to the modem; gives how many were taken.
    pub(crate) fn speak(&mut self, now: Duration, bytes: &[u8], modem: &mut Modem) -> Heard {
        let all = |used| Heard { used, met: false };
        if self.is_busy() {
            return all(0);
        }
        if !self.common.borrow().faults.any() && self.armed.is_empty() && self.typed.is_empty() {
            let used = modem.receive(now, bytes);
            self.follow(now, &bytes[..used]);
            return all(used);
        }
        // Up to what changes the meaning of the bytes behind it.
        let end = match self.upload {
            Upload::No => bytes
                .iter()
                .position(|&byte| byte == b'\r')
                .map_or(bytes.len(), |at| at + 1),
            Upload::Stuffed { escaped: false } if bytes[0] == 0x03 => 1,
            Upload::Stuffed { escaped } => {
                let plain = bytes
                    .iter()
                    .skip(usize::from(escaped))
                    .position(|&byte| byte == 0x03);
                plain.map_or(bytes.len(), |at| (at + usize::from(escaped)).max(1))
            }
            Upload::Counted(left) => left.clamp(1, bytes.len()),
        };
        let (bytes, payload) = (&bytes[..end], self.in_upload());
        let next = self.common.borrow_mut().faults.next(When::Tx, end as u64);
        let Some((at, fault)) = next else {
            let used = self.enter(now, bytes, modem);
            self.common
                .borrow_mut()
                .faults
                .uncount(When::Tx, (end - used) as u64);
            return all(used);
        };
        let at = at as usize;
        if at > 0 {
            let used = self.enter(now, &bytes[..at], modem);
            // The rest meets the fault when it comes again.
            self.common
                .borrow_mut()
                .faults
                .again(fault, (at - used) as u64);
            return all(used);
        }
        Heard {
            used: self.harm(now, fault, bytes, payload, modem),
            met: true,
        }
    }

    /// One fault at the first of these bytes.
    fn harm(
        &mut self,
        now: Duration,
        fault: Fault,
        bytes: &[u8],
        payload: bool,
        modem: &mut Modem,
    ) -> usize {
        let mut common = self.common.borrow_mut();
        common.trace.say(now, || format!("!!! {fault}"));
        let faults = &mut common.faults;
        let amount = (fault.amount as usize).clamp(1, bytes.len());
        if fault.what.is_of_bytes() {
            faults.altered(if payload {
                Carries::Payload
            } else {
                Carries::Lines
            });
        }
        match fault.what {
            What::Drop => {
                faults.count(When::Tx, amount as u64);
                amount
            }
            What::Double => {
                drop(common);
                self.enter(now, &bytes[..amount], modem);
                0
            }
            What::Flip => {
                faults.count(When::Tx, 1);
                drop(common);
                self.enter(now, &[bytes[0] ^ (1 << (fault.amount & 7))], modem);
                1
            }
            _ => {
                faults.pass_on(fault);
                0
            }
        }
    }

    /// Bytes that no fault of the line concerns.
    fn enter(&mut self, now: Duration, bytes: &[u8], modem: &mut Modem) -> usize {
        let begins = matches!(self.typed.first().or(bytes.first()), Some(b'A' | b'a'));
        let watched =
            self.common.borrow().faults.waits_for(When::Command) || !self.armed.is_empty();
        if self.upload != Upload::No || !begins || !watched && self.typed.is_empty() {
            let used = modem.receive(now, bytes);
            self.follow(now, &bytes[..used]);
            return used;
        }
        self.typed.extend_from_slice(bytes);
        if bytes.last() == Some(&b'\r') {
            let line = std::mem::take(&mut self.typed);
            let line = self.concern_command(now, line, modem);
            let mut rest = &line[..];
            while !rest.is_empty() {
                let used = modem.receive(now, rest);
                if used == 0 {
                    break;
                }
                rest = &rest[used..];
            }
            self.common.borrow_mut().trace.bytes(now, ">", &line);
        }
        bytes.len()
    }

    /// A whole command line, with all that may go wrong with it.
    fn concern_command(&mut self, now: Duration, mut line: Vec<u8>, modem: &mut Modem) -> Vec<u8> {
        let mut deaf = false;
        loop {
            let next = self.common.borrow_mut().faults.next(When::Command, 1);
            let Some((_, fault)) = next else { break };
            self.common.borrow_mut().trace.say(now, || {
                format!("!!! {fault} at {}", crate::case::shown(&line))
            });
            match fault.what {
                What::Fail => {
                    modem.fail_next(fault.amount as u16);
                    // A modem that is busy keeps the failure for the next command.
                    self.common.borrow_mut().faults.lied = true;
                }
                What::Deaf => deaf = true,
                What::Echo if line.starts_with(b"AT+") => {
                    let echo = if fault.amount > 0 { "ATE1" } else { "ATE0" };
                    line.splice(..2, echo.bytes());
                }
                What::Echo => {}
                What::Less | What::Empty => self.armed.push(fault),
                _ => self.common.borrow_mut().faults.pass_on(fault),
            }
        }
        let armed = self
            .armed
            .iter()
            .position(|fault| matches!(fault.what, What::Less | What::Empty));
        if let Some(place) = armed.filter(|_| is_receive(&line)) {
            let fault = self.armed.remove(place);
            let equals = line
                .iter()
                .position(|&byte| byte == b'=')
                .unwrap_or(line.len());
            if fault.what == What::Less {
                line.truncate(equals);
                line.extend_from_slice(format!("={}\r", fault.amount.clamp(1, 3000)).as_bytes());
            } else {
                // A cache that is said to be empty and is not: where no size is known, that is the end.
                self.common.borrow_mut().faults.altered(Carries::Lines);
                let name = String::from_utf8_lossy(&line[3..equals]).into_owned();
                self.made_up = format!("\r\n+{name}: 0\r\n\r\nOK\r\n").into_bytes();
                deaf = true;
            }
        }
        self.command = plain(&line);
        if deaf { Vec::new() } else { line }
    }

    /// What bytes that the modem has taken say about those behind them.
    fn follow(&mut self, now: Duration, bytes: &[u8]) {
        let mut common = self.common.borrow_mut();
        common.trace.bytes(
            now,
            if self.upload == Upload::No {
                ">"
            } else {
                "> data"
            },
            bytes,
        );
        for &byte in bytes {
            self.upload = match (self.upload, byte) {
                (Upload::Counted(0 | 1), _) => Upload::No,
                (Upload::Counted(left), _) => Upload::Counted(left - 1),
                (Upload::Stuffed { escaped: false }, 0x03) => Upload::No,
                (Upload::Stuffed { escaped }, byte) => Upload::Stuffed {
                    escaped: byte == 0x10 && !escaped,
                },
                (Upload::No, b'\r') => {
                    self.command = plain(&std::mem::take(&mut self.heard));
                    Upload::No
                }
                (Upload::No, byte) => {
                    if self.heard.len() < 512 {
                        self.heard.push(byte);
                    }
                    Upload::No
                }
            };
        }
    }
}
