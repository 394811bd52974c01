//! What firmware may spell or order differently, where nothing safe can find it out.

/// Settings for firmware that departs from the manual's syntax. The default is the syntax.
///
/// Spellings that can be told apart by reading (spaces, orders, outcome before or after `OK`) need no
/// setting: the driver takes each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Dialect {
    /// Where FTPOPEN carries the TLS flag.
    pub tls_field: TlsField,
    /// Where FTPOPEN carries the server's port when TLS is off.
    pub port_field: PortField,
}

/// The position of FTPOPEN's TLS flag. The wrong one can send a password in clear text, so that it is
/// never tried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsField {
    /// Eighth, as in the syntax of manual 1.2.1.
    #[default]
    Eighth,
    /// Seventh, with the server's port fifth, as the example of manual 3.1 reads by itself.
    Seventh,
}

/// The position of the server's port in FTPOPEN without TLS; it matters for servers at another port than 21. The wrong
/// one opens a connection to another server, so that it is never tried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PortField {
    /// Sixth, behind the module's own control port, as in the syntax of manual 1.2.1.
    #[default]
    Sixth,
    /// Fifth, behind the account, as the example of manual 3.1 reads by itself: `,,2121,,0`.
    Fifth,
}

/// The spellings of FTPRECV that the manual prints (1.2.19, 3.8), the likeliest first.
pub(crate) const RECV_SPELLINGS: [&str; 3] = ["FTPRECV", "FTP_RECV", "FTPGETR"];

/// Whether an answer that begins with `+given:` belongs to the command `name`.
pub(crate) fn answers(name: &str, given: &[u8]) -> bool {
    let same = |spelling: &str| given.eq_ignore_ascii_case(spelling.as_bytes());
    if same(name) {
        return true;
    }
    match name {
        // Manual 3.7 prints FTPRETR as FTPGETR.
        "FTPRETR" => same("FTPGETR"),
        _ if RECV_SPELLINGS.contains(&name) => RECV_SPELLINGS.iter().any(|spelling| same(spelling)),
        _ => false,
    }
}
