//! The bare client's codec: memchr finds what is special, and nothing is done for data that is dense with it.

use memchr::memchr2;

/// Appends `data`, stuffed.
pub(super) fn stuff(mut data: &[u8], out: &mut Vec<u8>) {
    while let Some(at) = memchr2(0x03, 0x10, data) {
        out.extend_from_slice(&data[..at]);
        out.extend_from_slice(&[0x10, data[at]]);
        data = &data[at + 1..];
    }
    out.extend_from_slice(data);
}

/// Appends what `data` stands for; tells how much of it was used, and whether the end mark was there.
pub(super) fn unstuff(escaped: &mut bool, data: &[u8], out: &mut Vec<u8>) -> (usize, bool) {
    let mut at = 0;
    if std::mem::take(escaped) && !data.is_empty() {
        out.push(data[0]);
        at = 1;
    }
    while let Some(gap) = memchr2(0x03, 0x10, &data[at..]) {
        out.extend_from_slice(&data[at..at + gap]);
        at += gap;
        if data[at] == 0x03 {
            return (at + 1, true);
        }
        match data.get(at + 1) {
            Some(&byte) => out.push(byte),
            None => {
                *escaped = true;
                return (data.len(), false);
            }
        }
        at += 2;
    }
    out.extend_from_slice(&data[at..]);
    (data.len(), false)
}
