//! The cipher suite of a run: `YIHU_TEST_SUITE=chinese` seals everything with SM4 and SM3, anything else with the
//! international one.

use std::env;
use yihu::vault::{KeyRing, SuiteName, Vault};

const VARIABLE: &str = "YIHU_TEST_SUITE";

/// The suite that this run seals with.
pub(crate) fn suite() -> SuiteName {
    match env::var(VARIABLE).as_deref() {
        Ok("chinese") => SuiteName::Chinese,
        Ok("international") | Err(_) => SuiteName::International,
        Ok(other) => panic!("{VARIABLE} is \"chinese\" or \"international\", not {other:?}"),
    }
}

/// The one that it does not seal with, for tests that change it.
pub(crate) fn other_suite() -> SuiteName {
    match suite() {
        SuiteName::Chinese => SuiteName::International,
        SuiteName::International => SuiteName::Chinese,
    }
}

/// The word by which the configuration knows the suite.
pub(crate) fn word() -> &'static str {
    match suite() {
        SuiteName::Chinese => "chinese",
        SuiteName::International => "international",
    }
}

/// The vault of the demonstration in this run.
pub(crate) fn vault() -> Vault {
    Vault::new(suite(), &KeyRing::demo())
}
