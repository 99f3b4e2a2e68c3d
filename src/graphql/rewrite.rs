//! Errors as they leave: with a code, in the client's language, without a word of the document or its values.
//!
//! Errors with `extensions.code` are ours and already fit to be read. The rest comes from the library, whose messages
//! repeat names and values of the document: they are replaced by our own text, and only names that the schema declares
//! are kept.

use super::{language::Language, plan::Refusal, shape::SchemaShape};
use async_graphql::{Response, ServerError, Value};

/// The code of a fault of ours.
pub const INTERNAL: &str = "INTERNAL";
/// The code of a database that can't be reached.
pub const UNAVAILABLE: &str = "UNAVAILABLE";

/// One rule of validation: how the library's message starts, and our text.
struct Rule {
    start: &'static str,
    chinese: &'static str,
    english: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        start: "Unknown field",
        chinese: "此类型没有这个字段",
        english: "The type has no such field",
    },
    Rule {
        start: "Unknown argument",
        chinese: "没有这个参数",
        english: "There is no such argument",
    },
    Rule {
        start: "Unknown type",
        chinese: "没有这个类型",
        english: "There is no such type",
    },
    Rule {
        start: "Unknown fragment",
        chinese: "没有这个片段",
        english: "There is no such fragment",
    },
    Rule {
        start: "Unknown directive",
        chinese: "没有这个指令",
        english: "There is no such directive",
    },
    Rule {
        start: "Unknown operation",
        chinese: "没有这个名称的操作",
        english: "There is no operation of this name",
    },
    Rule {
        start: "Invalid value for argument",
        chinese: MISFIT_CHINESE,
        english: MISFIT_ENGLISH,
    },
    Rule {
        start: "Invalid default value",
        chinese: "默认值不符合类型",
        english: "The default value does not fit its type",
    },
    Rule {
        start: "Duplicate directive",
        chinese: "指令重复",
        english: "The directive is given twice",
    },
    Rule {
        start: "Directive",
        chinese: "指令用在不允许的位置或缺少参数",
        english: "The directive is misplaced or lacks an argument",
    },
    Rule {
        start: "Fragment cannot",
        chinese: "片段的类型在这里不可能",
        english: "The fragment's type is impossible here",
    },
    Rule {
        start: "Fragment",
        chinese: "片段没有使用，或它的类型在这里不可能",
        english: "The fragment is unused, or its type is impossible here",
    },
    Rule {
        start: "Cannot spread fragment",
        chinese: "片段不能包含自身",
        english: "A fragment must not contain itself",
    },
    Rule {
        start: "Fields",
        chinese: "同名字段冲突，请使用别名",
        english: "Fields of one name conflict; use aliases",
    },
    Rule {
        start: "Field",
        chinese: "字段缺少必填参数或子字段，或不应有子字段",
        english: "The field lacks a required argument or subfields, or must have none",
    },
    Rule {
        start: "There can only be one",
        chinese: "名称重复",
        english: "The name is given twice",
    },
    Rule {
        start: "Variable",
        chinese: "变量没有定义、没有使用或类型不符",
        english: "The variable is undefined, unused or of another type",
    },
    Rule {
        start: "Subscriptions are not",
        chinese: "此端点不支持订阅",
        english: "This endpoint has no subscriptions",
    },
    Rule {
        start: "Schema is not configured for",
        chinese: "没有这类操作",
        english: "There are no operations of this kind",
    },
];

/// Errors of arguments found while resolving.
const ARGUMENT_STARTS: &[&str] = &[
    "Expected input type",
    "Failed to parse",
    "Invalid value",
    "Unknown argument",
];

/// How the values of our scalars look, for who wrote another one.
const FORMS: &[(&str, &str, &str)] = &[
    (
        "RegionCode",
        "行政区划代码为 2、4、6、9 或 12 位数字，例如 \"150921\"",
        "a region code has 2, 4, 6, 9 or 12 digits, such as \"150921\"",
    ),
    (
        "Date",
        "日期为 1900-01-01 至 2199-12-31，例如 \"2018-03-01\"",
        "a day is from 1900-01-01 to 2199-12-31, such as \"2018-03-01\"",
    ),
    (
        "Yuan",
        "金额为元，最多两位小数，例如 \"1234.50\"",
        "an amount is in yuan with at most two places, such as \"1234.50\"",
    ),
    (
        "SquareMetres",
        "面积为平方米，最多两位小数，例如 \"62.50\"",
        "an area is in square metres with at most two places, such as \"62.50\"",
    ),
];

const MISFIT_CHINESE: &str = "参数的值不符合类型";
const MISFIT_ENGLISH: &str = "The value of the argument does not fit its type";

/// The form of the scalar that a message of the library names, if it names one of ours.
fn form(message: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    FORMS
        .iter()
        .find(|(scalar, ..)| message.contains(&format!("\"{scalar}\"")))
}

/// What a resolver's error says of an argument that does not fit its type; nothing, when it is about something else.
#[must_use]
pub fn misfit(error: &ServerError) -> Option<Refusal> {
    let is_misfit = ARGUMENT_STARTS
        .iter()
        .any(|start| error.message.starts_with(start));
    if has_code(error) || !is_misfit {
        return None;
    }
    Some(match form(&error.message) {
        None => Refusal::new(
            "ARGUMENT",
            format!("{MISFIT_CHINESE}。"),
            format!("{MISFIT_ENGLISH}."),
        ),
        Some((scalar, chinese, english)) => Refusal::new(
            "ARGUMENT",
            format!("{MISFIT_CHINESE}（{scalar}）：{chinese}。"),
            format!("{MISFIT_ENGLISH} ({scalar}): {english}."),
        ),
    })
}

/// Rewrites every error of a response. Returns how many were faults: resolver errors without a code.
pub fn rewrite(
    response: &mut Response,
    shape: &SchemaShape,
    language: Language,
    request_id: &str,
) -> usize {
    let mut faults = 0;
    for error in &mut response.errors {
        if has_code(error) {
            continue;
        }
        let resolved = !error.path.is_empty();
        let argument = ARGUMENT_STARTS
            .iter()
            .any(|start| error.message.starts_with(start));
        let (code, message) = match (resolved, argument) {
            (true, false) => {
                faults += 1;
                set(error, "requestId", request_id);
                (INTERNAL, internal(language).to_owned())
            }
            (true, true) => (
                "ARGUMENT",
                with_names(
                    &error.message,
                    MISFIT_CHINESE,
                    MISFIT_ENGLISH,
                    shape,
                    language,
                ),
            ),
            (false, _) => ("VALIDATION", validation(&error.message, shape, language)),
        };
        error.message = message;
        error.source = None;
        set(error, "code", code);
    }
    faults
}

/// Says of every fault of a request whose database could not be reached that this was it.
pub fn blame_database(response: &mut Response, language: Language) {
    for error in &mut response.errors {
        let is_fault = match code_of(error) {
            Some(code) => code == INTERNAL,
            None => !error.path.is_empty() && misfit(error).is_none(),
        };
        if is_fault {
            error.message = unavailable(language).to_owned();
            error.source = None;
            set(error, "code", UNAVAILABLE);
        }
    }
}

/// The code of an error, where it has one of ours.
#[must_use]
pub fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// The text of a database that can't be reached.
#[must_use]
pub fn unavailable(language: Language) -> &'static str {
    language.pick(
        "数据库暂时无法访问，请稍后重试；办理类请求请用同一请求编号重试。",
        "The database can't be reached. Try again in a moment; a mutation with the same requestId.",
    )
}

/// The text of a fault.
#[must_use]
pub fn internal(language: Language) -> &'static str {
    language.pick(
        "系统内部错误，请把 requestId 告诉管理员。",
        "Internal error; tell the operator the requestId.",
    )
}

fn has_code(error: &ServerError) -> bool {
    error
        .extensions
        .as_ref()
        .is_some_and(|extensions| extensions.get("code").is_some())
}

fn set(error: &mut ServerError, key: &str, value: &str) {
    error
        .extensions
        .get_or_insert_with(Default::default)
        .set(key, Value::from(value));
}

fn validation(message: &str, shape: &SchemaShape, language: Language) -> String {
    match RULES.iter().find(|rule| message.starts_with(rule.start)) {
        Some(rule) => with_names(message, rule.chinese, rule.english, shape, language),
        None => language
            .pick("文档不符合架构。", "The document does not fit the schema.")
            .to_owned(),
    }
}

/// Our text, followed by those quoted words of the library's message that the schema itself declares.
fn with_names(
    message: &str,
    chinese: &str,
    english: &str,
    shape: &SchemaShape,
    language: Language,
) -> String {
    let text = language.pick(chinese, english);
    let names: Vec<&str> = message
        .split('"')
        .skip(1)
        .step_by(2)
        .map(|word| word.trim_matches(|c| matches!(c, '[' | ']' | '!' | '@')))
        .filter(|word| shape.declares(word))
        .take(4)
        .collect();
    let named = match (names.is_empty(), language) {
        (true, _) => text.to_owned(),
        (false, Language::Chinese) => format!("{text}（{}）", names.join("、")),
        (false, Language::English) => format!("{text} ({})", names.join(", ")),
    };
    match (form(message), language) {
        (None, Language::Chinese) => format!("{named}。"),
        (None, Language::English) => format!("{named}."),
        (Some((_, form, _)), Language::Chinese) => format!("{named}：{form}。"),
        (Some((.., form)), Language::English) => format!("{named}: {form}."),
    }
}
