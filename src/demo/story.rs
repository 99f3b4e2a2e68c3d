//! Invents the families: where they live, who they are, and what happened to their files.

use super::{
    DemoError, FIRST_SURVEY_YEAR, LAST_DAY,
    dice::Dice,
    family::{Allowance, Family, Income, Member, StatusSpan, yuan},
    people::People,
};
use crate::{household::listed_regions, identifiers::CardNumber};
use entity::{
    codes::CodeList,
    household::codes::{
        HouseholdClass, HouseholdStatus, LabourCapacity, LeftReason, PovertyCause, RelationToHead,
        Sex,
    },
    region_code::RegionCode,
};
use std::collections::{BTreeMap, HashMap};
use time::{Date, Duration, Month, macros::date};

const SEED: u64 = 150_921_150_922;

/// Villages of a township in which families live.
const VILLAGES: usize = 4;

/// A county of the demonstration.
struct County {
    /// The first six digits of its villages.
    code: i64,
    townships: &'static [&'static str],
    /// How the county is called in the numbers of its papers.
    papers: &'static str,
    statuses: [(HouseholdStatus, usize); 7],
    /// Candidates who live on the minimum living allowance without being on file.
    supported_candidates: usize,
}

/// 卓资县 and 化德县. The numbers of families are told to the reader in the table of `demo`.
const COUNTIES: [County; 2] = [
    County {
        code: 150_921,
        townships: &[
            "150921107",
            "150921108",
            "150921110",
            "150921210",
            "150921212",
        ],
        papers: "卓",
        statuses: [
            (HouseholdStatus::Registered, 58),
            (HouseholdStatus::Exited, 40),
            (HouseholdStatus::Returned, 4),
            (HouseholdStatus::Candidate, 12),
            (HouseholdStatus::UnderAppraisal, 2),
            (HouseholdStatus::StruckOff, 2),
            (HouseholdStatus::Closed, 2),
        ],
        supported_candidates: 4,
    },
    County {
        code: 150_922,
        townships: &["150922104", "150922105", "150922200", "150922218"],
        papers: "化",
        statuses: [
            (HouseholdStatus::Registered, 39),
            (HouseholdStatus::Exited, 26),
            (HouseholdStatus::Returned, 3),
            (HouseholdStatus::Candidate, 8),
            (HouseholdStatus::UnderAppraisal, 1),
            (HouseholdStatus::StruckOff, 2),
            (HouseholdStatus::Closed, 1),
        ],
        supported_candidates: 2,
    },
];

/// The day a daughter of the first family of 卓资县 marries into the first family of 化德县.
const WEDDING: Date = date!(2018 - 06 - 01);

/// The yearly standard of the minimum living allowance, fen a person.
const STANDARD: i64 = yuan(3_906);

/// The families with the names of their counties and townships.
pub(super) struct Story {
    pub families: Vec<Family>,
    pub counties: Vec<(RegionCode, &'static str)>,
    pub townships: Vec<(RegionCode, &'static str)>,
}

/// The paper that decided a status, none where nobody decides: `卓扶发〔2016〕12号`.
pub(crate) fn document_number(family: &Family, span: StatusSpan) -> Option<String> {
    let decided = matches!(
        span.status,
        HouseholdStatus::Registered
            | HouseholdStatus::Exited
            | HouseholdStatus::Returned
            | HouseholdStatus::StruckOff
    );
    let county = COUNTIES
        .iter()
        .find(|county| family.village.county() == Some(county.code));
    let papers = county.filter(|_| decided)?.papers;
    let number = family.dice(span.status.word()).between(3, 96);
    Some(format!("{papers}扶发〔{}〕{number}号", span.from.year()))
}

/// Invents all families. Their keys count from zero until the database has given out its own.
pub(super) fn tell() -> Result<Story, DemoError> {
    let names: HashMap<i64, &'static str> = listed_regions()
        .map(|region| (region.code.get(), region.name))
        .collect();
    let mut story = Story {
        families: Vec::new(),
        counties: Vec::new(),
        townships: Vec::new(),
    };
    let mut people = People::default();
    for county in &COUNTIES {
        tell_county(&mut story, &mut people, county, &names)?;
    }
    wed(&mut story.families, &mut people);
    for county in story
        .families
        .chunk_by_mut(|one, next| one.village.county() == next.village.county())
    {
        part(county);
    }
    for family in &mut story.families {
        earn(family);
    }
    number(&mut story.families);
    Ok(story)
}

fn tell_county(
    story: &mut Story,
    people: &mut People,
    county: &County,
    names: &HashMap<i64, &'static str>,
) -> Result<(), DemoError> {
    let name = |code: RegionCode| {
        names
            .get(&code.get())
            .copied()
            .ok_or(DemoError::Invented("region"))
    };
    let mut villages = Vec::new();
    for township in county.townships {
        let township = RegionCode::parse(township).map_err(|_| DemoError::Invented("region"))?;
        story.townships.push((township, name(township)?));
        villages.extend(rural_villages(township).take(VILLAGES));
    }
    let county_code = villages
        .first()
        .and_then(|(village, _)| village.parent()?.parent());
    let county_code = county_code.ok_or(DemoError::Invented("county"))?;
    story.counties.push((county_code, name(county_code)?));

    let county_name = name(county_code)?;
    let first = story.families.len();
    let mut dice = Dice::of(SEED, county.papers);
    let mut serials: BTreeMap<RegionCode, u16> = BTreeMap::new();
    let mut supported = county.supported_candidates;
    for (place, status) in statuses(county, &mut dice).into_iter().enumerate() {
        let (village, village_name) = &villages[place % villages.len()];
        let township = village.parent().ok_or(DemoError::Invented("township"))?;
        let address = format!("{county_name}{}{village_name}", name(township)?);
        let supports = status == HouseholdStatus::Candidate && supported > 0;
        supported -= usize::from(supports);
        let seed = SEED + (first + place) as u64;
        let history = history(status, supports, place == 0, &mut Dice::of(seed, "history"));
        let mut family = open_file(seed, *village, address, history);
        if supports {
            family.allowance = Some(unpriced(date!(2018 - 01 - 01)));
        }
        people.settle(&mut family, place == 0)?;
        if family.since(HouseholdStatus::Registered).is_some() {
            let serial = serials.entry(*village).or_default();
            *serial += 1;
            let number = CardNumber::with_serial(*village, *serial);
            let number = number.map_err(|_| DemoError::Invented("card number"))?;
            family.card_number = Some(number);
            register(&mut family);
        }
        story.families.push(family);
    }
    Ok(())
}

fn open_file(seed: u64, village: RegionCode, address: String, history: Vec<StatusSpan>) -> Family {
    let mut dice = Dice::of(seed, "file");
    let group = dice.between(1, 6);
    Family {
        id: 0,
        village,
        group,
        address: format!("{address}{group}组"),
        card_number: None,
        class: None,
        causes: Vec::new(),
        water_safe: dice.chance(88),
        history,
        members: Vec::new(),
        incomes: Vec::new(),
        allowance: None,
        seed,
    }
}

/// The villages of a township that are not its streets, with their names as people say them.
fn rural_villages(township: RegionCode) -> impl Iterator<Item = (RegionCode, String)> {
    listed_regions()
        .filter(move |region| township.contains(region.code))
        .filter(|region| (200..400).contains(&(region.code.get() % 1_000)))
        .map(|region| {
            (
                region.code,
                region
                    .name
                    .replace("村民委员会", "村")
                    .replace("村委会", "村"),
            )
        })
}

/// The statuses of the families in their order; the first family is registered.
fn statuses(county: &County, dice: &mut Dice) -> Vec<HouseholdStatus> {
    let mut statuses: Vec<_> = county
        .statuses
        .iter()
        .flat_map(|(status, count)| std::iter::repeat_n(*status, *count))
        .collect();
    dice.shuffle(&mut statuses);
    let registered = statuses
        .iter()
        .position(|status| *status == HouseholdStatus::Registered);
    statuses.swap(0, registered.unwrap_or_default());
    statuses
}

/// What happened to a file until it got the status that it has today. Old files began in the first year.
fn history(
    status: HouseholdStatus,
    supported: bool,
    old: bool,
    dice: &mut Dice,
) -> Vec<StatusSpan> {
    use HouseholdStatus::{Candidate, Registered, UnderAppraisal};
    let span = |status, from| StatusSpan { status, from };
    if status == Candidate {
        let from = match supported {
            true => dice.day(date!(2017 - 03 - 01), date!(2017 - 09 - 30)),
            false => dice.day(date!(2018 - 02 - 01), date!(2018 - 10 - 31)),
        };
        return vec![span(Candidate, from)];
    }
    if status == UnderAppraisal {
        let from = dice.day(date!(2018 - 10 - 08), date!(2018 - 11 - 10));
        let appraised = dice.day(date!(2018 - 11 - 20), date!(2018 - 12 - 20));
        return vec![span(Candidate, from), span(UnderAppraisal, appraised)];
    }
    let last_year = match status {
        _ if old => 2014,
        Registered => 2018,
        HouseholdStatus::Exited => 2016,
        _ => 2015,
    };
    let year = dice.one_of(&[2014, 2014, 2014, 2014, 2014, 2014, 2015, 2016, 2017, 2018]);
    let year = year.min(last_year);
    let registered = in_year(year, (Month::April, 1), (Month::November, 20), dice);
    let candidate = registered - Duration::days(dice.between(70, 110));
    let appraised = registered - Duration::days(dice.between(25, 45));
    let mut history = vec![
        span(Candidate, candidate),
        span(UnderAppraisal, appraised),
        span(Registered, registered),
    ];
    history.extend(after_registration(status, year, dice));
    history
}

/// The statuses that followed the registration of a year.
fn after_registration(
    status: HouseholdStatus,
    registered: i32,
    dice: &mut Dice,
) -> Vec<StatusSpan> {
    use HouseholdStatus::{Closed, Exited, Returned, StruckOff};
    let span = |status, from| StatusSpan { status, from };
    let december =
        |year, dice: &mut Dice| in_year(year, (Month::December, 5), (Month::December, 25), dice);
    match status {
        Exited => {
            // The later of two years, because exits became more.
            let years: Vec<i32> = ((registered + 1).max(2016)..=2018).collect();
            let year = dice.one_of(&years).max(dice.one_of(&years));
            vec![span(Exited, december(year, dice))]
        }
        Returned => {
            let exited = december(2016, dice);
            let returned = dice.day(date!(2017 - 09 - 01), date!(2018 - 11 - 20));
            vec![span(Exited, exited), span(Returned, returned)]
        }
        StruckOff | Closed => {
            vec![span(
                status,
                dice.day(date!(2017 - 03 - 01), date!(2018 - 10 - 31)),
            )]
        }
        _ => Vec::new(),
    }
}

fn in_year(year: i32, first: (Month, u8), last: (Month, u8), dice: &mut Dice) -> Date {
    let day = |(month, day)| Date::from_calendar_date(year, month, day).unwrap_or(LAST_DAY);
    dice.day(day(first), day(last))
}

/// Class and causes, from the people of the family.
fn register(family: &mut Family) {
    let dice = &mut family.dice("registration");
    let begins = family.begins_on();
    let works = |member: &Member| {
        matches!(
            member.labour,
            LabourCapacity::Normal | LabourCapacity::Skilled | LabourCapacity::Weak
        )
    };
    let labour = family.members.iter().any(works);
    let alone = family.members.len() == 1 && !labour;
    let registered = family.since(HouseholdStatus::Registered).unwrap_or(begins);
    let class = match family.status() {
        HouseholdStatus::Closed => HouseholdClass::SpecialSupport,
        _ if alone && dice.chance(60) => HouseholdClass::SpecialSupport,
        status if status == HouseholdStatus::StruckOff || dice.chance(42) => {
            match allowance(family, registered) {
                None => HouseholdClass::General,
                allowance => {
                    family.allowance = allowance;
                    match labour {
                        true => HouseholdClass::DibaoPoor,
                        false => HouseholdClass::Dibao,
                    }
                }
            }
        }
        _ => HouseholdClass::General,
    };
    family.class = Some(class);
    family.causes = causes(family, labour, dice);
}

/// When the minimum living allowance began and ends; none for files that it would not fit.
fn allowance(family: &Family, registered: Date) -> Option<Allowance> {
    let early = unpriced(date!(2017 - 01 - 01));
    match family.status() {
        HouseholdStatus::Registered => match registered.year() {
            ..=2016 => Some(early),
            2017 => Some(unpriced(date!(2018 - 01 - 01))),
            _ => None,
        },
        HouseholdStatus::Returned => {
            let returned = family.since(HouseholdStatus::Returned)?;
            (returned.year() == 2017).then(|| unpriced(date!(2018 - 01 - 01)))
        }
        // Twelve more months after the exit.
        HouseholdStatus::Exited => {
            let exited = family.since(HouseholdStatus::Exited)?;
            let until = exited
                .replace_year(exited.year() + 1)
                .ok()?
                .previous_day()?;
            (exited.year() == 2018).then_some(Allowance {
                gradual_exit_until: Some(until),
                ..early
            })
        }
        // Stopped with the end of the month in which the family was struck off.
        HouseholdStatus::StruckOff => {
            let struck = family.since(HouseholdStatus::StruckOff)?;
            let month = struck.month();
            let end = struck
                .replace_day(month.length(struck.year()))
                .ok()?
                .next_day()?;
            Some(Allowance {
                to: Some(end),
                ..unpriced(date!(2016 - 01 - 01))
            })
        }
        _ => None,
    }
}

/// A grant whose amount waits for the income forms.
fn unpriced(from: Date) -> Allowance {
    Allowance {
        persons: 0,
        standard: STANDARD,
        yearly: 0,
        approved_on: from - Duration::days(18),
        from,
        to: None,
        gradual_exit_until: None,
    }
}

fn causes(family: &Family, labour: bool, dice: &mut Dice) -> Vec<PovertyCause> {
    use PovertyCause::{
        Disability, Disaster, Illness, LackOfFunds, LackOfLabour, LackOfMotivation, LackOfSkills,
        LackOfWater, PoorTransport, Schooling,
    };
    use entity::household::codes::HealthStatus::{Chronic, Disabled, MajorIllness};
    let any = |is: &dyn Fn(&Member) -> bool| family.members.iter().any(is);
    let mut causes = Vec::new();
    let mut add = |cause, holds: bool| {
        if holds && !causes.contains(&cause) && causes.len() < 3 {
            causes.push(cause);
        }
    };
    add(Illness, any(&|member| member.health == MajorIllness));
    add(Disability, any(&|member| member.health == Disabled));
    add(
        Schooling,
        any(&|member| member.studies(2018).is_some() && member.age(LAST_DAY) >= 16),
    );
    add(LackOfLabour, !labour);
    add(
        Illness,
        any(&|member| member.health == Chronic) && dice.chance(60),
    );
    let others = [
        LackOfFunds,
        LackOfSkills,
        Disaster,
        LackOfWater,
        PoorTransport,
        LackOfMotivation,
    ];
    add(dice.one_of(&others), true);
    add(dice.one_of(&others), dice.chance(35));
    causes
}

/// A grown daughter of the first family of the one county becomes a daughter-in-law in the first family of the other.
/// Her membership there begins on the day it ends here; what the old family's file says of her stays with it.
fn wed(families: &mut [Family], people: &mut People) {
    let other = families
        .iter()
        .position(|family| family.village.county() == Some(COUNTIES[1].code));
    let Some((here, there)) = other.map(|at| families.split_at_mut(at)) else {
        return;
    };
    let (Some(old), Some(new)) = (here.first_mut(), there.first_mut()) else {
        return;
    };
    let marries = |member: &&mut Member| {
        member.sex() == Sex::Female && (20..30).contains(&member.age(WEDDING))
    };
    if let Some(bride) = old.members.iter_mut().find(marries) {
        new.members.push(Member {
            relation: RelationToHead::DaughterInLaw,
            phone: people.phone(),
            from: WEDDING,
            ..bride.clone()
        });
        bride.to = Some(WEDDING);
        bride.left = Some(LeftReason::Transferred);
    }
}

/// Some members of a county's families die or move out, and of closed families nobody is left.
fn part(families: &mut [Family]) {
    let mut deaths = 7;
    let mut moves = 5;
    for family in families {
        let mut dice = family.dice("parting");
        if let Some(closed_on) = family.closed_on() {
            for member in &mut family.members {
                leave(member, closed_on, LeftReason::Died);
            }
            continue;
        }
        let starts = family.begins_on().max(date!(2016 - 12 - 31)) + Duration::days(40);
        let day = dice.day(
            starts.min(LAST_DAY),
            date!(2018 - 11 - 30).max(starts).min(LAST_DAY),
        );
        let stays =
            |member: &Member| member.to.is_none() && !member.is_head && member.from < starts;
        let old = |member: &&mut Member| stays(member) && member.age(LAST_DAY) >= 66;
        let grown = |member: &&mut Member| {
            let studies = (2016..=2018).any(|year| member.studies(year).is_some());
            stays(member) && !studies && (21..30).contains(&member.age(LAST_DAY))
        };
        if deaths > 0
            && dice.chance(30)
            && let Some(member) = family.members.iter_mut().find(old)
        {
            leave(member, day, LeftReason::Died);
            deaths -= 1;
        } else if moves > 0
            && dice.chance(50)
            && family.members.len() > 2
            && let Some(member) = family.members.iter_mut().find(grown)
        {
            leave(member, day, LeftReason::MovedOut);
            moves -= 1;
        }
    }
}

fn leave(member: &mut Member, day: Date, reason: LeftReason) {
    member.to = Some(day);
    member.left = Some(reason);
}

/// Income forms, and the allowance that they leave room for.
fn earn(family: &mut Family) {
    let mut dice = family.dice("income");
    for year in FIRST_SURVEY_YEAR..=LAST_DAY.year() {
        let survey = in_year(year, (Month::November, 5), (Month::December, 20), &mut dice);
        let members = family.members_on(survey).count();
        let open =
            family.begins_on() <= survey && family.closed_on().is_none_or(|end| survey < end);
        if !open || members == 0 {
            continue;
        }
        let form = form(
            family,
            survey,
            i64::try_from(members).unwrap_or(1),
            &mut dice,
        );
        family.incomes.push(form);
    }
    price(family);
}

/// A form without the allowance: the poor stay below the lines of the years, the others above.
fn form(family: &Family, survey: Date, members: i64, dice: &mut Dice) -> Income {
    let grown = i64::from(survey.year() - FIRST_SURVEY_YEAR) * 160;
    let yuan_a_head = match family
        .status_on(Date::from_calendar_date(survey.year(), Month::December, 31).unwrap_or(LAST_DAY))
    {
        Some(HouseholdStatus::Exited) => dice.between(4_300, 8_400) + grown,
        Some(HouseholdStatus::StruckOff) => dice.between(9_500, 15_000),
        Some(HouseholdStatus::Candidate) if family.allowance.is_none() => {
            dice.between(3_000, 4_600)
        }
        _ => dice.between(1_750, 2_750) + grown,
    };
    let works = |member: &&Member| {
        matches!(
            member.labour,
            LabourCapacity::Normal | LabourCapacity::Skilled
        )
    };
    let elders = family
        .members_on(survey)
        .filter(|member| member.age(survey) >= 60)
        .count();
    let total = yuan_a_head * members * 100 + dice.between(0, 9_999);
    let wage = match family.members_on(survey).any(|member| works(&member)) {
        true => total * dice.between(30, 65) / 100,
        false => 0,
    };
    let property = total * dice.between(0, 6) / 100;
    let pension = i64::try_from(elders).unwrap_or(0) * 12 * yuan(110);
    let transfer = (pension + dice.between(0, 40_000)).min(total - wage - property);
    let costs = dice.between(8, 30) * total / 100;
    Income {
        year: survey.year(),
        wage,
        business: total - wage - property - transfer + costs,
        property,
        transfer,
        costs,
        members,
        surveyed_on: survey,
    }
}

/// The allowance is what the income of the year before lacks to the standard, and is income of the years it is paid in.
fn price(family: &mut Family) {
    let Some(mut allowance) = family.allowance else {
        return;
    };
    allowance.persons = i64::try_from(family.members_on(allowance.from).count()).unwrap_or(1);
    let before = family
        .incomes
        .iter()
        .rfind(|form| form.year < allowance.from.year());
    let Some(form) = before.or(family.incomes.first()) else {
        family.allowance = None;
        return;
    };
    let means = form.net() * allowance.persons / form.members;
    allowance.yearly = (allowance.standard * allowance.persons - means).max(0);
    for form in &mut family.incomes {
        form.transfer += allowance.months(form.year).map(|(_, due)| due).sum::<i64>();
    }
    family.allowance = Some(allowance);
}

/// Keys from zero, in the order of the families and their members.
fn number(families: &mut [Family]) {
    let mut memberships = 0..;
    for (family, id) in families.iter_mut().zip(0..) {
        family.id = id;
        for (member, id) in family.members.iter_mut().zip(&mut memberships) {
            member.id = id;
        }
    }
}
