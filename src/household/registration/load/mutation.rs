//! What is taken over from the national register.

use super::service;
use crate::{
    departments::Household,
    graphql::{
        plan::Outcome,
        scalars::{Day, RegionId, RequestId},
    },
    household::{
        ONE_HEAD,
        people::{self, NewMemberInput, disclosing},
        registration::{CARD_NUMBER, NO_VILLAGE},
    },
    writing::{Action, Call, Code, Payload, change},
};
use async_graphql::{Context, InputObject, Object};
use entity::household::codes::{
    HouseholdClass, HouseholdStatus, PolicyAfterExit, PovertyCause, WorkPlace,
};

/// Households of the national register (存量建档立卡户).
#[derive(InputObject)]
pub struct HouseholdLoadInput {
    /// The households (农户), at most 100.
    pub households: Vec<LoadedHouseholdInput>,
}

/// A household as the national register has it (存量建档立卡户).
#[derive(InputObject)]
pub struct LoadedHouseholdInput {
    /// The village (所在村), 12 digits.
    pub village: RegionId,
    /// The number of the household card (户编号): the village's code and a serial, 16 digits.
    pub card_number: String,
    /// The group of the village (村民小组), at most 20 characters.
    pub group: Option<String>,
    /// The address (住址), at most 100 characters.
    pub address: Option<String>,
    /// The place of the household registration (户籍所在地), at most 100 characters.
    pub registration_place: Option<String>,
    /// What the family wishes (发展意愿), at most 200 characters.
    pub wishes: Option<String>,
    /// The phone number (联系电话) in full.
    pub phone: Option<String>,
    /// The status (户状态): on file, exited, or returned to poverty.
    pub status: HouseholdStatus,
    /// The class (贫困户属性).
    pub class: HouseholdClass,
    /// The main cause (主要致贫原因).
    pub main_cause: PovertyCause,
    /// Other causes (其他致贫原因), at most two.
    #[graphql(default)]
    pub other_causes: Vec<PovertyCause>,
    /// The year of the standard (识别标准年度). That of the registration when left out.
    pub standard_year: Option<i32>,
    /// The day of registration (建档立卡日期), today or before.
    pub registered_on: Day,
    /// The day of exit (脱贫日期). Needed of a household that has exited, or has returned since.
    pub exited_on: Option<Day>,
    /// Whether policies are kept after exit (脱贫后政策). Needed of a household that has exited.
    pub policy_after_exit: Option<PolicyAfterExit>,
    /// The day of the return to poverty (返贫日期). Needed of a household that has returned.
    pub returned_on: Option<Day>,
    /// The year in which it is to exit (计划脱贫年度).
    pub planned_exit_year: Option<i32>,
    /// Whether drinking water is safe (饮水安全).
    pub water_safe: Option<bool>,
    /// Whether there is power (生活用电).
    pub power: Option<bool>,
    /// Whether the road to the house is hardened (入户路硬化).
    pub hardened_road: Option<bool>,
    /// Whether there is a sanitary toilet (卫生厕所).
    pub sanitary_toilet: Option<bool>,
    /// Whether there is radio and television (广播电视).
    pub broadcast: Option<bool>,
    /// Whether there is fibre (宽带).
    pub fibre: Option<bool>,
    /// Whether clean energy is used (清洁能源).
    pub clean_energy: Option<bool>,
    /// The distance to the main road of the village (与村主干路距离), metres.
    pub road_distance_m: Option<i32>,
    /// The members (家庭成员), at most 20, exactly one of them the head.
    pub members: Vec<LoadedMemberInput>,
}

/// A member as the national register has it (存量家庭成员). Where no first day as a member is told, it is the day of registration,
/// or of birth after it.
#[derive(InputObject)]
pub struct LoadedMemberInput {
    #[graphql(flatten)]
    pub basics: NewMemberInput,
    /// The work (从事工作), at most 40 characters.
    pub work: Option<String>,
    /// Where it is done (务工区域).
    pub work_place: Option<WorkPlace>,
    /// Months of work in the year (务工月数), 0 to 12.
    pub work_months: Option<i32>,
    /// Whether enrolled in the residents' pension (是否参加城乡居民养老保险).
    pub pension_enrolled: Option<bool>,
}

pub struct HouseholdLoad;
impl Action for HouseholdLoad {
    const NAME: &'static str = "householdLoad";
    const NEEDS_SEALS: bool = true;
    type Changed = Household;
    const CODES: &'static [&'static Code] = &[
        &ONE_HEAD,
        &NO_VILLAGE,
        &CARD_NUMBER,
        &people::INVALID_CITIZEN_NUMBER,
        &people::NUMBER_DISAGREES,
        &people::ALREADY_MEMBER,
        &people::PERSON_DIED,
        &people::PERSON_NOT_AVAILABLE,
    ];
}

#[derive(Default)]
pub struct LoadMutation;

#[Object]
impl LoadMutation {
    /// Takes over up to 100 households that the national register has on file (存量建档立卡户导入), with their members, all or none:
    /// `changed` is the first. A person who is on another file that you may not see is PERSON_NOT_AVAILABLE; such answers are
    /// limited and recorded.
    async fn household_load(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The households (农户).")] input: HouseholdLoadInput,
    ) -> Outcome<Payload<HouseholdLoad>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        let loaded = change(ctx, call.clone(), |door| service::load(door, input));
        let numbers = service::numbers_of(input);
        disclosing(ctx, &call, None, &numbers, loaded).await.into()
    }
}
