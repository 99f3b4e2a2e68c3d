//! A batch answers as a single answer does, over all benefits of the shipped packs.

mod common;

use common::{Random, shipped};
use policy::{
    Benefit, Cell, Compiled, Exact, Fault, Kind, Lines, NoAnswer, Output, Status, Totals, Type,
    Value, YearMonth,
};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use time::{Date, Duration, macros::date};

/// Words that rules know, and one that none does.
const WORDS: [&str; 16] = [
    "primary",
    "junior",
    "senior_high",
    "undergraduate",
    "secondary_vocational",
    "technician_college",
    "preschool_final_year",
    "township",
    "county",
    "township_hospital",
    "village_clinic",
    "inpatient",
    "safe_water",
    "clean_energy",
    "junior_college",
    "无此词",
];

fn yuan(random: &mut Random) -> Exact {
    let fen = match random.up_to(11) {
        0 => 0,
        1 => {
            random.of(&[
                1_000_000, 3_000_000, 5_000_000, 15_000_000, 300_000, 390_600,
            ]) + random.up_to(2)
                - 1
        }
        2 => random.of(&[9_000_000_000_000_000_000, 3_000_000_000_000_000]) + random.up_to(1_000),
        3 => -random.up_to(1_000_000),
        4 => random.up_to(100_000_000_000),
        _ => random.up_to(30_000_000),
    };
    Exact::parts(fen, 100).expect("hundredths")
}

fn number(random: &mut Random, counted: bool) -> Exact {
    if counted {
        let count = match random.up_to(7) {
            0 => random.up_to(100),
            1 => 2_013 + random.up_to(9),
            2 => random.of(&[15, 16, 59, 60, 64, 65, 66, 5_000_000_000]),
            _ => random.up_to(6),
        };
        return Exact::whole(count);
    }
    let parts = random.of(&[1, 1, 10, 100, 100, 1_000, 1_000_000]);
    Exact::parts(random.up_to(100 * parts), parts).expect("parts")
}

/// A value of a type, and as an input writes it.
fn value(random: &mut Random, ty: &Type, counted: bool) -> (Value, Json) {
    match ty {
        Type::Optional(_) if random.up_to(2) == 0 => (Value::None, Json::Null),
        Type::Optional(of) => value(random, of, counted),
        Type::Bool => {
            let yes = random.up_to(1) == 0;
            (Value::Bool(yes), json!(yes))
        }
        Type::Yuan => {
            let amount = yuan(random);
            (Value::Number(amount), json!(amount.trimmed()))
        }
        Type::Number | Type::Area => {
            let number = number(random, counted);
            (Value::Number(number), json!(number.trimmed()))
        }
        Type::Word(words) => {
            let word: Arc<str> = match words.is_empty() {
                true => random.of(&WORDS).into(),
                false => random.of(words),
            };
            (Value::Word(word.clone()), json!(&*word))
        }
        Type::Date => {
            let day: Date = date!(1950 - 01 - 31) + Duration::days(random.up_to(27_000));
            (Value::Date(day), json!(day.to_string()))
        }
        Type::Month => {
            let month = YearMonth::parse("2015-06")
                .and_then(|month| month.plus(i32::try_from(random.up_to(80)).ok()?));
            let month = month.expect("a month");
            (Value::Month(month), json!(month.to_string()))
        }
        Type::List(of) => {
            let (values, items): (Vec<_>, Vec<_>) = (0..random.up_to(4))
                .map(|_| value(random, of, counted))
                .unzip();
            (Value::List(values.into()), Json::Array(items))
        }
        Type::Map(of) => {
            let keys: [Arc<str>; 3] = [
                "critical-illness".into(),
                "supplementary".into(),
                "other".into(),
            ];
            fields(
                keys.iter()
                    .map(|key| (key.clone(), value(random, of, counted)))
                    .collect(),
            )
        }
        Type::Record(types) => fields(
            types
                .iter()
                .map(|(name, ty)| (name.clone(), value(random, ty, false)))
                .collect(),
        ),
        ty => panic!("no fact is {ty}"),
    }
}

fn fields(fields: Vec<(Arc<str>, (Value, Json))>) -> (Value, Json) {
    let values = fields
        .iter()
        .map(|(name, (value, _))| (name.clone(), value.clone()))
        .collect();
    let json = fields
        .into_iter()
        .map(|(name, (_, json))| (name.to_string(), json))
        .collect();
    (Value::Map(values), Json::Object(json))
}

/// What an answer gives for an output.
fn given<'a>(gives: &'a Json, name: &str) -> Option<&'a Json> {
    name.split('.').try_fold(gives, |at, part| match at {
        Json::Array(stages) => stages.iter().find(|stage| stage["stage"] == *part),
        at => at.get(part),
    })
}

fn agrees(
    json: Option<&Json>,
    output: &Output,
    lines: &Lines<'_>,
    place: usize,
    row: usize,
) -> bool {
    let number = lines.numbers(place)[row];
    let Some(json) = json.filter(|json| !json.is_null()) else {
        return number == 0 && !lines.known(place)[row];
    };
    let exact = |text: &str| Exact::decimal(text).map(Value::Number);
    let expected = match (&output.kind, json) {
        (Kind::Codes(codes), Json::Array(held)) => {
            let bit =
                |(bit, code): (usize, &Arc<str>)| i64::from(held.contains(&json!(&**code))) << bit;
            return codes.iter().enumerate().map(bit).sum::<i64>() == number;
        }
        (Kind::Word, Json::String(word)) => Some(Value::Word(word.as_str().into())),
        (Kind::Bool, Json::Bool(yes)) => Some(Value::Bool(*yes)),
        (Kind::Month, Json::String(text)) => YearMonth::parse(text).map(Value::Month),
        (Kind::Date, Json::String(text)) => {
            return lines.value(place, row) != Value::None
                && matches!(lines.value(place, row), Value::Date(day) if day.to_string() == *text);
        }
        (_, Json::String(text)) => exact(text),
        (_, json) => exact(&json.to_string()),
    };
    expected == Some(lines.value(place, row))
}

/// Compares a batch with single answers, row by row; says how many rows were answered.
fn compared(benefit: &Benefit, rows: usize, random: &mut Random) -> usize {
    let compiled = Compiled::of(&[benefit]).expect("one benefit");
    let mut batch = compiled.batch();
    let mut answers = Vec::new();
    let mut inputs_of = Vec::new();
    for _ in 0..rows {
        let (mut cells, mut inputs) = (Vec::new(), Map::new());
        for fact in &benefit.facts {
            if random.up_to(59) == 0 {
                cells.push(Cell::Unknown);
                continue;
            }
            let (value, json) = value(random, &fact.ty, fact.counted);
            cells.push(Cell::Value(value));
            inputs.insert(fact.name.clone(), json);
        }
        batch.push(&cells).expect("the facts are of their types");
        answers.push(benefit.answer(&inputs).map(|answer| answer.gives));
        inputs_of.push(inputs);
    }
    let (mut seen, mut answered) = (0, 0);
    batch.run(|lines| {
        for (row, status) in lines.status().iter().enumerate() {
            let (answer, inputs) = (&answers[seen], &inputs_of[seen]);
            let context = || format!("{} {inputs:?}: {answer:?}, {status:?}", benefit.id);
            match (answer, status) {
                (Ok(gives), Status::NotInForce) => {
                    assert_eq!(gives["status"], "NO_RULE_IN_FORCE", "{}", context())
                }
                (Ok(gives), Status::Answered) => {
                    answered += 1;
                    for (place, output) in lines.outputs.iter().enumerate() {
                        let json = given(gives, &output.name);
                        let value = lines.value(place, row);
                        assert!(
                            agrees(json, output, lines, place, row),
                            "{} {} {value:?}",
                            context(),
                            output.name
                        );
                    }
                }
                (Err(error), Status::Missing) => {
                    assert!(error.to_string().ends_with("is missing"), "{}", context())
                }
                (Err(error), Status::Failed) => {
                    assert!(
                        lines
                            .failures()
                            .iter()
                            .any(|(row, failure)| *row == seen && failure == error),
                        "{}",
                        context()
                    );
                }
                // An answer alone is exact beyond 64 bits of fen.
                (Ok(_), Status::Failed) => {
                    let huge = inputs.values().any(|input| {
                        ["90000000000000", "5000000000"]
                            .iter()
                            .any(|most| input.to_string().contains(most))
                    });
                    let told = (seen, NoAnswer::Fault(Fault::Overflow));
                    assert!(huge && lines.failures().contains(&told), "{}", context());
                }
                _ => panic!("{}", context()),
            }
            seen += 1;
        }
    });
    assert_eq!(seen, rows);
    answered
}

#[test]
fn a_batch_answers_as_single_answers_do() {
    let mut random = Random(20_181_231);
    let packs = shipped();
    let (mut planned, mut by_rows) = (0, Vec::new());
    for benefit in packs.iter().flat_map(|pack| &pack.benefits) {
        if benefit.computed_by.is_some() {
            continue;
        }
        let answered = compared(benefit, 1_200, &mut random);
        assert!(answered > 20, "{}: {answered} answered", benefit.id);
        match Compiled::of(&[benefit]).expect("one benefit").is_planned(0) {
            true => planned += 1,
            false => by_rows.push(benefit.id.as_str()),
        }
    }
    // They read lists, or add months to a day.
    let expected = [
        "one-stop-settlement",
        "dibao",
        "dibao-gradual-exit",
        "dibao-key-groups",
        "micro-loan",
        "eight-haves",
        "village-totals",
        "collective-income",
        "one-stop-settlement",
        "ecommerce-rebate",
        "village-exit",
    ];
    assert_eq!((planned, by_rows.as_slice()), (64, expected.as_slice()));
}

#[test]
fn totals_are_the_sums_of_the_answers() {
    let packs = shipped();
    let pack = packs
        .iter()
        .find(|pack| pack.id == "ulanqab-2018")
        .expect("the pack");
    let names = ["dibao", "cash-direct", "micro-loan-interest"];
    let benefits: Vec<_> = names
        .iter()
        .map(|name| pack.benefit(name).expect("a benefit"))
        .collect();
    let compiled = Compiled::of(&benefits).expect("facts that agree");
    assert_eq!(
        compiled.facts().collect::<Vec<_>>(),
        [
            "members",
            "annual_income",
            "registered",
            "on_dibao",
            "on_special_support",
            "dibao_edge",
            "birth_date",
            "principal",
            "contract_rate_percent",
            "start",
            "end"
        ]
    );
    let mut batch = compiled.batch();
    let day = |day| Cell::Date(day);
    let rest = |start| {
        [
            day(date!(1970 - 01 - 01)),
            Cell::Fen(5_000_000),
            Cell::Value(Value::Number(Exact::decimal("4.35").expect("a rate"))),
            day(start),
            day(date!(2018 - 07 - 01)),
        ]
    };
    let row = |members, registered: Cell<'static>, start| {
        let head = [
            Cell::Whole(members),
            Cell::Fen(600_000),
            registered,
            Cell::Bool(false),
            Cell::Bool(false),
            Cell::Bool(true),
        ];
        [head.to_vec(), rest(start).to_vec()].concat()
    };
    batch
        .push(&row(3, Cell::Bool(true), date!(2018 - 01 - 01)))
        .expect("facts");
    batch
        .push(&row(2, Cell::Bool(false), date!(2018 - 01 - 01)))
        .expect("facts");
    batch
        .push(&row(1, Cell::Unknown, date!(2021 - 01 - 01)))
        .expect("facts");
    let mut totals = Totals::of(&compiled);
    batch.run(|lines| totals.add(lines));
    assert_eq!(totals.sum("dibao", "annual"), Some(571_800 + 181_200));
    assert_eq!(totals.sum("cash-direct", "annual"), Some(900_000));
    assert_eq!(totals.rows("cash-direct", Status::Missing), Some(1));
    assert_eq!(
        totals.rows("micro-loan-interest", Status::Answered),
        Some(2)
    );
    assert_eq!(totals.sum("micro-loan-interest", "subsidy"), Some(108_750));
    assert_eq!(
        totals.codes("cash-direct"),
        [
            ("NOT_REGISTERED", 1),
            ("ON_DIBAO", 0),
            ("ON_SPECIAL_SUPPORT", 0),
            ("NOT_DIBAO_EDGE", 0)
        ]
    );
    assert_eq!(totals.sum("dibao", "nothing"), None);
}

#[test]
fn a_batch_reads_figures_that_change() {
    let text = "{ pack: p, name: n, sources: { s: source }, benefits: { b: { chinese: 甲, english: B, departments: CIVIL, unit: member, cite: s, \
        figures: { line: { is: [ { from: 2018-01-01, is: 3906.00 yuan }, { from: 2018-07-01, is: 4200.00 yuan } ] } }, \
        facts: { day: date, members: count }, gives: { on_day: 'at(line, day) * members', \
        year: 'round(sum(month in each_month(2018-01, 2018-12): at(line, month) * members / 12))' } } } }";
    let pack = policy::read_pack("p.yaml", text).expect("a pack");
    let compiled = Compiled::of(&[&pack.benefits[0]]).expect("one benefit");
    assert!(compiled.is_planned(0));
    assert!(compared(&pack.benefits[0], 1_000, &mut Random(7)) > 50);
}

/// What is given only sometimes has faults only then; what is given always has them always.
#[test]
fn a_fault_counts_where_it_is_asked_for() {
    let text = "{ pack: p, name: n, sources: { s: source }, benefits: { b: { chinese: 甲, english: B, departments: CIVIL, unit: claim, cite: s, \
        facts: { cost: yuan, n: count, m: count, k: count? }, in_force: n != 5, \
        cascade: { of: cost, stages: { first: { when: n > 0, pays: round(left / n) }, second: round(left / 2) } }, \
        gives: { stages: { when: m > 1, is: stages }, share: { when: n > 0, is: round(cost / n) }, \
        other: 'if m > 0 and cost / m > 100 then round(cost / m) else 0', third: round(cost * m / 3), \
        of_k: 'if known(k) and k != 0 then round(cost / k) else none', always: round(cost / m) } } } }";
    let pack = policy::read_pack("p.yaml", text).expect("a pack");
    let compiled = Compiled::of(&[&pack.benefits[0]]).expect("one benefit");
    assert!(compiled.is_planned(0));
    assert!(compared(&pack.benefits[0], 3_000, &mut Random(11)) > 500);
}
