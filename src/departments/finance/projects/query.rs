//! The project library, its beneficiaries, and the funds by year.

use super::types::{FundAccount, FundMovement, Project, ProjectBeneficiary};
use crate::{
    db::Reads,
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::{Day, RegionId},
    },
    household::one_of,
    room::{Roll, roll},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::finance::codes::{FundKind, FundLevel, FundMovementKind, ProjectKind, ProjectState};

/// Conditions on the project library (项目库条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct ProjectFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// The plan year (年度), from 1949 to 2199.
    year: Option<i32>,
    /// One of these kinds (项目类别).
    kind: Option<Vec<ProjectKind>>,
    /// One of these states (项目状态).
    state: Option<Vec<ProjectState>>,
}

impl Roll for ProjectFilter {
    type Row = Project;
    const ORDER: Order = Order {
        name: "projects",
        keys: &[("t.year", KeyKind::Year), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_year("t.year", self.year, &["filter", "year"])?;
        one_of(reads, query, "t.kind", self.kind.as_deref());
        one_of(reads, query, "t.state", self.state.as_deref());
        Ok(())
    }
}

/// Conditions on the roll of beneficiaries (项目受益户名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct ProjectBeneficiaryFilter {
    /// Everything inside this region (行政区划), by where the household is on file.
    region: Option<RegionId>,
    /// The global id of the project (项目).
    project: Option<ID>,
}

impl Roll for ProjectBeneficiaryFilter {
    type Row = ProjectBeneficiary;
    const ORDER: Order = Order {
        name: "projectBeneficiaries",
        keys: &[
            ("t.project_id", KeyKind::Integer),
            ("t.id", KeyKind::Integer),
        ],
        descending: false,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.is_row::<Project>(
            "t.project_id",
            self.project.as_ref(),
            &["filter", "project"],
        )
    }
}

/// Conditions on the roll of fund accounts (扶贫资金台账条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct FundAccountFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// The year (年度), from 1949 to 2199.
    year: Option<i32>,
    /// One of these levels (资金级次).
    level: Option<Vec<FundLevel>>,
    /// One of these kinds (资金类别).
    kind: Option<Vec<FundKind>>,
}

impl Roll for FundAccountFilter {
    type Row = FundAccount;
    const ORDER: Order = Order {
        name: "fundAccounts",
        keys: &[("t.year", KeyKind::Year), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_year("t.year", self.year, &["filter", "year"])?;
        one_of(reads, query, "t.level", self.level.as_deref());
        one_of(reads, query, "t.kind", self.kind.as_deref());
        Ok(())
    }
}

/// Conditions on the roll of receipts and expenditures (资金收支条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct FundMovementFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// The global id of the account (资金台账).
    account: Option<ID>,
    /// The global id of the project (项目).
    project: Option<ID>,
    /// One of these directions (收支类别).
    kind: Option<Vec<FundMovementKind>>,
    /// On this day or later (日期起).
    moved_from: Option<Day>,
    /// On this day or earlier (日期止).
    moved_to: Option<Day>,
}

impl Roll for FundMovementFilter {
    type Row = FundMovement;
    const ORDER: Order = Order {
        name: "fundMovements",
        keys: &[("t.moved_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        let account = self.account.as_ref();
        query.is_row::<FundAccount>("t.fund_account_id", account, &["filter", "account"])?;
        query.is_row::<Project>(
            "t.project_id",
            self.project.as_ref(),
            &["filter", "project"],
        )?;
        one_of(reads, query, "t.kind", self.kind.as_deref());
        let days = (self.moved_from, self.moved_to);
        query.in_days("t.moved_on", days, &["filter", "movedFrom"])
    }
}

#[derive(Default)]
pub struct Query;

#[Object(name = "ProjectsQuery")]
impl Query {
    /// The project library (项目库), newest plan year first.
    async fn projects(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<ProjectFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Project>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of households that benefit from projects (项目受益户名册), by project.
    async fn project_beneficiaries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<ProjectBeneficiaryFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<ProjectBeneficiary>> {
        roll(ctx, filter, first, after).await
    }

    /// The funds by region, year, level and kind (扶贫资金台账), newest year first.
    async fn fund_accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<FundAccountFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<FundAccount>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of receipts and expenditures of funds (资金收支), newest first.
    async fn fund_movements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<FundMovementFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<FundMovement>> {
        roll(ctx, filter, first, after).await
    }
}
