//! Which media type a request has and which one its answer gets.

/// The media type of an answer of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`: every well-formed request gets 200.
    Json,
    /// `application/graphql-response+json`: the status says whether the request was refused.
    GraphqlResponse,
}

impl Media {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Media::Json => "application/json; charset=utf-8",
            Media::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// The best type of an `Accept` header; none where the client takes neither.
    pub(super) fn accepted(header: Option<&str>) -> Option<Media> {
        let Some(header) = header.filter(|header| !header.trim().is_empty()) else {
            return Some(Media::Json);
        };
        let mut best: Option<(f32, Media)> = None;
        for part in header.split(',').take(32) {
            let mut pieces = part.split(';').map(str::trim);
            let media = match pieces
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase()
                .as_str()
            {
                "application/graphql-response+json" => Media::GraphqlResponse,
                "application/json" | "application/*" | "*/*" => Media::Json,
                _ => continue,
            };
            let mut weight = 1.0;
            let mut utf8 = true;
            for piece in pieces {
                match piece.split_once('=') {
                    Some(("q", value)) => weight = value.parse().unwrap_or(0.0),
                    Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                        utf8 = is_utf8(value)
                    }
                    _ => {}
                }
            }
            if utf8 && weight > best.map_or(0.0, |(weight, _)| weight) {
                best = Some((weight, media));
            }
        }
        best.map(|(_, media)| media)
    }
}

fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

/// Whether a request body is JSON: no other type, so that no form of another site can send it without a preflight.
pub(super) fn is_json(content_type: Option<&str>) -> bool {
    let mut pieces = content_type.unwrap_or_default().split(';').map(str::trim);
    if !pieces
        .next()
        .unwrap_or_default()
        .eq_ignore_ascii_case("application/json")
    {
        return false;
    }
    pieces
        .filter(|piece| !piece.is_empty())
        .all(|piece| match piece.split_once('=') {
            Some((name, value)) => name.eq_ignore_ascii_case("charset") && is_utf8(value),
            None => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_by_weight() {
        let accepted = |header| Media::accepted(Some(header));
        assert_eq!(Media::accepted(None), Some(Media::Json));
        assert_eq!(accepted("*/*"), Some(Media::Json));
        assert_eq!(
            accepted("application/graphql-response+json, application/json;q=0.9"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(
            accepted("application/graphql-response+json;q=0.1, application/json"),
            Some(Media::Json)
        );
        assert_eq!(
            accepted("application/json; charset=utf-8"),
            Some(Media::Json)
        );
        assert_eq!(accepted("application/json; charset=gbk"), None);
        assert_eq!(accepted("text/html"), None);
        assert_eq!(accepted("application/json;q=0"), None);
    }

    #[test]
    fn bodies_are_json_only() {
        for good in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;",
        ] {
            assert!(is_json(Some(good)), "{good}");
        }
        for bad in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/graphql",
            "application/json; charset=gbk",
            "application/json; a",
            "",
            "application/jsonp",
        ] {
            assert!(!is_json(Some(bad)), "{bad}");
        }
        assert!(!is_json(None));
    }
}
