//! How many rows an answer may hold.
//!
//! Lists below lists multiply, and references that lead back (`children { parent { children .. } }`) multiply without end:
//! the cost of a document is known before, the lengths of a family's lists are not.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Rows below the roots of one answer. The largest page of a machine client with all slices has about half of it.
const MOST_ROWS: i64 = 100_000;

/// What one request may still put into its answer.
#[derive(Clone)]
pub struct Budget(Arc<AtomicI64>);

impl Default for Budget {
    fn default() -> Self {
        Budget(Arc::new(AtomicI64::new(MOST_ROWS)))
    }
}

impl Budget {
    /// Takes room for as many rows; whether there was room.
    #[must_use]
    pub fn take(&self, rows: usize) -> bool {
        let rows = i64::try_from(rows).unwrap_or(MOST_ROWS);
        self.0.fetch_sub(rows, Ordering::Relaxed) >= rows
    }

    /// Whether more was asked for than there was room: then nothing is answered, however it was resolved.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 0
    }
}
