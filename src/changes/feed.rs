//! The statement that reads a page of changes, for one viewer.
//!
//! It is one statement so that rows, horizon and what was removed are of one moment. Where a region is followed it has two
//! arms: what lies in the region, and what left it. Each arm goes through an index that ends with the position and stops
//! after a page.

use super::{
    cursor::Position,
    types::{Change, Told},
};
use crate::{
    authz::Access,
    db::{BadCell, Class, Database, Dialect, Param, Reads, Row, Statement},
    departments,
    graphql::{
        plan::{Refusal, failed, session},
        scalars::{Moment, RegionId},
    },
};
use entity::{
    codes::{ChangeAction, CodeList, Department, Slice},
    region_code::RegionCode,
};
use std::{collections::HashMap, sync::LazyLock};

/// What a region code is divided by to have its county, its province: by these there are indexes.
const UNITS: [i64; 2] = [1_000_000, 10_000_000_000];
const WHOLE_COUNTRY: (i64, i64) = (0, 999_999_999_999);
const COLUMNS: &str = "t.transaction_id, t.ordinal, t.at_ms, t.slice, t.action, t.object_type, t.object_id, \
                       t.household_id, COALESCE(t.region_code, t.region_before) AS region";
/// Rows whose region is not what it was, in the words of the index.
const MOVED: &str = "(t.region_code IS NULL OR t.region_code <> t.region_before)";

/// The GraphQL type of the rows of a table.
static TYPES: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    let kinds = departments::node_kinds();
    let named = kinds
        .iter()
        .map(|kind| (kind.table(), (kind.type_name)().into_owned()));
    named.collect()
});

/// What one viewer follows.
#[derive(Clone)]
pub(super) struct Feed {
    reads: Reads,
    /// Only of this household.
    household: Option<i64>,
    range: (i64, i64),
    slices: Vec<String>,
    /// Tables whose rows the viewer may not read.
    unread: Vec<String>,
    /// Only findings that this department is asked about, or is one of those that differ.
    findings_of: Option<Department>,
    access: Access,
}

/// A page, and up to where it was read.
pub(super) struct Read {
    pub(super) entries: Vec<Change>,
    pub(super) end: Position,
    pub(super) has_more: bool,
}

impl Feed {
    /// What this viewer may follow; of these slices only, if any are named, and inside this region.
    pub(super) fn new(
        reads: Reads,
        access: &Access,
        slices: Option<&[Slice]>,
        region: Option<RegionId>,
    ) -> Self {
        let (lo, hi) = access.viewer.region;
        let (asked_lo, asked_hi) = region.map_or(WHOLE_COUNTRY, |region| region.0.range());
        let may_read = |name: &str| access.matrix().may_read_type(access.rights(), name);
        let unread = TYPES.iter().filter(|(_, name)| !may_read(name));
        let mut unread: Vec<_> = unread.map(|(table, _)| (*table).to_owned()).collect();
        unread.sort_unstable();
        Feed {
            reads,
            household: None,
            range: (lo.max(asked_lo), hi.min(asked_hi)),
            slices: readable(access, slices),
            unread,
            findings_of: None,
            access: access.clone(),
        }
    }

    /// Only what concerns this household.
    pub(super) fn of_household(mut self, household: i64) -> Self {
        self.household = Some(household);
        self
    }

    /// Only findings of the viewer's own department.
    pub(super) fn of_findings(mut self) -> Self {
        self.findings_of = Some(self.access.viewer.department);
        self
    }

    /// The newest position: what is told from here on comes after it.
    pub(super) async fn newest(database: &Database) -> Result<Position, Refusal> {
        let horizon = database.horizon().await;
        horizon.map(Position::below).map_err(|error| failed(&error))
    }

    /// At most `first` changes after a position.
    ///
    /// # Errors
    /// `CURSOR_EXPIRED` where changes after the position have been removed.
    pub(super) async fn page(&self, after: Position, first: usize) -> Result<Read, Refusal> {
        let statement = self.statement(after, first);
        let mut session = session(&self.reads).await?;
        let rows = session
            .one(statement)
            .await
            .map_err(|error| failed(&error))?;
        self.read(after, first, &rows)
            .map_err(|error| failed(&error.into()))?
    }

    fn read(
        &self,
        after: Position,
        first: usize,
        rows: &[Row],
    ) -> Result<Result<Read, Refusal>, BadCell> {
        let head = rows.first().ok_or(BadCell::UNKNOWN)?;
        if after < position(head, 1)? {
            return Ok(Err(expired()));
        }
        // Without changes there is one row with the head alone.
        let found: Vec<_> = rows.iter().filter(|row| !row.cell(3).is_null()).collect();
        let has_more = found.len() > first;
        let kept = &found[..found.len().min(first)];
        let entries = kept.iter().map(|row| self.change(row));
        let entries = entries.collect::<Result<Vec<_>, BadCell>>()?;
        let end = match (has_more, kept.last()) {
            (true, Some(last)) => position(last, 3)?,
            // Up to the horizon nothing else is for this viewer.
            _ => after.max(Position::below(head.cell(0).int()?)),
        };
        Ok(Ok(Read {
            entries,
            end,
            has_more,
        }))
    }

    fn change(&self, row: &Row) -> Result<Change, BadCell> {
        let left = row.cell(12).int()? != 0;
        Ok(Change {
            position: position(row, 3)?,
            household: optional(row, 10)?,
            at: Moment(row.cell(5).int()?),
            told: (!left).then(|| self.told(row)).transpose()?,
        })
    }

    fn told(&self, row: &Row) -> Result<Told, BadCell> {
        let key = row.cell(9).int()?;
        let object_type = TYPES
            .get(row.cell(8).text()?)
            .filter(|_| !self.access.is_institution());
        let region = optional(row, 11)?.map(RegionCode::try_from).transpose();
        Ok(Told {
            slice: Slice::of_word(row.cell(6).text()?).ok_or(BadCell::UNKNOWN)?,
            action: ChangeAction::of_word(row.cell(7).text()?).ok_or(BadCell::UNKNOWN)?,
            object: object_type.map(|name| (name.as_str(), key)),
            region: region.map_err(|_| BadCell::UNKNOWN)?.map(RegionId),
        })
    }

    fn statement(&self, after: Position, first: usize) -> Statement {
        let dialect = self.reads.dialect();
        let mut bound = Bound(vec![
            after.transaction.into(),
            i64::from(after.ordinal).into(),
        ]);
        let all = self.of_all(dialect, &mut bound);
        let wanted = self.wanted(dialect, &mut bound);
        let limit = first + 1; // one more tells whether there is more
        let number = self.number();
        let arm = |condition: String, left: &str| {
            format!(
                "SELECT {COLUMNS}, {left} AS left_scope FROM change_record t WHERE {all} AND {condition} \
                 ORDER BY {number}, t.ordinal LIMIT {limit}"
            )
        };
        let within = self.within("t.region_code", &mut bound);
        let mut rows = format!(
            "SELECT * FROM ({}) a",
            arm(format!("{within} AND {wanted}"), "0")
        );
        if self.range != WHOLE_COUNTRY {
            let (lo, hi) = (bound.bind(self.range.0), bound.bind(self.range.1));
            let was_within = self.within("t.region_before", &mut bound);
            // What was deleted is told as it is; of a household that moved away, that it did.
            let left = arm(
                format!(
                    "{was_within} AND {MOVED} AND (t.region_code IS NULL AND {wanted} \
                     OR t.region_code NOT BETWEEN {lo} AND {hi} AND t.household_id IS NOT NULL)"
                ),
                "CASE WHEN t.region_code IS NULL THEN 0 ELSE 1 END",
            );
            rows = format!("{rows} UNION ALL SELECT * FROM ({left}) b");
        }
        let sql = format!(
            "SELECT h.*, p.* FROM (SELECT {} AS horizon, g.transaction_id AS purged, g.ordinal AS purged_ordinal \
             FROM change_purge g) h LEFT JOIN ({rows} ORDER BY 1, 2 LIMIT {limit}) p ON 1 = 1 \
             ORDER BY p.transaction_id, p.ordinal",
            dialect.horizon()
        );
        let class = match self.household {
            Some(_) => Class::ByHousehold,
            None => Class::ByScope,
        };
        Statement::new(class, sql, bound.0)
    }

    /// After the position, below the horizon, and of the households that exist for the viewer.
    fn of_all(&self, dialect: Dialect, bound: &mut Bound) -> String {
        let number = self.number();
        let mut conditions = vec![
            format!("({number}, t.ordinal) > ($1, $2)"),
            format!("{number} < {}", dialect.horizon()),
        ];
        if let Some(household) = self.household {
            conditions.push(format!("t.household_id = {}", bound.bind(household)));
        }
        let exists = self
            .access
            .of_household("t.household_id", |param| bound.bind(param));
        conditions.extend(exists);
        conditions.join(" AND ")
    }

    /// The number of the transaction. Where the household leads to the rows they are few: the sum keeps the planner from
    /// reading everything after the position instead.
    fn number(&self) -> &'static str {
        match self.is_by_household() {
            true => "(t.transaction_id + 0)",
            false => "t.transaction_id",
        }
    }

    /// Of the slices and types that are told.
    fn wanted(&self, dialect: Dialect, bound: &mut Bound) -> String {
        let slices = bound.list(&self.slices);
        let unread = bound.list(&self.unread);
        let (slice, object) = (
            dialect.any("t.slice", slices),
            dialect.any("t.object_type", unread),
        );
        let wanted = format!("{slice} AND NOT {}", unestimated(&object));
        let Some(department) = self.findings_of else {
            return wanted;
        };
        let department = bound.bind(Param::Text(department.word().into()));
        format!(
            "{wanted} AND t.object_type = 'finding' AND EXISTS (SELECT 1 FROM finding f WHERE f.id = t.object_id \
             AND (f.department = CAST({department} AS TEXT) OR f.parties LIKE '% ' || CAST({department} AS TEXT) || ' %'))"
        )
    }

    /// The region in this column is one that is followed. The unit leads an index, so it is compared for being equal.
    fn within(&self, column: &str, bound: &mut Bound) -> String {
        let (lo, hi) = self.range;
        if self.range == WHOLE_COUNTRY {
            return "1 = 1".to_owned();
        }
        if lo > hi {
            return "1 = 0".to_owned();
        }
        let between = |bound: &mut Bound| {
            format!("{column} BETWEEN {} AND {}", bound.bind(lo), bound.bind(hi))
        };
        let unit = UNITS.into_iter().find(|unit| lo / unit == hi / unit);
        let Some(unit) = unit.filter(|_| !self.is_by_household()) else {
            return between(bound);
        };
        let in_unit = format!("{column} / {unit} = {}", bound.bind(lo / unit));
        if lo % unit == 0 && hi % unit == unit - 1 {
            return in_unit;
        }
        format!("{in_unit} AND {}", unestimated(&between(bound)))
    }

    /// Whether the household leads to the rows, not the region.
    fn is_by_household(&self) -> bool {
        self.household.is_some() || self.access.is_bounded_by_household()
    }
}

/// A condition of which the planner estimates nothing. It would else think that next to nothing is left (a range of unknown
/// ends, types that hardly differ), and read everything after the position in order to sort it.
fn unestimated(condition: &str) -> String {
    format!("COALESCE({condition}, FALSE)")
}

/// The values of a statement's placeholders.
struct Bound(Vec<Param>);

impl Bound {
    fn bind(&mut self, param: impl Into<Param>) -> String {
        self.0.push(param.into());
        format!("${}", self.0.len())
    }

    /// The number of a list's placeholder.
    fn list(&mut self, words: &[String]) -> usize {
        self.0.push(Param::Texts(words.into()));
        self.0.len()
    }
}

/// The words of the slices that the viewer reads anything of; of those asked for, if any are.
fn readable(access: &Access, asked: Option<&[Slice]>) -> Vec<String> {
    let mut slices: Vec<_> = departments::slices()
        .into_iter()
        .filter(|field| access.may_read(field.type_name, field.name))
        .map(|field| field.slice)
        .filter(|slice| asked.is_none_or(|asked| asked.contains(slice)))
        .collect();
    slices.sort_unstable();
    slices.dedup();
    slices
        .into_iter()
        .map(|slice| slice.word().to_owned())
        .collect()
}

fn optional(row: &Row, at: usize) -> Result<Option<i64>, BadCell> {
    let cell = row.cell(at);
    (!cell.is_null()).then(|| cell.int()).transpose()
}

fn position(row: &Row, at: usize) -> Result<Position, BadCell> {
    Ok(Position {
        transaction: row.cell(at).int()?,
        ordinal: i32::try_from(row.cell(at + 1).int()?).map_err(|_| BadCell::UNKNOWN)?,
    })
}

fn expired() -> Refusal {
    Refusal::argument(
        "CURSOR_EXPIRED",
        &["after"],
        "游标太旧，其后的变更已清除：请用 changeCursor 取得新位置，再重新读取名册。",
        "Changes after this cursor have been removed: take a new position from changeCursor and read the roll anew.",
    )
}
