//! Who dies or moves out.

use super::super::{
    LAST_DAY,
    family::{Family, Member},
};
use crate::identifiers::CitizenNumber;
use entity::household::codes::{HealthStatus, LeftReason};
use time::{Date, Duration, macros::date};

/// Chances in a hundred, for families with somebody old or somebody grown up.
#[derive(Clone, Copy)]
pub(super) struct Chances {
    pub death: u64,
    pub moving: u64,
}

/// Of a closed family nobody is left; of another one perhaps one member has died or moved out.
pub(super) fn leave(family: &mut Family, chances: Chances) -> Option<LeftReason> {
    let mut dice = family.dice("parting");
    if let Some(closed_on) = family.closed_on() {
        for member in &mut family.members {
            end(member, closed_on, LeftReason::Died);
        }
        return None;
    }
    let starts = family.begins_on().max(date!(2016 - 12 - 31)) + Duration::days(40);
    let day = dice.day(
        starts.min(LAST_DAY),
        date!(2018 - 11 - 30).max(starts).min(LAST_DAY),
    );
    let needed = needed(family);
    let stays = |member: &Member| {
        let here = member.to.is_none() && member.from < starts;
        here && !member.is_head && !needed.contains(&member.citizen_number)
    };
    let old = |member: &&mut Member| stays(member) && member.age(LAST_DAY) >= 66;
    let grown = |member: &&mut Member| {
        let studies = (2016..=2018).any(|year| member.studies(year).is_some());
        stays(member) && !studies && (21..30).contains(&member.age(LAST_DAY))
    };
    let mut happens = |percent: u64| percent > 0 && dice.chance(percent);
    let large = family.members.len() > 2;
    let (reason, member) = if happens(chances.death)
        && let Some(member) = family.members.iter_mut().find(old)
    {
        (LeftReason::Died, member)
    } else if happens(chances.moving)
        && large
        && let Some(member) = family.members.iter_mut().find(grown)
    {
        (LeftReason::MovedOut, member)
    } else {
        return None;
    };
    end(member, day, reason);
    Some(reason)
}

/// The one member who can work, and the one whose illness is the cause of poverty.
fn needed(family: &Family) -> Vec<CitizenNumber> {
    let only = |is: &dyn Fn(&&Member) -> bool| {
        let mut members = family.members.iter().filter(|member| member.to.is_none());
        let first = members.by_ref().find(is)?;
        (!members.any(|member| is(&member))).then(|| first.citizen_number.clone())
    };
    let ill = |member: &&Member| {
        matches!(
            member.health,
            HealthStatus::Chronic | HealthStatus::MajorIllness
        )
    };
    [only(&|member| member.can_work()), only(&ill)]
        .into_iter()
        .flatten()
        .collect()
}

pub(super) fn end(member: &mut Member, day: Date, reason: LeftReason) {
    member.to = Some(day);
    member.left = Some(reason);
}
