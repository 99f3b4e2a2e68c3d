//! Hospitals and clinics.

use crate::{
    graphql::plan::{Record, codes},
    household::Region,
};
use async_graphql::SimpleObject;
use entity::codes::HospitalLevel;

codes!(HospitalLevel);

/// A hospital or clinic (医疗机构).
#[derive(SimpleObject, Record)]
#[record(
    entity = "shared::institution",
    from = "institution i LEFT JOIN region r ON r.code = i.region_code",
    prefix = "i",
    household = "i.region_code",
    key = "i.region_code",
    region = "i.region_code",
    reference
)]
pub struct Hospital {
    /// The code (医疗机构代码).
    code: String,
    /// The name (医疗机构名称).
    name: String,
    /// The insurance level (医疗机构级别). Null: not recorded.
    #[record(column = "i.hospital_level")]
    level: Option<HospitalLevel>,
    /// Where it stands (所在行政区划).
    #[record(object)]
    region: Region,
    /// Whether it is designated (是否定点): what is treated elsewhere is not payable.
    designated: bool,
}
