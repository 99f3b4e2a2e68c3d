//! A table in the words of the house: what the data rules say once is written once, here.

use entity::codes::CodeList;
use sea_orm_migration::SchemaManager;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};

use crate::dialect::Dialect;

/// Whether a sensitive value must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Always,
    Maybe,
}

/// A table to be, with its constraints and indexes.
#[derive(Debug)]
pub(crate) struct Table {
    dialect: Dialect,
    name: &'static str,
    columns: Vec<String>,
    constraints: Vec<String>,
    after: Vec<String>,
}

impl Table {
    /// A table of its own shape.
    pub(crate) fn new(dialect: Dialect, name: &'static str) -> Self {
        Self {
            dialect,
            name,
            columns: vec![],
            constraints: vec![],
            after: vec![],
        }
    }

    /// A table with a key handed out by the application.
    pub(crate) fn keyed(dialect: Dialect, name: &'static str) -> Self {
        Self::new(dialect, name).column(format!("id {}", dialect.key()))
    }

    /// A table below the household: it moves with its household and is found by household and by county.
    pub(crate) fn below_household(dialect: Dialect, name: &'static str) -> Self {
        Self::keyed(dialect, name)
            .column("household_id BIGINT NOT NULL")
            .region()
            .constraint(format!(
                "CONSTRAINT {name}_household FOREIGN KEY (household_id, region_code) \
                 REFERENCES household (id, region_code) ON UPDATE CASCADE"
            ))
            .index("household", "household_id")
    }

    /// A table of what belongs to a region of any level, not to a household.
    pub(crate) fn of_region(dialect: Dialect, name: &'static str) -> Self {
        Self::keyed(dialect, name).region()
    }

    /// The region, 12 digits, and the county generated from it.
    pub(crate) fn region(self) -> Self {
        self.column("region_code BIGINT NOT NULL")
            .column(
                "county_code BIGINT NOT NULL GENERATED ALWAYS AS (region_code / 1000000) STORED",
            )
            .check(
                "region",
                "region_code BETWEEN 110000000000 AND 999999999999",
            )
    }

    pub(crate) fn column(mut self, sql: impl Into<String>) -> Self {
        self.columns.push(sql.into());
        self
    }

    /// The calendar year of a day, generated from it.
    pub(crate) fn year_of(self, day: &str, column: &str, more: &str) -> Self {
        let year = self.dialect.year_of(day);
        self.column(format!(
            "{column} INTEGER {more} GENERATED ALWAYS AS ({year}) STORED"
        ))
    }

    /// Amounts in fen, or counts, that cannot be below zero.
    pub(crate) fn amounts(mut self, columns: &[&str]) -> Self {
        for column in columns {
            self = self
                .column(format!("{column} BIGINT NOT NULL"))
                .check(&format!("{column}_sign"), &format!("{column} >= 0"));
        }
        self
    }

    /// A word of a code list.
    pub(crate) fn word<L: CodeList>(self, column: &str) -> Self {
        self.column(format!("{column} TEXT NOT NULL"))
            .word_check::<L>(column)
    }

    /// A word of a code list, or nothing.
    pub(crate) fn word_or_null<L: CodeList>(self, column: &str) -> Self {
        self.column(format!("{column} TEXT"))
            .word_check::<L>(column)
    }

    fn word_check<L: CodeList>(self, column: &str) -> Self {
        self.check(&format!("{column}_word"), &is_word::<L>(column))
    }

    /// Text that is sorted by its bytes.
    pub(crate) fn ordered_text(self, column: &str, more: &str) -> Self {
        let kind = self.dialect.ordered_text();
        self.column(format!("{column} {kind} {more}"))
    }

    /// Bytes of any length.
    pub(crate) fn bytes(self, column: &str, more: &str) -> Self {
        let kind = self.dialect.bytes();
        self.column(format!("{column} {kind} {more}"))
    }

    /// A blind index: the 32 bytes of an HMAC.
    pub(crate) fn blind_index(self, column: &str, more: &str) -> Self {
        self.bytes(column, more).check(
            &format!("{column}_length"),
            &format!("length({column}) = 32"),
        )
    }

    /// Ciphertext, blind index and mask of a sensitive value: all three or none.
    pub(crate) fn sensitive(self, value: &str, presence: Presence) -> Self {
        let null = match presence {
            Presence::Always => "NOT NULL",
            Presence::Maybe => "",
        };
        self.bytes(&format!("{value}_cipher"), null)
            .blind_index(&format!("{value}_index"), null)
            .column(format!("{value}_mask TEXT {null}"))
            .check(
                &format!("{value}_whole"),
                &format!(
                    "({value}_cipher IS NULL) = ({value}_index IS NULL) \
                     AND ({value}_cipher IS NULL) = ({value}_mask IS NULL)"
                ),
            )
    }

    /// The half-open interval in which a fact holds; no end is open.
    pub(crate) fn life(self) -> Self {
        self.column("valid_from DATE NOT NULL")
            .column("valid_to DATE")
            .check("life", "valid_to IS NULL OR valid_to >= valid_from")
    }

    /// A life in whole months: what excludes something else in the same month excludes it on the same day.
    pub(crate) fn months(self) -> Self {
        let first = |column| self.dialect.is_first_of_month(column);
        let whole = format!(
            "{} AND (valid_to IS NULL OR {})",
            first("valid_from"),
            first("valid_to")
        );
        self.life().check("whole_months", &whole)
    }

    /// What a row that people edit carries.
    pub(crate) fn edited(self) -> Self {
        self.column("version INTEGER NOT NULL DEFAULT 1")
            .column("recorded_at_ms BIGINT NOT NULL")
    }

    /// The member the row is about: of the row's own household.
    pub(crate) fn of_person(self) -> Self {
        self.column("person_id BIGINT NOT NULL").person_key()
    }

    /// The member the row is about, where it is about one.
    pub(crate) fn of_person_or_household(self) -> Self {
        self.column("person_id BIGINT").person_key()
    }

    fn person_key(self) -> Self {
        self.same_household("person_id", "person")
            .index("person", "person_id")
    }

    /// The institution the row is about, by its code.
    pub(crate) fn of_institution(self, column: &str) -> Self {
        self.column(format!(
            "{column} TEXT NOT NULL REFERENCES institution (code)"
        ))
    }

    /// A reference to a row of the same household. The table referred to needs `referable`.
    pub(crate) fn same_household(self, column: &str, table: &str) -> Self {
        let name = self.name;
        self.constraint(format!(
            "CONSTRAINT {name}_{table} FOREIGN KEY ({column}, household_id) REFERENCES {table} (id, household_id)"
        ))
    }

    /// Lets other tables refer to a row together with its household.
    pub(crate) fn referable(self) -> Self {
        self.unique("in_household", "id, household_id")
    }

    pub(crate) fn check(self, name: &str, sql: &str) -> Self {
        let table = self.name;
        self.constraint(format!("CONSTRAINT {table}_{name} CHECK ({sql})"))
    }

    pub(crate) fn unique(self, name: &str, columns: &str) -> Self {
        let table = self.name;
        self.constraint(format!("CONSTRAINT {table}_{name} UNIQUE ({columns})"))
    }

    pub(crate) fn constraint(mut self, sql: impl Into<String>) -> Self {
        self.constraints.push(sql.into());
        self
    }

    pub(crate) fn index(mut self, name: &str, columns: &str) -> Self {
        let table = self.name;
        self.after.push(format!(
            "CREATE INDEX {table}_by_{name} ON {table} ({columns})"
        ));
        self
    }

    /// Unique among the rows where the condition holds.
    pub(crate) fn unique_where(mut self, name: &str, columns: &str, condition: &str) -> Self {
        let table = self.name;
        self.after.push(format!(
            "CREATE UNIQUE INDEX {table}_{name} ON {table} ({columns}) WHERE {condition}"
        ));
        self
    }

    /// No two rows of equal keys share a day.
    pub(crate) fn no_overlap(mut self, name: &str, keys: &[&str]) -> Self {
        let name = format!("{}_{name}", self.name);
        self.after
            .extend(self.dialect.no_overlap(self.name, &name, keys));
        self
    }

    /// Creates the table, one statement at a time.
    pub(crate) async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let lines = [self.columns, self.constraints].concat().join(",\n  ");
        let create = format!("CREATE TABLE {} (\n  {lines}\n)", self.name);
        run(manager, vec![create]).await?;
        run(manager, self.after).await
    }
}

/// Whether a column holds a word of the list.
pub(crate) fn is_word<L: CodeList>(column: &str) -> String {
    let words: Vec<_> = L::ENTRIES
        .iter()
        .map(|entry| format!("'{}'", entry.word))
        .collect();
    format!("{column} IN ({})", words.join(", "))
}

/// Columns that a table gets after it was created. A check comes with its column: SQLite adds none to a table.
#[derive(Debug)]
pub(crate) struct AddedColumns {
    table: &'static str,
    columns: Vec<String>,
}

impl AddedColumns {
    pub(crate) fn of(table: &'static str) -> Self {
        Self {
            table,
            columns: vec![],
        }
    }

    pub(crate) fn column(mut self, sql: impl Into<String>) -> Self {
        self.columns.push(sql.into());
        self
    }

    /// A column with a check of its own, by the column's name and the check's.
    pub(crate) fn checked(self, sql: &str, name: &str, check: &str) -> Self {
        let table = self.table;
        self.column(format!("{sql} CONSTRAINT {table}_{name} CHECK ({check})"))
    }

    /// A word of a code list, or nothing.
    pub(crate) fn word_or_null<L: CodeList>(self, column: &str) -> Self {
        self.checked(
            &format!("{column} TEXT"),
            &format!("{column}_word"),
            &is_word::<L>(column),
        )
    }

    /// Adds the columns.
    pub(crate) async fn add(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let table = self.table;
        let statement = |column| format!("ALTER TABLE {table} ADD COLUMN {column}");
        run(manager, self.columns.into_iter().map(statement).collect()).await
    }

    /// Drops the columns again, the last one first.
    pub(crate) async fn drop(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let table = self.table;
        let statement = |column: &String| {
            let name = column.split(' ').next().unwrap_or_default();
            format!("ALTER TABLE {table} DROP COLUMN {name}")
        };
        run(manager, self.columns.iter().rev().map(statement).collect()).await
    }
}

/// Lets other tables refer to a row of a table, created before, together with its household.
pub(crate) async fn make_referable(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let index = format!("CREATE UNIQUE INDEX {table}_in_household ON {table} (id, household_id)");
    run(manager, vec![index]).await
}

/// Takes `make_referable` back.
pub(crate) async fn make_unreferable(
    manager: &SchemaManager<'_>,
    table: &str,
) -> Result<(), DbErr> {
    run(manager, vec![format!("DROP INDEX {table}_in_household")]).await
}

/// Runs statements in order.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: Vec<String>) -> Result<(), DbErr> {
    for statement in statements {
        manager
            .get_connection()
            .execute_unprepared(&statement)
            .await?;
    }
    Ok(())
}

/// Drops tables in the order given: the ones that refer to others first.
pub(crate) async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    for table in tables {
        run(manager, vec![format!("DROP TABLE {table}")]).await?;
    }
    Ok(())
}
