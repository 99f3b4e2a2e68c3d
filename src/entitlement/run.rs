//! The households of a region with their facts, stretch by stretch: for files, jobs and simulations. Memory holds a few
//! stretches, however large the region is.

use super::{
    ask::is_shown_to,
    facts::{Family, families},
    rules::{InForce, RuleAt, Rules, Sources, Why},
};
use crate::db::{BadCell, Class, Database, DbError, Param, Reads, Row, Statement};
use ::policy::{Benefit, NoAnswer, Pack};
use entity::{codes::Department, region_code::RegionCode};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};
use time::Date;

/// How many stretches are read and computed beside each other.
const BESIDE: usize = 4;

/// Where a run stands: after this household. Households go by county and card number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    county: i64,
    card_order: String,
    household: i64,
}

/// A household of the region.
#[derive(Clone, Debug)]
pub struct Home {
    pub household: i64,
    /// None of a candidate.
    pub card_number: Option<String>,
    pub village: RegionCode,
}

/// A household with its facts and the rules in force where it lives.
pub struct Visited {
    pub home: Home,
    pub rules: Arc<[RuleAt]>,
    pub family: Family,
}

/// What was computed over some households that follow one another.
pub struct Stretch<T> {
    pub households: u64,
    pub end: Position,
    pub result: T,
}

/// Why a run stops.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("database: {0}")]
    Database(#[from] DbError),
    #[error("{pack}/{benefit} of household {household}: {problem}")]
    Rule {
        pack: String,
        benefit: String,
        household: i64,
        problem: NoAnswer,
    },
    #[error("a part of the run was cut off")]
    CutOff,
}

impl RunError {
    /// A rule that can't be computed.
    #[must_use]
    pub fn rule((pack, benefit): (&Pack, &Benefit), home: &Home, problem: NoAnswer) -> Self {
        RunError::Rule {
            pack: pack.id.clone(),
            benefit: benefit.id.clone(),
            household: home.household,
            problem,
        }
    }
}

impl From<BadCell> for RunError {
    fn from(bad: BadCell) -> Self {
        RunError::Database(bad.into())
    }
}

/// Goes through the households of a region.
#[derive(Clone)]
pub struct Run {
    reads: Reads,
    rules: Arc<Rules>,
    region: RegionCode,
    day: Date,
    /// Only the rules of these benefits.
    benefits: Option<Arc<[String]>>,
    /// Only the rules that this department sees.
    shown_to: Option<Department>,
    at_once: usize,
    why: Why,
    in_force: Arc<InForce>,
    /// Rules whose facts are read besides.
    beside: Option<(Arc<Rules>, Arc<InForce>)>,
}

impl Run {
    /// Over the households of a region on a day.
    #[must_use]
    pub fn new(database: &Database, rules: Arc<Rules>, region: RegionCode, day: Date) -> Self {
        Run {
            reads: database.within(region.range()).reads().clone(),
            rules,
            region,
            day,
            benefits: None,
            shown_to: None,
            at_once: 2_000,
            why: Why::Compared,
            in_force: Arc::default(),
            beside: None,
        }
    }

    /// Reads besides what these rules need to tell what is due; what was granted is not read.
    #[must_use]
    pub fn beside(mut self, rules: Arc<Rules>) -> Self {
        self.why = Why::Due;
        self.beside = Some((rules, Arc::default()));
        self
    }

    /// Only of these benefits.
    #[must_use]
    pub fn of_benefits(mut self, benefits: impl IntoIterator<Item = String>) -> Self {
        self.benefits = Some(benefits.into_iter().collect());
        self
    }

    /// Only what a department sees.
    #[must_use]
    pub fn shown_to(mut self, department: Department) -> Self {
        self.shown_to = Some(department);
        self
    }

    /// So many households a stretch.
    #[must_use]
    pub fn at_once(mut self, households: usize) -> Self {
        self.at_once = households.max(1);
        self
    }

    /// How many households the region has.
    ///
    /// # Errors
    /// The database could not be asked.
    pub async fn households(&self) -> Result<u64, DbError> {
        let (lo, hi) = self.region.range();
        let sql = "SELECT COUNT(*) FROM household t WHERE t.county_code BETWEEN $1 AND $2 AND t.region_code BETWEEN $3 AND $4";
        let rows = self.one(sql, counties((lo, hi)), (lo, hi), []).await?;
        let count = rows.first().map_or(Ok(0), |row| row.cell(0).int())?;
        Ok(count.unsigned_abs())
    }

    /// Computes something over each stretch of households after a position, in their order.
    pub fn stretches<T, F>(
        &self,
        from: Position,
        compute: F,
    ) -> impl Stream<Item = Result<Stretch<T>, RunError>>
    where
        T: Send + 'static,
        F: Fn(&[Visited]) -> Result<T, RunError> + Clone + Send + Sync + 'static,
    {
        let listed = stream::unfold(Some(from), move |from| self.listed(from));
        listed
            .map(move |homes| self.clone().visited(homes, compute.clone()))
            .buffered(BESIDE)
    }

    /// The households of the next stretch, and where the one after it begins.
    async fn listed(
        &self,
        from: Option<Position>,
    ) -> Option<(Result<Vec<(Home, Position)>, RunError>, Option<Position>)> {
        let homes = self.homes(&from?).await;
        match homes {
            Ok(homes) => {
                let end = homes.last()?.1.clone();
                let next = (homes.len() == self.at_once).then_some(end);
                Some((Ok(homes), next))
            }
            Err(error) => Some((Err(error), None)),
        }
    }

    async fn homes(&self, from: &Position) -> Result<Vec<(Home, Position)>, RunError> {
        let range = self.region.range();
        let sql = format!(
            "SELECT t.id, t.card_number, t.region_code, t.county_code, t.card_order FROM household t \
             WHERE t.county_code BETWEEN $1 AND $2 AND t.region_code BETWEEN $3 AND $4 \
             AND (t.county_code, t.card_order, t.id) > ($5, $6, $7) \
             ORDER BY t.county_code, t.card_order, t.id LIMIT {}",
            self.at_once
        );
        let after = [
            Param::I64(from.county),
            Param::Text(from.card_order.as_str().into()),
            Param::I64(from.household),
        ];
        let (lo, hi) = counties(range);
        let rows = self
            .one(&sql, (lo.max(from.county), hi), range, after)
            .await?;
        let homes = rows.iter().map(home).collect::<Result<_, BadCell>>();
        Ok(homes?)
    }

    async fn one<const MORE: usize>(
        &self,
        sql: &str,
        counties: (i64, i64),
        regions: (i64, i64),
        more: [Param; MORE],
    ) -> Result<Vec<Row>, DbError> {
        let range = [counties.0, counties.1, regions.0, regions.1].map(Param::I64);
        let params = range.into_iter().chain(more).collect();
        let mut session = self.reads.acquire().await?;
        session.one(Statement::new(Class::Job, sql, params)).await
    }

    async fn visited<T, F>(
        self,
        homes: Result<Vec<(Home, Position)>, RunError>,
        compute: F,
    ) -> Result<Stretch<T>, RunError>
    where
        T: Send + 'static,
        F: Fn(&[Visited]) -> Result<T, RunError> + Send + Sync + 'static,
    {
        let homes = homes?;
        let end = homes.last().map(|(_, end)| end.clone()).unwrap_or_default();
        let rules: Vec<Arc<[RuleAt]>> = homes
            .iter()
            .map(|(home, _)| self.asked(home.village))
            .collect();
        let villages: BTreeSet<_> = homes.iter().map(|(home, _)| home.village).collect();
        let sources = self.sources(&villages);
        let households: Arc<[i64]> = homes.iter().map(|(home, _)| home.household).collect();
        let count = households.len() as u64;
        let mut session = self.reads.acquire().await?;
        let read = families(&self.rules, &mut session, households, self.day, sources).await;
        drop(session);
        let mut families = read?;
        let visited = homes
            .into_iter()
            .zip(rules)
            .filter_map(|((home, _), rules)| {
                let family = families.remove(&home.household)?;
                Some(Visited {
                    home,
                    rules,
                    family,
                })
            });
        let visited: Vec<Visited> = visited.collect();
        // Computing would hold up everything else that the runtime does.
        let computed = tokio::task::spawn_blocking(move || compute(&visited)).await;
        Ok(Stretch {
            households: count,
            end,
            result: computed.map_err(|_| RunError::CutOff)??,
        })
    }

    /// What the rules in force in these villages need.
    fn sources(&self, villages: &BTreeSet<RegionCode>) -> Sources {
        let mut sources = Sources::default();
        for village in villages {
            let asked = self.asked(*village);
            sources = sources.and(self.rules.needed_by(asked.iter().copied(), self.why));
            if let Some((rules, in_force)) = &self.beside {
                let asked = self.named(rules, &in_force.of(rules, *village, self.day));
                sources = sources.and(rules.needed_by(asked.iter().copied(), self.why));
            }
        }
        sources
    }

    fn asked(&self, village: RegionCode) -> Arc<[RuleAt]> {
        let in_force = self.in_force.of(&self.rules, village, self.day);
        self.named(&self.rules, &in_force)
    }

    fn named(&self, rules: &Rules, in_force: &Arc<[RuleAt]>) -> Arc<[RuleAt]> {
        if self.benefits.is_none() && self.shown_to.is_none() {
            return in_force.clone();
        }
        let is_asked = |rule: &RuleAt| {
            let (_, benefit) = rules.at(*rule);
            let named = self.benefits.as_ref();
            named.is_none_or(|named| named.contains(&benefit.id))
                && self.shown_to.is_none_or(|to| is_shown_to(benefit, to))
        };
        in_force.iter().copied().filter(is_asked).collect()
    }
}

fn counties((lo, hi): (i64, i64)) -> (i64, i64) {
    const COUNTY: i64 = 1_000_000;
    (lo / COUNTY, hi / COUNTY)
}

fn home(row: &Row) -> Result<(Home, Position), BadCell> {
    let household = row.cell(0).int()?;
    let card = row.cell(1);
    let card_number = match card.is_null() {
        true => None,
        false => Some(card.text()?.to_owned()),
    };
    let home = Home {
        household,
        card_number,
        village: RegionCode::try_from(row.cell(2).int()?).map_err(|_| BadCell::UNKNOWN)?,
    };
    let end = Position {
        county: row.cell(3).int()?,
        card_order: row.cell(4).text()?.to_owned(),
        household,
    };
    Ok((home, end))
}
