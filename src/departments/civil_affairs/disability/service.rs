//! The rules of disability certificates and allowances.

use super::super::service::approved_months;
use super::{
    mutation::{DisabilityAllowanceGrantInput, DisabilityCertificateRecordInput},
    store,
};
use crate::{
    db::DbError,
    household::member,
    identifiers::{DisabilityCertificate, DisabilityCertificateProblem as Problem},
    vault::{Kind, Place, Sensitive as _, SensitiveText},
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::{
    civil_affairs::{
        codes::{DisabilityAllowanceKind, DisabilityGrade},
        disability_allowance, disability_certificate,
    },
    codes::CodeList,
    household::person,
};
use async_graphql::ID;
use time::Date;

pub const NO_CITIZEN_NUMBER: Code = Code::new(
    "NO_CITIZEN_NUMBER",
    "此人没有登记有效的公民身份号码，无法核对证号：请先由乡镇补录。",
    "No valid citizen number of the person is on record to compare with: the township has to enter it first.",
);
pub const LENGTH: Code = Code::new(
    "LENGTH",
    "残疾人证号须为二十位：请核对。",
    "The number of a certificate has 20 characters: check it.",
);
pub const ID_MISMATCH: Code = Code::new(
    "ID_MISMATCH",
    "残疾人证号前十八位与此人的公民身份号码不符：请核对人员和证号。",
    "The number does not begin with the person's citizen number: check the person and the number.",
);
pub const CATEGORY: Code = Code::new(
    "CATEGORY",
    "残疾人证号第十九位（类别）须为 1 至 7：请核对。",
    "The category, the 19th character of the number, is one of 1 to 7: check it.",
);
pub const GRADE: Code = Code::new(
    "GRADE",
    "残疾人证号第二十位（等级）须为 1 至 4：请核对。",
    "The grade, the 20th character of the number, is one of 1 to 4: check it.",
);
pub const ON_RECORD: Code = Code::new(
    "ON_RECORD",
    "该证号已登记且有效：无需再登记。",
    "This certificate is on record and valid: there is nothing to record.",
);
pub const PERSON_NOT_AVAILABLE: Code = Code::new(
    "PERSON_NOT_AVAILABLE",
    "此人暂不能登记：请联系上级残联核实。",
    "The certificate of this person can't be recorded here: ask the federation above you.",
);
pub const NO_CERTIFICATE: Code = Code::new(
    "NO_CERTIFICATE",
    "此人在起始日期没有有效的残疾人证：请先由残联登记。",
    "The person has no valid certificate on the first day: the federation has to record it first.",
);
pub const NOT_ON_DIBAO: Code = Code::new(
    "NOT_ON_DIBAO",
    "该户在起始日期不是低保户：困难残疾人生活补贴只发给低保户中的残疾人。",
    "The household is not on dibao on the first day: the living allowance is for disabled people of dibao households.",
);
pub const NOT_SEVERE: Code = Code::new(
    "NOT_SEVERE",
    "残疾等级不是一级或二级：重度残疾人护理补贴只发给一、二级残疾人。",
    "The grade is not 1 or 2: the nursing allowance is for these grades.",
);
pub const IN_INSTITUTION: Code = Code::new(
    "IN_INSTITUTION",
    "此人已集中供养：不能同时领取残疾人补贴。",
    "The person is supported in an institution, which excludes a disability allowance.",
);
pub const ON_ALLOWANCE: Code = Code::new(
    "ON_ALLOWANCE",
    "此人在此期间已领取该项补贴：每项只发一份。",
    "The person draws this allowance in this period: there is one of each kind.",
);

/// A certificate begins with the citizen number. Source: domain reference, section 13.
const CITIZEN_NUMBER_LENGTH: usize = 18;

/// Records a certificate; the one that was valid until then ends.
pub async fn record_certificate(
    door: Door,
    person: &ID,
    input: &DisabilityCertificateRecordInput,
) -> Result<Done, Stop> {
    let person = member(&door, person, &["personId"]).await?;
    let (from, path) = (input.valid_from.0, ["input", "certificateNumber"]);
    let mut mistakes = Mistakes::default();
    mistakes.not_in_future(from, door.today(), &["input", "validFrom"]);
    let before = store::valid_certificate(&door, person.id).await?;
    if let Some(before) = &before {
        let later = before.valid_from < from;
        mistakes.unless_saying(
            later,
            &INVALID_VALUE,
            &["input", "validFrom"],
            "新证的发证日期须晚于现有残疾人证：请核对。",
            "A new certificate begins after the one on record: check the day.",
        );
    }
    let certificate = of_person(&door, &person, &input.certificate_number, &mut mistakes);
    mistakes.none()?;
    // Without a mistake there is one.
    let certificate = certificate.ok_or_else(|| Mistake::new(&LENGTH, &path))?;
    let id = door.new_key::<disability_certificate::Entity>().await?;
    let place = Place::new("disability_certificate", "certificate_cipher", id);
    let sealed = door.seal(place, &certificate)?;
    let index = sealed.index.0.to_vec();
    if let Some(before) = before {
        if before.certificate_index == index {
            return Err(Mistake::new(&ON_RECORD, &path).into());
        }
        end(&door, before, from).await?;
    }
    let row = disability_certificate::Model {
        id,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        certificate_cipher: sealed.cipher,
        certificate_index: index,
        certificate_mask: sealed.mask,
        category: of_digit(certificate.category()).ok_or_else(unknown_digit)?,
        grade: of_digit(certificate.grade()).ok_or_else(unknown_digit)?,
        valid_from: from,
        valid_to: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let row = door.insert::<disability_certificate::Entity>(row).await;
    let row = row.map_err(|stop| {
        // The same human being in another household, which may be one that the viewer does not see.
        let elsewhere = Mistake::new(&PERSON_NOT_AVAILABLE, &["personId"]);
        let overlaps = Mistake::new(&INVALID_VALUE, &["input", "validFrom"]);
        stop.meaning("disability_certificate_open_once", elsewhere)
            .meaning("disability_certificate_one_at_a_time", overlaps)
    })?;
    Ok(Done::of(row.id))
}

/// The certificate of a person, compared with the citizen number on record by its blind index: nothing is opened.
fn of_person(
    door: &Door,
    person: &person::Model,
    text: &str,
    mistakes: &mut Mistakes,
) -> Option<DisabilityCertificate> {
    let path = ["input", "certificateNumber"];
    if text.contains('*') {
        mistakes.unless_saying(
            false,
            &INVALID_VALUE,
            &path,
            "请填写完整的残疾人证号，不能填写带星号的号码。",
            "Give the whole number, not the masked one.",
        );
        return None;
    }
    let Some(on_record) = &person.citizen_number_index else {
        mistakes.unless(false, &NO_CITIZEN_NUMBER, &["personId"]);
        return None;
    };
    let whole = SensitiveText::new(Kind::DisabilityCertificate, text);
    let holder = whole
        .reveal()
        .get(..CITIZEN_NUMBER_LENGTH)
        .unwrap_or_default();
    let holder = SensitiveText::new(Kind::CitizenNumber, holder);
    let matches = door.vault().index(&holder).0[..] == on_record[..];
    // A number that is not the person's is judged by one that nobody has.
    let expected = if matches { holder.reveal() } else { "" };
    match DisabilityCertificate::parse(whole.reveal(), expected) {
        Ok(certificate) => Some(certificate),
        Err(problems) => {
            for problem in problems {
                mistakes.unless(false, code_of(problem), &path);
            }
            None
        }
    }
}

fn code_of(problem: Problem) -> &'static Code {
    match problem {
        Problem::Length => &LENGTH,
        Problem::IdMismatch => &ID_MISMATCH,
        Problem::Category => &CATEGORY,
        Problem::Grade => &GRADE,
    }
}

async fn end(door: &Door, before: disability_certificate::Model, day: Date) -> Result<(), Stop> {
    let mut ended = before.clone();
    ended.valid_to = Some(day);
    door.update::<disability_certificate::Entity>(&before, ended)
        .await?;
    Ok(())
}

/// The word of a code list that has this digit of the national standard.
pub fn of_digit<C: CodeList>(digit: u8) -> Option<C> {
    let digit = digit.to_string();
    let mut entries = C::ENTRIES.iter();
    let entry = entries.find(|entry| entry.national_code == Some(digit.as_str()));
    entry.and_then(|entry| C::of_word(entry.word))
}

fn unknown_digit() -> Stop {
    DbError::fault("a digit of the national standard has no word").into()
}

/// Grants one of the two allowances.
pub async fn grant_allowance(
    door: Door,
    person: &ID,
    input: &DisabilityAllowanceGrantInput,
) -> Result<Done, Stop> {
    let person = member(&door, person, &["personId"]).await?;
    let (from, kind) = (input.valid_from.0, ["input", "kind"]);
    let mut mistakes = Mistakes::default();
    mistakes.positive(input.monthly_amount.0, &["input", "monthlyAmount"]);
    approved_months(&mut mistakes, &door, input.approved_on.0, from);
    let certificate = store::valid_certificate(&door, person.id).await?;
    let certificate = certificate.filter(|certificate| certificate.valid_from <= from);
    mistakes.unless(certificate.is_some(), &NO_CERTIFICATE, &["personId"]);
    match input.kind {
        DisabilityAllowanceKind::Living => {
            let on_dibao = store::on_dibao(&door, person.household_id, from).await?;
            mistakes.unless(on_dibao, &NOT_ON_DIBAO, &kind);
        }
        DisabilityAllowanceKind::Nursing => {
            let severe = [DisabilityGrade::Grade1, DisabilityGrade::Grade2];
            let is_severe = |of: disability_certificate::Model| severe.contains(&of.grade);
            mistakes.unless(certificate.is_none_or(is_severe), &NOT_SEVERE, &kind);
        }
    }
    let in_institution = store::in_institution(&door, person.id, from).await?;
    mistakes.unless(!in_institution, &IN_INSTITUTION, &["personId"]);
    mistakes.none()?;
    let allowance = disability_allowance::Model {
        id: door.new_key::<disability_allowance::Entity>().await?,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        kind: input.kind,
        monthly_fen: input.monthly_amount.0,
        approved_on: input.approved_on.0,
        valid_from: from,
        valid_to: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let allowance = door.insert::<disability_allowance::Entity>(allowance).await;
    let allowance = allowance.map_err(|stop| {
        let mistake = Mistake::new(&ON_ALLOWANCE, &["input", "validFrom"]);
        stop.meaning("disability_allowance_one_at_a_time", mistake)
    })?;
    Ok(Done::of(allowance.id))
}
