//! Rows of the demonstration: what banks lend and finance adds to it, the projects and funds; then the cards, and the
//! payments of what all rooms granted.

use super::{loans, payments, projects};
use crate::demo::{DemoError, Demonstration};

/// Adds loans, projects and funds, and what is due of them.
pub(super) async fn grant(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    loans::demo::add(demonstration).await?;
    projects::demo::add(demonstration).await
}

/// Adds cards, and pays what is due.
pub(super) async fn pay(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    payments::demo::add(demonstration).await
}
