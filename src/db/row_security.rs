//! Row security on PostgreSQL: which tables stand behind the second wall, and by which policies.
//!
//! Every table with the region of a row has policies by a range of integers, which [`super::wall`] tells the database. They are
//! forced, so they hold for the owner of the tables too; they do not for a superuser or a role with BYPASSRLS, and
//! [`RowSecurity`] says so. What stands outside of the wall is named below, with the reason; a table that is in neither way
//! accounted for keeps row security from being put up.
//!
//! The range is not compared as it stands but inside of COALESCE: the planner would else take it for a condition that
//! leaves next to nothing, and read a whole county in order to sort it for a page.

use super::{Class, Database, DbError, Dialect, Row, Statement, settings, wall::Wall};
use sea_orm::ConnectionTrait;

/// Tables outside of the wall, and why.
pub const OUTSIDE: [(&str, &str); 9] = [
    (
        "access_record",
        "who looked whom up: counted by user, and written for persons elsewhere",
    ),
    ("app_user", "read before there is a viewer"),
    (
        "change_record",
        "ids without values, found by parts of the region's code, which row security keeps from the index",
    ),
    (
        "institution",
        "reference: a school or bank serves other regions",
    ),
    ("premium_standard", "reference: the figures of a year"),
    ("region", "reference: the regions themselves"),
    ("region_population", "reference: published figures"),
    ("region_tag", "reference: what a village is called"),
    ("seaql_migrations", "the history of the tables"),
];

/// Tables whose rows are read from elsewhere and written at home, and why.
pub const READ_FROM_ELSEWHERE: [(&str, &str); 3] = [
    ("payment_batch", "a payment names the batch of its county"),
    (
        "project",
        "who benefits from a project names that of a region above",
    ),
    (
        "relocation_project",
        "who is relocated names the project of a region above",
    ),
];

/// Tables to which rows of elsewhere are added, and why.
pub const ADDED_FROM_ELSEWHERE: [(&str, &str); 1] = [(
    "audit_record",
    "an action that reaches further leaves its records there",
)];

/// Further columns by which a row belongs to a region.
const ALSO_OF: [(&str, &str); 1] = [("member_offer", "from_region")];

/// How row security stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSecurity {
    /// Whether any table stands behind the wall.
    pub is_on: bool,
    /// Tables that should and do not, where any does.
    pub bare: Vec<String>,
    /// Whether the role passes every policy: it is a superuser or has BYPASSRLS.
    pub is_passed: bool,
    /// The role.
    pub role: String,
}

/// Tables of the house that hold rows of regions, households or persons: whether they name the region of each row, whether
/// always, whether a trigger's function looks into them, and whether the wall stands before them.
const TABLES: &str = "SELECT c.relname::text, bool_or(a.attname = 'region_code'), \
     bool_or(a.attname = 'region_code' AND a.attnotnull), \
     EXISTS (SELECT 1 FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace \
     AND p.prorettype = 'trigger'::regtype AND p.prosrc ~ ('\\m' || c.relname || '\\M')), \
     c.relrowsecurity AND c.relforcerowsecurity \
     AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'wall') \
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') \
     AND a.attname IN ('region_code', 'county_code', 'household_id', 'person_id') \
     GROUP BY c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity ORDER BY 1";

const IS_ON: &str = "SELECT EXISTS (SELECT 1 FROM pg_class \
     WHERE relnamespace = current_schema()::regnamespace AND relrowsecurity)";

const ROLE: &str =
    "SELECT rolname::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";

/// A table of rows of regions.
struct Table {
    name: String,
    names_region: bool,
    always: bool,
    is_read_by_triggers: bool,
    is_walled: bool,
}

impl Table {
    fn of(row: &Row) -> Result<Self, DbError> {
        Ok(Table {
            name: row.cell(0).text()?.to_owned(),
            names_region: row.cell(1).boolean()?,
            always: row.cell(2).boolean()?,
            is_read_by_triggers: row.cell(3).boolean()?,
            is_walled: row.cell(4).boolean()?,
        })
    }

    fn is_in(&self, named: &[(&str, &str)]) -> bool {
        named.iter().any(|(name, _)| *name == self.name)
    }

    /// That the row lies in the range that was told.
    fn condition(&self) -> String {
        let region = match self.always {
            true => "region_code",
            // What lies nowhere is there for whoever is told everything.
            false => "COALESCE(region_code, 0)",
        };
        let also = ALSO_OF.iter().filter(|(name, _)| *name == self.name);
        let also = also.map(|(_, column)| *column);
        let inside = std::iter::once(region).chain(also).map(inside);
        // A trigger of ours holds a row against those of other regions, whoever writes; nobody else's statements are in one.
        let everywhere = "(SELECT pg_trigger_depth()) > 0".to_owned();
        let everywhere = self.is_read_by_triggers.then_some(everywhere);
        let conditions: Vec<_> = everywhere.into_iter().chain(inside).collect();
        conditions.join(" OR ")
    }

    fn put_up(&self) -> Vec<String> {
        let (name, condition) = (&self.name, self.condition());
        let mut statements = self.take_down();
        statements.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
        statements.push(format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"));
        statements.push(format!(
            "CREATE POLICY wall ON {name} USING ({condition}) WITH CHECK ({condition})"
        ));
        if self.is_in(&READ_FROM_ELSEWHERE) {
            statements.push(format!(
                "CREATE POLICY read_from_elsewhere ON {name} FOR SELECT USING (TRUE)"
            ));
        }
        if self.is_in(&ADDED_FROM_ELSEWHERE) {
            statements.push(format!(
                "CREATE POLICY added_from_elsewhere ON {name} FOR INSERT WITH CHECK (TRUE)"
            ));
        }
        statements
    }

    fn take_down(&self) -> Vec<String> {
        let name = &self.name;
        let mut statements: Vec<_> = POLICIES
            .iter()
            .map(|policy| format!("DROP POLICY IF EXISTS {policy} ON {name}"))
            .collect();
        statements.push(format!("ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY"));
        statements.push(format!("ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"));
        statements
    }
}

const POLICIES: [&str; 3] = ["wall", "read_from_elsewhere", "added_from_elsewhere"];

/// Each end is asked once a statement, not once a row.
fn inside(region: &str) -> String {
    let [lo, hi] = ["lo", "hi"].map(|end| format!("(SELECT current_setting('app.{end}')::bigint)"));
    format!("COALESCE({region} BETWEEN {lo} AND {hi}, FALSE)")
}

impl Database {
    /// How row security stands; on SQLite it never does.
    ///
    /// # Errors
    /// The catalog can't be read.
    pub async fn row_security(&self) -> Result<RowSecurity, DbError> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(RowSecurity::default());
        }
        let mut found = RowSecurity {
            is_on: self.is_row_security_on().await?,
            ..RowSecurity::default()
        };
        for row in self.catalog(ROLE).await? {
            found.role = row.cell(0).text()?.to_owned();
            found.is_passed = row.cell(1).boolean()?;
        }
        for table in self.tables_of_regions().await? {
            if found.is_on && !table.is_walled && !table.is_in(&OUTSIDE) {
                found.bare.push(table.name);
            }
        }
        Ok(found)
    }

    /// Puts the second wall up, or makes it whole. Who is connected already has to connect anew: it has no range to tell.
    ///
    /// # Errors
    /// SQLite; a table whose rows nobody can tell the region of; a role that does not own the tables.
    pub async fn put_up_row_security(&self) -> Result<(), DbError> {
        let tables = self.tables_of_regions().await?;
        let walled = tables.iter().filter(|table| !table.is_in(&OUTSIDE));
        if let Some(table) = walled.clone().find(|table| !table.names_region) {
            return Err(DbError::unusable(format!(
                "no row security for {}: its rows name no region",
                table.name
            )));
        }
        self.change_row_security(walled.flat_map(Table::put_up).collect())
            .await
    }

    /// Takes the second wall down.
    ///
    /// # Errors
    /// SQLite; a role that does not own the tables.
    pub async fn take_down_row_security(&self) -> Result<(), DbError> {
        let tables = self.tables_of_regions().await?;
        let walled = tables.iter().filter(|table| !table.is_in(&OUTSIDE));
        self.change_row_security(walled.flat_map(Table::take_down).collect())
            .await
    }

    /// Once a process, when it connects.
    pub(super) async fn learn_row_security(&mut self) -> Result<(), DbError> {
        let is_on = self.dialect() == Dialect::Postgres && self.is_row_security_on().await?;
        self.reads = self.reads.behind(Wall::of(is_on));
        Ok(())
    }

    async fn is_row_security_on(&self) -> Result<bool, DbError> {
        let rows = self.catalog(IS_ON).await?;
        let row = rows.first().ok_or_else(|| DbError::fault("no answer"))?;
        Ok(row.cell(0).boolean()?)
    }

    async fn tables_of_regions(&self) -> Result<Vec<Table>, DbError> {
        self.catalog(TABLES).await?.iter().map(Table::of).collect()
    }

    async fn catalog(&self, sql: &'static str) -> Result<Vec<Row>, DbError> {
        if self.dialect() == Dialect::Sqlite {
            return Err(DbError::unusable("row security needs PostgreSQL"));
        }
        let mut session = self.reads.acquire().await?;
        session
            .one(Statement::new(Class::Reference, sql, vec![]))
            .await
    }

    /// All of it or nothing, and not while the tables change.
    async fn change_row_security(&self, statements: Vec<String>) -> Result<(), DbError> {
        let connection = settings::migrator(&self.url).await?;
        // The text is one transaction.
        let changed = connection
            .execute_unprepared(&format!(
                "SELECT pg_advisory_xact_lock(hashtext('yihu migrations')); {}",
                statements.join("; ")
            ))
            .await;
        connection.close().await?;
        changed?;
        Ok(())
    }
}

impl RowSecurity {
    /// What keeps the wall from holding, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = vec![];
        if self.is_on && self.is_passed {
            faults.push(format!(
                "row security is on, but holds nothing back: the role {} is a superuser or has BYPASSRLS",
                self.role
            ));
        }
        if self.is_on && !self.bare.is_empty() {
            faults.push(format!(
                "row security is on, but not for {}: run `yihu migrate --row-security`",
                self.bare.join(", ")
            ));
        }
        faults
    }
}
