//! What makes every row slow, taken off the empty tables and put back from the catalog's own definitions.

use super::{Line, Load};
use crate::db::DbError;
use std::collections::HashSet;

const POSTGRES_TABLES: &str = "SELECT c.oid::regclass::text FROM pg_class c \
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'";

const SQLITE_TABLES: &str =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";

/// Kind, table, name, definition: the keys, the indexes that belong to no constraint, the references to keys, the triggers.
const POSTGRES_PARTS: &str = "\
     SELECT CASE contype WHEN 'f' THEN 'reference' ELSE 'key' END, conrelid::regclass::text, quote_ident(conname), \
     pg_get_constraintdef(oid) FROM pg_constraint \
     WHERE connamespace = current_schema()::regnamespace AND contype IN ('p', 'u', 'x', 'f') \
     UNION ALL \
     SELECT 'index', i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) \
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' \
     AND NOT EXISTS (SELECT 1 FROM pg_constraint t WHERE t.conindid = i.indexrelid) \
     UNION ALL \
     SELECT 'trigger', t.tgrelid::regclass::text, quote_ident(t.tgname) || ' ON ' || t.tgrelid::regclass::text, \
     pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
     WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal ORDER BY 2, 3";

const SQLITE_PARTS: &str = "SELECT type, tbl_name, name, sql FROM sqlite_schema \
     WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid";

/// Something of a table that is not its rows.
struct Part {
    kind: String,
    table: String,
    name: String,
    definition: String,
}

impl Part {
    fn take_off(&self) -> String {
        let Part {
            kind, table, name, ..
        } = self;
        match kind.as_str() {
            "key" | "reference" => format!("ALTER TABLE {table} DROP CONSTRAINT {name}"),
            kind => format!("DROP {kind} {name}"),
        }
    }

    fn put_back(&self) -> String {
        let Part {
            kind,
            table,
            name,
            definition,
        } = self;
        match kind.as_str() {
            "key" | "reference" => {
                format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
            }
            _ => definition.clone(),
        }
    }
}

impl Load {
    /// Takes off indexes and constraints of the tables without a row.
    pub(super) async fn take_off(&mut self) -> Result<(), DbError> {
        let (tables, parts) = match self.line {
            Line::Sqlite(_) => (SQLITE_TABLES, SQLITE_PARTS),
            Line::Postgres(_) => (POSTGRES_TABLES, POSTGRES_PARTS),
        };
        let mut empty = HashSet::new();
        for table in self.texts(tables).await?.into_iter().flatten() {
            let row = format!("SELECT '' FROM {table} LIMIT 1");
            if self.texts(&row).await?.is_empty() {
                empty.insert(table);
            }
        }
        let mut parts: Vec<Part> = self
            .texts(parts)
            .await?
            .into_iter()
            .filter_map(part)
            .filter(|part| empty.contains(&part.table))
            .collect();
        // What refers to a key goes before it and comes after it.
        parts.sort_by_key(|part| part.kind == "reference");
        for part in parts.iter().rev() {
            self.run(&part.take_off()).await?;
        }
        self.put_back = parts.iter().map(Part::put_back).collect();
        Ok(())
    }

    /// Puts everything back and checks the rows.
    pub(super) async fn put_back(&mut self) -> Result<(), DbError> {
        let statements = std::mem::take(&mut self.put_back);
        for statement in &statements {
            self.run(statement).await?;
        }
        match self.line {
            _ if statements.is_empty() => Ok(()),
            // So that the first readers get good plans.
            Line::Postgres(_) => self.run("ANALYZE").await,
            // References were not checked while rows came.
            Line::Sqlite(_) => {
                let orphans = "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1";
                match self.texts(orphans).await?.into_iter().flatten().next() {
                    None => Ok(()),
                    Some(table) => Err(DbError::fault(format!("{table} refers to no row"))),
                }
            }
        }
    }
}

fn part(row: Vec<String>) -> Option<Part> {
    let [kind, table, name, definition] = <[String; 4]>::try_from(row).ok()?;
    Some(Part {
        kind,
        table,
        name,
        definition,
    })
}
