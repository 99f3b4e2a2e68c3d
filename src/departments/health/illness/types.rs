//! Flags of disease, and chronic handbooks.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Guarded, Record, Ref, codes},
        scalars::{Day, Moment, NodeId},
    },
};
use async_graphql::SimpleObject;
use entity::health::codes::{DiseaseClass, HandbookState};

codes!(DiseaseClass, HandbookState);

/// A flag of chronic, major or severe disease (慢病、大病、重病标识).
#[derive(SimpleObject, Record)]
#[record(entity = "health::disease_flag", order = "t.valid_from DESC, t.id")]
pub struct DiseaseFlag {
    /// The global id (全局编号).
    id: NodeId<DiseaseFlag>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The patient (患者).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The class (疾病类别).
    class: DiseaseClass,
    /// The disease (病种), the chapter of ICD-10 only, such as "C00-D48". Null where none was reported.
    #[record(column = "t.disease_mask")]
    disease: Guarded<Option<String>>,
    /// The day of the diagnosis (确诊日期).
    valid_from: Day,
    /// The day of the cure (治愈日期). Null: not cured.
    valid_to: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A handbook for chronic outpatient payment (门诊慢性病就诊手册), one a person and disease at a time.
#[derive(SimpleObject, Record)]
#[record(entity = "health::chronic_handbook", order = "t.valid_from DESC, t.id")]
pub struct ChronicHandbook {
    /// The global id (全局编号).
    id: NodeId<ChronicHandbook>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The holder (持册人).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The number (手册编号). Null before it is issued.
    handbook_number: Option<String>,
    /// The state (手册状态).
    state: HandbookState,
    /// The disease (病种), the chapter of ICD-10 only, such as "I00-I99".
    #[record(column = "t.disease_mask")]
    disease: Guarded<String>,
    /// The day of application (申请日期).
    applied_on: Day,
    /// The day of issue (发放日期). Null: not issued.
    issued_on: Option<Day>,
    /// The first day on which it is valid, of an application what is asked for (有效期起).
    valid_from: Day,
    /// The first day on which it is no longer valid (有效期止). Null: no end.
    valid_to: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
