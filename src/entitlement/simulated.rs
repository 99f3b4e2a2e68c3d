//! A simulation in the graph, over a region small enough to be answered at once.

use super::{
    loader::Entitlements,
    rules::InForce,
    run::Position,
    simulation::{Changed, Compared, Cost, DraftError, Figure, Simulation, Total},
    types::departments_of,
};
use crate::{
    clock::Clock,
    db::Database,
    graphql::{
        plan::{Outcome, Refusal, failed},
        scalars::{Day, Fen, RegionId, global_id},
    },
    jobs::in_scope,
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject, dataloader::DataLoader};
use entity::{codes::Department, region_code::RegionCode};
use futures_util::{StreamExt as _, pin_mut};
use std::sync::Arc;
use time::Date;

/// The most households that are compared at once; more are for `yihu simulate`.
const MOST_HOUSEHOLDS: u64 = 5_000;
/// The most changed households that are told.
const MOST_CHANGED: usize = 1_000;
/// The most figures and the most bytes of a draft.
const MOST_FIGURES: usize = 50;

/// A figure as it would be (拟调整参数).
#[derive(InputObject)]
pub struct FigureInput {
    /// The pack (政策包), such as "ulanqab-2018".
    pub pack: String,
    /// The figure (参数): BENEFIT.FIGURE, such as "dibao.standard", or BENEFIT.TABLE.ENTRY; of what the whole pack reads FIGURE or
    /// TABLE.ENTRY.
    pub path: String,
    /// The value (数值) as packs write it, such as "4200.00 yuan", "80%".
    pub value: String,
}

/// What can be simulated.
#[derive(Default)]
pub struct SimulationQuery;

#[Object(name = "SimulationQuery")]
impl SimulationQuery {
    /// What would be due to the households of a region under other rules (政策模拟), compared with those in force. Nothing is
    /// written. A region of more than 5000 households is for `yihu simulate`.
    async fn simulation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The region (地区), of at most 5000 households.")] region: RegionId,
        #[graphql(desc = "The day (日期): today unless told.")] as_of: Option<Day>,
        #[graphql(desc = "Figures as they would be (拟调整参数), at most 50.")] figures: Option<
            Vec<FigureInput>,
        >,
        #[graphql(
            desc = "A pack as it would be (政策包草案), as YAML: it stands in for the one of the same name."
        )]
        draft: Option<String>,
    ) -> Outcome<SimulationResult> {
        let day = as_of.map_or_else(|| ctx.data_unchecked::<Clock>().today(), |day| day.0);
        let figures = figures.unwrap_or_default();
        simulated(ctx, region.0, day, figures, draft).await.into()
    }
}

async fn simulated(
    ctx: &Context<'_>,
    region: RegionCode,
    day: Date,
    figures: Vec<FigureInput>,
    draft: Option<String>,
) -> Result<SimulationResult, Refusal> {
    if figures.len() > MOST_FIGURES {
        return Err(Refusal::argument(
            "TOO_MANY",
            &["figures"],
            format!("最多 {MOST_FIGURES} 项。"),
            format!("At most {MOST_FIGURES}."),
        ));
    }
    in_scope(ctx, region, &["region"])?;
    let rules = ctx
        .data_unchecked::<DataLoader<Entitlements>>()
        .loader()
        .rules
        .clone();
    let packs = draft.map(|text| ("draft".to_owned(), text));
    let figures: Vec<Figure> = figures.into_iter().map(Figure::from).collect();
    // Reading packs and checking them takes some milliseconds: not on the threads that answer.
    let simulation = tokio::task::spawn_blocking(move || {
        Simulation::of(rules, packs.into_iter().collect(), &figures)
    });
    let simulation = simulation.await.map_err(|_| Refusal::internal())?;
    let simulation = simulation.map_err(|error| no_draft(&error))?;
    let database = ctx.data_unchecked::<Database>();
    let run = simulation.run(database, region, day);
    let households = run.households().await.map_err(|error| failed(&error))?;
    if households > MOST_HOUSEHOLDS {
        return Err(Refusal::argument(
            "REGION_TOO_LARGE",
            &["region"],
            format!(
                "该地区有 {households} 户，超过 {MOST_HOUSEHOLDS} 户：请选择下级地区，或使用 yihu simulate。"
            ),
            format!(
                "The region has {households} households, more than {MOST_HOUSEHOLDS}: name one below it, or use yihu simulate."
            ),
        ));
    }
    let (of, in_force) = (simulation.clone(), Arc::new(InForce::default()));
    let stretches = run.stretches(Position::default(), move |visited| {
        of.compare((region, day), &in_force, visited)
    });
    pin_mut!(stretches);
    let mut compared = Compared::default();
    while let Some(stretch) = stretches.next().await {
        let stretch = stretch.map_err(|error| {
            tracing::error!(%error, "a simulation can't be computed");
            Refusal::internal()
        })?;
        compared.and(stretch.result);
    }
    Ok(SimulationResult {
        simulation,
        compared,
    })
}

impl From<FigureInput> for Figure {
    fn from(FigureInput { pack, path, value }: FigureInput) -> Self {
        Figure { pack, path, value }
    }
}

fn no_draft(error: &DraftError) -> Refusal {
    let field = match error {
        DraftError::Pack(error) if error.file == "draft" => "draft",
        _ => "figures",
    };
    Refusal::argument(
        "INVALID_DRAFT",
        &[field],
        format!("草案不能使用：{error}。"),
        format!("The draft can't be used: {error}."),
    )
}

/// What would be due under other rules (政策模拟结果).
pub struct SimulationResult {
    simulation: Simulation,
    compared: Compared,
}

/// What would be due under other rules (政策模拟结果).
#[Object]
impl SimulationResult {
    /// How many households were compared (比对户数).
    async fn households(&self) -> u64 {
        self.compared.households
    }
    /// To how many more would be due (受益户数).
    async fn winners(&self) -> u64 {
        self.compared.winners
    }
    /// To how many less would be due (受损户数).
    async fn losers(&self) -> u64 {
        self.compared.losers
    }
    /// The benefits that the draft changes (涉及待遇), by code.
    async fn benefits(&self) -> Vec<SimulatedBenefit> {
        let benefits = self.simulation.benefits.iter();
        benefits
            .map(|benefit| SimulatedBenefit {
                code: benefit.clone(),
                departments: self.simulation.departments(benefit),
                months: months(self.compared.months.get(benefit)),
                totals: self.totals(benefit),
            })
            .collect()
    }
    /// The households for which something changes (变化农户), at most 1000, by card number.
    async fn changed(&self) -> Vec<SimulatedChange> {
        let changed = self.compared.changed.iter().take(MOST_CHANGED);
        changed.map(SimulatedChange::from).collect()
    }
}

impl SimulationResult {
    fn totals(&self, benefit: &str) -> Vec<SimulatedTotal> {
        let totals = self.compared.totals.iter();
        totals
            .filter(|((of, _), _)| of == benefit)
            .map(|((_, region), total)| SimulatedTotal::of(*region, total))
            .collect()
    }
}

impl Simulation {
    /// Who runs a benefit, as they do or as they would.
    fn departments(&self, benefit: &str) -> Vec<Department> {
        let found = self
            .rules()
            .into_iter()
            .flat_map(|rules| rules.catalogue.packs());
        let mut found = found.filter_map(|pack| pack.benefit(benefit));
        found.next().map_or(vec![], departments_of)
    }
}

/// A benefit as it would be (待遇模拟).
#[derive(SimpleObject)]
pub struct SimulatedBenefit {
    /// Its code (待遇代码).
    pub code: String,
    /// Who runs it and bears its cost (主管部门).
    pub departments: Vec<Department>,
    /// What it costs in each month of the year (各月支出).
    pub months: Vec<SimulatedMonth>,
    /// What it comes to in each part of the region, a level below it (各地区合计).
    pub totals: Vec<SimulatedTotal>,
}

/// What a benefit costs in a month (月支出).
#[derive(SimpleObject)]
pub struct SimulatedMonth {
    /// The month (月份), 1 to 12.
    pub month: i32,
    /// As it is (现行), yuan.
    pub before: Fen,
    /// As it would be (调整后), yuan.
    pub after: Fen,
}

fn months(cost: Option<&Cost>) -> Vec<SimulatedMonth> {
    let Some(cost) = cost else { return vec![] };
    let both = cost.before.0.iter().zip(cost.after.0);
    let months = (1..).zip(both);
    months
        .map(|(month, (before, after))| SimulatedMonth {
            month,
            before: Fen(*before),
            after: Fen(after),
        })
        .collect()
}

/// What a benefit comes to in a part of the region (地区合计).
#[derive(SimpleObject)]
pub struct SimulatedTotal {
    /// The code of the part (地区代码).
    pub region: RegionId,
    /// To how many households, members or on how many loans it is due (享受对象数), as it is.
    pub subjects_before: u64,
    /// The same (享受对象数) as it would be.
    pub subjects_after: u64,
    /// The amount (金额) as it is, yuan.
    pub before: Fen,
    /// The amount (金额) as it would be, yuan.
    pub after: Fen,
    /// For how many it is not known or not configured (待定对象数), as it is.
    pub open_before: u64,
    /// The same (待定对象数) as it would be.
    pub open_after: u64,
}

impl SimulatedTotal {
    fn of(region: RegionCode, total: &Total) -> Self {
        SimulatedTotal {
            region: RegionId(region),
            subjects_before: total.subjects_before,
            subjects_after: total.subjects_after,
            before: Fen(total.fen_before),
            after: Fen(total.fen_after),
            open_before: total.open_before,
            open_after: total.open_after,
        }
    }
}

/// A household for which a benefit changes (变化农户).
#[derive(SimpleObject)]
pub struct SimulatedChange {
    /// The household (农户), by global id.
    pub household_id: ID,
    /// The number of its card (户编号). Null for a candidate.
    pub card_number: Option<String>,
    /// The code of the benefit (待遇代码).
    pub benefit: String,
    /// What is due as it is (现行应享金额), yuan.
    pub before: Fen,
    /// What would be due (调整后应享金额), yuan.
    pub after: Fen,
    /// To how many of it the benefit is due (享受对象数), as it is.
    pub subjects_before: u64,
    /// The same (享受对象数) as it would be.
    pub subjects_after: u64,
}

impl From<&Changed> for SimulatedChange {
    fn from(changed: &Changed) -> Self {
        SimulatedChange {
            household_id: global_id("Household", changed.home.household).into(),
            card_number: changed.home.card_number.clone(),
            benefit: changed.benefit.clone(),
            before: Fen(changed.before.fen),
            after: Fen(changed.after.fen),
            subjects_before: changed.before.subjects,
            subjects_after: changed.after.subjects,
        }
    }
}
