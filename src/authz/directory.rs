//! The user table as the second word on a token: who is disabled, and who has less than the token claims.

use super::{Roles, Viewer, token::TokenError};
use entity::codes::Department;
use futures_util::future::BoxFuture;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Users remembered at once.
const MOST_USERS: usize = 20_000;

/// What the user table says of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Not in the table: the token alone decides.
    No,
    Disabled,
    /// The most that a token of this user may claim.
    Rights {
        department: Department,
        roles: Roles,
        /// None for users who are bounded by an institution, or by nothing.
        region: Option<(i64, i64)>,
        institution: Option<String>,
    },
}

/// The table cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the user table cannot be read")]
pub struct DirectoryDown;

/// Where users are listed, by `issuer|subject`.
pub trait UserDirectory: Send + Sync + 'static {
    fn find<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Listed, DirectoryDown>>;
}

/// No table: tokens decide alone.
pub struct NoDirectory;

impl UserDirectory for NoDirectory {
    fn find<'a>(&'a self, _user: &'a str) -> BoxFuture<'a, Result<Listed, DirectoryDown>> {
        Box::pin(async { Ok(Listed::No) })
    }
}

/// A directory whose answers are remembered for a while.
pub struct RememberedDirectory {
    directory: Arc<dyn UserDirectory>,
    /// How long an answer may be used: a disabled user is out after this time.
    fresh: Duration,
    known: Mutex<HashMap<String, (Instant, Listed)>>,
}

impl RememberedDirectory {
    #[must_use]
    pub fn new(directory: Arc<dyn UserDirectory>, fresh: Duration) -> Self {
        RememberedDirectory {
            directory,
            fresh,
            known: Mutex::default(),
        }
    }

    /// Checks a viewer against the table.
    ///
    /// # Errors
    /// When the user is disabled, claims too much, or the table cannot be read: nobody enters unchecked.
    pub async fn check(&self, viewer: &Viewer) -> Result<(), TokenError> {
        let listed = match self.remembered(&viewer.user) {
            Some(listed) => listed,
            None => {
                let asked = Instant::now();
                let listed = self
                    .directory
                    .find(&viewer.user)
                    .await
                    .map_err(|DirectoryDown| TokenError::DirectoryDown)?;
                self.remember(&viewer.user, asked, &listed);
                listed
            }
        };
        match listed {
            Listed::No => Ok(()),
            Listed::Disabled => Err(TokenError::UserDisabled),
            Listed::Rights {
                department,
                roles,
                region,
                institution,
            } => {
                let within = viewer.department == department
                    && roles.include(viewer.roles)
                    && region.is_none_or(|(low, high)| {
                        low <= viewer.region.0 && viewer.region.1 <= high
                    })
                    && (institution.is_none() || institution == viewer.institution);
                if within {
                    Ok(())
                } else {
                    Err(TokenError::UserRights)
                }
            }
        }
    }

    fn remembered(&self, user: &str) -> Option<Listed> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(user)
            .filter(|(asked, _)| asked.elapsed() < self.fresh)
            .map(|(_, listed)| listed.clone())
    }

    fn remember(&self, user: &str, asked: Instant, listed: &Listed) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_USERS {
            known.retain(|_, (asked, _)| asked.elapsed() < self.fresh);
        }
        if known.len() < MOST_USERS {
            known.insert(user.to_owned(), (asked, listed.clone()));
        }
    }
}
