//! Writes the rows of a plan straight to JSON.

use super::{
    Budget, Refusal,
    planner::{ObjectPlan, PlannedField, Write},
};
use crate::db::{BadCell, DbError, Row};
use async_graphql::{PathSegment, Pos};
use std::{collections::HashMap, ops::Range};

/// The rows of one slice, sorted by parent key, undecoded until they are written.
pub struct Loaded {
    rows: Vec<Row>,
    of_parent: HashMap<i64, Range<usize>>,
}

impl Loaded {
    pub fn of(rows: Vec<Row>) -> Result<Self, BadCell> {
        let mut of_parent: HashMap<i64, Range<usize>> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            let parent = row.cell(0).int()?;
            of_parent.entry(parent).or_insert(at..at).end = at + 1;
        }
        Ok(Loaded { rows, of_parent })
    }
    fn rows(&self, parent: i64) -> &[Row] {
        self.of_parent
            .get(&parent)
            .map_or(&[], |range| &self.rows[range.clone()])
    }
}

/// Why writing stopped; the nearest nullable field becomes null. Logged where it happened.
#[derive(Debug)]
pub struct Stopped;

impl From<BadCell> for Stopped {
    fn from(_: BadCell) -> Self {
        tracing::error!("a column does not hold what its Rust type says");
        Stopped
    }
}

/// Logs a statement that failed; the answer says only that it did.
pub fn logged(error: &DbError) -> Stopped {
    tracing::error!(error = %error, "a statement of the read path failed");
    Stopped
}

/// Where in the answer we are; costs nothing until an error needs it.
#[derive(Clone, Copy)]
pub enum Path<'p> {
    Start(&'p [PathSegment]),
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    pub fn segments(&self) -> Vec<PathSegment> {
        match self {
            Path::Start(segments) => segments.to_vec(),
            Path::Key(parent, key) => {
                let mut path = parent.segments();
                path.push(PathSegment::Field((*key).to_owned()));
                path
            }
            Path::Index(parent, index) => {
                let mut path = parent.segments();
                path.push(PathSegment::Index(*index));
                path
            }
        }
    }
}

/// A null of the answer and why.
pub struct Null {
    pub path: Vec<PathSegment>,
    pub pos: Pos,
    pub refusal: Refusal,
}

pub struct Writer<'a> {
    /// The slices of the plan; a slice whose statement failed is absent.
    pub slices: &'a [Option<Loaded>],
    pub budget: &'a Budget,
    pub json: Vec<u8>,
    pub nulls: Vec<Null>,
}

impl Writer<'_> {
    pub fn list(
        &mut self,
        object: &ObjectPlan,
        rows: &[Row],
        path: Path<'_>,
    ) -> Result<(), Stopped> {
        self.json.push(b'[');
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            self.object(object, row, Path::Index(&path, index))?;
        }
        self.json.push(b']');
        Ok(())
    }

    pub fn object(
        &mut self,
        object: &ObjectPlan,
        row: &Row,
        path: Path<'_>,
    ) -> Result<(), Stopped> {
        self.json.push(b'{');
        for (index, field) in object.fields.iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            self.json.extend_from_slice(&field.json_key);
            self.field(field, &field.write, row, Path::Key(&path, &field.key))?;
        }
        self.json.push(b'}');
        Ok(())
    }

    fn field(
        &mut self,
        field: &PlannedField,
        write: &Write,
        row: &Row,
        path: Path<'_>,
    ) -> Result<(), Stopped> {
        match write {
            Write::Constant(json) => self.json.extend_from_slice(json),
            Write::Column { at, write } => write(row.cell(*at), &mut self.json)?,
            Write::Object(object) => self.object(object, row, path)?,
            Write::Rows {
                statement,
                key_at,
                one,
                object,
            } => {
                let slices = self.slices;
                let slice = slices[*statement - 1].as_ref().ok_or(Stopped)?;
                let key = row.cell(*key_at);
                let rows = if key.is_null() {
                    &[]
                } else {
                    slice.rows(key.int()?)
                };
                let placed = if *one { rows.len().min(1) } else { rows.len() };
                if !self.budget.take(placed) {
                    return Err(Stopped);
                }
                match (one, rows.first()) {
                    (false, _) => self.list(object, rows, path)?,
                    (true, Some(row)) => self.object(object, row, path)?,
                    (true, None) => self.json.extend_from_slice(b"null"),
                }
            }
            Write::Nullable(inner) => {
                let (length, nulls) = (self.json.len(), self.nulls.len());
                if self.field(field, inner, row, path).is_err() {
                    self.json.truncate(length);
                    self.nulls.truncate(nulls);
                    self.null(field.pos, path, Refusal::internal());
                }
            }
            Write::Refused(refusal) => self.null(field.pos, path, refusal.clone()),
        }
        Ok(())
    }

    fn null(&mut self, pos: Pos, path: Path<'_>, refusal: Refusal) {
        self.json.extend_from_slice(b"null");
        self.nulls.push(Null {
            path: path.segments(),
            pos,
            refusal,
        });
    }
}
