//! Requests that the edge refuses: a status, a stable code, a sentence in two languages.

use super::negotiation::Media;
use crate::{
    authz::token::TokenError,
    graphql::{
        language::Language,
        limits::{self, BadVariable},
        rewrite::{self, UNAVAILABLE},
    },
};
use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use serde_json::{Value, json};

/// A request that is not run.
#[derive(Clone, Debug)]
pub(super) struct Refusal(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    /// The status where the request itself is wrong; `None` where the request is well formed and only its document
    /// is refused, which `application/json` answers with 200.
    status: Option<StatusCode>,
    code: &'static str,
    chinese: String,
    english: String,
    extensions: Vec<(&'static str, Value)>,
    position: Option<(usize, usize)>,
    headers: Vec<(header::HeaderName, String)>,
}

impl Refusal {
    pub(super) fn of(status: StatusCode, code: &'static str, chinese: &str, english: &str) -> Self {
        let mut refusal = Refusal::of_document(code, chinese, english);
        refusal.0.status = Some(status);
        refusal
    }

    /// A well-formed request whose document, operation or variables are refused.
    pub(super) fn of_document(code: &'static str, chinese: &str, english: &str) -> Self {
        Refusal(Box::new(Parts {
            status: None,
            code,
            chinese: chinese.to_owned(),
            english: english.to_owned(),
            extensions: Vec::new(),
            position: None,
            headers: Vec::new(),
        }))
    }

    pub(super) fn code(&self) -> &'static str {
        self.0.code
    }

    pub(super) fn bad_request(chinese: &str, english: &str) -> Self {
        Refusal::of(StatusCode::BAD_REQUEST, "BAD_REQUEST", chinese, english)
    }

    /// The database can't be reached.
    pub(super) fn unavailable() -> Self {
        Refusal::of(
            StatusCode::SERVICE_UNAVAILABLE,
            UNAVAILABLE,
            rewrite::unavailable(Language::Chinese),
            rewrite::unavailable(Language::English),
        )
        .header(header::RETRY_AFTER, "1")
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.0.extensions.push((key, value.into()));
        self
    }

    pub(super) fn header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    pub(super) fn token(error: TokenError) -> Self {
        let refusal = match error {
            TokenError::DirectoryDown => Refusal::of(
                StatusCode::SERVICE_UNAVAILABLE,
                UNAVAILABLE,
                "用户表暂时无法读取，请稍后重试。",
                "The user table cannot be read at the moment; try again later.",
            )
            .header(header::RETRY_AFTER, "1"),
            TokenError::Missing => Refusal::of(
                StatusCode::UNAUTHORIZED,
                "UNAUTHENTICATED",
                "请在 Authorization 头中提供 Bearer 令牌。",
                "Send a bearer token in the Authorization header.",
            )
            .header(header::WWW_AUTHENTICATE, "Bearer realm=\"yihu\""),
            error => Refusal::of(
                StatusCode::UNAUTHORIZED,
                "UNAUTHENTICATED",
                "令牌无效，请重新登录。",
                "The token is not accepted; sign in again.",
            )
            .header(
                header::WWW_AUTHENTICATE,
                format!(
                    "Bearer realm=\"yihu\", error=\"invalid_token\", error_description=\"{}\"",
                    error.reason(),
                ),
            ),
        };
        let refusal = refusal.with("reason", error.reason());
        match error.claim() {
            Some(claim) => refusal.with("claim", claim),
            None => refusal,
        }
    }

    pub(super) fn limit(refusal: &limits::Refusal) -> Self {
        let mut of = Refusal::of_document(
            refusal.code(),
            &refusal.message(Language::Chinese),
            &refusal.message(Language::English),
        );
        if let limits::Refusal::Over { allowed, value, .. } = refusal {
            of = of.with("limit", *allowed).with("value", *value);
        }
        of.0.position = refusal.position().map(|at| (at.line, at.column));
        of
    }

    pub(super) fn variable(bad: &BadVariable) -> Self {
        let mut of = Refusal::of_document(
            "VARIABLES",
            &format!("变量 {} 不符合类型 {}。", bad.path, bad.expected),
            &format!(
                "The variable {} does not fit its type {}.",
                bad.path, bad.expected
            ),
        );
        of.0.position = Some((bad.position.line, bad.position.column));
        of
    }

    pub(super) fn status(&self, media: Media) -> StatusCode {
        self.0.status.unwrap_or(match media {
            Media::Json => StatusCode::OK,
            Media::GraphqlResponse => StatusCode::BAD_REQUEST,
        })
    }

    /// The refusal as an error of GraphQL.
    pub(super) fn error(&self, language: Language, request_id: &str) -> Value {
        let mut extensions = json!({ "code": self.0.code, "requestId": request_id });
        for (key, value) in &self.0.extensions {
            extensions[*key] = value.clone();
        }
        let mut error = json!({
            "message": language.pick(&self.0.chinese, &self.0.english),
            "extensions": extensions,
        });
        if let Some((line, column)) = self.0.position {
            error["locations"] = json!([{ "line": line, "column": column }]);
        }
        error
    }

    pub(super) fn answer(
        &self,
        media: Media,
        language: Language,
        request_id: &str,
        cost: Value,
    ) -> HttpResponse {
        let error = self.error(language, request_id);
        let mut answer = HttpResponseBuilder::new(self.status(media));
        answer.content_type(media.content_type());
        for (name, value) in &self.0.headers {
            answer.insert_header((name.clone(), value.as_str()));
        }
        answer.body(json!({ "errors": [error], "extensions": { "cost": cost } }).to_string())
    }
}
