//! Rows of the demonstration: what was posted in the last year in villages, townships and counties, and the objections to it.

use crate::demo::{
    DemoError, Demonstration, Dice, Family, LAST_DAY, Ledger, RECORDED_AT_MS, names,
};
use ::entity::{
    household::{
        codes::{HouseholdStatus, ObjectionDecision, PublicityKind, PublicityResult},
        objection, publicity,
    },
    region_code::RegionCode,
};
use sea_orm::Set;
use std::collections::BTreeMap;
use time::{Date, Duration, macros::date};

/// A list that is posted.
struct List {
    region: RegionCode,
    kind: PublicityKind,
    title: &'static str,
    place: &'static str,
    starts_on: Date,
    days: i64,
    /// Somebody on the list.
    household: Option<i64>,
}

/// Adds the lists and the objections.
pub async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut lists = of_families(&demonstration.families);
    for (county, _) in &demonstration.counties {
        lists.extend(of_county(*county));
    }
    let ids = demonstration.ids("publicity", lists.len()).await?;
    let (mut rows, mut objections) = (Vec::new(), Vec::new());
    for (list, id) in lists.iter().zip(ids) {
        let objection = list.objection(id);
        list.count(demonstration.ledger, objection.as_ref());
        rows.push(list.row(id, objection.as_ref()));
        objections.extend(objection);
    }
    demonstration.inserts.add(rows);
    let key = |row: &mut objection::ActiveModel, id| row.id = Set(id);
    demonstration.add("objection", objections, key).await
}

/// What a village and its township post before the first of the year's families comes on file or exits.
fn of_families(families: &[Family]) -> Vec<List> {
    let mut first: BTreeMap<(RegionCode, bool), (Date, i64)> = BTreeMap::new();
    for family in families {
        for (status, exits) in [
            (HouseholdStatus::Registered, false),
            (HouseholdStatus::Returned, false),
            (HouseholdStatus::Exited, true),
        ] {
            let Some(day) = family.since(status) else {
                continue;
            };
            if day.year() == LAST_DAY.year() {
                let entry = first
                    .entry((family.village, exits))
                    .or_insert((day, family.id));
                *entry = (*entry).min((day, family.id));
            }
        }
    }
    let lists = first.into_iter().map(|((village, exits), (day, family))| {
        let (kind, title, days_before) = match exits {
            true => (PublicityKind::Exit, "拟脱贫户名单", 20),
            false => (PublicityKind::FirstIdentification, "拟建档立卡户名单", 45),
        };
        List {
            region: village,
            kind,
            title,
            place: "村务公开栏",
            starts_on: day - Duration::days(days_before),
            days: 7,
            household: Some(family),
        }
    });
    lists.collect()
}

/// The county's lists of the last year; the last one is still posted.
fn of_county(county: RegionCode) -> [List; 3] {
    let list = |kind, title, starts_on, days| List {
        region: county,
        kind,
        title,
        place: "县政府门户网站",
        starts_on,
        days,
        household: None,
    };
    [
        list(
            PublicityKind::RainDewList,
            "雨露计划补助对象名单",
            date!(2018 - 10 - 15),
            7,
        ),
        list(
            PublicityKind::ProjectList,
            "2019年度扶贫项目库名单",
            date!(2018 - 11 - 12),
            10,
        ),
        list(
            PublicityKind::FundUse,
            "2018年度扶贫资金使用情况",
            date!(2018 - 12 - 27),
            7,
        ),
    ]
}

impl List {
    fn dice(&self, word: &str) -> Dice {
        let word = format!("{word} {}", self.title);
        Dice::of(self.region.get().unsigned_abs(), &word)
    }

    fn ends_on(&self) -> Date {
        self.starts_on + Duration::days(self.days)
    }

    fn is_over(&self) -> bool {
        self.ends_on() < LAST_DAY
    }

    fn row(&self, id: i64, objection: Option<&objection::ActiveModel>) -> publicity::ActiveModel {
        let upheld = objection
            .is_some_and(|row| row.decision == Set(Some(ObjectionDecision::UpheldOnFacts)));
        let result = match upheld {
            true => PublicityResult::Withdrawn,
            false => PublicityResult::Passed,
        };
        publicity::ActiveModel {
            id: Set(id),
            region_code: Set(self.region.get()),
            kind: Set(self.kind),
            title: Set(self.title.to_owned()),
            place: Set(self.place.to_owned()),
            starts_on: Set(self.starts_on),
            ends_on: Set(self.ends_on()),
            result: Set(self.is_over().then_some(result)),
            version: Set(1),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        }
    }

    /// To few lists there is an objection. What is over was decided; upheld is one only of a county, where no step followed.
    fn objection(&self, publicity: i64) -> Option<objection::ActiveModel> {
        let mut dice = self.dice("objection");
        let of_county = self.household.is_none();
        let raised = dice.chance(if of_county { 30 } else { 6 });
        let upheld = of_county && dice.chance(30);
        let decision = match upheld {
            true => ObjectionDecision::UpheldOnFacts,
            false => ObjectionDecision::NotUpheld,
        };
        let raised_on = self.starts_on + Duration::days(dice.between(1, 4));
        let over = self.is_over();
        raised.then(|| objection::ActiveModel {
            region_code: Set(self.region.get()),
            publicity_id: Set(publicity),
            household_id: Set(self.household),
            raised_by: Set(names::someone(&mut dice)),
            raised_on: Set(raised_on),
            what: Set(match of_county {
                true => "名单中有一项内容与实际不符".to_owned(),
                false => "认为该户收入核算偏低".to_owned(),
            }),
            decision: Set(over.then_some(decision)),
            decided_by: Set(over.then(|| "公示监督小组".to_owned())),
            decided_on: Set(over.then(|| raised_on + Duration::days(2))),
            version: Set(1),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        })
    }

    fn count(&self, ledger: &mut Ledger, objection: Option<&objection::ActiveModel>) {
        let year = LAST_DAY.year();
        let state = match self.is_over() {
            true if self.ends_on().year() == year => "ended",
            true => "ended before",
            false => "running",
        };
        ledger.add(&format!("ST-22 {state}"), self.region, 1);
        let Some(objection) = objection.filter(|row| row.raised_on.as_ref().year() == year) else {
            return;
        };
        ledger.add("ST-22 objections", self.region, 1);
        let decided = match objection.decision.as_ref() {
            None => "open",
            Some(ObjectionDecision::NotUpheld) => "not upheld",
            Some(_) => "upheld",
        };
        ledger.add(&format!("ST-22 objections {decided}"), self.region, 1);
    }
}
