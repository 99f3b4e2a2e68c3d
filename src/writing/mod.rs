//! How anything is changed: one business action, one transaction, one way.
//!
//! A mutation goes through [`change`]: it enters the request by the client's number (the same number again changes nothing
//! and gives the same answer), runs the room's service with a [`Door`], and commits what the service did together with an
//! audit record and a change record for every row. A service has no other way to a table: the door finds rows in the
//! viewer's scope only, notices who has edited a row in between, and keeps the records by itself.
//!
//! Invariant: what is stored of an answer is ids, versions and codes. The answer itself is read anew, under the rights
//! that the viewer has now.

mod change;
mod correct;
mod door;
mod fields;
mod journal;
mod mistake;
mod payload;
mod request;

pub use change::{Call, FileRow, MOST_INPUTS, Own, change, change_each, leave};
pub use correct::{Asked, CHANGED_SINCE, Correctable, Corrected, Subject, is_masked};
pub use door::{Door, Findable, Written};
pub use fields::Fields;
pub use mistake::{
    CONFLICT, Code, INVALID_VALUE, Mistake, Mistakes, NOT_FOUND, OLDER_RESULT, REQUEST_ID_REUSED,
    SAME_ON_RECORD, Stop,
};
pub(crate) use payload::label;
pub use payload::{Action, ChangedField, Done, ListPayload, Payload, WidePayload};
pub use request::{OldRequests, is_done};

#[cfg(feature = "unrecorded")]
pub use change::RECORDED;

pub(crate) use correct::corrected;
pub(crate) use door::{findable, written};
