//! How an option is declared: once, with its text and default, next to what it configures.

/// One option as `--help` prints it.
#[derive(Clone, Debug)]
pub struct OptionText {
    /// Path in the TOML file, for example `http.listen`.
    pub path: String,
    pub text: &'static str,
    /// The default as TOML; none where there is no default.
    pub default: Option<String>,
    /// Whether a value from the environment is taken as it is, instead of being read as TOML.
    pub(crate) is_text: bool,
}

impl OptionText {
    /// The option of a declaration, for the macro [`section`].
    pub(crate) fn of(
        section: &str,
        field: &str,
        text: &'static str,
        default: &str,
        kind: &str,
    ) -> Self {
        let words = [
            "String",
            "PathBuf",
            "SocketAddr",
            "Language",
            "Format",
            "DocumentRule",
            "Introspection",
            "SuiteName",
        ];
        let default = match default.split_once("::") {
            None if default == "None" => None,
            None => Some(default.replace(".to_owned()", "")),
            Some((_, variant)) if variant.contains('(') => None,
            Some((_, variant)) => Some(format!("\"{}\"", variant.to_ascii_lowercase())),
        };
        OptionText {
            path: if section.is_empty() {
                field.to_owned()
            } else {
                format!("{section}.{field}")
            },
            text,
            default,
            is_text: !kind.contains("Vec") && words.iter().any(|word| kind.contains(word)),
        }
    }

    /// The environment variable of this option.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("YIHU_{}", self.path.replace('.', "_").to_ascii_uppercase())
    }
}

/// Declares a section: a struct with defaults, and the text of its options.
macro_rules! section {
    ($(#[doc = $about:literal])* $name:ident { $( $(#[doc = $text:literal])+ $field:ident: $type:ty = $default:expr; )+ }) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $( $(#[doc = $text])+ pub $field: $type, )+ }

        impl Default for $name {
            fn default() -> Self {
                $name { $( $field: $default, )+ }
            }
        }

        impl $name {
            pub(crate) fn options(section: &str, into: &mut Vec<$crate::options::OptionText>) {
                $( into.push($crate::options::OptionText::of(
                    section,
                    stringify!($field),
                    concat!($($text),+).trim(),
                    stringify!($default),
                    stringify!($type),
                )); )+
            }
        }
    };
}

/// An option whose value cannot be used. The value is not repeated: it may be a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct BadOption {
    pub path: String,
    pub problem: String,
}

impl BadOption {
    #[must_use]
    pub fn of(path: &str, problem: &str) -> Self {
        BadOption {
            path: path.to_owned(),
            problem: problem.to_owned(),
        }
    }
}

pub(crate) use section;
