//! The language of messages: codes never change, words follow `Accept-Language`.

/// The languages every message exists in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    Chinese,
    English,
}

impl Language {
    /// The first language of an `Accept-Language` header that we speak, by weight.
    #[must_use]
    pub fn accepted(header: Option<&str>, default: Language) -> Language {
        let mut best = (0.0_f32, default);
        for part in header.unwrap_or_default().split(',').take(16) {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
            let language = match tag.split('-').next().unwrap_or_default() {
                primary if primary.eq_ignore_ascii_case("zh") => Language::Chinese,
                primary if primary.eq_ignore_ascii_case("en") => Language::English,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The one of two texts that is in this language.
    #[must_use]
    pub fn pick<T>(self, chinese: T, english: T) -> T {
        match self {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, Chinese, English};

    #[test]
    fn weight_decides_and_unknown_languages_do_not() {
        assert_eq!(Language::accepted(None, Chinese), Chinese);
        assert_eq!(
            Language::accepted(Some("fr, en;q=0.5, zh;q=0.4"), Chinese),
            English
        );
        assert_eq!(
            Language::accepted(Some("en;q=0.5,zh-CN;q=0.9"), English),
            Chinese
        );
        assert_eq!(Language::accepted(Some("*;q=1, ,;;q=x"), English), English);
    }
}
