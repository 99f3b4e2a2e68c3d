//! What a demonstration says when it serves: where, as whom, and what to try.

use crate::{authz::token::DemoClaims, clock::Clock};
use std::{fmt::Write, net::SocketAddr};

/// Those who are given a token: department, role, region, institution, user.
const ACTORS: [(&str, &str, &str, Option<&str>, &str); 7] = [
    ("CIVIL", "CLERK", "150921", None, "clerk"),
    ("MEDINS", "CLERK", "150921", None, "clerk"),
    ("EDU", "CLERK", "150921", None, "clerk"),
    ("HOUSING", "CLERK", "150921", None, "clerk"),
    ("FINANCE", "CLERK", "150921", None, "clerk"),
    ("POVERTY", "READER", "150921", None, "reader"),
    ("HELPER", "HELPER", "150921", None, "helper-1"),
];

/// How long the printed tokens live.
const LIFE_SECONDS: i64 = 12 * 3600;

const QUERIES: [(&str, &str); 3] = [
    (
        "one family, as far as you may read it",
        "{ households(first: 1) { nodes { cardNumber headName size onDibao members { name birthDate } civilAffairs { dibao { class monthlyAmount } } housing { house { grade } } } } }",
    ),
    (
        "the county in figures",
        "{ region(code: \"150921\") { name totals { households persons incidencePercent byClass { class households } } } }",
    ),
    (
        "what you may read",
        "{ viewer { department permissions { type fields } } }",
    ),
];

/// The text, or nothing when a token could not be signed.
pub(super) fn welcome(address: SocketAddr, clock: &Clock) -> Option<String> {
    let mut text = format!(
        "\nYihu serves its demonstration.\n\n  explorer  http://{address}/\n  graph     http://{address}/graphql\n\n\
         Tokens, for 12 hours. The explorer asks for one; a shell takes a line as it is:\n\n"
    );
    for (department, role, region, org, subject) in ACTORS {
        let claims = DemoClaims {
            department: department.to_owned(),
            roles: vec![role.to_owned()],
            region: Some(region.to_owned()),
            org: org.map(ToOwned::to_owned),
            purpose: None,
            subject: subject.to_owned(),
            client: "demonstration".to_owned(),
            life_seconds: LIFE_SECONDS,
        };
        let token = claims.sign(clock.now_ms() / 1_000).ok()?;
        writeln!(text, "  {department}={token}").ok()?;
    }
    text.push_str("\nTry:\n");
    for (what, query) in QUERIES {
        writeln!(text, "\n  # {what}\n  {query}").ok()?;
    }
    let (_, query) = QUERIES[0];
    writeln!(
        text,
        "\n  # in a shell\n  curl -s http://{address}/graphql -H \"Authorization: Bearer $CIVIL\" \\\n    \
         -H 'Content-Type: application/json' -d '{{\"query\": \"{query}\"}}'"
    )
    .ok()?;
    Some(text)
}
