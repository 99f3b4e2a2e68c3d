//! How the claims of a person are settled over a year: the worked examples, and what holds for all bills.

mod common;

use common::{Random, shipped};
use policy::{Bill, Exact, Insurer, Pack, Sheet, Stuck, Unsettled, read_pack, settle_year};
use serde_json::{Value as Json, json};
use std::{fs, path::Path};

fn rule<'p>(packs: &'p [Pack], pack: &str) -> &'p policy::Benefit {
    let pack = packs.iter().find(|one| one.id == pack).expect("a pack");
    pack.benefit("one-stop-settlement").expect("a settlement")
}

/// A stay at a county hospital of a registered person who is enrolled and insured.
fn stay(eligible_cost_fen: i64) -> Bill {
    Bill {
        kind: "inpatient".to_owned(),
        level: "county".to_owned(),
        eligible_cost_fen,
        ineligible_cost_fen: 0,
        registered: true,
        enrolled: true,
        supplementary_insured: true,
        major_disease: false,
        chronic_registered: false,
        doctor_signed: false,
        commercial_reported_fen: None,
        backstop_decision_fen: None,
    }
}

fn fen(amount: &Json) -> i64 {
    let exact = amount.as_str().and_then(Exact::decimal);
    exact.and_then(Exact::fen).expect("an amount")
}
fn yuan(fen: i64) -> Json {
    json!(Exact::parts(fen, 100).and_then(|amount| amount.fixed(2)))
}

/// The bill of a worked example, where the place has set what the example says of it.
fn bill_of(inputs: &Json) -> Option<Bill> {
    let truth = |name: &str| inputs[name].as_bool().unwrap_or_default();
    let level = match (&inputs["level"], &inputs["base_rate_percent"]) {
        (Json::String(level), _) => level.as_str(),
        (_, percent) => match percent.as_str() {
            Some("70") => "county",
            Some("60") => "city",
            Some("50") => "province",
            _ => "township",
        },
    };
    let as_shipped = inputs["assistance_rate_percent"].is_null();
    as_shipped.then(|| Bill {
        kind: inputs["kind"].as_str().unwrap_or("inpatient").to_owned(),
        level: level.to_owned(),
        ineligible_cost_fen: fen(&inputs["ineligible_cost"]),
        registered: truth("registered"),
        major_disease: truth("major_disease"),
        chronic_registered: truth("chronic_registered"),
        doctor_signed: truth("doctor_signed"),
        commercial_reported_fen: inputs.get("commercial_reported").map(fen),
        ..stay(fen(&inputs["eligible_cost"]))
    })
}

/// A sheet as the worked examples write it.
fn written(sheet: &Sheet) -> Json {
    let stages = sheet.stages.iter().map(|payment| {
        json!({ "stage": &*payment.stage.name, "base": yuan(payment.base_fen), "paid": yuan(payment.paid_fen) })
    });
    let mut written = json!({
        "stages": stages.collect::<Vec<_>>(), "self_pay_eligible": yuan(sheet.self_pay_eligible_fen),
        "self_pay_total": yuan(sheet.self_pay_total_fen), "reimbursed": yuan(sheet.reimbursed_fen),
        "effective_ratio_percent": sheet.effective_ratio_percent,
    });
    if !sheet.marks.is_empty() {
        written["marks"] = json!(sheet.marks);
    }
    written
}

/// The shipped packs, and the county of the Gansu type with a rate of assistance.
fn with_rate(rate: &str) -> Vec<Pack> {
    let text = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/gansu-county-2018.yaml");
    let text = fs::read_to_string(text).expect("the pack");
    let (unset, set) = (
        "assistance_rate_percent: none",
        format!("assistance_rate_percent: {rate}"),
    );
    assert!(text.contains(unset));
    vec![read_pack("county.yaml", &text.replace(unset, &set)).expect("a pack")]
}

#[test]
fn a_claim_is_settled_as_the_worked_examples_say() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples.json");
    let examples = fs::read_to_string(examples).expect("the examples");
    let examples: Vec<Json> = serde_json::from_str(&examples).expect("a list");
    let mut settled = 0;
    for example in examples {
        if example["benefit"] != "one-stop-settlement" {
            continue;
        }
        let mut inputs = example["inputs"].clone();
        let packs = match inputs["assistance_rate_percent"].take() {
            Json::Number(rate) => with_rate(&rate.to_string()),
            _ => shipped(),
        };
        let rule = rule(&packs, example["pack"].as_str().expect("a pack"));
        let bill = bill_of(&inputs).expect("no rate is left");
        let sheets = settle_year(&[(rule, bill)]).expect("a sheet");
        assert_eq!(
            written(&sheets[0]),
            example["expected"],
            "{}",
            example["id"]
        );
        settled += 1;
    }
    assert_eq!(settled, 10);
}

#[test]
fn a_year_runs_from_claim_to_claim() {
    let packs = shipped();
    let rule = rule(&packs, "ulanqab-2018");
    let year = settle_year(&[(rule, stay(2_000_000)), (rule, stay(8_000_000))]).expect("sheets");
    let paid = |sheet: &Sheet| -> Vec<(i64, i64)> {
        let payments = sheet.stages.iter();
        payments.map(|one| (one.base_fen, one.paid_fen)).collect()
    };
    // 20,000.00: basic (20,000.00 - 250.00) x 75%, then nothing reaches a threshold but the ten percent.
    let first = [
        (2_000_000, 1_481_250),
        (518_750, 0),
        (518_750, 0),
        (518_750, 51_875),
        (466_875, 0),
    ];
    assert_eq!(
        (paid(&year[0]), year[0].deductible_fen),
        (first.to_vec(), Some(25_000))
    );
    // 80,000.00: no deductible any more. Critical illness runs on 5,187.50 + 20,000.00 = 25,187.50, of which 15,187.50 lies
    // above the deductible of the year, at 50%: 7,593.75. Supplementary: 5,187.50 + 12,406.25 = 17,593.75, so 40% of
    // 7,593.75 = 3,037.50. Then 10% of 9,368.75 = 936.88, and the aid has counted 4,668.75 + 8,431.87, below 30,000.00.
    let second = [
        (8_000_000, 6_000_000),
        (2_000_000, 759_375),
        (1_240_625, 303_750),
        (936_875, 93_688),
        (843_187, 0),
    ];
    assert_eq!(
        (paid(&year[1]), year[1].deductible_fen),
        (second.to_vec(), Some(0))
    );
    // At another level the deductible is that of a first stay.
    let city = Bill {
        level: "city".to_owned(),
        ..stay(100_000)
    };
    let year = settle_year(&[(rule, stay(100_000)), (rule, city)]).expect("sheets");
    assert_eq!(year[1].deductible_fen, Some(50_000));
}

#[test]
fn stages_name_who_pays() {
    let packs = shipped();
    let sheets = settle_year(&[(rule(&packs, "ulanqab-2018"), stay(100_000))]).expect("a sheet");
    let said = sheets[0].stages.iter().map(|payment| {
        let stage = &payment.stage;
        (
            stage.kind.as_str(),
            stage.payer.as_str(),
            stage.insurer.clone(),
        )
    });
    assert_eq!(
        said.collect::<Vec<_>>(),
        [
            ("BASIC", "MEDINS", Insurer::Unsaid),
            ("CRITICAL_ILLNESS", "INSURER", Insurer::Unsaid),
            ("SUPPLEMENTARY", "INSURER", Insurer::OfEnrolment),
            ("CIVIL_AFFAIRS_TEN_PERCENT", "CIVIL", Insurer::Unsaid),
            ("CIVIL_AFFAIRS_MAJOR_ILLNESS", "CIVIL", Insurer::Unsaid),
        ]
    );
    let uninsured = Bill {
        supplementary_insured: false,
        ..stay(100_000)
    };
    let sheets = settle_year(&[(rule(&packs, "ulanqab-2018"), uninsured)]).expect("a sheet");
    let kinds = sheets[0]
        .stages
        .iter()
        .map(|payment| payment.stage.kind.as_str());
    assert!(!kinds.collect::<Vec<_>>().contains(&"SUPPLEMENTARY"));
}

#[test]
fn what_the_place_has_not_set_is_marked_and_left_out() {
    let packs = shipped();
    let rule = rule(&packs, "gansu-county-2018");
    let bill = Bill {
        commercial_reported_fen: Some(10_000),
        backstop_decision_fen: Some(5_000),
        ..stay(1_200_000)
    };
    let sheet = &settle_year(&[(rule, bill)]).expect("a sheet")[0];
    assert_eq!(sheet.marks, ["assistance rate not configured"]);
    let paid = sheet
        .stages
        .iter()
        .map(|one| (one.stage.kind.as_str(), one.base_fen, one.paid_fen));
    assert_eq!(
        paid.collect::<Vec<_>>(),
        [
            ("NCMS", 1_200_000, 960_000),
            ("CRITICAL_ILLNESS_FIRST", 240_000, 0),
            ("CRITICAL_ILLNESS_SECOND", 240_000, 0),
            ("COMMERCIAL", 240_000, 10_000),
            ("CATASTROPHIC_BACKSTOP", 230_000, 5_000),
        ]
    );
}

#[test]
fn what_does_not_hold_is_told_with_the_claim() {
    let packs = shipped();
    let gansu = rule(&packs, "gansu-county-2018");
    let ulanqab = rule(&packs, "ulanqab-2018");
    let codes = |stuck: Stuck| match stuck.why {
        Unsettled::Refused(refused) => (
            stuck.place,
            refused
                .into_iter()
                .map(|(code, _)| code)
                .collect::<Vec<_>>(),
        ),
        other => panic!("{other}"),
    };
    let visit = Bill {
        kind: "outpatient".to_owned(),
        level: "village".to_owned(),
        enrolled: false,
        ..stay(10_000)
    };
    let all = [
        "NOT_A_STAY",
        "LEVEL_NOT_COVERED",
        "NOT_ENROLLED",
        "COMMERCIAL_NOT_REPORTED",
    ];
    let stuck = settle_year(&[(gansu, visit)]).expect_err("nothing holds");
    assert_eq!(codes(stuck), (0, all.map(str::to_owned).to_vec()));
    let visit = Bill {
        kind: "outpatient".to_owned(),
        ..stay(10_000)
    };
    let stuck = settle_year(&[(ulanqab, stay(10_000)), (ulanqab, visit)]).expect_err("no clinic");
    assert_eq!(codes(stuck), (1, vec!["INSTITUTION_LEVEL".to_owned()]));
    // Nobody has said what a village takes off and pays of a stay: that is not zero.
    let village = Bill {
        level: "village".to_owned(),
        ..stay(10_000)
    };
    let stuck = settle_year(&[(ulanqab, village)]).expect_err("not configured");
    assert_eq!(codes(stuck), (0, vec!["BASIC_NOT_CONFIGURED".to_owned()]));
    let dibao = packs
        .iter()
        .find_map(|pack| pack.benefit("dibao"))
        .expect("a benefit");
    let stuck = settle_year(&[(dibao, stay(1))]).expect_err("no settlement");
    assert_eq!(stuck.why, Unsettled::NoRule);
    assert!(
        gansu
            .settled
            .as_ref()
            .expect("said")
            .reads("commercial_reported")
    );
    assert!(
        !ulanqab
            .settled
            .as_ref()
            .expect("said")
            .reads("commercial_reported")
    );
}

fn any_bill(random: &mut Random) -> Bill {
    let truth = |random: &mut Random| random.up_to(3) > 0;
    let most = random.of(&[100, 100_000, 10_000_000, 60_000_000]);
    Bill {
        level: random
            .of(&["township", "county", "city", "province"])
            .to_owned(),
        ineligible_cost_fen: random.up_to(500_000),
        registered: truth(random),
        supplementary_insured: truth(random),
        major_disease: truth(random),
        commercial_reported_fen: Some(random.up_to(200_000)),
        backstop_decision_fen: truth(random).then(|| random.up_to(1_000_000)),
        ..stay(random.up_to(most))
    }
}

#[test]
fn no_claim_of_a_year_is_paid_more_than_it_cost() {
    let packs = [shipped(), with_rate("70")];
    let mut random = Random(20_181_122);
    for rule in [
        rule(&packs[0], "ulanqab-2018"),
        rule(&packs[0], "gansu-county-2018"),
        rule(&packs[1], "gansu-county-2018"),
    ] {
        for _ in 0..400 {
            let count = random.up_to(5);
            let year: Vec<_> = (0..count).map(|_| (rule, any_bill(&mut random))).collect();
            let sheets = settle_year(&year).expect("sheets");
            for (sheet, (_, bill)) in sheets.iter().zip(&year) {
                let mut left = bill.eligible_cost_fen;
                for payment in &sheet.stages {
                    assert_eq!(payment.base_fen, left, "{bill:?}");
                    assert!((0..=left).contains(&payment.paid_fen), "{bill:?}");
                    left -= payment.paid_fen;
                }
                assert_eq!(sheet.self_pay_eligible_fen, left);
                assert_eq!(sheet.self_pay_total_fen, left + bill.ineligible_cost_fen);
                assert_eq!(sheet.reimbursed_fen + left, bill.eligible_cost_fen);
            }
        }
    }
}

/// A stage of the year pays of all bases together what it pays of them one by one, as long as no cap of a single bill bites.
#[test]
fn splitting_a_bill_changes_nothing_in_the_stages_of_the_year() {
    let packs = shipped();
    let mut random = Random(20_180_315);
    let rule = rule(&packs, "ulanqab-2018");
    let pack = packs.iter().find(|pack| pack.id == "ulanqab-2018");
    let pack = pack.expect("the pack");
    let of_year = [
        ("CRITICAL_ILLNESS", "critical-illness"),
        ("SUPPLEMENTARY", "supplementary-insurance"),
        ("CIVIL_AFFAIRS_MAJOR_ILLNESS", "civil-affairs-major-illness"),
        ("MAJOR_DISEASE_FUND", "major-disease-fund"),
    ];
    for _ in 0..300 {
        let count = random.up_to(4) + 1;
        let mut year = Vec::new();
        for _ in 0..count {
            let eligible = random.up_to(20_000_000);
            let bill = Bill {
                major_disease: true,
                ..stay(eligible)
            };
            year.push((rule, bill));
        }
        let sheets = settle_year(&year).expect("sheets");
        for (kind, benefit) in of_year {
            let payments = sheets.iter().flat_map(|sheet| &sheet.stages);
            let of_kind: Vec<_> = payments.filter(|one| one.stage.kind == kind).collect();
            let base: i64 = of_kind.iter().map(|one| one.base_fen).sum();
            let paid: i64 = of_kind.iter().map(|one| one.paid_fen).sum();
            let benefit = pack.benefit(benefit).expect("a benefit");
            let mut inputs = json!({
                "base": yuan(base), "ytd_base": "0.00", "registered": true, "major_disease": true, "deductible": "10000.00",
            });
            let inputs = inputs.as_object_mut().expect("inputs");
            inputs.retain(|name, _| benefit.facts.iter().any(|fact| fact.name == *name));
            let at_once = fen(&benefit.answer(inputs).expect("an answer").gives["paid"]);
            // What passes a bill's own rest is not paid: only then is it less.
            let capped = of_kind.iter().any(|one| one.paid_fen == one.base_fen);
            assert!(
                paid == at_once || (capped && paid < at_once),
                "{kind}: {paid} {at_once}"
            );
        }
    }
}

#[test]
fn voiding_one_is_settling_the_others_alone() {
    let packs = shipped();
    let mut random = Random(20_180_901);
    let rule = rule(&packs, "ulanqab-2018");
    for _ in 0..300 {
        let count = usize::try_from(random.up_to(5) + 1).expect("few");
        let year: Vec<_> = (0..count).map(|_| (rule, any_bill(&mut random))).collect();
        let place =
            usize::try_from(random.up_to(i64::try_from(count - 1).expect("few"))).expect("few");
        let whole = settle_year(&year).expect("sheets");
        let mut others = year.clone();
        others.remove(place);
        let without = settle_year(&others).expect("sheets");
        // Those before it stay as they are, and those after it come to what they come to without it.
        assert_eq!(whole[..place], without[..place]);
        // What came before a claim decides its sheet, and nothing that comes after.
        let so_far = settle_year(&year[..=place]).expect("sheets");
        assert_eq!(so_far, whole[..=place]);
    }
}
