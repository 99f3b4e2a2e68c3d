//! Where SQLite and PostgreSQL need different words for the same thing. Nothing else may ask which one it is.

use sea_orm_migration::sea_orm::DbBackend;
use sea_orm_migration::{SchemaManager, sea_orm::DbErr};

/// The database a migration runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    pub(crate) fn of(manager: &SchemaManager<'_>) -> Result<Self, DbErr> {
        match manager.get_database_backend() {
            DbBackend::Sqlite => Ok(Self::Sqlite),
            DbBackend::Postgres => Ok(Self::Postgres),
            other => Err(DbErr::Migration(format!("no schema for {other:?}"))),
        }
    }

    /// A 64-bit key handed out by the application. On SQLite only `INTEGER` is the row's own key.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Sqlite => "INTEGER NOT NULL PRIMARY KEY",
            Self::Postgres => "BIGINT NOT NULL PRIMARY KEY",
        }
    }

    /// Bytes.
    pub(crate) const fn bytes(self) -> &'static str {
        match self {
            Self::Sqlite => "BLOB",
            Self::Postgres => "BYTEA",
        }
    }

    /// Text that is sorted: both compare the bytes, so that a page is the same on both.
    pub(crate) const fn ordered_text(self) -> &'static str {
        match self {
            Self::Sqlite => "TEXT COLLATE BINARY",
            Self::Postgres => r#"TEXT COLLATE "C""#,
        }
    }

    /// Whether a day is the first of its month.
    pub(crate) fn is_first_of_month(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("substr({column}, 9) = '01'"),
            Self::Postgres => format!("EXTRACT(DAY FROM {column}) = 1"),
        }
    }

    /// The calendar year of a day.
    pub(crate) fn year_of(self, day: &str) -> String {
        match self {
            Self::Sqlite => format!("CAST(substr({day}, 1, 4) AS INTEGER)"),
            Self::Postgres => format!("CAST(extract(year FROM {day}) AS INTEGER)"),
        }
    }

    /// What `no_overlap` needs once a database.
    pub(crate) fn prepare_no_overlap(self) -> Vec<String> {
        match self {
            Self::Sqlite => vec![],
            // Left in place by `down`: others may use the extension.
            Self::Postgres => vec!["CREATE EXTENSION IF NOT EXISTS btree_gist".to_owned()],
        }
    }

    /// Statements that refuse two rows of equal keys whose half-open intervals share a day.
    ///
    /// The refusal carries `name`: as the constraint on PostgreSQL, as the message on SQLite. A key that is null
    /// and an interval without a day refuse nothing.
    pub(crate) fn no_overlap(self, table: &str, name: &str, keys: &[&str]) -> Vec<String> {
        self.apart(&Apart {
            table,
            name,
            keys,
            days: ("valid_from", "valid_to"),
            counts: None,
        })
    }

    /// As [`Dialect::no_overlap`], of the rows that count, by the columns that say their days.
    pub(crate) fn apart(self, apart: &Apart<'_>) -> Vec<String> {
        let Apart {
            table, name, keys, ..
        } = apart;
        match self {
            Self::Sqlite => ["INSERT", "UPDATE"]
                .map(|event| overlap_trigger(apart, event))
                .to_vec(),
            Self::Postgres => {
                let equal: String = keys.iter().map(|key| format!("{key} WITH =, ")).collect();
                let (from, to) = apart.days;
                let counts = apart.counts.map(|counts| counts.replace("{}.", ""));
                let counts = counts.map_or(String::new(), |counts| format!(" WHERE ({counts})"));
                vec![format!(
                    "ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist \
                     ({equal}daterange({from}, {to}, '[)') WITH &&){counts}"
                )]
            }
        }
    }

    /// Takes back what `apart` did.
    pub(crate) fn drop_apart(self, table: &str, name: &str) -> Vec<String> {
        match self {
            Self::Sqlite => ["insert", "update"]
                .map(|event| format!("DROP TRIGGER {name}_{event}"))
                .to_vec(),
            Self::Postgres => vec![format!("ALTER TABLE {table} DROP CONSTRAINT {name}")],
        }
    }

    /// Statements after which the transaction sees the rows of all regions, where row security is on.
    pub(crate) fn see_all_regions(self) -> Vec<String> {
        match self {
            Self::Sqlite => vec![],
            Self::Postgres => [
                ("lo", "0"),
                ("hi", "9223372036854775807"),
                ("opening", "MIGRATION"),
            ]
            .map(|(name, value)| format!("SELECT set_config('app.{name}', '{value}', true)"))
            .to_vec(),
        }
    }

    /// The statement that gives persons what follows from their names, all in one JSON text.
    pub(crate) const fn update_names(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "UPDATE person SET name_standard = v.value ->> 'standard', name_sound = v.value ->> 'sound', \
                 name_first = v.value ->> 'first', name_last = v.value ->> 'last' \
                 FROM json_each($1) v WHERE person.id = v.value ->> 'id'"
            }
            Self::Postgres => {
                "UPDATE person SET name_standard = v.standard, name_sound = v.sound, name_first = v.first, name_last = v.last \
                 FROM json_to_recordset($1::json) AS v(id bigint, standard text, sound text, first bigint, last bigint) \
                 WHERE person.id = v.id"
            }
        }
    }

    /// Statements that sort a text column of a table that is there already by its bytes.
    pub(crate) fn order_by_bytes(self, table: &str, column: &str) -> Vec<String> {
        match self {
            // It compares bytes unless told otherwise.
            Self::Sqlite => vec![],
            Self::Postgres => vec![format!(
                r#"ALTER TABLE {table} ALTER COLUMN {column} TYPE TEXT COLLATE "C""#
            )],
        }
    }

    /// Statements by which a column of a table that is there already refers to the key of another table.
    pub(crate) fn refer(self, name: &str, (table, column): Key<'_>, to: Key<'_>) -> Vec<String> {
        match self {
            Self::Sqlite => reference_triggers(name, (table, column), to),
            Self::Postgres => vec![format!(
                "ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {} ({})",
                to.0, to.1
            )],
        }
    }

    /// Takes back what `refer` did.
    pub(crate) fn stop_referring(self, name: &str, (table, _): Key<'_>) -> Vec<String> {
        match self {
            Self::Sqlite => ["insert", "update", "delete"]
                .map(|event| format!("DROP TRIGGER {name}_{event}"))
                .to_vec(),
            Self::Postgres => vec![format!("ALTER TABLE {table} DROP CONSTRAINT {name}")],
        }
    }

    /// Statements that refuse a row while one of the other table excludes it.
    ///
    /// The refusal carries the name as that of an overlap does. On PostgreSQL two that write at the same time wait for each
    /// other at what the rows are of, and who waited sees what the other wrote.
    pub(crate) fn either(self, exclusion: &Exclusion) -> Vec<String> {
        let [one, other] = exclusion.sides;
        [(one, other), (other, one)]
            .into_iter()
            .flat_map(|(side, other)| match self {
                Self::Sqlite => ["insert", "update"]
                    .map(|event| exclusion_trigger(exclusion, side, other, event))
                    .to_vec(),
                Self::Postgres => exclusion_function(exclusion, side, other),
            })
            .collect()
    }

    /// Undoes [`Dialect::either`]; the tables are still there.
    pub(crate) fn drop_either(self, exclusion: &Exclusion) -> Vec<String> {
        let name = exclusion.name;
        let drops = exclusion.sides.map(|Side { table, .. }| match self {
            Self::Sqlite => ["insert", "update"]
                .map(|event| format!("DROP TRIGGER {name}_{table}_{event}"))
                .to_vec(),
            Self::Postgres => vec![format!("DROP FUNCTION {name}_{table} CASCADE")],
        });
        drops.concat()
    }
}

/// Rows of a table whose days are held apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Apart<'a> {
    pub(crate) table: &'a str,
    pub(crate) name: &'a str,
    /// What must be equal of two rows for them to be held apart.
    pub(crate) keys: &'a [&'a str],
    /// The columns of the first day and of the day after the last.
    pub(crate) days: (&'a str, &'a str),
    /// Which rows count, all where it is left out: a condition in which `{}` stands for the row.
    pub(crate) counts: Option<&'a str>,
}

/// A column of a table.
pub(crate) type Key<'a> = (&'a str, &'a str);

/// Two tables of which one and the same may have a row in either.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exclusion {
    pub(crate) name: &'static str,
    pub(crate) whose: Whose,
    /// What else must be the same of a row `NEW` and an `other` one.
    pub(crate) same: &'static str,
    pub(crate) sides: [Side; 2],
}

/// Whose rows exclude each other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    Household,
    /// The human being, in whatever household: a person is a membership.
    Human,
}

/// A table, and which of its rows count: a condition in which `{}` stands for the row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side {
    pub(crate) table: &'static str,
    pub(crate) counts: &'static str,
}

impl Whose {
    /// Whether `other` is of the same as `NEW`.
    const fn same(self) -> &'static str {
        match self {
            Self::Household => "other.household_id = NEW.household_id",
            Self::Human => {
                "other.person_id IN (SELECT q.id FROM person p JOIN person q \
                 ON q.id = p.id OR q.identity_id = p.identity_id WHERE p.id = NEW.person_id)"
            }
        }
    }

    /// Where two that write at the same time wait for each other.
    const fn wait(self) -> &'static str {
        match self {
            Self::Household => {
                "PERFORM 1 FROM household WHERE id = NEW.household_id FOR NO KEY UPDATE;"
            }
            Self::Human => {
                "PERFORM 1 FROM person WHERE id = NEW.person_id FOR NO KEY UPDATE; \
                 PERFORM 1 FROM identity WHERE id = \
                 (SELECT identity_id FROM person WHERE id = NEW.person_id) FOR NO KEY UPDATE;"
            }
        }
    }
}

impl Side {
    fn counts(self, row: &str) -> String {
        self.counts.replace("{}", row)
    }
}

impl Exclusion {
    /// The rows of the other table that exclude `NEW`.
    fn others(&self, other: Side) -> String {
        format!(
            "FROM {} AS other WHERE {} AND {} AND {}",
            other.table,
            self.whose.same(),
            self.same,
            other.counts("other")
        )
    }
}

fn exclusion_trigger(exclusion: &Exclusion, side: Side, other: Side, event: &str) -> String {
    let (name, table) = (exclusion.name, side.table);
    format!(
        "CREATE TRIGGER {name}_{table}_{event} BEFORE {event} ON {table} WHEN {} \
         BEGIN SELECT RAISE(ABORT, '{name}') {}; END",
        side.counts("NEW"),
        exclusion.others(other)
    )
}

fn exclusion_function(exclusion: &Exclusion, side: Side, other: Side) -> Vec<String> {
    let (name, table) = (exclusion.name, side.table);
    vec![
        format!(
            "CREATE FUNCTION {name}_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} \
               IF EXISTS (SELECT 1 {}) THEN \
                 RAISE EXCEPTION USING ERRCODE = 'exclusion_violation', MESSAGE = '{name}', CONSTRAINT = '{name}'; \
               END IF; \
               RETURN NEW; \
             END $$",
            exclusion.whose.wait(),
            exclusion.others(other)
        ),
        format!(
            "CREATE TRIGGER {name}_{table} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW \
             WHEN ({}) EXECUTE FUNCTION {name}_{table}()",
            side.counts("NEW")
        ),
    ]
}

fn reference_triggers(name: &str, (table, column): Key<'_>, (to, key): Key<'_>) -> Vec<String> {
    let refuse = format!("BEGIN SELECT RAISE(ABORT, '{name}'); END");
    let unknown = format!(
        "WHEN NEW.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {to} WHERE {key} = NEW.{column}) {refuse}"
    );
    vec![
        format!("CREATE TRIGGER {name}_insert BEFORE INSERT ON {table} {unknown}"),
        format!("CREATE TRIGGER {name}_update BEFORE UPDATE OF {column} ON {table} {unknown}"),
        format!(
            "CREATE TRIGGER {name}_delete BEFORE DELETE ON {to} \
             WHEN EXISTS (SELECT 1 FROM {table} WHERE {column} = OLD.{key}) {refuse}"
        ),
    ]
}

/// Fires after the row is written, because a generated key has no value before.
fn overlap_trigger(apart: &Apart<'_>, event: &str) -> String {
    let Apart {
        table, name, keys, ..
    } = apart;
    let (from, to) = apart.days;
    let (suffix, columns, itself) = match (event, apart.counts) {
        ("INSERT", _) => ("insert", String::new(), "NEW.id"),
        (_, None) => {
            let columns = format!(" OF {}, {from}, {to}", keys.join(", "));
            ("update", columns, "OLD.id")
        }
        // What decides whether the row counts may change as well.
        (_, Some(_)) => ("update", String::new(), "OLD.id"),
    };
    let counts = |row: &str| {
        let counts = apart.counts.map(|counts| counts.replace("{}", row));
        counts.map_or(String::new(), |counts| format!("{counts} AND "))
    };
    let equal: String = keys
        .iter()
        .map(|key| format!("other.{key} = NEW.{key} AND "))
        .collect();
    format!(
        "CREATE TRIGGER {name}_{suffix} AFTER {event}{columns} ON {table} \
         WHEN {}(NEW.{to} IS NULL OR NEW.{to} > NEW.{from}) \
         BEGIN \
           SELECT RAISE(ABORT, '{name}') FROM {table} AS other \
           WHERE {}{equal}other.id <> {itself} \
             AND (other.{to} IS NULL OR other.{to} > other.{from}) \
             AND (other.{to} IS NULL OR other.{to} > NEW.{from}) \
             AND (NEW.{to} IS NULL OR NEW.{to} > other.{from}); \
         END",
        counts("NEW"),
        counts("other")
    )
}

#[cfg(test)]
mod tests {
    use super::{Apart, Dialect, Exclusion, Side, Whose};

    #[test]
    fn a_month_begins_with_its_first_day() {
        for (dialect, condition) in [
            (Dialect::Sqlite, "substr(valid_from, 9) = '01'"),
            (Dialect::Postgres, "EXTRACT(DAY FROM valid_from) = 1"),
        ] {
            assert_eq!(dialect.is_first_of_month("valid_from"), condition);
        }
    }

    #[test]
    fn one_statement_on_postgres_and_two_triggers_on_sqlite() {
        assert_eq!(
            Dialect::Postgres.no_overlap("house", "house_one_of_record", &["household_id"]),
            [
                "ALTER TABLE house ADD CONSTRAINT house_one_of_record EXCLUDE USING gist \
              (household_id WITH =, daterange(valid_from, valid_to, '[)') WITH &&)"
            ]
        );
        let triggers =
            Dialect::Sqlite.no_overlap("house", "house_one_of_record", &["household_id"]);
        assert_eq!(triggers.len(), 2);
        assert!(
            triggers[0].starts_with(
                "CREATE TRIGGER house_one_of_record_insert AFTER INSERT ON house WHEN (NEW.valid_to IS NULL"
            )
        );
        assert!(triggers[1].starts_with(
            "CREATE TRIGGER house_one_of_record_update \
             AFTER UPDATE OF household_id, valid_from, valid_to ON house WHEN"
        ));
    }

    #[test]
    fn only_rows_that_count_are_held_apart() {
        let apart = Apart {
            table: "medical_claim",
            name: "stays_apart",
            keys: &["person_id"],
            days: ("admitted_on", "discharged_on"),
            counts: Some("{}.kind = 'INPATIENT'"),
        };
        assert_eq!(
            Dialect::Postgres.apart(&apart),
            [
                "ALTER TABLE medical_claim ADD CONSTRAINT stays_apart EXCLUDE USING gist \
              (person_id WITH =, daterange(admitted_on, discharged_on, '[)') WITH &&) WHERE (kind = 'INPATIENT')"
            ]
        );
        let triggers = Dialect::Sqlite.apart(&apart);
        assert!(triggers[1].starts_with(
            "CREATE TRIGGER stays_apart_update AFTER UPDATE ON medical_claim \
             WHEN NEW.kind = 'INPATIENT' AND (NEW.discharged_on IS NULL"
        ));
        assert!(triggers[1].contains("WHERE other.kind = 'INPATIENT' AND other.person_id"));
    }

    #[test]
    fn a_function_and_a_trigger_a_side_on_postgres_and_two_triggers_on_sqlite() {
        let sides = ["relocation", "renovation"].map(|table| Side {
            table,
            counts: "{}.subsidy_fen > 0",
        });
        let exclusion = Exclusion {
            name: "one_benefit",
            whose: Whose::Household,
            same: "TRUE",
            sides,
        };
        let functions = Dialect::Postgres.either(&exclusion);
        assert_eq!(functions.len(), 4);
        assert!(
            functions[0].starts_with("CREATE FUNCTION one_benefit_relocation() RETURNS trigger")
        );
        assert!(functions[3].starts_with(
            "CREATE TRIGGER one_benefit_renovation BEFORE INSERT OR UPDATE ON renovation"
        ));
        let triggers = Dialect::Sqlite.either(&exclusion);
        assert_eq!(triggers.len(), 4);
        assert!(triggers[1].starts_with(
            "CREATE TRIGGER one_benefit_relocation_update BEFORE update ON relocation WHEN"
        ));
    }
}
