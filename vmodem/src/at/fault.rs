//! Why a command was refused, and how that is spelled.

use crate::dialect::ErrorForm;

/// A refused command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not a command, or not in this form: plain ERROR at any level of reports.
    Syntax,
    /// A code of the manual's section 2.
    Code(u16),
}

impl Fault {
    pub(crate) const NOT_ALLOWED: Self = Self::Code(3);
    pub(crate) const NO_SIM: Self = Self::Code(10);
    pub(crate) const TOO_LONG: Self = Self::Code(24);
    pub(crate) const NO_SERVICE: Self = Self::Code(30);
    pub(crate) const PARAMETERS: Self = Self::Code(50);
    pub(crate) const FAILED: Self = Self::Code(100);
    pub(crate) const DETACHED: Self = Self::Code(2031);

    /// The result line under an `AT+CMEE` level.
    pub(crate) fn text(self, form: ErrorForm, level: u8) -> String {
        let code = match self {
            Self::Syntax => 100,
            Self::Code(code) => code,
        };
        match form {
            ErrorForm::Bare => "ERROR".into(),
            ErrorForm::Colon => "ERROR:".into(),
            ErrorForm::Numbered => format!("ERROR: {code}"),
            ErrorForm::Cms => format!("+CMS ERROR: {code}"),
            ErrorForm::ByCmee => match (self, level) {
                (Self::Syntax, _) | (_, 0) => "ERROR".into(),
                (_, 1) => format!("+CME ERROR: {code}"),
                _ => format!("+CME ERROR: {}", meaning(code)),
            },
        }
    }
}

fn meaning(code: u16) -> &'static str {
    match code {
        3 => "operation not allowed",
        10 => "SIM not inserted",
        24 => "text string too long",
        30 => "no network service",
        50 => "Incorrect parameters",
        2031 => "TCPIP mipcall not active",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_of_reports_has_its_form() {
        let by = |level| Fault::DETACHED.text(ErrorForm::ByCmee, level);
        assert_eq!(by(0), "ERROR");
        assert_eq!(by(1), "+CME ERROR: 2031");
        assert_eq!(by(2), "+CME ERROR: TCPIP mipcall not active");
        assert_eq!(Fault::Syntax.text(ErrorForm::ByCmee, 2), "ERROR");
        assert_eq!(Fault::NOT_ALLOWED.text(ErrorForm::Numbered, 0), "ERROR: 3");
        assert_eq!(Fault::NOT_ALLOWED.text(ErrorForm::Colon, 1), "ERROR:");
    }
}
