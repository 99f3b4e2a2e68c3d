//! The packs that are shipped, and what computes where no formula can: the checks of identifiers.
//!
//! The engine itself is the crate `policy`, which knows nothing of files on file, databases and clocks.

use crate::identifiers::{
    CitizenNumber, DisabilityCertificate, DisabilityCertificateProblem, normalise_citizen_number,
};
use ::policy::{
    Catalogue, NoAnswer, Pack, PackError, Report, Vocabulary, read_pack_asking, run_examples,
};
use entity::codes::CodeList as _;
use serde_json::{Map, Value as Json, json};
use time::Date;

/// A pack a file, by its name and text.
macro_rules! shipped {
    ($($file:literal),+ $(,)?) => {
        /// The packs that are shipped.
        pub const SHIPPED: &[(&str, &str)] = &[
            $( ($file, include_str!(concat!("../../policies/", $file))) ),+
        ];
    };
}
shipped! {
    "dingxi-2017.yaml",
    "donghu-2016.yaml",
    "gansu-county-2018.yaml",
    "hanzhong-2016.yaml",
    "heilongjiang-2016.yaml",
    "national.yaml",
    "qingyang-2015.yaml",
    "statistics.yaml",
    "ulanqab-2017.yaml",
    "ulanqab-2018.yaml",
    "yichang-2018.yaml",
}

/// The packs that are shipped, and those of these texts, for asking them of households of whom this is known.
///
/// # Errors
/// A pack that can't hold or does not go with the others, with file, line and column.
pub fn catalogue(
    more: &[(String, String)],
    vocabulary: &Vocabulary,
) -> Result<Catalogue, PackError> {
    let shipped = SHIPPED.iter().copied();
    let more = more
        .iter()
        .map(|(file, text)| (file.as_str(), text.as_str()));
    let packs: Result<Vec<Pack>, PackError> = shipped
        .chain(more)
        .map(|(file, text)| read_pack_asking(file, text, vocabulary))
        .collect();
    Catalogue::of(packs?)
}

/// Runs worked examples, see [`run_examples`].
///
/// # Errors
/// The text holds no examples.
pub fn examples(catalogue: &Catalogue, text: &str) -> Result<Report, String> {
    run_examples(catalogue, &computed, text)
}

fn computed(by: &str, inputs: &Map<String, Json>) -> Result<Json, NoAnswer> {
    match by {
        "citizen_number" => citizen_number(inputs),
        "disability_certificate" => disability_certificate(inputs),
        by => Err(NoAnswer::Outside(by.to_owned())),
    }
}

fn citizen_number(inputs: &Map<String, Json>) -> Result<Json, NoAnswer> {
    let [number, today] = texts(inputs, ["number", "today"])?;
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let today = Date::parse(today, format).map_err(|_| NoAnswer::Wrong {
        name: "today".to_owned(),
        expected: "date".to_owned(),
    })?;
    Ok(match CitizenNumber::parse(number, today) {
        Ok(number) => json!({
            "valid": true,
            "normalised": number.reveal(),
            "birth_date": number.birth_date().to_string(),
            "sex": number.sex().word(),
        }),
        Err(error) => json!({ "valid": false, "reason": error.as_str() }),
    })
}

fn disability_certificate(inputs: &Map<String, Json>) -> Result<Json, NoAnswer> {
    let [certificate, number] = texts(inputs, ["certificate", "id_number"])?;
    let number = normalise_citizen_number(number);
    Ok(match DisabilityCertificate::parse(certificate, &number) {
        Ok(certificate) => json!({
            "valid": true,
            "problems": [],
            "category": certificate.category(),
            "grade": certificate.grade(),
        }),
        Err(problems) if problems == [DisabilityCertificateProblem::Length] => {
            json!({ "valid": false, "problems": ["LENGTH"] })
        }
        Err(problems) => {
            let problems: Vec<_> = problems.iter().map(|problem| problem.as_str()).collect();
            json!({ "valid": false, "problems": problems, "category": null, "grade": null })
        }
    })
}

/// The inputs of these names, and no others.
fn texts<'i, const N: usize>(
    inputs: &'i Map<String, Json>,
    names: [&str; N],
) -> Result<[&'i str; N], NoAnswer> {
    if let Some(unknown) = inputs.keys().find(|name| !names.contains(&name.as_str())) {
        return Err(NoAnswer::UnknownInput(unknown.clone()));
    }
    let mut texts = [""; N];
    for (text, name) in texts.iter_mut().zip(names) {
        let input = inputs
            .get(name)
            .ok_or_else(|| NoAnswer::Missing(name.to_owned()))?;
        *text = input.as_str().ok_or_else(|| NoAnswer::Wrong {
            name: name.to_owned(),
            expected: "text".to_owned(),
        })?;
    }
    Ok(texts)
}
