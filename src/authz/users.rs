//! The user table of the database as the directory of users.

use super::{
    Roles,
    directory::{DirectoryDown, Listed, UserDirectory},
};
use crate::db::{BadCell, Class, Reads, Row, Statement};
use entity::{
    codes::{CodeList, Department, Role},
    region_code::RegionCode,
};
use futures_util::future::BoxFuture;

const SQL: &str =
    "SELECT department, roles, region_code, institution_code, disabled FROM app_user WHERE id = $1";

/// Users in `app_user`.
pub struct UserTable(Reads);

impl UserTable {
    #[must_use]
    pub fn new(reads: Reads) -> Self {
        UserTable(reads)
    }

    async fn read(&self, user: &str) -> Result<Listed, DirectoryDown> {
        let statement = Statement::new(Class::ByIdentity, SQL, vec![user.into()]);
        let mut session = self.0.acquire().await.map_err(down)?;
        let rows = session.one(statement).await.map_err(down)?;
        match rows.first() {
            None => Ok(Listed::No),
            Some(row) => listed(row).map_err(|_| down("a row of the user table cannot be read")),
        }
    }
}

impl UserDirectory for UserTable {
    fn find<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Listed, DirectoryDown>> {
        Box::pin(self.read(user))
    }
}

/// A row whose words are unknown is no right at all: it disables.
fn listed(row: &Row) -> Result<Listed, BadCell> {
    if row.cell(4).boolean()? {
        return Ok(Listed::Disabled);
    }
    let department = Department::of_word(row.cell(0).text()?);
    let roles: Option<Vec<Role>> = row
        .cell(1)
        .text()?
        .split_whitespace()
        .map(Role::of_word)
        .collect();
    let region = match row.cell(2) {
        cell if cell.is_null() => Some(None),
        cell => RegionCode::try_from(cell.int()?)
            .ok()
            .map(|code| Some(code.range())),
    };
    let institution = match row.cell(3) {
        cell if cell.is_null() => None,
        cell => Some(cell.text()?.to_owned()),
    };
    Ok(match (department, roles, region) {
        (Some(department), Some(roles), Some(region)) => Listed::Rights {
            department,
            roles: Roles::of(&roles),
            region,
            institution,
        },
        _ => {
            tracing::error!("a row of the user table holds an unknown word");
            Listed::Disabled
        }
    })
}

fn down(problem: impl std::fmt::Display) -> DirectoryDown {
    tracing::error!(%problem, "user table");
    DirectoryDown
}
