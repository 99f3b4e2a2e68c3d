//! What can be asked of regions, households and persons.

use super::{
    help::{HelpFilter, HelpQuery},
    people::PeopleQuery,
    publicity::PublicityQuery,
    region::{Region, in_region, known},
    service::LookUp,
    types::{HouseholdCore, PersonCore},
    village::VillageQuery,
};
use crate::{
    authz::Access,
    db::{Class, Param, Reads},
    departments::{Household, HouseholdFilter, Person},
    graphql::{
        plan::{Found, KeyKind, Order, Outcome, Page, PageRequest, Refusal, RootQuery, key_of},
        scalars::RegionId,
    },
    identifiers::CardNumber,
    room::HouseholdConditions,
};
use async_graphql::{Context, Enum, ID, InputObject, MergedObject, Object};
use entity::{
    codes::CodeList,
    household::codes::{HouseholdClass, HouseholdStatus, PovertyCause},
};
use std::collections::HashMap;

/// Conditions on the basics of households.
#[derive(InputObject, Default)]
pub struct HouseholdBasicsFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these statuses (状态).
    status: Option<Vec<HouseholdStatus>>,
    /// One of these classes (贫困户属性).
    class: Option<Vec<HouseholdClass>>,
    /// One of these main causes (主要致贫原因).
    main_cause: Option<Vec<PovertyCause>>,
    /// Registered in this calendar year (建档立卡年度), from 1949 to 2199.
    registered_in: Option<i32>,
    /// Exited in this calendar year (脱贫年度), from 1949 to 2199.
    exited_in: Option<i32>,
    /// Some member today has this name in full (成员姓名). Inside one county only.
    member_name: Option<String>,
    /// The name of some member today begins with this (成员姓名开头). Inside one county only.
    member_name_prefix: Option<String>,
    /// Conditions on the help (帮扶条件).
    help: Option<HelpFilter>,
}

impl HouseholdConditions for HouseholdBasicsFilter {
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.status", self.status.as_deref());
        one_of(reads, query, "t.class", self.class.as_deref());
        one_of(reads, query, "t.main_cause", self.main_cause.as_deref());
        query.in_year_of_day(
            "t.registered_on",
            self.registered_in,
            &["filter", "registeredIn"],
        )?;
        query.in_year_of_day("t.exited_on", self.exited_in, &["filter", "exitedIn"])?;
        self.help
            .as_ref()
            .map_or(Ok(()), |help| help.restrict(reads, query))
    }
}

impl HouseholdBasicsFilter {
    /// Leaves the households with a member of the name asked for. Names are indexed by county, so they are looked for in one.
    fn restrict_names(&self, access: &Access, query: &mut RootQuery) -> Result<(), Refusal> {
        let named = [
            ("memberName", &self.member_name),
            ("memberNamePrefix", &self.member_name_prefix),
        ];
        for (argument, name) in named {
            let Some(name) = name else { continue };
            let path = ["filter", argument];
            let county = access.county(self.asked()).ok_or_else(|| {
                Refusal::argument(
                    "NAME_TOO_WIDE",
                    &path,
                    "县以上范围不能按成员姓名查询：请在 filter.region 中指定一个县或其下级。",
                    "Above a county nobody is found by name: name a county or below in filter.region.",
                )
            })?;
            let county = query.bind(Param::I64(county));
            let of_name = match argument {
                "memberName" => query.text_is("p.name", name, &path)?,
                _ => query.text_begins_with("p.name", name, &path)?,
            };
            query.and(format!(
                "t.id IN (SELECT p.household_id FROM person p WHERE p.county_code = {county} AND {of_name} AND p.valid_to IS NULL)"
            ));
        }
        Ok(())
    }

    /// The range of the region asked for, if any.
    fn asked(&self) -> Option<(i64, i64)> {
        self.region.map(|region| region.0.range())
    }
}

/// The column holds one of the given words, if any are given.
pub fn one_of<C: CodeList>(
    reads: &Reads,
    query: &mut RootQuery,
    column: &str,
    words: Option<&[C]>,
) {
    if let Some(words) = words {
        let condition = holds_one_of(reads, query, column, words);
        query.and(condition);
    }
}

/// The condition that the column holds one of the words, for a condition on other rows than the query's own.
#[must_use]
pub fn holds_one_of<C: CodeList>(
    reads: &Reads,
    query: &mut RootQuery,
    column: &str,
    words: &[C],
) -> String {
    // One word is compared, so that the column can lead an index and the order after it holds.
    if let [word] = words {
        let word = query.bind(Param::Text(word.word().into()));
        return format!("{column} = {word}");
    }
    let placeholder = query.next_placeholder();
    let words = words.iter().map(|word| word.word().to_owned()).collect();
    query.bind(Param::Texts(words));
    reads.dialect().any(column, placeholder)
}

/// The order of a list of households (排序).
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum HouseholdSort {
    /// By card number, candidates last (户编号).
    #[default]
    CardNumber,
    /// By the day of registration, candidates last (建档立卡日期). Inside one county only.
    RegisteredOn,
}

const BY_CARD_NUMBER: Order = Order {
    name: "households.CARD_NUMBER",
    keys: &[("t.card_order", KeyKind::Text), ("t.id", KeyKind::Integer)],
    descending: false,
};

const BY_REGISTRATION: Order = Order {
    name: "households.REGISTERED_ON",
    keys: &[
        ("COALESCE(t.registered_on, '9999-12-31')", KeyKind::Day),
        ("t.id", KeyKind::Integer),
    ],
    descending: false,
};

/// What can be asked of regions, households, persons, their help, the villages' posts and earnings, and what is posted.
#[derive(MergedObject, Default)]
#[graphql(name = "HouseholdQuery")]
pub struct Query(
    FileQuery,
    PeopleQuery,
    HelpQuery,
    VillageQuery,
    PublicityQuery,
);

#[derive(Default)]
pub struct FileQuery;

#[Object]
impl FileQuery {
    /// A region by its code (行政区划). An unknown code is an error.
    async fn region(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code (行政区划代码).")] code: RegionId,
    ) -> Outcome<Found<Region>> {
        region(ctx, code).await.into()
    }

    /// A household by its id, its card number or the citizen number of a member (农户): exactly one of the three. Null where
    /// no such household exists for you.
    async fn household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id (全局编号).")] id: Option<ID>,
        #[graphql(desc = "The number of the household card (户编号), 16 digits.")]
        card_number: Option<String>,
        #[graphql(
            desc = "The citizen number of a member today (公民身份号码), 15 or 18 characters. Such look-ups are \
                          limited and recorded."
        )]
        citizen_number: Option<String>,
    ) -> Outcome<Found<Household>> {
        household(ctx, id, card_number, citizen_number).await.into()
    }

    /// The households that exist for you (农户列表), a page at a time.
    async fn households(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<HouseholdFilter>,
        #[graphql(desc = "The order (排序).", default)] sort: HouseholdSort,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Household>> {
        households(ctx, filter.unwrap_or_default(), sort, first, after)
            .await
            .into()
    }

    /// A person by id or citizen number (人员): exactly one of the two. Null where no such person exists for you.
    async fn person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id (全局编号).")] id: Option<ID>,
        #[graphql(
            desc = "The citizen number (公民身份号码), 15 or 18 characters. Such look-ups are limited and recorded."
        )]
        citizen_number: Option<String>,
    ) -> Outcome<Found<Person>> {
        person(ctx, id, citizen_number).await.into()
    }
}

async fn region(ctx: &Context<'_>, code: RegionId) -> Result<Option<Found<Region>>, Refusal> {
    known(ctx, code, &["code"]).await?;
    let mut query = RootQuery::reference();
    query.equals("r.code", Param::I64(code.0.get()));
    Found::fetch(ctx, query).await
}

async fn household(
    ctx: &Context<'_>,
    id: Option<ID>,
    card_number: Option<String>,
    citizen_number: Option<String>,
) -> Result<Option<Found<Household>>, Refusal> {
    let access = ctx.data_unchecked::<Access>();
    let mut query = RootQuery::scoped::<Household>(access);
    match (id, card_number, citizen_number) {
        (Some(id), None, None) => {
            query.found_by(Class::ByHousehold);
            query.equals("t.id", Param::I64(key_of::<HouseholdCore>(&id, &["id"])?));
        }
        (None, Some(card_number), None) => {
            query.equals(
                "t.card_number",
                Param::Text(card_number_of(&card_number)?.into()),
            );
        }
        (None, None, Some(citizen_number)) => {
            let look_up = LookUp::citizen_number(ctx, &citizen_number).await?;
            query.found_by(Class::ByIdentity);
            with_member(&mut query, access, &look_up);
            look_up.record::<Household>(ctx, &query, "t.id").await?;
        }
        _ => {
            return Err(one_selector(
                "id、cardNumber、citizenNumber",
                "id, cardNumber and citizenNumber",
            ));
        }
    }
    Found::fetch(ctx, query).await
}

/// The keys of the households with these card numbers, by number. One statement.
pub async fn by_card_number(
    ctx: &Context<'_>,
    numbers: Vec<String>,
) -> Result<HashMap<String, i64>, Refusal> {
    let mut query = RootQuery::scoped::<Household>(ctx.data_unchecked());
    query.limit = numbers.len();
    let valid = numbers
        .into_iter()
        .filter(|number| CardNumber::parse(number).is_ok());
    let valid = valid.collect::<Vec<_>>().into();
    query.any(ctx.data_unchecked(), "t.card_number", Param::Texts(valid));
    query.keys_by::<Household>(ctx, "t.card_number").await
}

/// Leaves the household of the member looked up. The member has to exist for the viewer as well: of a pupil's household a
/// school must not find the brother.
fn with_member(query: &mut RootQuery, access: &Access, look_up: &LookUp) {
    let index = query.bind(look_up.index());
    let mut member = format!("t.citizen_number_index = {index} AND t.valid_to IS NULL");
    if let Some(bound) = access.bound::<Person>(query.next_placeholder()) {
        query.bind(access.institution());
        member += " AND ";
        member += &bound;
    }
    query.and(format!(
        "t.id IN (SELECT t.household_id FROM person t WHERE {member})"
    ));
}

async fn person(
    ctx: &Context<'_>,
    id: Option<ID>,
    citizen_number: Option<String>,
) -> Result<Option<Found<Person>>, Refusal> {
    let mut query = RootQuery::scoped::<Person>(ctx.data_unchecked::<Access>());
    match (id, citizen_number) {
        (Some(id), None) => {
            query.equals("t.id", Param::I64(key_of::<PersonCore>(&id, &["id"])?));
        }
        (None, Some(citizen_number)) => {
            let look_up = LookUp::citizen_number(ctx, &citizen_number).await?;
            query.found_by(Class::ByIdentity);
            let index = query.bind(look_up.index());
            query.and(format!(
                "t.citizen_number_index = {index} AND t.valid_to IS NULL"
            ));
            look_up
                .record::<Person>(ctx, &query, "t.household_id")
                .await?;
        }
        _ => return Err(one_selector("id、citizenNumber", "id and citizenNumber")),
    }
    Found::fetch(ctx, query).await
}

async fn households(
    ctx: &Context<'_>,
    filter: HouseholdFilter,
    sort: HouseholdSort,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Page<Household>, Refusal> {
    let access = ctx.data_unchecked::<Access>();
    let mut query = RootQuery::scoped::<Household>(access);
    in_region::<Household>(ctx, &mut query, filter.basics().region).await?;
    filter.restrict(ctx.data_unchecked(), &mut query)?;
    let basics = filter.basics();
    basics.restrict_names(access, &mut query)?;
    let order = match sort {
        HouseholdSort::CardNumber => BY_CARD_NUMBER,
        HouseholdSort::RegisteredOn => {
            if access.county(basics.asked()).is_none() {
                return Err(Refusal::argument(
                    "SORT_TOO_WIDE",
                    &["sort"],
                    "县以上范围只能按户编号排序：请在 filter.region 中指定一个县或其下级。",
                    "Above a county only CARD_NUMBER is offered: name a county or below in filter.region.",
                ));
            }
            BY_REGISTRATION
        }
    };
    Page::fetch(
        ctx,
        PageRequest {
            query,
            order,
            first,
            after,
        },
    )
    .await
}

fn card_number_of(text: &str) -> Result<String, Refusal> {
    CardNumber::parse(text)
        .map(|number| number.to_string())
        .map_err(|_| {
            Refusal::argument(
                "INVALID_CARD_NUMBER",
                &["cardNumber"],
                "户编号应为 16 位数字：12 位村代码加 4 位序号。",
                "A card number has 16 digits: 12 of the village and 4 of the serial.",
            )
        })
}

fn one_selector(chinese: &str, english: &str) -> Refusal {
    Refusal::new(
        "ONE_SELECTOR",
        format!("{chinese} 须且只能给出一个。"),
        format!("Give exactly one of {english}."),
    )
}
