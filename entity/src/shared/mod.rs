//! Tables of no room: regions, institutions, users, access log, reports of other agencies.

pub mod access_record;
pub mod app_user;
pub mod audit_record;
pub mod audit_seal;
pub mod change_purge;
pub mod change_record;
pub mod correction_request;
pub mod demonstration;
pub mod id_block;
pub mod institution;
pub mod job;
pub mod job_part;
pub mod region;
pub mod region_population;
pub mod region_tag;
pub mod reported_record;
pub mod request_record;
pub mod saved_answer;
pub mod transaction_clock;
pub mod vault_state;
