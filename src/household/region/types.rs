//! A region and its figures.

use super::{loader::TotalsOf, public::PublicTotals};
use crate::{
    authz::Access,
    departments::RegionTotals,
    graphql::{
        node::Keyed,
        plan::{Many, Outcome, Record, Ref, Refusal, codes},
        scalars::{Day, Percent, RegionId, Words},
    },
    household::village::{CollectiveIncome, VillagePost},
};
use async_graphql::{ComplexObject, Context, SimpleObject};
use entity::{
    codes::RegionTag,
    household::codes::{HouseholdClass, PovertyCause},
    region_code::RegionCode,
};
use level::RegionLevel;
use std::collections::HashMap;

codes!(RegionLevel, RegionTag);

/// Levels of regions as words of the graph.
pub mod level {
    entity::code_lists! {
        /// The level of a region (行政级别).
        RegionLevel "行政级别" {
            Province "PROVINCE" "省、自治区、直辖市" "Province";
            Prefecture "PREFECTURE" "市、盟、州" "Prefecture";
            County "COUNTY" "县、区、旗" "County";
            Township "TOWNSHIP" "乡镇、街道、苏木" "Township";
            Village "VILLAGE" "村、社区、嘎查" "Village";
        }
    }
}

/// An administrative region (行政区划).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
#[record(
    entity = "shared::region",
    from = "region r",
    prefix = "r",
    household = "r.parent_code",
    key = "r.code",
    region = "r.code",
    reference
)]
pub struct Region {
    /// The code (行政区划代码), 12 digits.
    code: RegionId,
    /// The name (名称).
    name: String,
    /// The level (行政级别).
    level: RegionLevel,
    /// What the region counts as (区域类型): poor county, contiguous area, border and the like.
    #[record(
        column = "(SELECT string_agg(g.tag, ',' ORDER BY g.tag) FROM region_tag g WHERE g.region_code = r.code)"
    )]
    tags: Words<RegionTag>,
}

impl Keyed for Region {
    fn key(&self) -> i64 {
        self.code.0.get()
    }
}

/// The keys of the regions with these codes, by code.
pub fn by_code(codes: Vec<String>) -> HashMap<String, i64> {
    let known = |code: String| {
        let key = code.parse::<RegionCode>().ok()?.get();
        Some((code, key))
    };
    codes.into_iter().filter_map(known).collect()
}

#[ComplexObject]
impl Region {
    /// The region this one is part of (上级行政区划). Null for a province.
    async fn parent(&self) -> Ref<Region> {
        Ref::to(self.code.0.parent().map(RegionCode::get))
    }

    /// The regions directly below, by code (下级行政区划). A few hundred at the most.
    async fn children(&self) -> Many<Region> {
        Many::below(self.code.0.get())
    }

    /// Who is and was posted in this village (驻村岗位), newest first: work team and first secretary. A village's, so a handful;
    /// for a region above the villages ask `villagePosts`. Null where the region is not inside your own.
    async fn posts(&self, ctx: &Context<'_>) -> Outcome<Many<VillagePost>> {
        Ok(self.below(ctx)).into()
    }

    /// What this village earned in common (村集体经济收入), newest year first. A few years at the most; for a region above the
    /// villages ask `collectiveIncomes`. Null where the region is not inside your own.
    async fn collective_income(&self, ctx: &Context<'_>) -> Outcome<Many<CollectiveIncome>> {
        Ok(self.below(ctx)).into()
    }

    /// The figures of the region (统计). Null where the region is not wholly inside your own.
    async fn totals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day counted (统计日期). Today when left out.")] as_of: Option<Day>,
        #[graphql(
            desc = "The first day of the period for changes (变动起始日期). The first of January when left out."
        )]
        from: Option<Day>,
    ) -> Outcome<RegionTotals> {
        let access = ctx.data_unchecked::<Access>();
        if !access.covers(self.code.0.range()) {
            return Ok(None).into();
        }
        totals(ctx, self.code.0, as_of, from).await.into()
    }

    /// The figures of the region that everybody may know (公开统计). Null for a village, which is too small.
    async fn public_totals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day counted (统计日期). Today when left out.")] as_of: Option<Day>,
    ) -> Outcome<PublicTotals> {
        public_totals(ctx, self.code.0, as_of).await.into()
    }
}

impl Region {
    /// The rows that are this region's own, where it lies inside the viewer's.
    fn below<T>(&self, ctx: &Context<'_>) -> Option<Many<T>> {
        let inside = ctx.data_unchecked::<Access>().covers(self.code.0.range());
        inside.then(|| Many::below(self.code.0.get()))
    }
}

async fn public_totals(
    ctx: &Context<'_>,
    code: RegionCode,
    as_of: Option<Day>,
) -> Result<Option<PublicTotals>, Refusal> {
    if code.level() == entity::region_code::RegionLevel::Village {
        return Ok(None);
    }
    let of = TotalsOf::on(ctx, code, as_of).public();
    let core = of.count::<TotalsCore>(ctx).await?;
    Ok(Some(PublicTotals::of(&core)))
}

async fn totals(
    ctx: &Context<'_>,
    code: RegionCode,
    as_of: Option<Day>,
    from: Option<Day>,
) -> Result<Option<RegionTotals>, Refusal> {
    let whole_year = TotalsOf::on(ctx, code, as_of);
    let of = TotalsOf {
        from: from.map_or(whole_year.from, |day| day.0),
        ..whole_year
    };
    if of.from > of.to {
        return Err(Refusal::argument(
            "PERIOD_REVERSED",
            &["from"],
            "起始日期晚于统计日期。",
            "The period begins after the day counted.",
        ));
    }
    let asked = ctx
        .field()
        .selection_set()
        .any(|field| TotalsCore::FIELDS.contains(&field.name()));
    let core = match asked {
        true => (*of.count::<TotalsCore>(ctx).await?).clone(),
        false => TotalsCore::default(),
    };
    Ok(Some(RegionTotals::of(core, of)))
}

/// What the file says of a region on a day: households of status REGISTERED or RETURNED. ST-01 to ST-06.
#[derive(SimpleObject, Clone, Default)]
#[graphql(name = "HouseholdOnTotals")]
pub struct TotalsCore {
    /// Poor households (贫困户数). ST-01.
    pub(super) households: i32,
    /// Poor persons (贫困人口数). ST-01.
    pub(super) persons: i32,
    /// Poverty incidence (贫困发生率): persons per rural registered person, percent, one digit, half up. Null where the
    /// rural population is not on record. ST-02.
    pub(super) incidence_percent: Option<Percent>,
    /// Status changes in the period (变动情况). ST-03.
    pub(super) changes: StatusChanges,
    /// By class (按属性). ST-04.
    pub(super) by_class: Vec<ClassTotal>,
    /// By main cause (按主要致贫原因); the sum equals the whole but for households without a cause. ST-05.
    pub(super) by_main_cause: Vec<CauseTotal>,
    /// By the other causes (按其他致贫原因); a household may count twice. ST-06.
    pub(super) by_other_cause: Vec<CauseTotal>,
}

impl TotalsCore {
    /// Counting is left out when none of these is asked for.
    const FIELDS: [&'static str; 7] = [
        "households",
        "persons",
        "incidencePercent",
        "changes",
        "byClass",
        "byMainCause",
        "byOtherCause",
    ];
}

/// Status changes in a period (变动情况), households.
#[derive(SimpleObject, Clone, Default)]
pub struct StatusChanges {
    /// Newly registered (新增).
    pub(super) registered: i32,
    /// Returned to poverty (返贫).
    pub(super) returned: i32,
    /// Exited (脱贫).
    pub(super) exited: i32,
    /// Struck off (清退).
    pub(super) struck_off: i32,
}

/// Households and persons of a class (按属性统计).
#[derive(SimpleObject, Clone)]
pub struct ClassTotal {
    /// The class (贫困户属性). Null: none recorded.
    pub(super) class: Option<HouseholdClass>,
    /// Households (户数).
    pub(super) households: i32,
    /// Persons (人数).
    pub(super) persons: i32,
}

/// Households and persons of a cause (按致贫原因统计).
#[derive(SimpleObject, Clone)]
pub struct CauseTotal {
    /// The cause (致贫原因). Null: none recorded.
    pub(super) cause: Option<PovertyCause>,
    /// Households (户数).
    pub(super) households: i32,
    /// Persons (人数).
    pub(super) persons: i32,
}
