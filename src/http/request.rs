//! What a request says: its body within size and time, its parameters with their types.

use super::{negotiation, refusal::Refusal};
use crate::{
    config,
    graphql::{document::DocumentHash, trusted::parse_hash},
    identifiers::looks_sensitive,
};
use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
    web::{BytesMut, Payload},
};
use async_graphql::Variables;
use futures_util::StreamExt;
use serde_json::{Map, Value};
use std::time::Duration;

/// The parameters of a GraphQL request.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    pub(super) query: Option<String>,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Variables,
    pub(super) hash: Option<DocumentHash>,
}

impl Parameters {
    /// Reads the parameters of a POST.
    pub(super) async fn of_post(
        request: &HttpRequest,
        payload: &mut Payload,
        http: &config::Http,
    ) -> Result<Self, Refusal> {
        let header = |name| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        if !negotiation::is_json(header(header::CONTENT_TYPE)) {
            return Err(Refusal::of(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "MEDIA_TYPE",
                "请求体必须是 application/json。",
                "The body must be application/json.",
            ));
        }
        if header(header::CONTENT_ENCODING)
            .is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"))
        {
            return Err(Refusal::of(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "MEDIA_TYPE",
                "请求体不能压缩。",
                "The body must not be compressed.",
            ));
        }
        let declared = header(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if declared.is_some_and(|length| length > http.body_bytes as u64) {
            return Err(too_large(http.body_bytes));
        }
        let time = Duration::from_secs(http.body_seconds);
        let body = tokio::time::timeout(time, read_whole(payload, http.body_bytes))
            .await
            .map_err(|_| {
                Refusal::of(
                    StatusCode::REQUEST_TIMEOUT,
                    "BODY_TIMEOUT",
                    "请求体没有在规定时间内到达。",
                    "The body did not arrive in time.",
                )
                .with("limit", http.body_seconds)
                .header(header::CONNECTION, "close")
            })??;
        Parameters::of_json(&body)
    }

    fn of_json(body: &[u8]) -> Result<Self, Refusal> {
        let bad = |chinese, english| Err(Refusal::bad_request(chinese, english));
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(object)) => Parameters::of_object(object),
            Ok(Value::Array(_)) => Err(Refusal::of(
                StatusCode::BAD_REQUEST,
                "BATCH",
                "每次请求只能有一个操作，不接受数组。",
                "One operation a request; arrays are not accepted.",
            )),
            Ok(_) => bad(
                "请求体必须是 JSON 对象。",
                "The body must be a JSON object.",
            ),
            // The library's message would repeat the place, and with it the text.
            Err(_) => bad("请求体不是有效的 JSON。", "The body is not valid JSON."),
        }
    }

    /// Reads the parameters of a JSON object: of a body, or of a message.
    pub(super) fn of_object(mut object: Map<String, Value>) -> Result<Self, Refusal> {
        let query = text(&mut object, "query")?;
        let operation_name = text(&mut object, "operationName")?;
        let variables = map(&mut object, "variables")?;
        let extensions = map(&mut object, "extensions")?;
        let hash = extensions
            .as_ref()
            .map(persisted_hash)
            .transpose()?
            .flatten();
        if query.is_none() && hash.is_none() {
            return Err(Refusal::bad_request(
                "缺少参数 query。",
                "The parameter query is missing.",
            ));
        }
        Ok(Parameters {
            query,
            operation_name,
            variables: variables
                .map(|map| Variables::from_json(Value::Object(map)))
                .unwrap_or_default(),
            hash,
        })
    }

    /// Reads the parameters of a GET. Addresses are logged on their way here, so nothing that looks like a number of
    /// a person may be in one, wherever in it.
    pub(super) fn of_get(request: &HttpRequest) -> Result<Self, Refusal> {
        if request.headers().contains_key(header::COOKIE) {
            return Err(Refusal::of(
                StatusCode::BAD_REQUEST,
                "COOKIE",
                "GET 请求不能带 Cookie。",
                "A GET request must not carry cookies.",
            ));
        }
        if request.query_string().len() > 16 * 1024 {
            return Err(Refusal::of(
                StatusCode::URI_TOO_LONG,
                "ADDRESS_TOO_LONG",
                "地址太长，请使用 POST。",
                "The address is too long; use POST.",
            ));
        }
        let pairs =
            actix_web::web::Query::<Vec<(String, String)>>::from_query(request.query_string())
                .map_err(|_| {
                    Refusal::bad_request(
                        "地址中的参数无效。",
                        "The parameters of the address are not valid.",
                    )
                })?;
        let mut object = Map::new();
        for (name, value) in pairs.into_inner() {
            if !is_hash(&value) && looks_sensitive(&value) {
                return Err(Refusal::of(
                    StatusCode::BAD_REQUEST,
                    "SENSITIVE_ADDRESS",
                    "地址会被记录，不能含有身份证号、银行卡号或手机号，请使用 POST。",
                    "Addresses are logged; citizen, card and phone numbers must be sent by POST.",
                ));
            }
            let value = match name.as_str() {
                "query" | "operationName" => Value::String(value),
                "variables" | "extensions" if value.is_empty() => Value::Null,
                "variables" | "extensions" => serde_json::from_str(&value).map_err(|_| {
                    Refusal::bad_request(
                        "地址中的参数不是有效的 JSON。",
                        "A parameter of the address is not valid JSON.",
                    )
                })?,
                _ => continue,
            };
            // JSON may write a digit as \u0031, so the value is looked at once more after it is read.
            if name == "variables" && holds_sensitive(&value) {
                return Err(Refusal::of(
                    StatusCode::BAD_REQUEST,
                    "SENSITIVE_ADDRESS",
                    "地址会被记录，变量中不能含有身份证号、银行卡号或手机号，请使用 POST。",
                    "Addresses are logged; citizen, card and phone numbers must be sent by POST.",
                ));
            }
            if object.insert(name, value).is_some() {
                return Err(Refusal::bad_request(
                    "地址中的参数重复。",
                    "A parameter of the address is given twice.",
                ));
            }
        }
        Parameters::of_object(object)
    }
}

async fn read_whole(payload: &mut Payload, limit: usize) -> Result<BytesMut, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            Refusal::bad_request("请求体没有完整到达。", "The body did not arrive whole.")
        })?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Bytes of a refused body that are still taken off the connection, and the time for it.
const DISCARDED_BYTES: usize = 1 << 20;
const DISCARDED_TIME: Duration = Duration::from_secs(1);

/// Takes the rest of a refused body off the connection. Where bytes stay unread, closing resets the connection, and the
/// client may lose the answer that says why it was refused.
pub(super) async fn discard_rest(payload: &mut Payload) {
    let rest = async {
        let mut discarded = 0;
        while let Some(Ok(chunk)) = payload.next().await {
            discarded += chunk.len();
            if discarded > DISCARDED_BYTES {
                break;
            }
        }
    };
    // A client that is slower than this closes the connection itself, or is reset.
    let _ = tokio::time::timeout(DISCARDED_TIME, rest).await;
}

fn too_large(limit: usize) -> Refusal {
    Refusal::of(
        StatusCode::PAYLOAD_TOO_LARGE,
        "BODY_TOO_LARGE",
        "请求体太大；文件请使用文件接口。",
        "The body is too large; files have an endpoint of their own.",
    )
    .with("limit", limit)
    .header(header::CONNECTION, "close")
}

fn text(object: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::bad_request(
            &format!("参数 {name} 必须是字符串。"),
            &format!("The parameter {name} must be a string."),
        )),
    }
}

fn map(object: &mut Map<String, Value>, name: &str) -> Result<Option<Map<String, Value>>, Refusal> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(Refusal::bad_request(
            &format!("参数 {name} 必须是对象。"),
            &format!("The parameter {name} must be an object."),
        )),
    }
}

fn persisted_hash(extensions: &Map<String, Value>) -> Result<Option<DocumentHash>, Refusal> {
    let Some(persisted) = extensions.get("persistedQuery") else {
        return Ok(None);
    };
    let hash = persisted
        .get("sha256Hash")
        .and_then(Value::as_str)
        .and_then(parse_hash);
    match (persisted.get("version").and_then(Value::as_u64), hash) {
        (Some(1), Some(hash)) => Ok(Some(hash)),
        _ => Err(Refusal::bad_request(
            "extensions.persistedQuery 需要 version 1 和 sha256Hash。",
            "extensions.persistedQuery needs version 1 and sha256Hash.",
        )),
    }
}

fn is_hash(value: &str) -> bool {
    value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit())
}

fn holds_sensitive(value: &Value) -> bool {
    match value {
        Value::String(text) => looks_sensitive(text),
        Value::Number(number) => looks_sensitive(&number.to_string()),
        Value::Array(items) => items.iter().any(holds_sensitive),
        Value::Object(fields) => fields
            .iter()
            .any(|(key, value)| looks_sensitive(key) || holds_sensitive(value)),
        _ => false,
    }
}
