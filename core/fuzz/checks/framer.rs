//! The framer, cut anywhere, against one that takes single bytes.
//!
//! The input is what a modem sends. Lines in it say what follows them: `C7` seven counted bytes, `S` stuffed data, `P`
//! a prompt that is expected.

use super::input::Cuts;
use crate::protocol::framer::{Framer, MAX_LINE, Token};
use crate::protocol::stuffing::{DLE, ETX};

/// What a framer made of its input.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    events: Vec<Event>,
    payload: Vec<u8>,
    inside_line: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Event {
    Line { text: Vec<u8>, blanks: usize },
    Prompt,
    PayloadEnd { at: usize, stray_escapes: u64 },
}

/// What a line says about the bytes behind it.
enum Behind {
    Lines,
    Counted(usize),
    Stuffed,
    Prompt,
}

pub fn check(data: &[u8]) {
    let (seed, input) = data.split_first().unwrap_or((&0, data));
    let expected = naively(input);
    for cuts in [Cuts::Never, Cuts::EveryByte, Cuts::Seeded(*seed)] {
        assert_eq!(framed(input, cuts), expected, "{cuts:?}");
    }
}

fn behind(line: &[u8]) -> Behind {
    match line {
        [b'C', digits @ ..] if !digits.is_empty() && digits.len() < 5 => {
            let digits = String::from_utf8_lossy(digits);
            match digits.parse() {
                Ok(count @ 1..) => Behind::Counted(count),
                _ => Behind::Lines,
            }
        }
        b"S" => Behind::Stuffed,
        b"P" => Behind::Prompt,
        _ => Behind::Lines,
    }
}

fn framed(input: &[u8], cuts: Cuts) -> Seen {
    let mut framer = Framer::new();
    let mut seen = Seen::default();
    for mut piece in cuts.pieces(input) {
        while !piece.is_empty() {
            let (used, token) = framer.next(piece, &mut seen.payload);
            assert!(used > 0, "no progress");
            piece = &piece[used..];
            assert!(framer.line().len() <= MAX_LINE);
            match token {
                Some(Token::Line) => {
                    match behind(framer.line()) {
                        Behind::Lines => {}
                        Behind::Counted(count) => framer.start_counted(count),
                        Behind::Stuffed => framer.start_stuffed(),
                        Behind::Prompt => framer.expect_prompt(true),
                    }
                    seen.events.push(Event::Line {
                        text: framer.line().to_vec(),
                        blanks: framer.blanks(),
                    });
                }
                Some(Token::Prompt) => seen.events.push(Event::Prompt),
                Some(Token::PayloadEnd) => {
                    let event = Event::PayloadEnd {
                        at: seen.payload.len(),
                        stray_escapes: framer.take_stray_escapes(),
                    };
                    seen.events.push(event);
                }
                None => {}
            }
        }
    }
    seen.inside_line = framer.is_inside_line();
    seen
}

enum Mode {
    Lines,
    Counted(usize),
    Stuffed { escaped: bool, stray_escapes: u64 },
}

fn naively(input: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let (mut mode, mut line, mut blanks) = (Mode::Lines, Vec::new(), 0);
    let (mut after_cr, mut prompt) = (false, false);
    for &byte in input {
        if std::mem::take(&mut after_cr) && byte == b'\n' {
            continue;
        }
        let end = |seen: &mut Seen, stray_escapes| {
            seen.events.push(Event::PayloadEnd {
                at: seen.payload.len(),
                stray_escapes,
            });
            Mode::Lines
        };
        match &mut mode {
            Mode::Counted(left) => {
                seen.payload.push(byte);
                *left -= 1;
                if *left == 0 {
                    mode = end(&mut seen, 0);
                }
            }
            Mode::Stuffed {
                escaped,
                stray_escapes,
            } => {
                if std::mem::take(escaped) {
                    if byte != DLE && byte != ETX {
                        *stray_escapes += 1;
                        seen.payload.push(DLE);
                    }
                    seen.payload.push(byte);
                } else if byte == DLE {
                    *escaped = true;
                } else if byte == ETX {
                    let stray_escapes = *stray_escapes;
                    mode = end(&mut seen, stray_escapes);
                } else {
                    seen.payload.push(byte);
                }
            }
            Mode::Lines => match byte {
                b'\r' | b'\n' if line.is_empty() => blanks += 1,
                b'\r' | b'\n' => {
                    after_cr = byte == b'\r';
                    match behind(&line) {
                        Behind::Lines => {}
                        Behind::Counted(count) => mode = Mode::Counted(count),
                        Behind::Stuffed => {
                            mode = Mode::Stuffed {
                                escaped: false,
                                stray_escapes: 0,
                            }
                        }
                        Behind::Prompt => prompt = true,
                    }
                    seen.events.push(Event::Line {
                        text: std::mem::take(&mut line),
                        blanks: std::mem::take(&mut blanks),
                    });
                }
                b'>' if prompt && line.is_empty() => {
                    (prompt, blanks) = (false, 0);
                    seen.events.push(Event::Prompt);
                }
                _ if line.len() < MAX_LINE => line.push(byte),
                _ => {}
            },
        }
    }
    seen.inside_line = !line.is_empty();
    seen
}
