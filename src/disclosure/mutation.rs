//! The full values behind the masks. The records are committed before a value leaves, and no answer is kept: it has no
//! number of its own to be asked again by, because each answer is a look of its own.

use super::{
    store::{Shown, record},
    types::{SensitiveValue, SensitiveValues},
};
use crate::{
    authz::Access,
    clock::Clock,
    db::{BadCell, Database, Param, Reads, Row},
    departments,
    graphql::{
        plan::{Outcome, Refusal, acquire, failed},
        scalars::parse_global_id,
    },
    room::SensitiveColumn,
    text::is_plain,
    vault::{Kind, Place, Sensitive, Vault},
};
use async_graphql::{Context, ID, Object};
use entity::codes::{CodeList, RevealPurpose, SensitiveField};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

/// The most subjects at a time.
const MOST_SUBJECTS: usize = 1_000;
/// The longest number of a case.
const LONGEST_CASE_NUMBER: usize = 64;

/// What can be done about disclosure.
#[derive(Default)]
pub struct Mutation;

#[Object(name = "DisclosureMutation")]
impl Mutation {
    /// The full values behind the masks of up to 1000 objects (查看完整敏感信息): persons, households, bank cards, claims,
    /// handbooks, certificates, of which you read the mask. Who, when, why and in which case is recorded of each person
    /// before the values leave, and the person may read it.
    async fn sensitive_reveal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The objects (对象), by global id, at most 1000.")] subjects: Vec<ID>,
        #[graphql(desc = "Which values (字段).")] fields: Vec<SensitiveField>,
        #[graphql(desc = "What for (用途).")] purpose: RevealPurpose,
        #[graphql(desc = "The number of the case (案件编号), at most 64 characters.")]
        case_number: String,
    ) -> Outcome<SensitiveValues> {
        let asked = Asked {
            subjects: &subjects,
            fields: &fields,
            purpose,
            case_number: case_number.trim(),
        };
        reveal(ctx, &asked).await.into()
    }
}

/// The places of subjects in the client's list, by their keys.
type Places = HashMap<i64, usize>;

struct Asked<'a> {
    subjects: &'a [ID],
    fields: &'a [SensitiveField],
    purpose: RevealPurpose,
    case_number: &'a str,
}

/// A value that was found, with whom it belongs to.
struct Found {
    place: usize,
    field: SensitiveField,
    household: i64,
    region: i64,
    person: Option<i64>,
    value: String,
}

async fn reveal(ctx: &Context<'_>, asked: &Asked<'_>) -> Result<SensitiveValues, Refusal> {
    asked.check()?;
    let mut found = Vec::new();
    let mut present = HashSet::new();
    for (column, places) in asked.columns(ctx.data_unchecked())? {
        for (key, row) in rows(ctx, &column, places.keys().copied().collect()).await? {
            let Some(place) = places.get(&key).copied() else {
                continue;
            };
            present.insert(&asked.subjects[place]);
            found.extend(open(ctx, &column, place, key, &row)?);
        }
    }
    let mut subjects = asked.subjects.iter();
    if let Some(place) = subjects.position(|subject| !present.contains(subject)) {
        return Err(not_found(place));
    }
    found.sort_by_key(|found| (found.place, found.field));
    keep(ctx, asked, &found).await?;
    let values = found.into_iter().map(|found| SensitiveValue {
        subject: asked.subjects[found.place].clone(),
        field: found.field,
        value: found.value,
    });
    Ok(SensitiveValues {
        values: values.collect(),
    })
}

impl Asked<'_> {
    fn check(&self) -> Result<(), Refusal> {
        if self.subjects.is_empty() || self.subjects.len() > MOST_SUBJECTS || self.fields.is_empty()
        {
            return Err(Refusal::argument(
                "TOO_MANY_SUBJECTS",
                &["subjects"],
                format!("一次可查看 1 至 {MOST_SUBJECTS} 个对象，且须选择字段。"),
                format!("From 1 to {MOST_SUBJECTS} subjects at a time, and at least one field."),
            ));
        }
        let length = self.case_number.chars().count();
        if length == 0 || length > LONGEST_CASE_NUMBER || !is_plain(self.case_number) {
            return Err(Refusal::argument(
                "INVALID_VALUE",
                &["caseNumber"],
                format!("请填写案件编号，1 至 {LONGEST_CASE_NUMBER} 个字。"),
                format!("Give the number of the case, 1 to {LONGEST_CASE_NUMBER} characters."),
            ));
        }
        Ok(())
    }

    /// The columns asked for, each with the places of its subjects by key.
    fn columns(&self, access: &Access) -> Result<Vec<(SensitiveColumn, Places)>, Refusal> {
        let mut by_type: BTreeMap<String, Places> = BTreeMap::new();
        for (place, subject) in self.subjects.iter().enumerate() {
            let (type_name, key) = parse_global_id(subject).ok_or_else(|| not_found(place))?;
            by_type.entry(type_name).or_default().insert(key, place);
        }
        let asked_for = |column: &SensitiveColumn| self.fields.contains(&field_of(column.kind));
        let columns = departments::sensitive().into_iter().filter(asked_for);
        columns
            .filter_map(|column| Some((column, by_type.get(column.type_name)?.clone())))
            .map(
                |(column, places)| match access.may_read(column.type_name, column.field) {
                    true => Ok((column, places)),
                    false => Err(Refusal::forbidden()),
                },
            )
            .collect()
    }
}

fn not_found(place: usize) -> Refusal {
    Refusal::argument(
        "NOT_FOUND",
        &["subjects", &place.to_string()],
        "没有这个对象，或它没有所选的信息：请核对编号和字段。未显示任何内容。",
        "There is no such object for you, or it has none of these values: check id and fields. Nothing was shown.",
    )
}

fn field_of(kind: Kind) -> SensitiveField {
    match kind {
        Kind::CitizenNumber => SensitiveField::CitizenNumber,
        Kind::Phone => SensitiveField::Phone,
        Kind::BankCard => SensitiveField::BankCard,
        Kind::Diagnosis => SensitiveField::Diagnosis,
        Kind::DisabilityCertificate => SensitiveField::DisabilityCertificate,
    }
}

/// The rows of these keys that exist for the viewer.
async fn rows(
    ctx: &Context<'_>,
    column: &SensitiveColumn,
    keys: Vec<i64>,
) -> Result<Vec<(i64, Row)>, Refusal> {
    let mut query = (column.scoped)(ctx.data_unchecked::<Access>());
    query.limit = keys.len();
    query.any(
        ctx.data_unchecked::<Reads>(),
        column.key,
        Param::I64s(keys.into()),
    );
    let mut session = acquire(ctx).await?;
    let rows = session
        .one(query.statement(column.select))
        .await
        .map_err(|error| failed(&error))?;
    let keyed = rows.into_iter().map(|row| Ok((row.cell(0).int()?, row)));
    keyed
        .collect::<Result<_, BadCell>>()
        .map_err(|error| unreadable(&error))
}

fn open(
    ctx: &Context<'_>,
    column: &SensitiveColumn,
    place: usize,
    key: i64,
    row: &Row,
) -> Result<Option<Found>, Refusal> {
    let read = || -> Result<_, BadCell> {
        let person = row.cell(3);
        Ok(Found {
            place,
            field: field_of(column.kind),
            household: row.cell(1).int()?,
            region: row.cell(2).int()?,
            person: (!person.is_null()).then(|| person.int()).transpose()?,
            value: String::new(),
        })
    };
    let (mut found, cipher) = (read().map_err(|error| unreadable(&error))?, row.cell(4));
    if cipher.is_null() {
        return Ok(None);
    }
    let stored_at = Place::new(column.table, column.column, key);
    let cipher = cipher.bytes().map_err(|error| unreadable(&error))?;
    let opened = ctx
        .data_unchecked::<Arc<Vault>>()
        .open(column.kind, stored_at, cipher)
        .map_err(|error| unreadable(&error))?;
    opened.reveal().clone_into(&mut found.value);
    Ok(Some(found))
}

fn unreadable(error: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a sensitive value can't be read");
    Refusal::internal()
}

/// Commits a record for each person, and for each household of which a value of its own was asked.
async fn keep(ctx: &Context<'_>, asked: &Asked<'_>, found: &[Found]) -> Result<(), Refusal> {
    let mut shown: BTreeMap<(i64, Option<i64>), Shown> = BTreeMap::new();
    for value in found {
        let of = shown
            .entry((value.household, value.person))
            .or_insert_with(|| Shown {
                household: value.household,
                region: value.region,
                person: value.person,
                fields: vec![],
            });
        if !of.fields.contains(&value.field.word()) {
            of.fields.push(value.field.word());
        }
    }
    let access = ctx.data_unchecked::<Access>();
    let shown: Vec<_> = shown.into_values().collect();
    record(
        ctx.data_unchecked::<Database>(),
        &access.viewer,
        (asked.purpose.word(), asked.case_number),
        &shown,
        ctx.data_unchecked::<Clock>().now_ms(),
    )
    .await
    .map_err(|error| failed(&error))
}
