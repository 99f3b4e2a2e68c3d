//! Rows of the demonstration: helpers of families on file, what those need and get, and the visits of the last year.

use crate::{
    demo::{
        DemoError, Demonstration, Dice, Family, HELPER, LAST_DAY, Ledger, Plant, RECORDED_AT_MS,
        StatusSpan, family::yuan, names, number,
    },
    vault::{PhoneNumber, Place},
};
use ::entity::{
    codes::{CodeList, Department},
    household::{
        codes::{
            HelperKind, HouseholdClass, HouseholdStatus, LabourCapacity, MeasureBatch,
            MeasureState, PovertyCause, Sex, VisitWay,
        },
        help_measure, help_visit, helper, need,
    },
};
use sea_orm::Set;
use std::collections::{BTreeSet, HashMap};
use time::{Date, Duration, Month};

/// A time in which a family has its helper.
struct Helped<'a> {
    family: &'a Family,
    from: Date,
    to: Option<Date>,
    who: Who,
}

/// Somebody who helps the families of a group of the village.
struct Who {
    name: String,
    unit: &'static str,
    phone: PhoneNumber,
}

const UNITS: [&str; 5] = [
    "乡镇人民政府",
    "县卫生健康局",
    "县自然资源局",
    "县农村信用合作联社",
    "县中学",
];

/// Adds helpers, needs, measures and visits; `links` are the ties of the helpers' accounts, by household.
pub async fn demonstrate(
    demonstration: &mut Demonstration<'_>,
    links: &HashMap<i64, i64>,
) -> Result<(), DemoError> {
    add_helpers_and_visits(demonstration, links).await?;
    add_needs(demonstration).await?;
    add_measures(demonstration).await
}

async fn add_helpers_and_visits(
    demonstration: &mut Demonstration<'_>,
    links: &HashMap<i64, i64>,
) -> Result<(), DemoError> {
    let mut helped = Vec::new();
    let helped_ones = |family: &&Family| !family.has(Plant::HelperMissing);
    for family in demonstration.families.iter().filter(helped_ones) {
        helped.extend(helped_times(family, links.contains_key(&family.id))?);
    }
    let ids = demonstration.ids("helper", helped.len()).await?;
    let (mut helpers, mut visits) = (Vec::new(), Vec::new());
    let mut counted = Vec::new();
    for (time, id) in helped.iter().zip(ids) {
        helpers.push(helper_row(demonstration, id, time, links)?);
        let of_helper = visits_of(id, time);
        let helps = i64::from(time.to.is_none());
        counted.push((time.family.village, helps, number(of_helper.len())));
        visits.extend(of_helper);
    }
    for (village, helps, visits) in counted {
        let values = [("helped households", helps), ("visits in 2018", visits)];
        demonstration.ledger.add_all("ST-21", village, values);
    }
    demonstration.inserts.add(helpers);
    let key = |row: &mut help_visit::ActiveModel, id| row.id = Set(id);
    demonstration.add("help_visit", visits, key).await
}

/// The times on file: a family has a helper until it exits, and again when it returns.
fn helped_times(family: &Family, with_account: bool) -> Result<Vec<Helped<'_>>, DemoError> {
    let ends = family.history.iter().skip(1).map(|next| Some(next.from));
    let spans = family.history.iter().zip(ends.chain([None]));
    let on_file = |span: &StatusSpan| {
        matches!(
            span.status,
            HouseholdStatus::Registered | HouseholdStatus::Returned
        )
    };
    spans
        .filter(|(span, _)| on_file(span))
        .map(|(span, to)| {
            Ok(Helped {
                family,
                from: span.from,
                to,
                who: who(family, with_account)?,
            })
        })
        .collect()
}

/// The one helper with an account, or that of the family's group.
fn who(family: &Family, with_account: bool) -> Result<Who, DemoError> {
    let village = family.village.get();
    let (mut dice, group) = match with_account {
        true => (Dice::of(0, HELPER), 0),
        false => {
            let word = format!("helper {}", family.group);
            (Dice::of(village.unsigned_abs(), &word), family.group)
        }
    };
    let sex = dice.one_of(&[Sex::Male, Sex::Female]);
    let surname = names::surname(&mut dice);
    let name = names::han(&mut dice, surname, sex);
    // The range 141 is not given to people. Then county, township, village and group by their last digits.
    let place = match with_account {
        true => 0,
        false => {
            let (county, township) = (village / 1_000_000 % 100, village / 1_000 % 100);
            (county * 100 + township) * 100 + village % 100
        }
    };
    let phone = PhoneNumber::parse(&format!("141{place:06}{group:02}"));
    Ok(Who {
        name,
        unit: dice.one_of(&UNITS),
        phone: phone.map_err(|_| DemoError::Invented("phone"))?,
    })
}

fn helper_row(
    demonstration: &Demonstration<'_>,
    id: i64,
    time: &Helped<'_>,
    links: &HashMap<i64, i64>,
) -> Result<helper::ActiveModel, DemoError> {
    let place = Place::new("helper", "phone_cipher", id);
    let phone = demonstration.seal(place, &time.who.phone)?;
    let open = time.to.is_none();
    Ok(helper::ActiveModel {
        id: Set(id),
        household_id: Set(time.family.id),
        region_code: Set(time.family.village.get()),
        kind: Set(HelperKind::Responsible),
        name: Set(time.who.name.clone()),
        unit: Set(time.who.unit.to_owned()),
        phone_cipher: Set(Some(phone.cipher)),
        phone_index: Set(Some(phone.index.0.to_vec())),
        phone_mask: Set(Some(phone.mask)),
        household_link_id: Set(links.get(&time.family.id).copied().filter(|_| open)),
        valid_from: Set(time.from),
        valid_to: Set(time.to),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    })
}

/// One visit a quarter of the last year, while the family has its helper.
fn visits_of(helper: i64, time: &Helped<'_>) -> Vec<help_visit::ActiveModel> {
    const DONE: [(&str, Option<&str>, Option<&str>); 5] = [
        ("宣讲扶贫政策，核对家庭成员和收入", Some("信息已更新"), None),
        (
            "了解生产和务工情况，商定帮扶计划",
            Some("已制定计划"),
            Some("联系农牧部门落实"),
        ),
        ("协助办理医疗费用报销", Some("已报销"), None),
        ("查看饮水、住房和入户路", None, Some("向村委会反映")),
        ("走访慰问，了解子女上学情况", Some("子女在校就读"), None),
    ];
    let mut dice = time.family.dice("visits");
    let mut visits = Vec::new();
    for month in [Month::January, Month::April, Month::July, Month::October] {
        let first = Date::from_calendar_date(LAST_DAY.year(), month, 1).unwrap_or(LAST_DAY);
        let visited_on = first + Duration::days(dice.between(3, 85));
        let way = match dice.chance(85) {
            true => VisitWay::OnSpot,
            false => VisitWay::Phone,
        };
        let (what, result, next_step) = dice.one_of(&DONE);
        if visited_on < time.from || time.to.is_some_and(|end| end <= visited_on) {
            continue;
        }
        visits.push(help_visit::ActiveModel {
            household_id: Set(time.family.id),
            region_code: Set(time.family.village.get()),
            visited_on: Set(visited_on),
            way: Set(way),
            helper_id: Set(Some(helper)),
            visitor: Set(time.who.name.clone()),
            what: Set(what.to_owned()),
            result: Set(result.map(str::to_owned)),
            next_step: Set(next_step.map(str::to_owned)),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        });
    }
    visits
}

async fn add_needs(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let rows = demonstration.families.iter().filter_map(need_of).collect();
    let key = |row: &mut need::ActiveModel, id| row.id = Set(id);
    demonstration.add("need", rows, key).await
}

/// What half of the families on file asked for in the spring of the last year, by their main cause.
fn need_of(family: &Family) -> Option<need::ActiveModel> {
    use PovertyCause as Cause;
    let mut dice = family.dice("need");
    let asked_on = Date::from_calendar_date(LAST_DAY.year(), Month::March, 1).ok()?;
    if !family.on_file(asked_on) || !dice.chance(50) {
        return None;
    }
    let (what, sector) = match family.causes.first()? {
        Cause::Illness => ("减轻医疗费用负担", Department::Civil),
        Cause::Disability => ("残疾人辅助器具", Department::Dpf),
        Cause::Schooling => ("子女上学资助", Department::Edu),
        Cause::LackOfLabour => ("社会保障兜底", Department::Civil),
        Cause::LackOfFunds => ("扶贫小额信贷", Department::Poverty),
        Cause::LackOfSkills => ("种植养殖技术培训", Department::Hrss),
        Cause::Disaster => ("灾后房屋修缮", Department::Housing),
        Cause::LackOfLand => ("流转土地", Department::Agri),
        _ => ("改善饮水和入户路", Department::Township),
    };
    let answered = dice.chance(70);
    Some(need::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        year: Set(LAST_DAY.year()),
        what: Set(what.to_owned()),
        sector: Set(sector),
        answer: Set(answered.then(|| "已列入年度帮扶计划".to_owned())),
        answered_on: Set(answered.then(|| asked_on + Duration::days(dice.between(5, 90)))),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    })
}

async fn add_measures(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    for family in &demonstration.families {
        let measures = measures_of(family);
        count_measures(demonstration.ledger, family, &measures);
        rows.extend(measures);
    }
    let key = |row: &mut help_measure::ActiveModel, id| row.id = Set(id);
    demonstration.add("help_measure", rows, key).await
}

/// The measures in force on the last day of a family that is on file.
fn count_measures(ledger: &mut Ledger, family: &Family, measures: &[help_measure::ActiveModel]) {
    let active = measures
        .iter()
        .filter(|row| row.state == Set(MeasureState::Active));
    let batches: BTreeSet<&str> = active.map(|row| row.batch.as_ref().word()).collect();
    if batches.is_empty() || !family.on_file(LAST_DAY) {
        return;
    }
    let persons = number(family.members_on(LAST_DAY).count());
    let both = [("households", 1), ("persons", persons)];
    ledger.add_all("ST-07", family.village, both);
    for batch in batches {
        let of_batch = both.map(|(unit, value)| (format!("ST-07 {unit} {batch}"), value));
        for (statistic, value) in of_batch {
            ledger.add(&statistic, family.village, value);
        }
    }
}

/// What is done: batch, department, in words, yuan.
type Measure = (MeasureBatch, Department, &'static str, Option<i64>);

/// The measures of a family that was on file in the last year: under way while it is, done when it has exited.
fn measures_of(family: &Family) -> Vec<help_measure::ActiveModel> {
    let new_year = Date::from_ordinal_date(LAST_DAY.year(), 1).unwrap_or(LAST_DAY);
    let registered = family.since(HouseholdStatus::Registered);
    let returned = family.since(HouseholdStatus::Returned);
    let Some(begins) = returned.or(registered) else {
        return Vec::new();
    };
    let last = family.history.last();
    let ends = last
        .map(|span| span.from)
        .filter(|_| !family.on_file(LAST_DAY));
    if ends.is_some_and(|end| end < new_year) {
        return Vec::new();
    }
    let mut dice = family.dice("measures");
    let starts_on = begins.max(new_year) + Duration::days(dice.between(0, 20));
    let starts_on = ends
        .map_or(starts_on, |end| starts_on.min(end))
        .min(LAST_DAY);
    let row = |(batch, department, what, yuan_paid): Measure| help_measure::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        batch: Set(batch),
        department: Set(department),
        what: Set(what.to_owned()),
        amount_fen: Set(yuan_paid.map(yuan)),
        state: Set(if ends.is_some() {
            MeasureState::Done
        } else {
            MeasureState::Active
        }),
        starts_on: Set(starts_on),
        ends_on: Set(ends),
        result: Set(ends.map(|_| "已落实到户".to_owned())),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    };
    measures_for(family, &mut dice)
        .into_iter()
        .map(row)
        .collect()
}

/// What fits the people of the family; nobody is left without a measure.
fn measures_for(family: &Family, dice: &mut Dice) -> Vec<Measure> {
    use MeasureBatch::{Ecology, Education, Production, SocialSecurity};
    const PRODUCTS: [&str; 4] = ["种植马铃薯", "种植燕麦", "种植冷凉蔬菜", "入股合作社"];
    let mut members = family.members.iter().filter(|member| member.to.is_none());
    let works = members
        .clone()
        .any(|member| !matches!(member.labour, LabourCapacity::None | LabourCapacity::Lost));
    let learns = members.any(|member| member.studies(LAST_DAY.year()).is_some());
    let mut measures = Vec::new();
    if works {
        let product = dice.one_of(&PRODUCTS);
        let paid = dice.between(6, 20) * 500;
        measures.push((Production, Department::Agri, product, Some(paid)));
    }
    if dice.chance(7) {
        measures.push((Ecology, Department::Forestry, "退耕还林", None));
    }
    if learns {
        measures.push((Education, Department::Edu, "落实教育资助政策", None));
    }
    if family.class == Some(HouseholdClass::SpecialSupport) {
        measures.push((SocialSecurity, Department::Civil, "特困人员供养", None));
    } else if family.allowance.is_some() {
        measures.push((SocialSecurity, Department::Civil, "农村低保", None));
    }
    if measures.is_empty() {
        let what = "落实健康扶贫政策";
        measures.push((SocialSecurity, Department::Health, what, None));
    }
    measures
}
