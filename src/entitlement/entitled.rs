//! Who should receive and does not (应享未享): what is due compared with what was granted, over a region.

use super::{
    ask::{is_shown_to, known},
    compare::Compared,
    facts::{Family, families},
    loader::Entitlements,
    rules::{RuleAt, Why},
    types::{Entitlement, Showing, is_withheld, not_computed},
};
use crate::{
    authz::Access,
    clock::Clock,
    db::Reads,
    departments::Household,
    graphql::{
        plan::{
            KeyKind, Order, Outcome, PageInfo, PageRequest, Refusal, RootQuery, Stretch, failed,
            session,
        },
        scalars::{Day, RegionId},
    },
    household::in_region,
};
use async_graphql::{Context, Object, SimpleObject, dataloader::DataLoader};
use entity::{codes::GrantDifference, region_code::RegionCode};
use std::collections::HashMap;
use time::Date;

/// The most households that one page looks at.
const LOOKED_AT: usize = 1_000;
const BY_CARD_NUMBER: Order = Order {
    name: "entitled",
    keys: &[("t.card_order", KeyKind::Text), ("t.id", KeyKind::Integer)],
    descending: false,
};

/// What can be asked over a region.
#[derive(Default)]
pub struct RegionQuery;

#[Object(name = "EntitledQuery")]
impl RegionQuery {
    /// The households of a region of which what is due and what was granted differ (应享未享), by card number. A page looks at
    /// no more than 1000 households, so it may be short or empty while there is a next one.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is an argument of the field"
    )]
    async fn entitled(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The region (地区).")] region: RegionId,
        #[graphql(desc = "The benefit (待遇), by code, such as \"yulu\".")] benefit: String,
        #[graphql(desc = "The day (日期): today unless told.")] as_of: Option<Day>,
        #[graphql(
            desc = "Which differences (差异): NOT_GRANTED unless told, what is due and was not granted at all."
        )]
        differences: Option<Vec<GrantDifference>>,
        #[graphql(
            desc = "How many households (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<EntitledConnection> {
        let differences = differences.unwrap_or_else(|| vec![GrantDifference::NotGranted]);
        let page = Sought {
            ctx,
            entitlements: ctx.data_unchecked::<DataLoader<Entitlements>>().loader(),
            benefit,
            day: as_of.map_or_else(|| ctx.data_unchecked::<Clock>().today(), |day| day.0),
            differences,
        };
        let request = PageRequest {
            query: RootQuery::scoped::<Household>(ctx.data_unchecked()),
            order: BY_CARD_NUMBER,
            first,
            after,
        };
        page.among(region, request).await.into()
    }
}

/// What a page is to find.
struct Sought<'a> {
    ctx: &'a Context<'a>,
    entitlements: &'a Entitlements,
    benefit: String,
    day: Date,
    differences: Vec<GrantDifference>,
}

impl Sought<'_> {
    async fn among(
        self,
        region: RegionId,
        mut request: PageRequest,
    ) -> Result<EntitledConnection, Refusal> {
        known(&self.entitlements.rules, vec![self.benefit.clone()])?;
        in_region::<Household>(self.ctx, &mut request.query, Some(region)).await?;
        let first = request.first(self.ctx.data_unchecked())?;
        let stretch = Stretch::fetch(self.ctx, request, LOOKED_AT, "t.region_code").await?;
        let rules = self.rules(&stretch)?;
        let families = self.families(&stretch, &rules).await?;
        let mut found = Vec::new();
        let mut looked_at = 0;
        for (at, rule) in rules.into_iter().enumerate() {
            if found.len() == first {
                break;
            }
            looked_at += 1;
            let family = families.get(&stretch.key(at)?);
            let Some((rule, family)) = rule.zip(family) else {
                continue;
            };
            let entitlements = self.differing(rule, family)?;
            if !entitlements.is_empty() {
                let cursor = stretch.cursor(at)?;
                let household = stretch.node(at)?;
                found.push((
                    cursor,
                    Entitled {
                        household,
                        entitlements,
                    },
                ));
            }
        }
        Ok(EntitledConnection {
            page_info: stretch.info(looked_at)?,
            looked_at: i32::try_from(looked_at).unwrap_or(i32::MAX),
            found,
        })
    }

    /// The rule for each household; none where none is in force, or the viewer does not see the benefit.
    fn rules(&self, stretch: &Stretch<Household>) -> Result<Vec<Option<RuleAt>>, Refusal> {
        let department = self.ctx.data_unchecked::<Access>().viewer.department;
        let rules = &self.entitlements.rules;
        let mut found = Vec::with_capacity(stretch.len());
        for at in 0..stretch.len() {
            let village = RegionCode::try_from(stretch.extra(at)?);
            let village = village.map_err(|_| Refusal::internal())?;
            let in_force = self.entitlements.in_force(village, self.day);
            let rule = in_force.iter().copied().find(|rule| {
                let (_, benefit) = rules.at(*rule);
                benefit.id == self.benefit && is_shown_to(benefit, department)
            });
            if rule.is_some_and(|rule| is_withheld(rules.at(rule).1, self.entitlements.hidden())) {
                return Err(withheld());
            }
            found.push(rule);
        }
        Ok(found)
    }

    async fn families(
        &self,
        stretch: &Stretch<Household>,
        rules: &[Option<RuleAt>],
    ) -> Result<HashMap<i64, Family>, Refusal> {
        let asked = rules.iter().enumerate().filter(|(_, rule)| rule.is_some());
        let households = asked.map(|(at, _)| stretch.key(at));
        let households: Vec<i64> = households.collect::<Result<_, _>>()?;
        let in_force = rules.iter().flatten().copied();
        let of = &self.entitlements.rules;
        let sources = of.needed_by(in_force, Why::Compared);
        let mut session = session(self.ctx.data_unchecked::<Reads>()).await?;
        families(of, &mut session, households.into(), self.day, sources)
            .await
            .map_err(|error| failed(&error))
    }

    /// The answers of a family in which the difference is one of those that are sought.
    fn differing(&self, rule: RuleAt, family: &Family) -> Result<Vec<Entitlement>, Refusal> {
        let rules = &self.entitlements.rules;
        let (pack, benefit) = rules.at(rule);
        let showing = Showing {
            rules,
            hidden: self.entitlements.hidden(),
            day: self.day,
        };
        let mut differing = Vec::new();
        for facts in family.asked_of(benefit, None) {
            let compared = Compared::of(benefit, &facts.known);
            let compared = compared.map_err(|error| not_computed(pack, benefit, &error))?;
            if self.differences.contains(&compared.difference()) {
                differing.push(showing.asked(rule, facts)?);
            }
        }
        Ok(differing)
    }
}

fn withheld() -> Refusal {
    Refusal::argument(
        "GRANTED_WITHHELD",
        &["benefit"],
        "您的部门不能读取该待遇的发放记录，无法比对。",
        "Your department may not read what was granted of this benefit, so it can't be compared.",
    )
}

/// A page of households of which what is due and what was granted differ (应享未享分页列表).
pub struct EntitledConnection {
    found: Vec<(String, Entitled)>,
    page_info: PageInfo,
    looked_at: i32,
}

/// A page of households of which what is due and what was granted differ (应享未享分页列表).
#[Object]
impl EntitledConnection {
    /// The households of this page with their cursors (条目).
    async fn edges(&self) -> Vec<EntitledEdge<'_>> {
        let found = self.found.iter();
        found
            .map(|(cursor, node)| EntitledEdge { cursor, node })
            .collect()
    }
    /// The households of this page (内容).
    async fn nodes(&self) -> Vec<&Entitled> {
        self.found.iter().map(|(_, node)| node).collect()
    }
    /// Where this page stands (分页信息).
    async fn page_info(&self) -> PageInfo {
        self.page_info.clone()
    }
    /// How many households were looked at for this page (核对户数).
    async fn looked_at(&self) -> i32 {
        self.looked_at
    }
}

/// A household of a page and where it stands (应享未享分页条目).
pub struct EntitledEdge<'p> {
    cursor: &'p str,
    node: &'p Entitled,
}

/// A household of a page and where it stands (应享未享分页条目).
#[Object]
impl EntitledEdge<'_> {
    /// Where the household stands in the list (游标).
    async fn cursor(&self) -> &str {
        self.cursor
    }
    /// The household with what differs (内容).
    async fn node(&self) -> &Entitled {
        self.node
    }
}

/// A household with what is due to it, or was granted, of a benefit (应享未享).
#[derive(SimpleObject)]
pub struct Entitled {
    /// The household (农户).
    household: Household,
    /// What is due to the family, its members or on their loans where it differs from what was granted (待遇).
    entitlements: Vec<Entitlement>,
}
