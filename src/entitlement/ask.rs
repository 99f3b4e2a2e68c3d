//! Asks what is due to a household and its members, for the graph.

use super::{
    loader::{Entitlements, FactsOf},
    rules::{RuleAt, Rules, Why},
    types::{Entitlement, Showing},
};
use crate::{
    authz::Access,
    clock::Clock,
    graphql::{
        plan::{Outcome, Record, Refusal},
        scalars::{Day, NodeId, RegionId},
    },
    household::{HouseholdCore, PersonCore},
};
use ::policy::Benefit;
use async_graphql::{Context, Object, dataloader::DataLoader};
use entity::{
    codes::{CodeList as _, Department},
    region_code::RegionCode,
};
use time::Date;

/// The most benefits that are asked for by name.
const MOST_NAMED: usize = 50;

#[derive(Record)]
#[record(on = "Household")]
pub struct OnHousehold {
    #[graphql(skip)]
    #[record(column = "t.id")]
    household: NodeId<HouseholdCore>,
    #[graphql(skip)]
    #[record(column = "t.region_code")]
    village: RegionId,
}

/// What is due to the family.
#[Object(name = "EntitlementsOnHousehold")]
impl OnHousehold {
    /// What the family and its members are entitled to on a day, and why (应享待遇), as far as your department runs it; who
    /// reads the whole file, and who pays, sees all.
    async fn entitlements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day (日期): today unless told.")] as_of: Option<Day>,
        #[graphql(
            desc = "Only these benefits (待遇), by code, such as \"dibao\": at most 50; one that is not in force says so."
        )]
        benefits: Option<Vec<String>>,
    ) -> Outcome<Vec<Entitlement>> {
        let whose = Whose {
            household: self.household.0,
            village: self.village.0,
            person: None,
        };
        due(ctx, whose, as_of, benefits).await.into()
    }
}

#[derive(Record)]
#[record(on = "Person")]
pub struct OnPerson {
    #[graphql(skip)]
    #[record(column = "t.id")]
    person: NodeId<PersonCore>,
    #[graphql(skip)]
    #[record(column = "t.household_id")]
    household: NodeId<HouseholdCore>,
    #[graphql(skip)]
    #[record(column = "t.region_code")]
    village: RegionId,
}

/// What is due to the person.
#[Object(name = "EntitlementsOnPerson")]
impl OnPerson {
    /// What the person is entitled to on a day as a member of the household, and why (应享待遇); what is due to the whole
    /// family stands there.
    async fn entitlements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day (日期): today unless told.")] as_of: Option<Day>,
        #[graphql(
            desc = "Only these benefits (待遇), by code, such as \"yulu\": at most 50; one that is not in force says so."
        )]
        benefits: Option<Vec<String>>,
    ) -> Outcome<Vec<Entitlement>> {
        let whose = Whose {
            household: self.household.0,
            village: self.village.0,
            person: Some(self.person.0),
        };
        due(ctx, whose, as_of, benefits).await.into()
    }
}

/// A household, and which person of it where it is about one.
#[derive(Clone, Copy)]
pub(super) struct Whose {
    pub household: i64,
    pub village: RegionCode,
    pub person: Option<i64>,
}

async fn due(
    ctx: &Context<'_>,
    whose: Whose,
    as_of: Option<Day>,
    benefits: Option<Vec<String>>,
) -> Result<Vec<Entitlement>, Refusal> {
    let day = as_of.map_or_else(|| ctx.data_unchecked::<Clock>().today(), |day| day.0);
    let compared = ["granted", "isGranted", "difference"];
    let selected = |name: &&str| ctx.look_ahead().field(name).exists();
    let why = match compared.iter().any(selected) {
        true => Why::Compared,
        false => Why::Due,
    };
    answers(ctx, whose, day, benefits, why).await
}

/// What is due to a household, or a person of it, as the viewer may see it.
///
/// # Errors
/// A benefit that no pack knows; the database; a rule that can't be computed.
pub(super) async fn answers(
    ctx: &Context<'_>,
    whose: Whose,
    day: Date,
    benefits: Option<Vec<String>>,
    why: Why,
) -> Result<Vec<Entitlement>, Refusal> {
    let Whose {
        household,
        village,
        person,
    } = whose;
    let loader = ctx.data_unchecked::<DataLoader<Entitlements>>();
    let entitlements = loader.loader();
    let rules = &entitlements.rules;
    let named = benefits.map(|named| known(rules, named)).transpose()?;
    let department = ctx.data_unchecked::<Access>().viewer.department;
    let in_force = entitlements.in_force(village, day);
    let mut asked: Vec<RuleAt> = in_force.to_vec();
    asked.retain(|rule| {
        let (_, benefit) = rules.at(*rule);
        let is_named = named
            .as_ref()
            .is_none_or(|named| named.contains(&benefit.id));
        is_named && is_shown_to(benefit, department)
    });
    let facts = FactsOf {
        household,
        day,
        sources: rules.needed_by(asked.iter().copied(), why),
    };
    let family = loader.load_one(facts).await;
    let family = family
        .map_err(|_| Refusal::internal())?
        .ok_or_else(Refusal::internal)?;
    let showing = Showing {
        rules,
        hidden: entitlements.hidden(),
        day,
    };
    let mut due = showing.all(&family, &asked, person)?;
    let is_in_force = |name: &String| in_force.iter().any(|rule| rules.at(*rule).1.id == *name);
    let named = named.unwrap_or_default();
    let others = named.into_iter().filter(|name| !is_in_force(name));
    due.extend(others.map(|name| Entitlement::not_in_force(name, day)));
    Ok(due)
}

/// Whether a department sees a benefit: it runs it, or it reads the whole file or pays. Design, section 8.
pub(super) fn is_shown_to(benefit: &Benefit, department: Department) -> bool {
    let sees_all = matches!(
        department,
        Department::Poverty
            | Department::Township
            | Department::Village
            | Department::Helper
            | Department::Finance
            | Department::Audit
            | Department::Household
    );
    let mut run_by = benefit.departments.iter();
    sees_all || run_by.any(|runs| Department::of_word(runs) == Some(department))
}

/// The names of benefits, each once.
pub(super) fn known(rules: &Rules, named: Vec<String>) -> Result<Vec<String>, Refusal> {
    if named.len() > MOST_NAMED {
        return Err(Refusal::argument(
            "TOO_MANY",
            &["benefits"],
            format!("最多 {MOST_NAMED} 项。"),
            format!("At most {MOST_NAMED}."),
        ));
    }
    let mut once = Vec::with_capacity(named.len());
    for name in named {
        if !rules.knows(&name) {
            return Err(Refusal::argument(
                "UNKNOWN_BENEFIT",
                &["benefits"],
                "没有这一待遇：请从 policies 中选取代码。",
                "There is no such benefit: take a code from policies.",
            ));
        }
        if !once.contains(&name) {
            once.push(name);
        }
    }
    Ok(once)
}
