//! Children without their parents: left-behind children (农村留守儿童) with their guardians, and orphans (孤儿) with children
//! whom nobody supports in fact (事实无人抚养儿童). The women's federation reads them too.

mod demo;
mod mutation;
mod query;
mod service;
mod store;
mod types;

pub use demo::add;
pub use mutation::ChildrenMutation;
pub use query::ChildrenQuery;
pub use types::{LeftBehindChild, Orphan};
