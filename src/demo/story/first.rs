//! The first 200 families: those of tests and tutorials, in nine townships of 卓资县 and 化德县. They are the same in a
//! demonstration of any size.

use super::{
    super::{
        DemoError,
        dice::Dice,
        family::{Family, Member, StatusSpan},
        people::{Kind, People},
    },
    Serials,
    income::earn,
    leaving::{Chances, leave},
    open_file,
    paths::{in_year, registration},
    places::Township,
    registration::{Support, register, unpriced},
};
use entity::household::codes::{HouseholdStatus, LeftReason, RelationToHead, Sex};
use time::{Date, Month, macros::date};

/// How many there are.
pub(in super::super) const FIRST_FAMILIES: u64 = 200;

/// Villages of a township in which they live.
const VILLAGES: usize = 4;

/// The first families of a county.
struct County {
    /// What its dice are thrown with.
    word: &'static str,
    townships: &'static [i64],
    statuses: [(HouseholdStatus, usize); 7],
    /// Candidates who live on the minimum living allowance without being on file.
    supported_candidates: usize,
}

/// 卓资县 and 化德县.
const COUNTIES: [County; 2] = [
    County {
        word: "卓",
        townships: &[
            150_921_107_000,
            150_921_108_000,
            150_921_110_000,
            150_921_210_000,
            150_921_212_000,
        ],
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
        word: "化",
        townships: &[
            150_922_104_000,
            150_922_105_000,
            150_922_200_000,
            150_922_218_000,
        ],
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

const SUPPORT: Support = Support {
    percent: 42,
    newly: |_| date!(2018 - 01 - 01),
};

/// The day a daughter of the first family of 卓资县 marries into the first family of 化德县.
const WEDDING: Date = date!(2018 - 06 - 01);

/// A first family, and what kind of family it is.
pub(super) type First = (Family, Kind);

/// Invents the first families, in the order of their keys.
pub(super) fn tell(
    root: u64,
    people: &mut People,
    townships: &[Township],
) -> Result<Vec<First>, DemoError> {
    let mut first = Vec::new();
    for county in &COUNTIES {
        tell_county(&mut first, root, people, county, townships)?;
    }
    let mut families: Vec<&mut Family> = first.iter_mut().map(|(family, _)| family).collect();
    wed(&mut families, people);
    for county in families.chunk_by_mut(|one, next| one.village.county() == next.village.county()) {
        part(county);
    }
    families.into_iter().for_each(earn);
    Ok(first)
}

fn tell_county(
    first: &mut Vec<First>,
    root: u64,
    people: &mut People,
    county: &County,
    townships: &[Township],
) -> Result<(), DemoError> {
    let mut villages = Vec::new();
    for code in county.townships {
        let township = townships
            .iter()
            .find(|township| township.region.0.get() == *code);
        let township = township.ok_or(DemoError::Invented("township"))?;
        let of_township = township.villages.iter().take(VILLAGES);
        villages.extend(of_township.map(|(village, name)| (*village, township.address(name))));
    }
    let before = first.len();
    let mut serials = Serials::default();
    let mut supported = county.supported_candidates;
    let statuses = statuses(county, &mut Dice::of(root, county.word));
    for (place, status) in statuses.into_iter().enumerate() {
        let (village, address) = &villages[place % villages.len()];
        let supports = status == HouseholdStatus::Candidate && supported > 0;
        supported -= usize::from(supports);
        let seed = root + (before + place) as u64;
        let history = history(status, supports, place == 0, &mut Dice::of(seed, "history"));
        let mut family = open_file(seed, *village, address.clone(), history);
        if supports {
            family.allowance = Some(unpriced(date!(2018 - 01 - 01)));
        }
        let kind = match place {
            0 => Some(Kind::Grown),
            _ => None,
        };
        let kind = people.settle(&mut family, kind)?;
        if family.since(HouseholdStatus::Registered).is_some() {
            family.card_number = Some(serials.next(*village)?);
            register(&mut family, SUPPORT);
        }
        first.push((family, kind));
    }
    Ok(())
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
            false => dice.day(date!(2018 - 02 - 01), date!(2018 - 09 - 15)),
        };
        return vec![span(Candidate, from)];
    }
    if status == UnderAppraisal {
        let from = dice.day(date!(2018 - 08 - 08), date!(2018 - 09 - 10));
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
    let mut history = registration(year, dice);
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

/// A grown daughter of the first family of the one county becomes a daughter-in-law in the first family of the other.
/// Her membership there begins on the day it ends here; what the old family's file says of her stays with it.
fn wed(families: &mut [&mut Family], people: &mut People) {
    let other = families
        .iter()
        .position(|family| family.village.county() != families[0].village.county());
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
            first: false,
            ..bride.clone()
        });
        bride.to = Some(WEDDING);
        bride.left = Some(LeftReason::Transferred);
    }
}

/// Some members of a county's families die or move out.
fn part(families: &mut [&mut Family]) {
    let (mut deaths, mut moves) = (7, 5);
    for family in families {
        let chances = Chances {
            death: if deaths > 0 { 30 } else { 0 },
            moving: if moves > 0 { 50 } else { 0 },
        };
        match leave(family, chances) {
            Some(LeftReason::Died) => deaths -= 1,
            Some(LeftReason::MovedOut) => moves -= 1,
            _ => {}
        }
    }
}
