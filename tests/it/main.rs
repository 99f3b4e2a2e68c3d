//! The suite: every test asks as somebody, over HTTP, on both databases.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod canaries;
#[cfg(test)]
mod changes;
mod checks;
mod civil_affairs;
#[cfg(test)]
mod civil_affairs_writing;
#[cfg(test)]
mod committed;
#[cfg(test)]
mod contradictions;
mod corrections;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod descriptions;
mod disclosure;
#[cfg(test)]
mod distribution;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod education;
mod education_writing;
mod entitlements;
mod every_mutation;
#[cfg(test)]
mod exports;
#[cfg(test)]
mod family_writing;
#[cfg(test)]
mod federation;
#[cfg(test)]
mod finance;
#[cfg(test)]
mod finance_writing;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod health;
#[cfg(test)]
mod health_writing;
#[cfg(test)]
mod help_writing;
mod household;
mod housing;
#[cfg(test)]
mod housing_writing;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod matching;
#[cfg(test)]
mod members_writing;
mod neighbour;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod policy;
mod read_path;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod reconciliation;
#[cfg(test)]
mod reconciliation_runs;
mod region_findings;
#[cfg(test)]
mod region_runs;
#[cfg(test)]
mod regions;
#[cfg(test)]
mod resealing;
#[cfg(test)]
mod rosters;
#[cfg(test)]
mod row_security;
mod settlement;
#[cfg(test)]
mod several;
mod snapshots;
#[cfg(test)]
mod sockets;
#[cfg(test)]
mod totals;
#[cfg(test)]
mod whole_family;
mod writing;
