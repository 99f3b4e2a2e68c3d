//! The project library of the demonstration and the funds of its counties. Townships have projects whose households are
//! named, counties such as roads and wells.

use crate::demo::{
    DemoError, Demonstration, Dice, Family, LAST_DAY, Ledger, RECORDED_AT_MS, family::yuan,
};
use ::entity::{
    codes::CodeList,
    finance::{
        codes::{FundKind, FundLevel, FundMovementKind, ProjectKind, ProjectNature, ProjectState},
        fund_account, fund_movement, project, project_beneficiary,
    },
    region_code::RegionCode,
};
use sea_orm::Set;
use std::collections::HashMap;
use time::{Date, Duration, Month};

/// What is proposed everywhere, each in words of its own.
struct Idea {
    kind: ProjectKind,
    name: &'static str,
    unit: &'static str,
    tasks: &'static str,
    target: &'static str,
    benefit: &'static str,
    /// Cost of a person who benefits, yuan.
    yuan_a_person: i64,
}

const OF_TOWNSHIPS: [Idea; 3] = [
    Idea {
        kind: ProjectKind::Industry,
        name: "肉羊养殖项目",
        unit: "农牧局",
        tasks: "购置基础母羊，建设标准化棚圈",
        target: "受益户户均年增收2000元以上",
        benefit: "贫困户自养或托养，按股分红",
        yuan_a_person: 3_000,
    },
    Idea {
        kind: ProjectKind::Industry,
        name: "马铃薯种植项目",
        unit: "农牧局",
        tasks: "推广脱毒种薯，补贴地膜和水肥一体化设备",
        target: "亩均增产200公斤以上",
        benefit: "贫困户领取种薯补贴，合作社保底收购",
        yuan_a_person: 800,
    },
    Idea {
        kind: ProjectKind::Training,
        name: "实用技术培训项目",
        unit: "人社局",
        tasks: "举办种植、养殖、家政培训班",
        target: "每户至少一人掌握一项实用技术",
        benefit: "免费参加培训，推荐就业",
        yuan_a_person: 400,
    },
];

const OF_COUNTIES: [Idea; 3] = [
    Idea {
        kind: ProjectKind::Infrastructure,
        name: "通村道路硬化项目",
        unit: "交通运输局",
        tasks: "硬化通村道路",
        target: "建制村通硬化路",
        benefit: "贫困户参与务工，改善出行",
        yuan_a_person: 2_400,
    },
    Idea {
        kind: ProjectKind::PublicService,
        name: "农村安全饮水巩固提升项目",
        unit: "水利局",
        tasks: "新建水源井，铺设供水管网",
        target: "饮水安全达标",
        benefit: "供水入户，贫困户免接入费",
        yuan_a_person: 900,
    },
    Idea {
        kind: ProjectKind::Ecology,
        name: "退耕还林项目",
        unit: "林业局",
        tasks: "营造经济林",
        target: "造林成活率85%以上",
        benefit: "贫困户领取退耕补助，优先聘为护林员",
        yuan_a_person: 1_500,
    },
];

/// A project as the story tells it.
struct Plan {
    region: RegionCode,
    place: &'static str,
    idea: &'static Idea,
    year: i32,
    state: ProjectState,
    households: i64,
    persons: i64,
}

/// Adds projects with their households, and funds with what they were spent on.
pub(in super::super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    add_of_townships(demonstration).await?;
    let projects = add_of_counties(demonstration).await?;
    add_funds(demonstration, &projects).await
}

/// An idea is one of this year or of the next.
fn plan(region: RegionCode, place: &'static str, idea: &'static Idea) -> Plan {
    use ProjectState::{
        Accepted, CountyApproved, Done, Funded, InLibrary, Proposed, Removed, TownshipReviewed,
        VillagePublished,
    };
    let mut dice = Dice::of(region.get().unsigned_abs(), idea.name);
    let (year, state) = match dice.chance(65) {
        true => (
            LAST_DAY.year(),
            dice.one_of(&[
                Accepted, Accepted, Accepted, Done, Funded, InLibrary, Removed,
            ]),
        ),
        false => (
            LAST_DAY.year() + 1,
            dice.one_of(&[
                Proposed,
                VillagePublished,
                TownshipReviewed,
                CountyApproved,
                InLibrary,
                InLibrary,
            ]),
        ),
    };
    let households = dice.between(60, 240);
    Plan {
        region,
        place,
        idea,
        year,
        state,
        households,
        persons: households * dice.between(21, 26) / 10,
    }
}

async fn add_of_townships(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut of_township: HashMap<RegionCode, Vec<&Family>> = HashMap::new();
    for family in &demonstration.families {
        let township = family.township().filter(|_| family.on_file(LAST_DAY));
        if let Some(township) = township {
            of_township.entry(township).or_default().push(family);
        }
    }
    let (mut rows, mut beneficiaries) = (Vec::new(), Vec::new());
    for (township, name) in &demonstration.townships {
        for idea in &OF_TOWNSHIPS {
            let mut plan = plan(*township, name, idea);
            let families = of_township.get(township).into_iter().flatten();
            let families = families.filter(|family| family.dice(idea.name).chance(22));
            let families: Vec<_> = families.collect();
            if families.is_empty() {
                continue;
            }
            let Some(id) = demonstration.ids("project", 1).await?.next() else {
                break;
            };
            plan.households = 0;
            plan.persons = 0;
            for family in families {
                let row = beneficiary(id, family, &plan);
                plan.households += 1;
                plan.persons += i64::from(row.1);
                beneficiaries.push(row.0);
            }
            rows.push(plan.row(id));
        }
    }
    let ids = demonstration.ids("project_beneficiary", beneficiaries.len());
    for (row, id) in beneficiaries.iter_mut().zip(ids.await?) {
        row.id = Set(id);
    }
    demonstration.inserts.add(rows);
    demonstration.inserts.add(beneficiaries);
    Ok(())
}

/// A household of the project, with how many of its members benefit.
fn beneficiary(
    project: i64,
    family: &Family,
    plan: &Plan,
) -> (project_beneficiary::ActiveModel, i32) {
    let persons = match plan.idea.kind {
        ProjectKind::Training => 1,
        _ => i32::try_from(family.members_on(LAST_DAY).count()).unwrap_or(1),
    };
    let mut dice = family.dice(plan.idea.name);
    let brings = plan.idea.kind == ProjectKind::Industry && plan.is_spent();
    let row = project_beneficiary::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        project_id: Set(project),
        persons: Set(persons),
        joined_on: Set(plan.day(10)),
        benefit_fen: Set(brings.then(|| dice.between(15, 60) * yuan(100))),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    };
    (row, persons)
}

/// Gives back the projects that were funded, each with its key.
async fn add_of_counties(
    demonstration: &mut Demonstration<'_>,
) -> Result<Vec<(i64, Plan)>, DemoError> {
    let mut rows = Vec::new();
    let mut funded = Vec::new();
    for (county, name) in &demonstration.counties {
        for (idea, id) in OF_COUNTIES
            .iter()
            .zip(demonstration.ids("project", OF_COUNTIES.len()).await?)
        {
            let plan = plan(*county, name, idea);
            rows.push(plan.row(id));
            if plan.is_spent() {
                funded.push((id, plan));
            }
        }
    }
    demonstration.inserts.add(rows);
    Ok(funded)
}

impl Plan {
    /// Whether money went to it.
    fn is_spent(&self) -> bool {
        matches!(
            self.state,
            ProjectState::Funded | ProjectState::Done | ProjectState::Accepted
        )
    }

    /// A day of its way: so many days after the proposal, in the autumn before its year.
    fn day(&self, days: i64) -> Date {
        let autumn = Date::from_calendar_date(self.year - 1, Month::September, 3);
        autumn.unwrap_or(LAST_DAY) + Duration::days(days)
    }

    /// The day of a step, as far as the project has come.
    fn step(&self, least: ProjectState, days: i64) -> Option<Date> {
        let removed = self.state == ProjectState::Removed;
        let come = match removed {
            true => least <= ProjectState::InLibrary,
            false => least <= self.state,
        };
        come.then(|| self.day(days))
    }

    fn row(&self, id: i64) -> project::ActiveModel {
        use ProjectState::{
            Accepted, CountyApproved, Done, Funded, InLibrary, TownshipReviewed, VillagePublished,
        };
        let (idea, cost) = (self.idea, self.persons * yuan(self.idea.yuan_a_person));
        let (central, region) = (cost / 100 * 60, cost / 100 * 25);
        let removed = self.state == ProjectState::Removed;
        let in_library = self.step(InLibrary, 85);
        project::ActiveModel {
            id: Set(id),
            region_code: Set(self.region.get()),
            number: Set(format!(
                "XM{}{}{id:06}",
                self.year,
                self.region.get() / 1_000
            )),
            name: Set(format!("{}{}年{}", self.place, self.year, idea.name)),
            kind: Set(idea.kind),
            nature: Set(ProjectNature::New),
            state: Set(self.state),
            year: Set(self.year),
            place: Set(self.place.to_owned()),
            starts_on: Set(self.day(210)),
            ends_on: Set(self.day(420)),
            responsible_unit: Set(idea.unit.to_owned()),
            tasks: Set(idea.tasks.to_owned()),
            cost_fen: Set(cost),
            central_fen: Set(central),
            region_fen: Set(region),
            city_fen: Set(0),
            county_fen: Set(cost - central - region),
            social_fen: Set(0),
            loan_fen: Set(0),
            self_fen: Set(0),
            beneficiary_households: Set(self.households),
            beneficiary_persons: Set(self.persons),
            performance_target: Set(idea.target.to_owned()),
            participation: Set("村民代表大会讨论，受益户参与实施和监督".to_owned()),
            benefit: Set(idea.benefit.to_owned()),
            proposed_on: Set(self.day(0)),
            village_published_on: Set(self.step(VillagePublished, 12)),
            township_reviewed_on: Set(self.step(TownshipReviewed, 35)),
            county_approved_on: Set(self.step(CountyApproved, 60)),
            published_on: Set(in_library.map(|day| day - Duration::days(15))),
            publicity_days: Set(in_library.map(|_| 10)),
            library_on: Set(in_library),
            funded_on: Set(self.step(Funded, 180)),
            done_on: Set(self.step(Done, 400)),
            accepted_on: Set(self.step(Accepted, 440)),
            removed_on: Set(removed.then(|| self.day(300))),
            version: Set(1),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        }
    }
}

/// Of 2017 the eleven counties are known to have had together, in ten thousand yuan, special funds of 115,000 from above,
/// 9,000 of the city and 23,000 of their own; pooled were 116,000, of which 103,000 were spent. Which part is whose, and
/// the next year, are made up.
const FUNDS: [(FundLevel, FundKind, i64, i64); 8] = [
    (FundLevel::Central, FundKind::Special, 80_500, 95),
    (FundLevel::Region, FundKind::Special, 34_500, 95),
    (FundLevel::City, FundKind::Special, 9_000, 92),
    (FundLevel::County, FundKind::Special, 23_000, 97),
    (FundLevel::Central, FundKind::Pooled, 69_600, 89),
    (FundLevel::Region, FundKind::Pooled, 34_800, 89),
    (FundLevel::City, FundKind::Pooled, 5_800, 88),
    (FundLevel::County, FundKind::Pooled, 5_800, 90),
];

/// An account as the story tells it.
struct Account {
    county: RegionCode,
    year: i32,
    level: FundLevel,
    kind: FundKind,
    received_fen: i64,
    spent_fen: i64,
}

async fn add_funds(
    demonstration: &mut Demonstration<'_>,
    projects: &[(i64, Plan)],
) -> Result<(), DemoError> {
    let accounts: Vec<Account> = demonstration
        .counties
        .iter()
        .flat_map(|(county, _)| accounts(*county))
        .collect();
    let ids = demonstration.ids("fund_account", accounts.len()).await?;
    let (mut rows, mut movements) = (Vec::new(), Vec::new());
    for (account, id) in accounts.iter().zip(ids) {
        account.count(demonstration.ledger);
        rows.push(account.row(id));
        movements.extend(account.movements(id, projects));
    }
    let ids = demonstration.ids("fund_movement", movements.len());
    for (row, id) in movements.iter_mut().zip(ids.await?) {
        row.id = Set(id);
    }
    demonstration.inserts.add(rows);
    demonstration.inserts.add(movements);
    Ok(())
}

fn accounts(county: RegionCode) -> impl Iterator<Item = Account> {
    let mut dice = Dice::of(county.get().unsigned_abs(), "funds");
    let share = dice.between(75, 125);
    let years = [LAST_DAY.year() - 1, LAST_DAY.year()];
    years.into_iter().flat_map(move |year| {
        let grown = if year == LAST_DAY.year() { 112 } else { 100 };
        FUNDS.map(|(level, kind, of_all, spent)| {
            let received_fen = of_all * yuan(10_000) / 11 * share / 100 * grown / 100;
            Account {
                county,
                year,
                level,
                kind,
                received_fen,
                spent_fen: received_fen / 100 * spent,
            }
        })
    })
}

impl Account {
    fn count(&self, ledger: &mut Ledger) {
        let values = [
            ("planned", self.received_fen),
            ("received", self.received_fen),
            ("spent", self.spent_fen),
        ];
        let (year, level, kind) = (self.year, self.level.word(), self.kind.word());
        for source in [String::new(), format!(" {level} {kind}")] {
            let statistic = format!("ST-17 in {year}{source}");
            ledger.add_all(&statistic, self.county, values);
        }
    }

    fn row(&self, id: i64) -> fund_account::ActiveModel {
        fund_account::ActiveModel {
            id: Set(id),
            region_code: Set(self.county.get()),
            year: Set(self.year),
            level: Set(self.level),
            kind: Set(self.kind),
            planned_fen: Set(self.received_fen),
            received_fen: Set(self.received_fen),
            spent_fen: Set(self.spent_fen),
            version: Set(1),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        }
    }

    /// Two receipts; what went to the county's own projects, and the rest sent on to the townships.
    fn movements(&self, id: i64, projects: &[(i64, Plan)]) -> Vec<fund_movement::ActiveModel> {
        use FundMovementKind::{Expenditure, Receipt};
        let first = self.received_fen / 10 * 7;
        let mut rows = vec![
            self.movement(id, Receipt, first, (Month::March, 20), "第一批资金"),
            self.movement(
                id,
                Receipt,
                self.received_fen - first,
                (Month::July, 25),
                "第二批资金",
            ),
        ];
        let mut rest = self.spent_fen;
        let mine = projects.iter().filter(|(_, plan)| {
            let from_here = plan.region == self.county && plan.year == self.year;
            from_here && self.kind == FundKind::Special && self.level == FundLevel::Central
        });
        for (project, plan) in mine {
            // As in the row of the project.
            let amount_fen = plan.persons * yuan(plan.idea.yuan_a_person) / 100 * 60;
            rest -= amount_fen;
            rows.push(fund_movement::ActiveModel {
                project_id: Set(Some(*project)),
                ..self.movement(
                    id,
                    Expenditure,
                    amount_fen,
                    (Month::May, 15),
                    plan.idea.name,
                )
            });
        }
        rows.push(self.movement(
            id,
            Expenditure,
            rest,
            (Month::September, 28),
            "拨付苏木乡镇",
        ));
        rows
    }

    fn movement(
        &self,
        account: i64,
        kind: FundMovementKind,
        amount_fen: i64,
        (month, day): (Month, u8),
        purpose: &str,
    ) -> fund_movement::ActiveModel {
        let moved_on = Date::from_calendar_date(self.year, month, day);
        let receipt = kind == FundMovementKind::Receipt;
        fund_movement::ActiveModel {
            region_code: Set(self.county.get()),
            fund_account_id: Set(account),
            kind: Set(kind),
            amount_fen: Set(amount_fen),
            moved_on: Set(moved_on.unwrap_or(LAST_DAY)),
            document_number: Set(
                receipt.then(|| format!("乌财农〔{}〕{}号", self.year, 10 + u8::from(month)))
            ),
            purpose: Set(purpose.to_owned()),
            project_id: Set(None),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        }
    }
}
