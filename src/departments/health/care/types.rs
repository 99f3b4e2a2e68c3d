//! Check-ups, contracts with family doctors and what follows from them, health cards.

use super::super::hospitals::types::Hospital;
use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Many, Outcome, Record, Ref, codes},
        scalars::{Day, Moment, NodeId},
    },
};
use async_graphql::{ComplexObject, SimpleObject};
use entity::health::codes::{CheckUpResult, DoctorVisitWay};

codes!(CheckUpResult, DoctorVisitWay);

/// A check-up (健康体检): its class of result, not what was found.
#[derive(SimpleObject, Record)]
#[record(
    entity = "health::check_up",
    from = "check_up t LEFT JOIN institution i ON i.code = t.institution_code \
            LEFT JOIN region r ON r.code = i.region_code",
    order = "t.checked_on DESC, t.id"
)]
pub struct CheckUp {
    /// The global id (全局编号).
    id: NodeId<CheckUp>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person checked (体检人).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The day (体检日期).
    checked_on: Day,
    /// The calendar year (体检年度).
    year: i32,
    /// The hospital or clinic (体检机构).
    #[record(object)]
    hospital: Hospital,
    /// Whether it is the free one of the year (是否免费体检).
    free: bool,
    /// The class of the result (体检结果类别).
    result: CheckUpResult,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A contract with a family doctor (家庭医生签约).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
#[record(
    entity = "health::doctor_contract",
    from = "doctor_contract t LEFT JOIN institution i ON i.code = t.institution_code \
            LEFT JOIN region r ON r.code = i.region_code",
    order = "t.valid_from DESC, t.id"
)]
pub struct DoctorContract {
    /// The global id (全局编号).
    id: NodeId<DoctorContract>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person signed for (签约居民).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The hospital or clinic (签约机构).
    #[record(object)]
    hospital: Hospital,
    /// The name of the doctor (签约医生).
    doctor_name: String,
    /// Whether the person is a focus patient, who is visited twice a month (是否重点随访对象).
    focus: bool,
    /// The first day (签约日期).
    valid_from: Day,
    /// The day the contract ended (解约日期). Null: in force.
    valid_to: Option<Day>,
    #[graphql(skip)]
    #[record(method, parent = "t.contract_id")]
    visits: Many<DoctorVisit>,
    #[graphql(skip)]
    #[record(method, parent = "t.contract_id")]
    deliveries: Many<MedicineDelivery>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

#[ComplexObject]
impl DoctorContract {
    /// The doctor's visits (随访记录), newest first: two a month to a focus patient.
    async fn visits(
        &self,
        #[graphql(desc = "The calendar year (年度). All years when left out.")] year: Option<i32>,
    ) -> Outcome<Many<DoctorVisit>> {
        self.visits
            .of_days("t.visited_on BETWEEN {1} AND {2}", "year", year)
            .into()
    }

    /// The medicine brought to the house (送药记录), newest first: one a month to who needs it.
    async fn deliveries(
        &self,
        #[graphql(desc = "The calendar year (年度). All years when left out.")] year: Option<i32>,
    ) -> Outcome<Many<MedicineDelivery>> {
        self.deliveries
            .of_days("t.delivered_on BETWEEN {1} AND {2}", "year", year)
            .into()
    }
}

/// A visit of the family doctor (签约医生随访).
#[derive(SimpleObject, Record)]
#[record(entity = "health::doctor_visit", order = "t.visited_on DESC, t.id")]
pub struct DoctorVisit {
    /// The global id (全局编号).
    id: NodeId<DoctorVisit>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The patient (随访对象).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The day (随访日期).
    visited_on: Day,
    /// The way (随访方式).
    way: DoctorVisitWay,
    /// Whether the doctor changed the medicine (是否调整用药).
    medicine_adjusted: bool,
    /// When it was recorded (记录时间).
    #[graphql(name = "recordedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// Medicine that the family doctor brought to the house (送药上门).
#[derive(SimpleObject, Record)]
#[record(
    entity = "health::medicine_delivery",
    order = "t.delivered_on DESC, t.id"
)]
pub struct MedicineDelivery {
    /// The global id (全局编号).
    id: NodeId<MedicineDelivery>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The patient (送药对象).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The day (送药日期).
    delivered_on: Day,
    /// When it was recorded (记录时间).
    #[graphql(name = "recordedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A health card (健康卡). Its number is not kept.
#[derive(SimpleObject, Record)]
#[record(entity = "health::health_card", order = "t.valid_from DESC, t.id")]
pub struct HealthCard {
    /// The global id (全局编号).
    id: NodeId<HealthCard>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The holder (持卡人).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The day of issue (发卡日期).
    valid_from: Day,
    /// The day it was given back (注销日期). Null: held today.
    valid_to: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
