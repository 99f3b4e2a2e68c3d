//! What would be otherwise under other rules (政策模拟): the rules in force and a draft over the same facts, without writing
//! anything.

use super::{
    facts::Family,
    rules::{InForce, RuleAt, Rules},
    run::{Home, Run, RunError, Visited},
};
use crate::db::Database;
use ::policy::{Benefit, PackError, Period, Verdict, overlay};
use entity::region_code::RegionCode;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use time::Date;

/// A figure of a pack as it would be.
#[derive(Clone, Debug)]
pub struct Figure {
    pub pack: String,
    /// See [`overlay`].
    pub path: String,
    pub value: String,
}

/// Why there is no draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    #[error("there is no pack `{0}`")]
    NoPack(String),
    #[error(transparent)]
    Pack(#[from] PackError),
    #[error("the draft is the same as the rules in force")]
    Same,
}

/// Rules as they are and as they would be.
#[derive(Clone)]
pub struct Simulation {
    rules: Arc<Rules>,
    draft: Arc<Rules>,
    /// The benefits that the draft changes.
    pub benefits: BTreeSet<String>,
}

impl Simulation {
    /// Rules with these packs instead of those of the same name, and with these figures.
    ///
    /// # Errors
    /// A pack that can't hold; a figure that is not there; nothing changes.
    pub fn of(
        rules: Arc<Rules>,
        packs: Vec<(String, String)>,
        figures: &[Figure],
    ) -> Result<Self, DraftError> {
        let mut draft = rules.with(packs)?;
        // The texts are changed first and the packs read once, however many figures there are.
        let mut texts: BTreeMap<&str, (String, String)> = BTreeMap::new();
        for Figure { pack, path, value } in figures {
            let of = draft.catalogue.pack(pack);
            let of = of.ok_or_else(|| DraftError::NoPack(pack.clone()))?;
            let before = texts.get(pack.as_str());
            let before = before.map_or(&*of.text, |(_, text)| text.as_str());
            let text = overlay(&of.file, before, path, value)?;
            texts.insert(pack, (of.file.clone(), text));
        }
        if !texts.is_empty() {
            draft = draft.with(texts.into_values().collect())?;
        }
        let benefits = rules.changed_in(&draft);
        if benefits.is_empty() {
            return Err(DraftError::Same);
        }
        Ok(Simulation {
            rules,
            draft: Arc::new(draft),
            benefits,
        })
    }

    /// The rules as they are and as they would be.
    pub(super) fn rules(&self) -> [&Rules; 2] {
        [&self.rules, &self.draft]
    }

    /// A run over the households of a region that reads what both need of the benefits that change.
    #[must_use]
    pub fn run(&self, database: &Database, region: RegionCode, day: Date) -> Run {
        Run::new(database, self.rules.clone(), region, day)
            .of_benefits(self.benefits.iter().cloned())
            .beside(self.draft.clone())
    }

    /// What changes for some households.
    ///
    /// # Errors
    /// A rule that can't be computed.
    pub fn compare(
        &self,
        (region, day): (RegionCode, Date),
        in_force: &InForce,
        visited: &[Visited],
    ) -> Result<Compared, RunError> {
        let mut compared = Compared::default();
        for of in visited {
            let draft = in_force.of(&self.draft, of.home.village, day);
            let (mut before_fen, mut after_fen) = (0, 0);
            for benefit in &self.benefits {
                let before = due(&self.rules, &of.rules, benefit, of, day)?;
                let after = due(&self.draft, &draft, benefit, of, day)?;
                let part = part_of(region, of.home.village);
                let total = compared.totals.entry((benefit.clone(), part));
                total.or_default().add(&before, &after);
                let months = compared.months.entry(benefit.clone()).or_default();
                months.before.add(&before);
                months.after.add(&after);
                before_fen += before.fen;
                after_fen += after.fen;
                if before.counts() != after.counts() {
                    compared.changed.push(Changed {
                        home: of.home.clone(),
                        benefit: benefit.clone(),
                        before,
                        after,
                    });
                }
            }
            compared.households += 1;
            compared.winners += u64::from(after_fen > before_fen);
            compared.losers += u64::from(after_fen < before_fen);
        }
        Ok(compared)
    }
}

/// What a benefit comes to for a household.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// How many of the family, its members or their loans it is due to.
    pub subjects: u64,
    pub fen: i64,
    /// For how many it is not known or not configured.
    pub open: u64,
    /// The amount by the month in which it is paid.
    pub months: [i64; 12],
}

impl Due {
    fn counts(&self) -> (u64, i64, u64) {
        (self.subjects, self.fen, self.open)
    }
}

fn due(
    rules: &Rules,
    in_force: &[RuleAt],
    benefit: &str,
    of: &Visited,
    day: Date,
) -> Result<Due, RunError> {
    let mut sum = Due::default();
    let mut found = in_force.iter().map(|rule| rules.at(*rule));
    let Some((pack, benefit)) = found.find(|(_, rule)| rule.id == benefit) else {
        return Ok(sum);
    };
    let family: &Family = &of.family;
    for facts in family.asked_of(benefit, None) {
        let due = benefit.due(&facts.known);
        let due = due.map_err(|problem| RunError::rule((pack, benefit), &of.home, problem))?;
        match due.status {
            Verdict::Entitled => sum.subjects += 1,
            Verdict::NotEntitled => {}
            Verdict::NotConfigured | Verdict::Unknown => sum.open += 1,
        }
        let fen = due.amount_fen.unwrap_or(0);
        sum.fen += fen;
        for (month, paid) in sum.months.iter_mut().zip(by_month(benefit, fen, day)) {
            *month += paid;
        }
    }
    Ok(sum)
}

/// An amount by the months of the year in which it is paid: where a day is set until which it is paid, in that month; else what
/// is for the year a twelfth a month and in December the rest, what is for a month each month, and what is once in the month of the day.
fn by_month(benefit: &Benefit, fen: i64, day: Date) -> [i64; 12] {
    let mut months = [0; 12];
    let Some(asked) = &benefit.asked else {
        return months;
    };
    let at = |month: time::Month| usize::from(u8::from(month)) - 1;
    match (asked.pay_by, asked.period) {
        (Some((month, _)), _) => months[at(month)] = fen,
        (None, Period::Year) => {
            months = [fen / 12; 12];
            months[11] += fen % 12;
        }
        (None, Period::Month) => months = [fen; 12],
        (None, Period::Once) => months[at(day.month())] = fen,
    }
    months
}

/// The part of a region, a level below it, in which a village lies.
fn part_of(region: RegionCode, village: RegionCode) -> RegionCode {
    let mut part = village;
    while let Some(above) = part.parent() {
        if above == region || !region.contains(above) {
            return part;
        }
        part = above;
    }
    part
}

/// What a benefit comes to in a part of the region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub subjects_before: u64,
    pub subjects_after: u64,
    pub fen_before: i64,
    pub fen_after: i64,
    pub open_before: u64,
    pub open_after: u64,
}

impl Total {
    fn add(&mut self, before: &Due, after: &Due) {
        self.subjects_before += before.subjects;
        self.subjects_after += after.subjects;
        self.fen_before += before.fen;
        self.fen_after += after.fen;
        self.open_before += before.open;
        self.open_after += after.open;
    }

    fn and(&mut self, other: &Total) {
        self.subjects_before += other.subjects_before;
        self.subjects_after += other.subjects_after;
        self.fen_before += other.fen_before;
        self.fen_after += other.fen_after;
        self.open_before += other.open_before;
        self.open_after += other.open_after;
    }
}

/// Amounts in fen by month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Months(pub [i64; 12]);

impl Months {
    fn add(&mut self, due: &Due) {
        self.and(&Months(due.months));
    }
    fn and(&mut self, other: &Months) {
        for (month, more) in self.0.iter_mut().zip(other.0) {
            *month += more;
        }
    }
}

/// What a benefit costs by month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub before: Months,
    pub after: Months,
}

/// A household for which a benefit changes.
#[derive(Clone, Debug)]
pub struct Changed {
    pub home: Home,
    pub benefit: String,
    pub before: Due,
    pub after: Due,
}

/// What changes over some households.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    pub households: u64,
    /// Households to which more, or less, is due over all benefits.
    pub winners: u64,
    pub losers: u64,
    /// By benefit and part of the region.
    pub totals: BTreeMap<(String, RegionCode), Total>,
    pub months: BTreeMap<String, Cost>,
    pub changed: Vec<Changed>,
}

impl Compared {
    /// Adds what changes over others.
    pub fn and(&mut self, other: Compared) {
        self.households += other.households;
        self.winners += other.winners;
        self.losers += other.losers;
        for (key, total) in other.totals {
            self.totals.entry(key).or_default().and(&total);
        }
        for (benefit, cost) in other.months {
            let own = self.months.entry(benefit).or_default();
            own.before.and(&cost.before);
            own.after.and(&cost.after);
        }
        self.changed.extend(other.changed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> RegionCode {
        RegionCode::parse(code).expect("a code")
    }

    #[test]
    fn a_village_lies_in_a_part_a_level_below() {
        let village = region("150921107201");
        for (asked, part) in [
            ("15", "1509"),
            ("1509", "150921"),
            ("150921", "150921107"),
            ("150921107", "150921107201"),
            ("150921107201", "150921107201"),
        ] {
            assert_eq!(part_of(region(asked), village), region(part), "{asked}");
        }
    }
}
