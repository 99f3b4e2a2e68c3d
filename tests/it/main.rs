//! The suite: every test asks as somebody, over HTTP, on both databases.

#[cfg(test)]
mod harness;
