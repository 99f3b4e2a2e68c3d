//! What finance and banks keep of a household.

use super::{
    loans::types::Loan,
    payments::types::{BankCard, Payment},
    projects::types::ProjectBeneficiary,
};
use crate::graphql::plan::{FilterValue, Guarded, Many, Outcome, Record, Refusal, year_of};
use async_graphql::{ComplexObject, SimpleObject};

#[derive(SimpleObject, Record)]
#[graphql(name = "FinanceOnHousehold")]
#[record(on = "Household")]
pub struct OnHousehold {
    /// What finance and banks keep (财政、银行).
    #[record(object)]
    finance: Guarded<HouseholdFinance>,
}

/// What finance and banks keep of a household (农户财政金融信息).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
pub struct HouseholdFinance {
    /// Whether an open card of the household receives its payments (是否有收款卡).
    #[record(
        column = "EXISTS (SELECT 1 FROM bank_card c WHERE c.household_id = t.id AND c.receiving AND c.valid_to IS NULL)"
    )]
    has_receiving_card: Guarded<bool>,
    /// The members' bank cards, the receiving one first (银行卡). A family's, so a handful.
    bank_cards: Guarded<Many<BankCard>>,
    /// The members' loans, newest first (贷款). A family's, so a handful.
    loans: Guarded<Many<Loan>>,
    #[graphql(skip)]
    #[record(method)]
    payments: Guarded<Many<Payment>>,
    /// The projects of the library that the household benefits from, newest first (受益项目). A handful.
    projects: Guarded<Many<ProjectBeneficiary>>,
}

#[ComplexObject]
impl HouseholdFinance {
    /// The payments to the household and its members (补贴发放), newest period first.
    async fn payments(
        &self,
        #[graphql(
            desc = "The calendar year (发放年度): its yearly payments and those of its months. All years when left out."
        )]
        year: Option<i32>,
    ) -> Outcome<Guarded<Many<Payment>>> {
        of_year(&self.payments, year).into()
    }
}

fn of_year(
    payments: &Guarded<Many<Payment>>,
    year: Option<i32>,
) -> Result<Guarded<Many<Payment>>, Refusal> {
    let Some(year) = year else {
        return Ok(payments.whole());
    };
    let year = year_of(year, &["year"])?.to_string();
    Ok(payments.filtered("substr(t.period, 1, 4) = {}", [FilterValue::Text(year)]))
}
