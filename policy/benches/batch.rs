//! Twenty rules of 2018 over synthetic households: as a batch, as single answers with their explanation, and written by hand.
//!
//! `cargo bench -p yihu-policy` first computes a million households once and says how long that took and how much memory it used.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use policy::{Batch, Cell, Compiled, Pack, Totals, Value, read_pack};
use serde_json::{Map, Value as Json, json};
use std::{hint::black_box, time::Instant};
use time::{Date, Duration, Month};

const RULES: [&str; 20] = [
    "medical-premium-subsidy",
    "free-checkup",
    "basic-inpatient",
    "basic-outpatient",
    "critical-illness",
    "supplementary-insurance",
    "accident-disability",
    "civil-affairs-ten-percent",
    "civil-affairs-major-illness",
    "major-disease-fund",
    "chronic-topup",
    "family-bed",
    "dibao",
    "cash-direct",
    "pension-premium-subsidy",
    "disability-allowances",
    "education-support",
    "yulu",
    "relocation-housing",
    "micro-loan-interest",
];
const STAGES: [&str; 7] = [
    "primary",
    "junior",
    "senior_high",
    "undergraduate",
    "technical_school",
    "junior_college",
    "none",
];
const INSTITUTIONS: [&str; 3] = ["township_hospital", "village_clinic", "county_hospital"];

/// One synthetic household.
struct Household {
    registered: bool,
    /// Yes or no by the place of their name in [`FLAGS`].
    flags: u32,
    members: i64,
    age: i64,
    grade: i64,
    months: i64,
    earlier_stays: i64,
    stage: usize,
    institution: usize,
    annual_income: i64,
    eligible_cost: i64,
    base_deductible: i64,
    base_rate_percent: i64,
    base: i64,
    ytd_base: i64,
    deductible: i64,
    already_paid: i64,
    premium: i64,
    area_m2: i64,
    principal: i64,
    /// Hundredths of a percent.
    contract_rate: i64,
    birth_date: Date,
    start: Date,
    end: Date,
    recognised_on: Date,
}

const FLAGS: [&str; 19] = [
    "enrolled_basic",
    "enrolled_supplementary",
    "major_disease",
    "supplementary_insured",
    "accident_disability_certified",
    "already_paid_this_year",
    "chronic_registered",
    "doctor_signed",
    "frail_or_immobile",
    "applied",
    "on_dibao",
    "on_special_support",
    "dibao_edge",
    "enrolled",
    "dibao_household",
    "boarding",
    "school_in_county_seat",
    "spring_enrolled",
    "enrolment_proved",
];

struct Random(u64);

impl Random {
    fn below(&mut self, most: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 20).expect("44 bits") % most
    }
    fn day(&mut self, year: i32, days: i64) -> Date {
        let first = Date::from_calendar_date(year, Month::January, 1).expect("a day");
        first + Duration::days(self.below(days))
    }
    fn household(&mut self) -> Household {
        let start = self.day(2016, 1_000);
        Household {
            registered: self.below(10) > 0,
            flags: u32::try_from(self.below(1 << FLAGS.len())).expect("a bit each"),
            members: 1 + self.below(6),
            age: self.below(90),
            grade: self.below(5),
            months: self.below(13),
            earlier_stays: self.below(3),
            stage: usize::try_from(self.below(7)).expect("small"),
            institution: usize::try_from(self.below(3)).expect("small"),
            annual_income: self.below(3_000_000),
            eligible_cost: self.below(20_000_000),
            base_deductible: 50_000,
            base_rate_percent: 70,
            base: self.below(20_000_000),
            ytd_base: self.below(2) * self.below(20_000_000),
            deductible: 1_000_000,
            already_paid: self.below(10_000_000),
            premium: 10_000 + self.below(20_000),
            area_m2: 20 + self.below(80),
            principal: 1_000_000 + self.below(4_000_000),
            contract_rate: 400 + self.below(200),
            birth_date: self.day(1940, 20_000),
            end: start + Duration::days(30 + self.below(1_000)),
            start,
            recognised_on: self.day(2018, 365),
        }
    }
}

impl Household {
    fn flag(&self, name: &str) -> bool {
        let place = FLAGS.iter().position(|flag| *flag == name).expect("a flag");
        self.flags >> place & 1 == 1
    }
    fn cell(&self, fact: &str) -> Cell<'static> {
        match fact {
            "registered" => Cell::Bool(self.registered),
            "autumn_enrolled" => Cell::Bool(true),
            "members" => Cell::Whole(self.members),
            "age" => Cell::Whole(self.age),
            "grade" => Cell::Whole(self.grade),
            "months" => Cell::Whole(self.months),
            "prior_same_level_admissions" => Cell::Whole(self.earlier_stays),
            "stage" => Cell::Word(STAGES[self.stage]),
            "institution" => Cell::Word(INSTITUTIONS[self.institution]),
            "annual_income" => Cell::Fen(self.annual_income),
            "eligible_cost" => Cell::Fen(self.eligible_cost),
            "base_deductible" => Cell::Fen(self.base_deductible),
            "base_rate_percent" => Cell::Whole(self.base_rate_percent),
            "base" => Cell::Fen(self.base),
            "ytd_base" => Cell::Fen(self.ytd_base),
            "deductible" => Cell::Fen(self.deductible),
            "already_paid" => Cell::Fen(self.already_paid),
            "premium" => Cell::Fen(self.premium),
            "area_m2" => Cell::Whole(self.area_m2),
            "principal" => Cell::Fen(self.principal),
            "contract_rate_percent" => Cell::Value(Value::Number(
                policy::Exact::parts(self.contract_rate, 100).expect("hundredths"),
            )),
            "birth_date" => Cell::Date(self.birth_date),
            "start" => Cell::Date(self.start),
            "end" => Cell::Date(self.end),
            "recognised_on" => Cell::Date(self.recognised_on),
            flag => Cell::Bool(self.flag(flag)),
        }
    }
    fn input(&self, fact: &str) -> Json {
        let hundredths = |fen: i64| json!(format!("{}.{:02}", fen / 100, fen % 100));
        match self.cell(fact) {
            Cell::Bool(value) => json!(value),
            Cell::Whole(number) => json!(number),
            Cell::Word(word) => json!(word),
            Cell::Fen(fen) => hundredths(fen),
            Cell::Date(day) => json!(day.to_string()),
            _ => hundredths(self.contract_rate),
        }
    }
}

/// The rules written by hand.
mod by_hand {
    use super::{FLAGS, Household, STAGES};
    use time::{Date, Month};

    const fn flag(name: &str) -> u32 {
        let mut place = 0;
        while place < FLAGS.len() {
            if same(FLAGS[place].as_bytes(), name.as_bytes()) {
                return 1 << place;
            }
            place += 1;
        }
        panic!("no such flag")
    }
    const fn same(one: &[u8], other: &[u8]) -> bool {
        if one.len() != other.len() {
            return false;
        }
        let mut place = 0;
        while place < one.len() {
            if one[place] != other[place] {
                return false;
            }
            place += 1;
        }
        true
    }

    const fn half_up(number: i64, by: i64) -> i64 {
        (number + by / 2) / by
    }
    fn banded(amount: i64, bands: &[(i64, i64)], above: i64) -> i64 {
        let (mut paid, mut from) = (0, 0);
        for (bound, rate) in bands {
            paid += (amount.min(*bound) - from).max(0) * rate;
            from = *bound;
        }
        half_up(paid + (amount - from).max(0) * above, 100)
    }
    fn months_and_days(from: Date, to: Date) -> (i64, i64) {
        if to <= from {
            return (0, 0);
        }
        let later = |months: i32| {
            let count = from.year() * 12 + i32::from(u8::from(from.month())) - 1 + months;
            let month =
                Month::try_from(u8::try_from(count % 12 + 1).expect("a month")).expect("a month");
            let day = from.day().min(month.length(count / 12));
            Date::from_calendar_date(count / 12, month, day).expect("a day")
        };
        let mut months = (to.year() - from.year()) * 12 + i32::from(u8::from(to.month()))
            - i32::from(u8::from(from.month()));
        if later(months) > to {
            months -= 1;
        }
        (months.into(), (to - later(months)).whole_days())
    }

    /// What all rules pay, in fen.
    pub fn all(of: &Household) -> i64 {
        medical(of) + aid(of) + living(of) + schooling(of) + house_and_loan(of)
    }

    fn medical(of: &Household) -> i64 {
        let has = |flag: u32| of.flags & flag != 0;
        let mut paid = 0;
        if of.registered {
            paid += if has(const { flag("enrolled_basic") }) {
                6_000
            } else {
                0
            };
            paid += if has(const { flag("enrolled_supplementary") }) {
                10_000
            } else {
                0
            };
        }
        let (deductible, rate) = match of.registered {
            true if of.earlier_stays > 0 => (0, (of.base_rate_percent + 5).min(100)),
            true => (
                half_up(of.base_deductible, 2),
                (of.base_rate_percent + 5).min(100),
            ),
            false => (of.base_deductible, of.base_rate_percent),
        };
        paid += half_up((of.eligible_cost - deductible).max(0) * rate, 100);
        if of.institution < 2 {
            paid += half_up(of.eligible_cost * if of.registered { 80 } else { 70 }, 100);
        }
        let raised = if of.registered && has(const { flag("major_disease") }) {
            5
        } else {
            0
        };
        let critical = |amount| {
            banded(
                amount,
                &[(5_000_000, 50 + raised), (10_000_000, 60 + raised)],
                70 + raised,
            )
        };
        paid + critical(of.ytd_base + of.base - of.deductible)
            - critical(of.ytd_base - of.deductible)
    }

    fn aid(of: &Household) -> i64 {
        let has = |flag: u32| of.flags & flag != 0;
        let (before, after) = (of.ytd_base, of.ytd_base + of.base);
        let supplementary = |amount| {
            banded(
                amount,
                &[
                    (1_000_000, 0),
                    (3_000_000, 40),
                    (5_000_000, 50),
                    (7_000_000, 60),
                ],
                70,
            )
            .min(8_000_000)
        };
        let mut paid = supplementary(after) - supplementary(before);
        let certified = has(const { flag("supplementary_insured") })
            && has(const { flag("accident_disability_certified") });
        if of.registered && certified && !has(const { flag("already_paid_this_year") }) {
            paid += 2_000_000;
        }
        paid += half_up(of.base * 10, 100);
        let tiers = |amount| {
            banded(
                amount,
                &[(3_000_000, 0), (7_000_000, 80), (20_000_000, 85)],
                90,
            )
        };
        paid += tiers(after) - tiers(before);
        if has(const { flag("major_disease") }) {
            let fund = |amount| banded(amount, &[(3_000_000, 40), (5_000_000, 50)], 60);
            paid += fund(after) - fund(before);
        }
        if of.registered
            && has(const { flag("chronic_registered") })
            && has(const { flag("doctor_signed") })
        {
            paid += (half_up(of.eligible_cost * 90, 100) - of.already_paid).max(0);
        }
        paid
    }

    fn living(of: &Household) -> i64 {
        let has = |flag: u32| of.flags & flag != 0;
        let mut paid = (390_600 * of.members - of.annual_income).max(0);
        let excluded = has(const { flag("on_dibao") }) || has(const { flag("on_special_support") });
        if of.registered && !excluded && has(const { flag("dibao_edge") }) {
            paid += 300_000 * of.members;
        }
        if of.registered && has(const { flag("enrolled") }) && (16..=59).contains(&of.age) {
            paid += of.premium.min(10_000);
        }
        if has(const { flag("dibao_household") }) {
            paid += 8_000 * of.months;
        }
        if of.grade == 1 || of.grade == 2 {
            paid += half_up(96_000 * of.months, 12);
        }
        paid
    }

    fn schooling(of: &Household) -> i64 {
        let boarding = of.flags & const { flag("boarding") } != 0;
        let mut year = match STAGES[of.stage] {
            "primary" if boarding => 289_000,
            "junior" if boarding => 341_000,
            "senior_high" if boarding => 455_000,
            "senior_high" => 405_000,
            "undergraduate" => 1_000_000,
            _ => 0,
        };
        if of.stage < 3 && boarding && of.flags & const { flag("school_in_county_seat") } != 0 {
            year += 30_000;
        }
        let spring = of.flags & const { flag("spring_enrolled") } != 0;
        let mut paid = year - year / 2 + if spring { year / 2 } else { 0 };
        let in_time = of.recognised_on
            <= Date::from_calendar_date(2018, Month::September, 30).expect("a day");
        if of.registered
            && (4..6).contains(&of.stage)
            && of.flags & const { flag("enrolment_proved") } != 0
            && in_time
        {
            paid += 150_000;
        }
        paid
    }

    fn house_and_loan(of: &Household) -> i64 {
        let by_size = match of.members {
            0 | 1 => 25,
            2 => 50,
            3 => 60,
            _ => 80,
        };
        let mut paid = match of.registered {
            true if of.area_m2 > by_size.min(25 * of.members) => 0,
            true => 2_000_000 * of.members,
            false => 1_000_000 * of.members,
        };
        let day = |year| Date::from_calendar_date(year, Month::January, 1).expect("a day");
        let (from, to) = (of.start.max(day(2017)), of.end.min(day(2021)));
        let passed = (of.start.month() as u8, of.start.day())
            >= (of.birth_date.month() as u8, of.birth_date.day());
        let age = of.start.year() - of.birth_date.year() - i32::from(!passed);
        if of.registered && age <= 65 && of.end > day(2017) {
            let (months, days) = months_and_days(from, to);
            paid += half_up(
                of.principal * of.contract_rate.min(500) * (months * 30 + days),
                3_600_000,
            );
        }
        paid
    }
}

fn pack() -> Pack {
    read_pack(
        "ulanqab-2018.yaml",
        include_str!("../../policies/ulanqab-2018.yaml"),
    )
    .expect("a pack")
}

fn compiled(pack: &Pack) -> Compiled<'_> {
    let rules: Vec<_> = RULES
        .iter()
        .map(|rule| pack.benefit(rule).expect("a rule"))
        .collect();
    let compiled = Compiled::of(&rules).expect("facts that agree");
    assert!((0..RULES.len()).all(|rule| compiled.is_planned(rule)));
    compiled
}

fn filled<'c>(
    compiled: &'c Compiled<'c>,
    households: impl ExactSizeIterator<Item = Household>,
) -> Batch<'c> {
    let names: Vec<_> = compiled.facts().collect();
    let mut batch = compiled.batch();
    batch.reserve(households.len());
    for household in households {
        let cells: Vec<_> = names.iter().map(|name| household.cell(name)).collect();
        batch.push(&cells).expect("the facts are of their types");
    }
    batch
}

/// What the rules pay: the last total of each, not its parts.
const PAID: [(&str, &str); 18] = [
    ("medical-premium-subsidy", "total"),
    ("basic-inpatient", "paid"),
    ("basic-outpatient", "paid"),
    ("critical-illness", "paid"),
    ("supplementary-insurance", "paid"),
    ("accident-disability", "paid"),
    ("civil-affairs-ten-percent", "paid"),
    ("civil-affairs-major-illness", "paid"),
    ("major-disease-fund", "paid"),
    ("chronic-topup", "paid"),
    ("dibao", "annual"),
    ("cash-direct", "annual"),
    ("pension-premium-subsidy", "annual"),
    ("disability-allowances", "total"),
    ("education-support", "spring_by_31_may"),
    ("education-support", "autumn_by_31_oct"),
    ("yulu", "amount"),
    ("relocation-housing", "subsidy"),
];

fn paid(batch: &Batch<'_>, compiled: &Compiled<'_>) -> i128 {
    let mut totals = Totals::of(compiled);
    batch.run(|lines| totals.add(lines));
    let all = PAID
        .iter()
        .map(|(rule, output)| totals.sum(rule, output).expect("a sum"));
    all.sum::<i128>() + totals.sum("micro-loan-interest", "subsidy").expect("a sum")
}

fn a_million() {
    let pack = pack();
    let compiled = compiled(&pack);
    let mut random = Random(2_018);
    let batch = filled(&compiled, (0..1_000_000).map(|_| random.household()));
    let begun = Instant::now();
    let sum = paid(&batch, &compiled);
    let taken = begun.elapsed();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or("peak memory unknown");
    println!("1,000,000 households, 20 rules: {taken:?}, {sum} fen; {peak}");
}

fn rules(criterion: &mut Criterion) {
    const HOUSEHOLDS: usize = 20_000;
    let pack = pack();
    let compiled = compiled(&pack);
    let mut random = Random(2_018);
    let households: Vec<_> = (0..HOUSEHOLDS).map(|_| random.household()).collect();
    let mut random = Random(2_018);
    let batch = filled(&compiled, (0..HOUSEHOLDS).map(|_| random.household()));
    let by_hand = || {
        households
            .iter()
            .map(|household| i128::from(by_hand::all(black_box(household))))
            .sum::<i128>()
    };
    assert_eq!(paid(&batch, &compiled), by_hand());

    let mut group = criterion.benchmark_group("twenty rules");
    group
        .sample_size(20)
        .throughput(Throughput::Elements(HOUSEHOLDS as u64));
    group.bench_function(BenchmarkId::new("batch", HOUSEHOLDS), |bencher| {
        bencher.iter(|| paid(&batch, &compiled))
    });
    group.bench_function(BenchmarkId::new("by hand", HOUSEHOLDS), |bencher| {
        bencher.iter(by_hand)
    });
    let inputs = |rule: &str| -> Map<String, Json> {
        let facts = &pack.benefit(rule).expect("a rule").facts;
        facts
            .iter()
            .map(|fact| (fact.name.clone(), households[0].input(&fact.name)))
            .collect()
    };
    let asked: Vec<_> = RULES
        .iter()
        .map(|rule| (pack.benefit(rule).expect("a rule"), inputs(rule)))
        .collect();
    group.throughput(Throughput::Elements(1));
    group.bench_function("one household, explained", |bencher| {
        bencher.iter(|| {
            for (benefit, inputs) in &asked {
                black_box(benefit.answer(inputs).expect("an answer"));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, rules);

fn main() {
    a_million();
    benches();
    Criterion::default().configure_from_args().final_summary();
}
