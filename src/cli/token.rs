//! `yihu token`: a bearer token of the demonstration, and nothing else on the output.

use super::complain;
use crate::{authz::token::DemoClaims, clock::Clock};
use clap::Args;
use std::process::ExitCode;

/// What the token says.
#[derive(Args)]
pub(super) struct Wanted {
    /// Department, for example CIVIL.
    #[arg(long)]
    department: String,
    /// Roles, for example CLERK; may be given more than once.
    #[arg(long, default_value = "READER")]
    role: Vec<String>,
    /// Region of 2, 4, 6, 9 or 12 digits, for example 150921.
    #[arg(long)]
    region: Option<String>,
    /// Institution code, for SCHOOL, BANK and INSURER.
    #[arg(long)]
    org: Option<String>,
    /// Registered purpose, for SERVICE.
    #[arg(long)]
    purpose: Option<String>,
    /// The user.
    #[arg(long, default_value = "demo")]
    subject: String,
    /// The client application.
    #[arg(long, default_value = "yihu-cli")]
    client: String,
    /// Seconds the token lives.
    #[arg(long, default_value_t = 12 * 3600)]
    life_seconds: i64,
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let claims = DemoClaims {
        department: wanted.department,
        roles: wanted.role,
        region: wanted.region,
        org: wanted.org,
        purpose: wanted.purpose,
        subject: wanted.subject,
        client: wanted.client,
        life_seconds: wanted.life_seconds,
    };
    match claims.sign(Clock::system().now_ms() / 1_000) {
        Ok(token) => {
            println!("{token}");
            ExitCode::SUCCESS
        }
        Err(error) => complain(&error),
    }
}
