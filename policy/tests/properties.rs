//! Properties that hold for all facts.

mod common;

use common::{Random, shipped};
use policy::{Benefit, Catalogue, Exact, Pack, read_pack};
use serde_json::{Map, Value as Json, json};
use std::{fs, path::Path};
use time::{Date, Duration, Month};

fn yuan(fen: i64) -> Json {
    json!(Exact::parts(fen, 100).and_then(|amount| amount.fixed(2)))
}
fn fen(amount: &Json) -> i64 {
    let exact = amount.as_str().and_then(Exact::decimal);
    exact
        .and_then(Exact::fen)
        .unwrap_or_else(|| panic!("{amount} is no amount"))
}
fn answer(benefit: &Benefit, inputs: Json) -> Json {
    let inputs: &Map<_, _> = inputs.as_object().expect("inputs");
    benefit
        .answer(inputs)
        .unwrap_or_else(|error| panic!("{} {inputs:?}: {error}", benefit.id))
        .gives
}
fn benefit<'p>(packs: &'p [Pack], pack: &str, id: &str) -> &'p Benefit {
    let pack = packs.iter().find(|one| one.id == pack).expect("a pack");
    pack.benefit(id).expect("a benefit")
}

/// The rules that run through a year, with the facts that stay the same, and the names of a bill and of those before it.
const RUNNING: [(&str, &str, &str, &str); 6] = [
    (
        "ulanqab-2018",
        "critical-illness",
        r#"{ "registered": true, "major_disease": true, "deductible": "10000.00" }"#,
        "ytd_base",
    ),
    ("ulanqab-2018", "supplementary-insurance", "{}", "ytd_base"),
    (
        "ulanqab-2018",
        "civil-affairs-major-illness",
        "{}",
        "ytd_base",
    ),
    (
        "ulanqab-2018",
        "major-disease-fund",
        r#"{ "major_disease": true }"#,
        "ytd_base",
    ),
    (
        "gansu-county-2018",
        "critical-illness-first",
        r#"{ "registered": true }"#,
        "ytd_base",
    ),
    (
        "gansu-county-2018",
        "critical-illness-second",
        "{}",
        "ytd_base",
    ),
];

#[test]
fn a_years_bills_pay_alike_however_they_are_cut() {
    let packs = shipped();
    let mut random = Random(20_180_401);
    for (pack, id, facts, earlier) in RUNNING {
        let rule = benefit(&packs, pack, id);
        let facts: Json = serde_json::from_str(facts).expect("facts");
        let paid = |before: i64, base: i64| -> i64 {
            let mut inputs = facts.clone();
            inputs["base"] = yuan(base);
            inputs[earlier] = yuan(before);
            fen(&answer(rule, inputs)["paid"])
        };
        for _ in 0..400 {
            let (before, one, other) = (
                random.up_to(20_000_000),
                random.up_to(20_000_000),
                random.up_to(20_000_000),
            );
            let cut = paid(before, one) + paid(before + one, other);
            assert_eq!(
                cut,
                paid(before, one + other),
                "{id} {before} {one} {other}"
            );
            assert!(
                (0..=one).contains(&paid(before, one)),
                "{id} {before} {one}"
            );
        }
        // At each bound and anywhere else a fen more is a fen or nothing more, never less.
        let bounds = [
            0, 300_000, 1_000_000, 2_000_000, 3_000_000, 5_000_000, 7_000_000, 10_000_000,
            20_000_000,
        ];
        let near = bounds
            .iter()
            .flat_map(|bound| (-3..=3).map(move |by: i64| (bound + by).max(0)));
        let anywhere: Vec<i64> = (0..400).map(|_| random.up_to(30_000_000)).collect();
        for amount in near.chain(anywhere) {
            let more = paid(0, amount + 1) - paid(0, amount);
            assert!((0..=1).contains(&more), "{id} {amount}: {more}");
        }
    }
}

fn settlement(random: &mut Random, pack: &str) -> Json {
    let mut amount = |most: i64| yuan(random.up_to(most));
    let amounts = [
        amount(30_000_000),
        amount(30_000_000),
        amount(1_000_000),
        amount(40_000_000),
        amount(40_000_000),
        amount(40_000_000),
    ];
    let [
        eligible,
        ineligible,
        deductible,
        earlier,
        commercial,
        decision,
    ] = amounts;
    let registered = random.up_to(1) == 0;
    match pack {
        "ulanqab-2018" => json!({
            "registered": registered, "kind": random.of(&["inpatient", "outpatient"]), "major_disease": random.up_to(1) == 0,
            "eligible_cost": eligible, "ineligible_cost": ineligible, "base_deductible": deductible,
            "base_rate_percent": random.up_to(100), "prior_same_level_admissions": random.up_to(2), "cii_deductible": "10000.00",
            "ytd": { "critical-illness": earlier, "supplementary": commercial }, "chronic_registered": true, "doctor_signed": true,
        }),
        _ => json!({
            "registered": registered, "level": random.of(&["township", "county", "city", "province"]), "eligible_cost": eligible,
            "ineligible_cost": ineligible, "deductible": deductible, "ytd_cii_base": earlier, "ytd_cii2_base": "0.00",
            "commercial_reported": commercial, "assistance_rate_percent": random.up_to(150), "backstop_decision": decision,
        }),
    }
}

#[test]
fn a_cascade_never_pays_more_than_the_eligible_cost() {
    let packs = shipped();
    let mut random = Random(20_180_701);
    for pack in ["ulanqab-2018", "gansu-county-2018"] {
        let rule = benefit(&packs, pack, "one-stop-settlement");
        for _ in 0..1_500 {
            let inputs = settlement(&mut random, pack);
            let gives = answer(rule, inputs.clone());
            let mut left = fen(&inputs["eligible_cost"]);
            for stage in gives["stages"].as_array().expect("stages") {
                assert_eq!(fen(&stage["base"]), left, "{inputs} {gives}");
                assert!(
                    (0..=left).contains(&fen(&stage["paid"])),
                    "{inputs} {gives}"
                );
                left -= fen(&stage["paid"]);
            }
            assert_eq!(fen(&gives["self_pay_eligible"]), left);
            assert_eq!(
                fen(&gives["reimbursed"]) + left,
                fen(&inputs["eligible_cost"])
            );
            assert_eq!(
                fen(&gives["self_pay_total"]),
                left + fen(&inputs["ineligible_cost"])
            );
        }
    }
}

/// Also where a formula asks for more than is left, or for less than nothing.
#[test]
fn no_formula_makes_a_cascade_pay_too_much() {
    let text = "pack: p\nname: n\nsources: { s: source }\nbenefits:\n  b:\n    chinese: 甲\n    english: B\n    departments: CIVIL\n    unit: claim\n    \
        cite: s\n    facts: { cost: yuan }\n    cascade:\n      of: cost\n      stages: { less: 0 - left, half: round(left / 2), more: left * 3, rest: left + 1 }\n    \
        gives: { stages: stages, left: left }\n";
    let pack = read_pack("p.yaml", text).expect("a pack");
    let gives = answer(&pack.benefits[0], json!({ "cost": "100.01" }));
    let paid: Vec<_> = gives["stages"]
        .as_array()
        .expect("stages")
        .iter()
        .map(|stage| stage["paid"].clone())
        .collect();
    assert_eq!(
        (paid, &gives["left"]),
        (
            vec![json!("0.00"), json!("50.01"), json!("50.00"), json!("0.00")],
            &json!("0.00")
        )
    );
}

#[test]
fn twelve_months_add_up() {
    let packs = shipped();
    let mut random = Random(20_181_201);
    let mut rules = 0;
    for rule in packs.iter().flat_map(|pack| &pack.benefits) {
        let names: Vec<_> = rule.facts.iter().map(|fact| fact.name.as_str()).collect();
        let inputs = |random: &mut Random| match names.as_slice() {
            ["members", "annual_income"] => {
                json!({ "members": random.up_to(8), "annual_income": yuan(random.up_to(4_000_000)) })
            }
            [
                "poverty_line",
                "members",
                "annual_income",
                "no_labour_members",
            ] => {
                let members = random.up_to(8);
                let income = yuan(random.up_to(3_000_000));
                json!({ "poverty_line": yuan(random.up_to(400_000)), "members": members, "annual_income": income, "no_labour_members": random.up_to(members) })
            }
            _ => Json::Null,
        };
        if inputs(&mut random).is_null() {
            continue;
        }
        rules += 1;
        for _ in 0..1_000 {
            let gives = answer(rule, inputs(&mut random));
            let (annual, month, december) = (
                fen(&gives["annual"]),
                fen(&gives["monthly_jan_to_nov"]),
                fen(&gives["december"]),
            );
            assert_eq!(month * 11 + december, annual, "{gives}");
            assert!(
                month >= 0 && (month..month + 12).contains(&december),
                "{gives}"
            );
        }
    }
    assert_eq!(rules, 3);
}

#[test]
fn the_parts_of_an_amount_add_up() {
    let packs = shipped();
    for members in 0..=12 {
        for id in ["relocation-rural-homestead", "relocation-town-purchase"] {
            let gives = answer(
                benefit(&packs, "gansu-county-2018", id),
                json!({ "members": members }),
            );
            let parts = gives["split"].as_object().expect("parts");
            assert_eq!(
                parts.values().map(fen).sum::<i64>(),
                fen(&gives["total"]),
                "{gives}"
            );
        }
        for area in [0, 20, 40, 60, 75, 200] {
            let rebuild = benefit(&packs, "gansu-county-2018", "house-rebuild");
            let gives = answer(
                rebuild,
                json!({ "members": members, "registered": true, "area_m2": area, "old_house_demolished": area > 20 }),
            );
            let parts = gives["split"].as_object().expect("parts");
            assert_eq!(
                parts.values().map(fen).sum::<i64>(),
                fen(&gives["payable"]),
                "{gives}"
            );
        }
    }
    let mut random = Random(7);
    let shared = [
        (
            "hanzhong-2016",
            "ncms-premium-full",
            "premium",
            ["paid_by_government", "paid_by_person"],
        ),
        (
            "heilongjiang-2016",
            "farm-insurance-premium",
            "household_share",
            ["paid_by_province", "paid_by_household"],
        ),
    ];
    for (pack, id, whole, parts) in shared {
        for _ in 0..200 {
            let (amount, registered) = (random.up_to(1_000_000), random.up_to(1) == 0);
            let mut inputs = json!({ "registered": registered, whole: yuan(amount) });
            if id == "ncms-premium-full" {
                inputs["no_labour_capacity"] = json!(random.up_to(1) == 0);
            }
            let gives = answer(benefit(&packs, pack, id), inputs);
            assert_eq!(
                parts.iter().map(|part| fen(&gives[part])).sum::<i64>(),
                amount,
                "{gives}"
            );
        }
    }
}

#[test]
fn outside_of_every_period_no_rule_is_in_force() {
    let catalogue = Catalogue::of(shipped()).expect("packs that go together");
    let day = |year| Date::from_calendar_date(year, Month::January, 1).expect("a day");
    let mut asked = 0;
    for pack in catalogue.packs() {
        for region in &pack.regions {
            let village = format!("{region:0<12}");
            for benefit in &pack.benefits {
                let (from, to) = benefit.effective.expect("a period");
                let of_region = |on: Date| catalogue.in_force(&village, &benefit.id, on);
                for on in [from, to] {
                    assert!(
                        of_region(on).is_some_and(|(found, _)| found.id == pack.id),
                        "{} {on}",
                        benefit.id
                    );
                }
                // The day before and the day after, another pack may hold, never this one.
                for on in [
                    from - Duration::days(1),
                    to + Duration::days(1),
                    day(1990),
                    day(2090),
                ] {
                    assert!(
                        of_region(on).is_none_or(|(_, found)| found.is_effective(on)),
                        "{} {on}",
                        benefit.id
                    );
                    asked += 1;
                }
                assert_eq!(
                    of_region(day(1990)).map(|(pack, _)| &pack.id),
                    None,
                    "{}",
                    benefit.id
                );
            }
        }
    }
    assert!(asked > 100);
    let nothing = json!({ "status": "NO_RULE_IN_FORCE" });
    let loan = benefit(catalogue.packs(), "ulanqab-2018", "micro-loan-interest");
    let facts = |start: &str, end: &str| json!({ "registered": true, "birth_date": "1970-01-01", "principal": "50000.00", "contract_rate_percent": "4.35", "start": start, "end": end });
    assert_eq!(answer(loan, facts("2021-01-01", "2022-01-01")), nothing);
    assert_eq!(answer(loan, facts("2015-01-01", "2017-01-01")), nothing);
    let lump = benefit(
        catalogue.packs(),
        "gansu-county-2018",
        "relocation-lump-2016-2017",
    );
    for year in [2015, 2018] {
        assert_eq!(
            answer(lump, json!({ "project_year": year, "members": 3 })),
            nothing
        );
    }
}

#[test]
fn no_number_floats() {
    fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => sources(&path, found),
                false => found.push(path),
            }
        }
    }
    let mut found = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert!(found.len() > 10);
    for path in found {
        let text = fs::read_to_string(&path).expect("a text");
        let words = text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
        let float = words.clone().find(|word| {
            ["f32", "f64", "as_f64", "from_f64"].contains(word)
                || word.ends_with("_f64")
                || word.ends_with("_f32")
        });
        assert_eq!(float, None, "{}", path.display());
    }
}
