//! Where some bytes stand in others.

/// Where `part` begins in `text`. What is looked for is short: a search for its first byte is as good as the cleverer ones,
/// which take 10 KB of code.
pub(crate) fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    let Some(&first) = part.first() else {
        return Some(0);
    };
    memchr::memchr_iter(first, text).find(|&at| text[at..].starts_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_counts() {
        assert_eq!(find(b"a -> b -> c", b" -> "), Some(1));
        assert_eq!(find(b"aab", b"ab"), Some(1));
        assert_eq!(find(b"aa", b"ab"), None);
        assert_eq!(find(b"a", b"ab"), None);
        assert_eq!(find(b"", b"a"), None);
        assert_eq!(find(b"a", b""), Some(0));
    }
}
