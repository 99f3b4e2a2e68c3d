//! What is on file of how a household lives, and the items of its income.

use crate::graphql::{
    plan::{Guarded, Many, Outcome, Record, codes},
    scalars::{Fen, Mu},
};
use async_graphql::{ComplexObject, SimpleObject};
use entity::household::codes::{AnimalKind, IncomeKind};

codes!(AnimalKind, IncomeKind);

/// How a household lives (生产生活条件). Null in a field: not surveyed.
#[derive(SimpleObject, Record)]
#[graphql(complex)]
#[record(entity = "household::household", household = "t.id")]
pub struct HouseholdLiving {
    /// Whether there is power (生活用电).
    power: Option<bool>,
    /// Whether a hardened road leads to the house (入户路硬化).
    hardened_road: Option<bool>,
    /// Whether there is a sanitary toilet (卫生厕所).
    sanitary_toilet: Option<bool>,
    /// Whether there is radio and television (广播电视).
    broadcast: Option<bool>,
    /// Whether there is fibre (通宽带).
    fibre: Option<bool>,
    /// Whether clean energy is used (清洁能源).
    clean_energy: Option<bool>,
    /// The distance to the main road of the village (与村主干路距离), metres.
    #[graphql(name = "roadDistance")]
    road_distance_m: Option<i32>,
    #[graphql(skip)]
    #[record(method)]
    land: Guarded<Many<LandHolding>>,
    #[graphql(skip)]
    #[record(method)]
    livestock: Guarded<Many<Livestock>>,
}

#[ComplexObject]
impl HouseholdLiving {
    /// The land by year (土地情况), newest first, one line a year.
    async fn land(
        &self,
        #[graphql(desc = "The calendar year (年度). All years when left out.")] year: Option<i32>,
    ) -> Outcome<Guarded<Many<LandHolding>>> {
        self.land.of_year("t.year = {}", "year", year).into()
    }

    /// The animals by year and kind (牲畜), newest first.
    async fn livestock(
        &self,
        #[graphql(desc = "The calendar year (年度). All years when left out.")] year: Option<i32>,
    ) -> Outcome<Guarded<Many<Livestock>>> {
        self.livestock.of_year("t.year = {}", "year", year).into()
    }
}

/// The land of a household in a year (土地情况).
#[derive(SimpleObject, Record)]
#[record(entity = "household::land_holding", order = "t.year DESC")]
pub struct LandHolding {
    /// The calendar year (年度).
    year: i32,
    /// Farmland (耕地), mu.
    #[graphql(name = "farmland")]
    farmland_tenth_mu: Mu,
    /// Forest land (林地), mu.
    #[graphql(name = "forestLand")]
    forest_land_tenth_mu: Mu,
    /// Grassland (草地), mu.
    #[graphql(name = "grassland")]
    grassland_tenth_mu: Mu,
    /// The version (版本).
    version: i32,
}

/// The animals of a kind that a household keeps in a year (牲畜存栏).
#[derive(SimpleObject, Record)]
#[record(entity = "household::livestock", order = "t.year DESC, t.kind")]
pub struct Livestock {
    /// The calendar year (年度).
    year: i32,
    /// The kind of animal (畜种).
    kind: AnimalKind,
    /// How many at the end of the year (年末存栏), heads.
    heads: i32,
    /// The version (版本).
    version: i32,
}

/// An item of an income form (收入明细): of each kind the items add up to the form.
#[derive(SimpleObject, Record)]
#[record(entity = "household::income_item", order = "t.id")]
pub struct IncomeItem {
    /// The kind of income (收入类别).
    kind: IncomeKind,
    /// What it came from (来源).
    source: String,
    /// The amount (金额), yuan a year.
    #[graphql(name = "amount")]
    amount_fen: Fen,
}
