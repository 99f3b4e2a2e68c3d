//! Single values that others ask the owner of a table to correct.

use super::{
    door::{Door, Findable, column, number, table},
    fields::shown,
    journal::json_of,
    mistake::{Code, INVALID_VALUE, Mistake, Mistakes, NOT_FOUND, Stop},
};
use crate::graphql::scalars::{Day, Fen, NodeName, SquareMetres};
use async_graphql::ScalarType;
use entity::codes::Department;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, ColumnType, ModelTrait, Value};

/// The value has changed since the correction was proposed.
pub const CHANGED_SINCE: Code = Code::new(
    "CHANGED_SINCE",
    "该信息在申请后已变更：请核对现值，并答复申请。",
    "The value has changed since the request: look at what it is now, and answer the request.",
);

/// The longest text that is proposed, in characters.
const LONGEST: usize = 200;

/// A table whose owner others may ask to correct its rows.
pub trait Corrected: Findable {
    /// Who owns the fields.
    const OWNER: Department;
    /// The columns that another department owns.
    const OTHERS: &'static [(Department, &'static [&'static str])] = &[];
    /// The column that names the institution that owns a row: a bank's loans are that bank's.
    const INSTITUTION: Option<&'static str> = None;
    /// The columns that take over a proposed value as it is. What others say follows from a decision or from money: their
    /// owner corrects them by an action of its own.
    const COLUMNS: &'static [&'static str] = &[];

    /// Sets what follows from a corrected value.
    fn settle(_: &mut Self::Model) {}
}

/// Says of tables who owns their fields, and which take over a proposed value: `corrected! { Housing: house "grade"; }`.
macro_rules! corrected {
    ($($owner:ident $(by $institution:literal)? : $($entity:ident)::+ $($column:literal)*;)+) => { $(
        impl crate::writing::Corrected for $($entity)::+::Entity {
            const OWNER: ::entity::codes::Department = ::entity::codes::Department::$owner;
            $( const INSTITUTION: Option<&'static str> = Some($institution); )?
            const COLUMNS: &'static [&'static str] = &[$($column),*];
        }
    )+ };
}
pub(crate) use corrected;

/// What is known of a row that somebody wants corrected.
pub struct Subject {
    pub household: i64,
    pub region: i64,
    pub county: i64,
    pub person: Option<i64>,
    /// The institution that owns it; empty where none does.
    pub institution: String,
    /// The value as text. None of a sensitive one.
    pub value: Option<String>,
    /// Whether the column can hold the proposed value.
    pub fits: bool,
}

/// A value that is proposed for a column of a row.
#[derive(Clone)]
pub struct Asked {
    pub column: &'static str,
    pub proposed: Option<String>,
}

type Look = fn(Door, i64, Asked) -> BoxFuture<'static, Result<Option<Subject>, Stop>>;
type Correct = fn(Door, i64, Asked, Option<String>) -> BoxFuture<'static, Result<(), Stop>>;

/// A table of [`Corrected`] rows, whatever its entity.
#[derive(Clone, Copy)]
pub struct Correctable {
    pub type_name: &'static str,
    pub table: &'static str,
    owner: Department,
    others: &'static [(Department, &'static [&'static str])],
    columns: &'static [&'static str],
    /// Finds the row of this key, with the value in a column, where it exists for the viewer.
    pub look: Look,
    /// Takes over a value, where the one that was on record when it was proposed still is.
    pub correct: Correct,
}

impl Correctable {
    #[must_use]
    pub fn of<E: Corrected>() -> Self
    where
        E::Row: NodeName,
    {
        Correctable {
            type_name: <E::Row as NodeName>::NAME,
            table: table::<E>(),
            owner: E::OWNER,
            others: E::OTHERS,
            columns: E::COLUMNS,
            look: |door, key, asked| Box::pin(look::<E>(door, key, asked)),
            correct: |door, key, asked, recorded| {
                Box::pin(correct::<E>(door, key, asked, recorded))
            },
        }
    }

    /// Who owns a column.
    #[must_use]
    pub fn owner(&self, column: &str) -> Department {
        let other = self
            .others
            .iter()
            .find(|(_, columns)| columns.contains(&column));
        other.map_or(self.owner, |(department, _)| *department)
    }

    /// The columns that take over a proposed value as it is.
    #[must_use]
    pub fn columns(&self) -> &'static [&'static str] {
        self.columns
    }

    /// Whether a column takes over a proposed value as it is.
    #[must_use]
    pub fn takes_over(&self, column: &str) -> bool {
        self.columns.contains(&column)
    }
}

/// Whether what is shown of this column is the mask of a sensitive value.
#[must_use]
pub fn is_masked(column: &str) -> bool {
    column.ends_with("_mask")
}

async fn look<E: Corrected>(door: Door, key: i64, asked: Asked) -> Result<Option<Subject>, Stop> {
    let Some(row) = door.find_by_key::<E>(key).await? else {
        return Ok(None);
    };
    let of = |name| number::<E>(&row, name);
    let institution = E::INSTITUTION.and_then(|name| value::<E>(&row, name));
    let id = of("id");
    Ok(Some(Subject {
        household: of("household_id").or(id).unwrap_or_default(),
        region: of("region_code").unwrap_or_default(),
        county: of("county_code").unwrap_or_default(),
        person: match table::<E>() {
            "person" => id,
            _ => of("person_id"),
        },
        institution: institution.unwrap_or_default(),
        value: match is_masked(asked.column) {
            true => None,
            false => value::<E>(&row, asked.column),
        },
        fits: with::<E>(&row, &asked).is_some(),
    }))
}

async fn correct<E: Corrected>(
    door: Door,
    key: i64,
    asked: Asked,
    recorded: Option<String>,
) -> Result<(), Stop> {
    let before = door.find_by_key::<E>(key).await?;
    let before = before.ok_or_else(|| Mistake::new(&NOT_FOUND, &["id"]))?;
    if value::<E>(&before, asked.column) != recorded {
        return Err(Mistake::new(&CHANGED_SINCE, &["id"]).into());
    }
    let after = with::<E>(&before, &asked);
    let after = after.ok_or_else(|| Mistake::new(&INVALID_VALUE, &["id"]))?;
    door.update::<E>(&before, after).await?;
    Ok(())
}

/// The row with the proposed value; none where the column can't hold it.
fn with<E: Corrected>(row: &E::Model, asked: &Asked) -> Option<E::Model> {
    let column = column::<E>(asked.column)?;
    let definition = column.def();
    let kind = definition.get_column_type();
    let value = match asked.proposed.as_deref() {
        None if !definition.is_null() => return None,
        None => none_of(kind),
        Some(text) => value_of(asked.column, kind, text)?,
    };
    let mut after = row.clone();
    // Refuses a word that is not of the column's code list.
    after.try_set(column, value).ok()?;
    E::settle(&mut after);
    Some(after)
}

/// The value in a column as the graph writes it.
fn value<E: Findable>(row: &E::Model, name: &str) -> Option<String> {
    let json = json_of(&row.get(column::<E>(name)?));
    shown(name, Some(&json))
}

fn none_of(kind: &ColumnType) -> Value {
    match kind {
        ColumnType::Date => Value::TimeDate(None),
        ColumnType::BigInteger => Value::BigInt(None),
        ColumnType::Integer => Value::Int(None),
        ColumnType::Boolean => Value::Bool(None),
        _ => Value::String(None),
    }
}

fn value_of(name: &str, kind: &ColumnType, text: &str) -> Option<Value> {
    let scalar = || async_graphql::Value::String(text.to_owned());
    Some(match kind {
        ColumnType::Date => Value::TimeDate(Some(<Day as ScalarType>::parse(scalar()).ok()?.0)),
        ColumnType::BigInteger if name.ends_with("_fen") => {
            Value::BigInt(Some(<Fen as ScalarType>::parse(scalar()).ok()?.0))
        }
        ColumnType::BigInteger if name.ends_with("_dm2") => {
            Value::BigInt(Some(<SquareMetres as ScalarType>::parse(scalar()).ok()?.0))
        }
        ColumnType::BigInteger => Value::BigInt(Some(text.parse().ok()?)),
        ColumnType::Integer => Value::Int(Some(text.parse().ok()?)),
        ColumnType::Boolean => Value::Bool(Some(text.parse().ok()?)),
        _ => Value::String(Some(is_text(text).then(|| text.trim().to_owned())?)),
    })
}

fn is_text(text: &str) -> bool {
    let mut mistakes = Mistakes::default();
    mistakes.text(text, LONGEST, &[]);
    mistakes.none().is_ok()
}
