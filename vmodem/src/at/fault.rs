//! Why a command was refused, and how that is spelled.

use super::codes::{cme_text, cms_of, cms_text};
use crate::dialect::ErrorForm;

/// A refused command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not a command, or not in this form: plain ERROR at any level of reports.
    Syntax,
    /// A code of the manual's sections 2.1 and 2.3.
    Code(u16),
    /// A failure that was asked for: its code belongs to the form.
    Forced(u16, Option<ErrorForm>),
}

impl Fault {
    pub(crate) const NOT_ALLOWED: Self = Self::Code(3);
    pub(crate) const NO_SIM: Self = Self::Code(10);
    pub(crate) const TOO_LONG: Self = Self::Code(24);
    pub(crate) const INVALID_CHARACTERS: Self = Self::Code(25);
    pub(crate) const NO_SERVICE: Self = Self::Code(30);
    pub(crate) const PARAMETERS: Self = Self::Code(50);
    pub(crate) const FAILED: Self = Self::Code(100);
    pub(crate) const AUTHENTICATION: Self = Self::Code(149);
    pub(crate) const DETACHED: Self = Self::Code(2031);

    /// The result line under an `AT+CMEE` level.
    pub(crate) fn text(self, form: ErrorForm, level: u8) -> String {
        let (cme, cms, form) = match self {
            Self::Syntax => (100, cms_of(100), form),
            Self::Code(code) => (code, cms_of(code), form),
            Self::Forced(code, own) => (code, code, own.unwrap_or(form)),
        };
        let words = |prefix: &str, text: Option<&str>, code: u16| match text {
            Some(text) => format!("{prefix}: {text}"),
            None => format!("{prefix}: {code}"),
        };
        let cme_words = || words("+CME ERROR", cme_text(cme), cme);
        let cms_words = || words("+CMS ERROR", cms_text(cms), cms);
        match form {
            ErrorForm::Bare => "ERROR".into(),
            ErrorForm::Colon => "ERROR:".into(),
            ErrorForm::Numbered => format!("ERROR: {cme}"),
            ErrorForm::Cme => format!("+CME ERROR: {cme}"),
            ErrorForm::CmeText => cme_words(),
            ErrorForm::Cms if level == 2 => cms_words(),
            ErrorForm::Cms => format!("+CMS ERROR: {cms}"),
            ErrorForm::CmsText => cms_words(),
            ErrorForm::ByCmee => match (self, level) {
                (Self::Syntax, _) | (_, 0) => "ERROR".into(),
                (_, 1) => format!("+CME ERROR: {cme}"),
                _ => cme_words(),
            },
        }
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
    }

    #[test]
    fn each_form_has_its_spelling() {
        for (form, level, text) in [
            (ErrorForm::Bare, 2, "ERROR"),
            (ErrorForm::Colon, 1, "ERROR:"),
            (ErrorForm::Numbered, 0, "ERROR: 3"),
            (ErrorForm::Cme, 0, "+CME ERROR: 3"),
            (ErrorForm::CmeText, 0, "+CME ERROR: operation not allowed"),
            (ErrorForm::Cms, 0, "+CMS ERROR: 302"),
            (ErrorForm::Cms, 2, "+CMS ERROR: operation not allowed"),
            (ErrorForm::CmsText, 0, "+CMS ERROR: operation not allowed"),
        ] {
            assert_eq!(Fault::NOT_ALLOWED.text(form, level), text);
        }
    }

    #[test]
    fn a_forced_code_is_one_of_its_forms_family() {
        let forced = |code, form| Fault::Forced(code, Some(form)).text(ErrorForm::ByCmee, 2);
        assert_eq!(
            forced(10, ErrorForm::CmeText),
            "+CME ERROR: SIM not inserted"
        );
        assert_eq!(forced(10, ErrorForm::CmsText), "+CMS ERROR: Call barred");
        assert_eq!(forced(999, ErrorForm::CmsText), "+CMS ERROR: 999");
        assert_eq!(
            Fault::Forced(2033, None).text(ErrorForm::ByCmee, 2),
            "+CME ERROR: TCPIP not def4 "
        );
    }
}
