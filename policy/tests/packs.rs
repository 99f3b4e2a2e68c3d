//! What is refused when a pack is read, and where; and properties of the rules.

use policy::{Catalogue, Exact, Pack, read_pack};
use serde_json::{Map, Value, json};
use time::macros::date;

const HEAD: &str = "pack: p\nname: n\nregions: [\"1509\"]\nsources:\n  s: source\n";

/// A pack of one benefit with these lines.
fn pack(lines: &str) -> Result<Pack, String> {
    let benefit = "benefits:\n  b:\n    chinese: 甲\n    english: B\n    departments: CIVIL\n    unit: member\n    cite: s\n";
    read_pack("p.yaml", &format!("{HEAD}{benefit}{lines}")).map_err(|error| error.to_string())
}

fn problem(lines: &str) -> String {
    pack(lines)
        .err()
        .unwrap_or_else(|| panic!("{lines} is fine"))
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let of = |formula: &str| {
        problem(&format!(
            "    facts:\n      a: yuan\n      n: count\n      d: date\n      o: yuan?\n    gives:\n      x: {formula}\n"
        ))
    };
    for (formula, told) in [
        ("a + b", "there is no `b`"),
        (
            "a + n",
            "yuan and number can't be added or taken away: both have to be of one unit",
        ),
        (
            "a * a",
            "yuan times yuan means nothing: one of both is a plain number",
        ),
        (
            "a + o",
            "this may not be known: ask known(..) before, or use otherwise(.., ..)",
        ),
        ("if a then 1 else 2", "expected yes or no, this is yuan"),
        (
            "if n > 1 then a else d",
            "either yuan or date: they have to be alike",
        ),
        ("round(a", "expected `,` or `)`"),
        (
            "rund(a)",
            "there is no function `rund`; do you mean `round`?",
        ),
        (
            "n",
            "say how this number is written: as integer, as text, as 2 digits",
        ),
        (
            "a as integer",
            "only numbers without a unit of money say how they are written",
        ),
        ("pick(t, n)", "there is no table `t`"),
    ] {
        let told_at = of(formula);
        assert!(
            told_at.starts_with("p.yaml:19:") && told_at.ends_with(told),
            "{formula}: {told_at}"
        );
    }
    assert_eq!(of("a + b"), "p.yaml:19:14: there is no `b`");
}

#[test]
fn what_stands_in_no_pack_is_refused() {
    let gives = "    gives:\n      x: 1.00 as text\n";
    for (lines, told) in [
        (
            "    facts:\n      a: yuans\n",
            "`yuans` is no type: expected bool, yuan,",
        ),
        (
            "    figures:\n      a: 1 pound\n",
            "`pound` is none of yuan, m2, %",
        ),
        (
            "    figures:\n      a: { is: 1 yuan, why: x }\n",
            "`why` is none of is, cite, placeholder, note",
        ),
        (
            "    effective: 2018-12-31 to 2018-01-01\n",
            "it ends on 2018-01-01, before it begins on 2018-12-31",
        ),
        ("    surprise: 1\n", "`surprise` is none of"),
        (
            "    facts:\n      a: yuan\n    let:\n      a: 1\n",
            "`a` is there already",
        ),
        (
            "    tables:\n      t: { bands: [ { to: 10 yuan, pays: 10% }, { to: 10 yuan, pays: 20% }, { pays: 30% } ] }\n",
            "this band overlaps the one before it",
        ),
        (
            "    tables:\n      t: { bands: [ { pays: 10% }, { to: 10 yuan, pays: 20% } ] }\n",
            "this band is never reached",
        ),
        (
            "    tables:\n      t: { bands: [ { to: 10 yuan, pays: 20% } ] }\n",
            "the last band has no bound",
        ),
        (
            "    tables:\n      t: { bands: [ { pays: 101% } ] }\n",
            "a band pays from 0 to 100 percent",
        ),
        (
            "    tables:\n      t: { codes: { a: 1 yuan, b: 1 m2 } }\n",
            "m2 among figures of another unit",
        ),
    ] {
        let told_at = problem(&format!("{lines}{gives}"));
        assert!(
            told_at.starts_with("p.yaml:") && told_at.contains(told),
            "{told_at}"
        );
    }
    assert!(problem("").contains("`gives` is missing here"));
    let uncited = read_pack(
        "p.yaml",
        &format!("{HEAD}benefits:\n  b:\n    chinese: 甲\n"),
    );
    assert!(uncited.is_err_and(|error| error.to_string().contains("is missing")));
    let nested = format!("{HEAD}benefits: {}", "[".repeat(500_000));
    let lists = format!(
        "{HEAD}benefits:\n  b:\n    facts:\n      a: {}bool\n",
        "list of ".repeat(60_000)
    );
    let huge = " ".repeat(1_000_001);
    for broken in [
        nested.as_str(),
        &lists,
        &huge,
        "",
        "a: [",
        "a: 1\na: 2\n",
        "--- \n---\n",
        "\u{0}",
        "- 1",
    ] {
        assert!(read_pack("p.yaml", broken).is_err(), "{broken:?}");
    }
}

#[test]
fn a_function_never_calls_itself() {
    let lines =
        "    functions:\n      f: { takes: { x: yuan }, gives: f(x) }\n    gives:\n      y: f(1)\n";
    assert!(problem(lines).contains("functions call each other in a circle"));
}

fn asked(lines: &str, inputs: Value) -> Result<Value, String> {
    let pack = pack(lines)?;
    let inputs: &Map<_, _> = inputs.as_object().ok_or("inputs")?;
    pack.benefits[0]
        .answer(inputs)
        .map(|answer| answer.gives)
        .map_err(|error| error.to_string())
}

#[test]
fn inputs_are_what_the_facts_say() {
    let lines = "    facts:\n      a: yuan\n      n: count\n      w: one | two\n      d: date?\n    gives:\n      x: a\n";
    let fine = json!({ "a": "1.50", "n": 2, "w": "one" });
    assert_eq!(asked(lines, fine.clone()), Ok(json!({ "x": "1.50" })));
    for (name, value, told) in [
        ("b", json!(1), "there is no input `b`"),
        ("a", json!(1.5), "the input `a` is yuan"),
        ("a", json!("1.505"), "the input `a` is yuan"),
        ("a", json!("1e2"), "the input `a` is yuan"),
        ("a", json!(null), "the input `a` is yuan"),
        ("n", json!(-1), "the input `n` is number"),
        ("n", json!(1.5), "the input `n` is number"),
        ("w", json!("three"), "the input `w` is one | two"),
        ("d", json!("2018-02-30"), "the input `d` is date?"),
    ] {
        let mut inputs = fine.clone();
        inputs[name] = value;
        assert_eq!(asked(lines, inputs), Err(told.to_owned()));
    }
    assert_eq!(
        asked(lines, json!({ "a": "1.00", "n": 1 })),
        Err("the input `w` is missing".to_owned())
    );
}

#[test]
fn what_has_no_value_is_an_error_and_no_zero() {
    let facts = "    facts:\n      a: yuan\n      n: count\n    gives:\n";
    let with = |formula: &str| {
        asked(
            &format!("{facts}      x: {formula}\n"),
            json!({ "a": "100.00", "n": 0 }),
        )
    };
    assert_eq!(
        with("a / n"),
        Err("divided by zero: the rule does not say what holds then".to_owned())
    );
    assert_eq!(
        with("a / 3"),
        Err("x is no whole fen: the rule does not say how it is rounded".to_owned())
    );
    assert_eq!(with("round(a / 3)"), Ok(json!({ "x": "33.33" })));
    let huge = "99999999999999999999.00";
    let times = asked(
        &format!("{facts}      x: a * a / 1.00 yuan\n"),
        json!({ "a": huge, "n": 0 }),
    );
    assert!(times.is_err());
}

const BANDS: &str = "    tables:\n      t: { bands: [ { to: 30000 yuan, pays: 0% }, { to: 70000 yuan, pays: 80% }, { to: 200000 yuan, pays: 85% }, { pays: 90% } ] }\n    \
    facts:\n      base: yuan\n      earlier: yuan\n    gives:\n      paid: round(bands(t, earlier + base)) - round(bands(t, earlier))\n";

/// What is paid on a bill does not hang on how it is cut, never falls, and is never more than the bill.
#[test]
fn bands_run_through_the_year() {
    let pack = pack(BANDS).expect("a pack");
    let benefit = &pack.benefits[0];
    let fen = |amount: i64| format!("{}.{:02}", amount / 100, amount % 100);
    let paid = |earlier: i64, base: i64| -> i64 {
        let inputs = json!({ "base": fen(base), "earlier": fen(earlier) });
        let answer = benefit
            .answer(inputs.as_object().expect("inputs"))
            .expect("an answer");
        let paid = answer.gives["paid"].as_str().expect("an amount");
        Exact::decimal(paid)
            .and_then(Exact::fen)
            .expect("whole fen")
    };
    let mut seed = 20_181_231_u64;
    let mut next = |most: u64| -> i64 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        i64::try_from(seed % most).expect("small")
    };
    for _ in 0..2_000 {
        let (earlier, one, other) = (next(30_000_000), next(30_000_000), next(30_000_000));
        let cut = paid(earlier, one) + paid(earlier + one, other);
        assert_eq!(cut, paid(earlier, one + other), "{earlier} {one} {other}");
        assert!((0..=one).contains(&paid(earlier, one)));
        assert!(paid(earlier, one + 1) >= paid(earlier, one));
    }
}

#[test]
fn the_longest_region_and_the_day_choose() {
    let of = |id: &str, region: &str, inherits: &str, effective: &str| {
        let text = format!(
            "pack: {id}\nname: n\nregions: {region}\n{inherits}sources: {{ s: source }}\nbenefits:\n  b:\n    chinese: 甲\n    english: B\n    \
             departments: CIVIL\n    unit: member\n    cite: s\n    effective: {effective}\n    gives:\n      x: 1.00 as text\n"
        );
        read_pack(id, &text).expect("a pack")
    };
    let national = of("national", "[]", "", "2000-01-01 to 2099-12-31");
    let city = of(
        "city",
        "[\"1509\"]",
        "inherits: national\n",
        "2018-01-01 to 2018-12-31",
    );
    let county = of(
        "county",
        "[\"150921\"]",
        "inherits: city\n",
        "2018-07-01 to 2018-12-31",
    );
    let catalogue = Catalogue::of(vec![national, city, county]).expect("a catalogue");
    let chosen = |village: &str, day| {
        catalogue
            .in_force(village, "b", day)
            .map(|(pack, _)| pack.id.as_str())
    };
    assert_eq!(
        chosen("150921100201", date!(2018 - 08 - 01)),
        Some("county")
    );
    assert_eq!(chosen("150921100201", date!(2018 - 06 - 30)), Some("city"));
    assert_eq!(chosen("150922100201", date!(2018 - 08 - 01)), Some("city"));
    assert_eq!(
        chosen("150922100201", date!(2019 - 01 - 01)),
        Some("national")
    );
    assert_eq!(chosen("620100100201", date!(2018 - 08 - 01)), None);
    let twice = |id: &str| of(id, "[\"1509\"]", "", "2018-06-01 to 2019-12-31");
    let told = |packs: Vec<Pack>| {
        Catalogue::of(packs)
            .map_err(|error| error.to_string())
            .err()
    };
    assert_eq!(
        told(vec![twice("a"), twice("b")]).as_deref(),
        Some("b:6:3: b is in force in 1509 at the same time as that of a")
    );
    assert_eq!(
        told(vec![twice("a"), twice("a")]).as_deref(),
        Some("a:1:1: the pack a is there already, in a")
    );
    let inheriting = |id: &str, above: &str| {
        of(
            id,
            "[]",
            &format!("inherits: {above}\n"),
            "2018-06-01 to 2019-12-31",
        )
    };
    assert_eq!(
        told(vec![inheriting("c", "nobody")]).as_deref(),
        Some("c:4:1: there is no pack nobody to inherit from")
    );
    let circle = told(vec![inheriting("d", "e"), inheriting("e", "d")]);
    assert!(circle.is_some_and(|told| {
        told.starts_with("d:4:1: packs inherit in a circle, or too deep: d inherits e inherits d")
    }));
}

/// Gap-filling at 3,906.00 a head and year to the end of June and 4,200.00 from July on, a month at a time.
const MID_YEAR: &str = "    effective: 2018-01-01 to 2018-12-31\n    figures:\n      standard:\n        is:\n          \
    - { from: 2018-01-01, is: 3906.00 yuan, cite: s }\n          - { from: 2018-07-01, is: 4200.00 yuan, cite: \"s, 第二条\" }\n    \
    functions:\n      due:\n        takes: { month: month, members: count, income: yuan }\n        \
    gives: max(0, at(standard, month) * members - income) / 12\n    facts:\n      members: count\n      annual_income: yuan\n    gives:\n      \
    annual: \"round(sum(month in each_month(2018-01, 2018-12): due(month, members, annual_income)))\"\n      \
    january_to_june: down(due(2018-01, members, annual_income))\n      july_to_november: down(due(2018-07, members, annual_income))\n      \
    december: annual - january_to_june * 6 - july_to_november * 5\n";

#[test]
fn a_line_that_changes_in_july_pays_each_month_by_its_own() {
    let inputs = json!({ "members": 3, "annual_income": "6000.00" });
    let changed = pack(MID_YEAR).expect("a pack");
    let answer = changed.benefits[0]
        .answer(inputs.as_object().expect("inputs"))
        .expect("an answer");
    assert_eq!(
        answer.gives,
        json!({ "annual": "6159.00", "january_to_june": "476.50", "july_to_november": "550.00", "december": "550.00" })
    );
    assert_eq!(answer.steps[0].name, "standard");
    assert_eq!(
        answer.steps[0].value,
        json!([
            { "from": "2018-01-01", "is": "3906.00", "cite": { "source": "source", "place": "" } },
            { "from": "2018-07-01", "is": "4200.00", "cite": { "source": "source", "place": "第二条" } },
        ])
    );
    assert!(answer.steps[1].from.contains(&"standard".to_owned()));
    // One line all year is the year's amount.
    let same = asked(&MID_YEAR.replace("4200", "3906"), inputs.clone()).expect("an answer");
    assert_eq!(same["annual"], "5718.00");
    // A later change leaves what was before as it was.
    let again = MID_YEAR.replace(
        "    functions",
        "          - { from: 2018-10-01, is: 5000.00 yuan, cite: s }\n    functions",
    );
    let again = asked(&again, inputs).expect("an answer");
    assert_eq!(
        (&again["january_to_june"], &again["july_to_november"]),
        (&json!("476.50"), &json!("550.00"))
    );
}

#[test]
fn a_figure_has_no_value_before_its_first_day() {
    let lines = "    figures:\n      rate:\n        is:\n          - { from: 2018-01-01, is: 5%, cite: s }\n          - { from: 2018-07-01, is: 4%, cite: s }\n    \
        facts: { day: date }\n    gives:\n      percent: at(rate, day) * 100 as text\n";
    let on = |day: &str| asked(lines, json!({ "day": day })).map(|gives| gives["percent"].clone());
    assert_eq!(on("2018-06-30"), Ok(json!("5")));
    assert_eq!(on("2018-07-01"), Ok(json!("4")));
    assert_eq!(
        on("2017-12-31"),
        Err("`rate` has no value on 2017-12-31: it begins later".to_owned())
    );
}

#[test]
fn a_rule_of_a_later_year_changes_no_earlier_answer() {
    let of = |id: &str, year: u32, amount: &str| {
        let text = format!(
            "pack: {id}\nname: n\nregions: [\"1509\"]\nsources: {{ s: source }}\nbenefits:\n  b:\n    chinese: 甲\n    english: B\n    \
             departments: CIVIL\n    unit: member\n    cite: s\n    effective: {year}-01-01 to {year}-12-31\n    figures: {{ amount: {amount} yuan }}\n    \
             gives:\n      x: amount\n"
        );
        read_pack(id, &text).expect("a pack")
    };
    let on = |catalogue: &Catalogue| {
        let (_, benefit) = catalogue
            .in_force("150921100201", "b", date!(2018 - 12 - 31))
            .expect("a rule");
        benefit.answer(&Map::new()).expect("an answer").gives
    };
    let before = Catalogue::of(vec![of("a", 2018, "100.00")]).expect("a catalogue");
    let after =
        Catalogue::of(vec![of("b", 2019, "200.00"), of("a", 2018, "100.00")]).expect("a catalogue");
    assert_eq!(on(&before), json!({ "x": "100.00" }));
    assert_eq!(on(&after), on(&before));
}
