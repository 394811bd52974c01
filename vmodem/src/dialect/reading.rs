//! Settings by name: what a field of the dialect can be set to, and how that is written.

/// A type that a field of the dialect can have.
pub(super) trait Reading: Copy + PartialEq {
    /// Every value, or for a number those that are worth trying.
    fn samples() -> Vec<String>;
    /// How the values are described to whoever gave a wrong one.
    fn described() -> String {
        Self::samples().join(", ")
    }
    fn parse(text: &str) -> Option<Self>;
    fn written(self) -> String;
}

impl Reading for bool {
    fn samples() -> Vec<String> {
        vec!["true".into(), "false".into()]
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn written(self) -> String {
        self.to_string()
    }
}

/// A length in octets, or a time in seconds.
impl Reading for u32 {
    fn samples() -> Vec<String> {
        vec!["600".into()]
    }

    fn described() -> String {
        "a number from 0 to 4294967295".into()
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    }

    fn written(self) -> String {
        self.to_string()
    }
}

/// Makes enumerations whose values can be written: the text behind each is its name in a setting.
macro_rules! readings {
    ($($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $value:ident = $text:literal),+ $(,)? })+) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $name {
            $($(#[$note])* $value),+
        }

        impl $crate::dialect::reading::Reading for $name {
            fn samples() -> Vec<String> {
                vec![$($text.to_owned()),+]
            }

            fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$value),)+
                    _ => None,
                }
            }

            fn written(self) -> String {
                match self {
                    $(Self::$value => $text,)+
                }
                .to_owned()
            }
        }
    )+};
}

/// Makes the dialect: its fields with their defaults, and the table that sets and shows them by name.
macro_rules! dialect {
    ($(#[$about:meta])* $dialect:ident { $($(#[$note:meta])* $field:ident: $kind:ty = $default:expr,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $dialect {
            $($(#[$note])* pub $field: $kind,)+
        }

        impl Default for $dialect {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        const FIELDS: &[Field] = &[$(Field {
            name: stringify!($field),
            samples: <$kind as $crate::dialect::reading::Reading>::samples,
            described: <$kind as $crate::dialect::reading::Reading>::described,
            set: |dialect, text| {
                $crate::dialect::reading::Reading::parse(text)
                    .map(|value| dialect.$field = value)
                    .is_some()
            },
            written: |dialect| $crate::dialect::reading::Reading::written(dialect.$field),
        },)+];
    };
}

pub(super) use {dialect, readings};
