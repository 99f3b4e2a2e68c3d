//! Whose row it is: grades, reasons, decisions, and the laws that hold for all rows.

use matching::{
    BirthFinding, Candidate, Decision, Frequencies, Grade, Ground, KnownNumber, Language, Match,
    Matcher, NameFinding, NumberFinding, Person, PlaceFinding, RosterConfig, Row, RowText, Scorer,
    Sex, SexFinding, Written,
};
use proptest::prelude::*;
use time::{Date, macros::date};

const TODAY: Date = date!(2018 - 12 - 31);
const VILLAGE: Option<u64> = Some(150_921_101_201);
/// Valid, of one county, a day and two persons.
const HERS: &str = "11010519491231002X";
const HIS: &str = "110105194912310038";

fn config() -> RosterConfig {
    RosterConfig::shipped().expect("the shipped configuration is read")
}

fn scorer() -> Scorer {
    Scorer {
        config: config(),
        frequencies: Frequencies::of(1_000_000),
    }
}

/// A row that says all of a woman in the register.
fn hers() -> RowText<'static> {
    RowText {
        name: "单晓梅",
        number: HERS,
        birth_date: Some(date!(1949 - 12 - 31)),
        sex: Some(Sex::Female),
        village: VILLAGE,
        relation: Some(10),
    }
}

fn her() -> Person<'static> {
    Person {
        key: 7,
        name: "单晓梅",
        number: HERS,
        birth_date: Some(date!(1949 - 12 - 31)),
        sex: Some(Sex::Female),
        village: VILLAGE,
        relation: Some(12),
    }
}

fn read(text: &RowText) -> Row {
    Row::read(text, TODAY)
}

/// A register of her and many who are nothing like her.
fn register(others: &[Person<'static>]) -> Matcher {
    let strangers = (0..2_000).map(|number| Person {
        key: 10_000 + number,
        name: "巴特尔",
        birth_date: Some(date!(1960 - 01 - 01) + time::Duration::days(number)),
        sex: Some(Sex::Male),
        village: Some(150_922_101_201),
        ..Person::default()
    });
    let persons = [her()]
        .into_iter()
        .chain(others.iter().copied())
        .chain(strangers);
    Matcher::new(config(), persons, TODAY)
}

fn find(text: &RowText) -> Match {
    register(&[]).find(&read(text), |_| None)
}

fn grounds(of: &Match) -> Vec<Ground> {
    of.reasons.iter().map(|reason| reason.ground).collect()
}

#[test]
fn the_same_number_and_name_are_exact() {
    for (name, number) in [
        ("单晓梅", HERS),
        (" 單 曉 梅（户主）", "11010519491231002x"),
        ("单晓梅", "１１０１０５４９１２３１００２"),
    ] {
        let found = find(&RowText {
            name,
            number,
            ..RowText::default()
        });
        assert_eq!(
            (found.grade, found.candidates[0].key),
            (Grade::Exact, 7),
            "{name} {number}"
        );
        assert!(found.score > 0.999);
    }
}

#[test]
fn slips_are_probable_and_say_why() {
    let text = hers();
    for (slip, ground) in [
        (
            RowText {
                number: "11010519491231003X",
                ..text
            },
            Ground::Number(NumberFinding::OneDigitOff { place: 16 }),
        ),
        (
            RowText {
                number: "110105194912130028",
                ..text
            },
            Ground::Number(NumberFinding::TwoSlips),
        ),
        (
            RowText {
                number: "11010519491321002X",
                ..text
            },
            Ground::Number(NumberFinding::Swapped { place: 11 }),
        ),
        (
            RowText {
                number: "1101051949123102X",
                ..text
            },
            Ground::Number(NumberFinding::DigitLost { place: 15 }),
        ),
        (
            RowText {
                name: "善小梅",
                ..text
            },
            Ground::Name(NameFinding::Homophone),
        ),
        (
            RowText {
                name: "单晓兰",
                ..text
            },
            Ground::Name(NameFinding::OneOff { place: 2 }),
        ),
        (
            RowText {
                birth_date: Some(date!(1950 - 02 - 10)),
                ..text
            },
            Ground::BirthDate(BirthFinding::Near),
        ),
        (
            RowText {
                sex: Some(Sex::Male),
                ..text
            },
            Ground::Sex(SexFinding::Differs),
        ),
        (
            RowText {
                number: "",
                village: Some(150_921_101_202),
                ..text
            },
            Ground::Place(PlaceFinding::TownshipEqual),
        ),
    ] {
        let found = find(&slip);
        assert_eq!(
            (found.grade, found.candidates.first().map(|one| one.key)),
            (Grade::Probable, Some(7)),
            "{ground:?}"
        );
        assert!(
            grounds(&found).contains(&ground),
            "{ground:?} {:?}",
            found.reasons
        );
    }
}

#[test]
fn a_person_decides_the_middle() {
    let text = hers();
    for (doubtful, ground) in [
        (
            RowText {
                number: HIS,
                ..text
            },
            Ground::Number(NumberFinding::OtherPerson),
        ),
        (
            RowText {
                name: "巴特尔",
                ..text
            },
            Ground::AnotherName,
        ),
        (
            RowText {
                name: "单平",
                birth_date: Some(date!(1980 - 05 - 05)),
                ..text
            },
            Ground::AnotherName,
        ),
        (
            RowText {
                number: "",
                birth_date: None,
                ..text
            },
            Ground::NameOnly,
        ),
    ] {
        let found = find(&doubtful);
        assert_eq!(
            (found.grade, found.candidates.first().map(|one| one.key)),
            (Grade::Possible, Some(7)),
            "{ground:?}"
        );
        assert!(
            grounds(&found).contains(&ground),
            "{ground:?} {:?}",
            found.reasons
        );
    }
}

#[test]
fn nobody_is_nobody() {
    let stranger = RowText {
        name: "何奕文",
        number: HIS,
        village: Some(150_923_101_201),
        ..RowText::default()
    };
    let found = find(&stranger);
    assert_eq!(
        found,
        Match {
            grade: Grade::None,
            score: 0.0,
            reasons: vec![],
            candidates: vec![]
        }
    );
    assert_eq!(find(&RowText::default()).grade, Grade::None);
}

#[test]
fn one_as_likely_beside_makes_it_possible() {
    let twin = Person {
        key: 8,
        number: "",
        ..her()
    };
    let found = register(&[twin]).find(
        &read(&RowText {
            number: "",
            ..hers()
        }),
        |_| None,
    );
    assert_eq!(found.grade, Grade::Possible);
    assert!(grounds(&found).contains(&Ground::NotAlone));
    assert_eq!(
        found
            .candidates
            .iter()
            .map(|one| one.key)
            .collect::<Vec<_>>(),
        [7, 8]
    );
    assert!((found.candidates[0].probability - 0.5).abs() < 0.001);
}

#[test]
fn decisions_are_used_again() {
    let text = RowText {
        number: HIS,
        ..hers()
    };
    let same = register(&[]).find(&read(&text), |key| (key == 7).then_some(Decision::Same));
    assert_eq!(
        (same.grade, same.score, same.candidates[0].key),
        (Grade::Exact, 1.0, 7)
    );
    assert!(grounds(&same).contains(&Ground::Decided(Decision::Same)));
    let different = register(&[]).find(&read(&hers()), |key| {
        (key == 7).then_some(Decision::Different)
    });
    assert_eq!(different.grade, Grade::None);
    assert_eq!(
        read(&text).canonical(),
        read(&RowText {
            number: " 110105194912310038",
            ..text
        })
        .canonical()
    );
    assert_ne!(read(&text).canonical(), read(&hers()).canonical());
}

/// A number in the register that is not valid is found by the right one, and by itself.
#[test]
fn slips_of_the_register_are_found() {
    let wrong = Person {
        key: 9,
        name: "何奕文",
        number: "440524188001010041",
        ..Person::default()
    };
    for number in ["440524188001010014", "440524188001010041"] {
        let found = register(&[wrong]).find(
            &read(&RowText {
                name: "何奕文",
                number,
                village: None,
                ..RowText::default()
            }),
            |_| None,
        );
        assert_eq!(
            found.candidates.first().map(|one| one.key),
            Some(9),
            "{number}"
        );
    }
}

#[test]
fn common_names_say_less() {
    let named = |name| {
        let mut scorer = scorer();
        scorer
            .frequencies
            .add_name(&matching::Name::read("单晓梅"), 2);
        scorer
            .frequencies
            .add_name(&matching::Name::read("王秀英"), 200);
        let row = read(&RowText {
            name,
            ..RowText::default()
        });
        let candidate = Candidate {
            name,
            ..candidate(&her())
        };
        let found = scorer.score(&row, &[candidate]);
        found.candidates.first().map_or(0.0, |one| one.probability)
    };
    assert!(named("单晓梅") > named("王秀英"));
}

#[test]
fn every_reason_has_its_words() {
    let found = find(&RowText {
        number: HIS,
        ..hers()
    });
    let told: Vec<_> = found
        .reasons
        .iter()
        .filter_map(|reason| reason.ground.text(Language::Chinese))
        .collect();
    assert_eq!(
        told,
        [
            "两个身份证号均有效而不同",
            "姓名相同",
            "出生日期相同",
            "性别相同",
            "同村",
            "与户主关系相同"
        ]
    );
    let codes: Vec<_> = found
        .reasons
        .iter()
        .filter_map(|reason| reason.ground.as_str())
        .collect();
    assert_eq!(codes[0], "NUMBER_OF_OTHER_PERSON");
}

fn candidate(person: &Person<'static>) -> Candidate<'static> {
    Candidate {
        key: person.key,
        name: person.name,
        number: KnownNumber::None,
        birth_date: person.birth_date,
        sex: person.sex,
        village: person.village,
        relation: person.relation,
        decided: None,
    }
}

/// A valid number of somebody born on this day.
fn valid_number(region: u32, day: i32, order: u32) -> String {
    let date = Date::from_julian_day(day).expect("a day of the calendar");
    let digits = format!(
        "{region}{:04}{:02}{:02}{order:03}",
        date.year(),
        u8::from(date.month()),
        date.day()
    );
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits
        .bytes()
        .zip(weights)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!(
        "{digits}{}",
        &"10X98765432"[sum as usize % 11..=sum as usize % 11]
    )
}

fn numbers() -> impl Strategy<Value = String> {
    let (first, last) = (
        date!(1949 - 12 - 30).to_julian_day(),
        date!(1950 - 01 - 02).to_julian_day(),
    );
    (110_105_u32..110_107, first..=last, 1_u32..999)
        .prop_map(|(region, day, order)| valid_number(region, day, order))
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof!["[张章王汪单善][伟卫晓小]{1,2}[梅英]?", ".{0,8}"]
}

proptest! {
    #[test]
    fn two_valid_numbers_are_never_one_person(
        one in numbers(), other in numbers(), old in any::<bool>(), name in names(), village in prop::option::of(0_u64..1_000_000_000_000),
    ) {
        prop_assume!(one != other);
        let written = if old && &one[6..8] == "19" { format!("{}{}", &one[..6], &one[8..17]) } else { one };
        let born = Written::read(&other, TODAY).birth_date();
        let text = RowText { name: &name, number: &written, birth_date: born, village, ..RowText::default() };
        let person = Person { key: 1, name: &name, number: &other, birth_date: born, village, ..Person::default() };
        let found = Matcher::new(config(), [person], TODAY).find(&read(&text), |_| None);
        prop_assert!(!found.grade.is_automatic());

        let scorer = scorer();
        let theirs = Written::read(&other, TODAY);
        for number in [KnownNumber::Written(&theirs), KnownNumber::NotFound, KnownNumber::Found(NumberFinding::OtherPerson)] {
            let candidate = Candidate { key: 1, name: &name, number, birth_date: born, sex: None, village, relation: None, decided: None };
            prop_assert!(!scorer.score(&read(&text), &[candidate]).grade.is_automatic());
        }
    }

    #[test]
    fn the_order_of_candidates_changes_nothing(
        all in prop::collection::vec((names(), numbers(), prop::option::of(0_i32..3), 0_u64..3), 0..8).prop_shuffle(),
        row in (names(), numbers(), prop::option::of(0_i32..3), 0_u64..3),
    ) {
        let day = |days: Option<i32>| days.map(|days| date!(1949 - 12 - 31) + time::Duration::days(i64::from(days)));
        let text = RowText { name: &row.0, number: &row.1, birth_date: day(row.2), village: Some(150_921_101_201 + row.3), ..RowText::default() };
        let persons: Vec<Person> = all.iter().zip(1..).map(|((name, number, days, village), key)| Person {
            key, name, number, birth_date: day(*days), village: Some(150_921_101_201 + village), ..Person::default()
        }).collect();
        let found = |persons: Vec<Person>| Matcher::new(config(), persons, TODAY).find(&read(&text), |_| None);
        let mut turned = persons.clone();
        turned.reverse();
        let first = found(persons.clone());
        prop_assert_eq!(&first, &found(turned));

        // A server that was given the row's lookups comes to the same candidates.
        let row = read(&text);
        let lookups = row.lookups();
        let written: Vec<Written> = persons.iter().map(|person| Written::read(person.number, TODAY)).collect();
        let candidates: Vec<Candidate> = persons.iter().zip(&written).map(|(person, written)| {
            let found = lookups.numbers.iter().find(|near| Some(near.number) == written.valid());
            Candidate {
                key: person.key,
                name: person.name,
                number: found.map_or(KnownNumber::NotFound, |near| KnownNumber::Found(near.finding)),
                birth_date: person.birth_date.or_else(|| written.birth_date()),
                sex: person.sex.or_else(|| written.valid().map(|number| if number.is_male() { Sex::Male } else { Sex::Female })),
                village: person.village,
                relation: person.relation,
                decided: None,
            }
        }).collect();
        let mut scorer = scorer();
        scorer.frequencies = Frequencies::of(persons.len() as u64);
        for person in &persons {
            scorer.frequencies.add_name(&matching::Name::read(person.name), 1);
            scorer.frequencies.add_village(person.village.unwrap_or_default(), 1);
        }
        let scored = scorer.score(&row, &candidates);
        let mut backwards = candidates.clone();
        backwards.reverse();
        prop_assert_eq!(&scored, &scorer.score(&row, &backwards));
        prop_assert_eq!(first.grade.is_automatic(), scored.grade.is_automatic());
    }

    #[test]
    fn no_text_is_too_strange(name in ".{0,30}", number in ".{0,30}", other in ".{0,30}", village in any::<u64>(), relation in any::<u8>()) {
        let text = RowText { name: &name, number: &number, village: Some(village), relation: Some(relation), ..RowText::default() };
        let person = Person { key: 1, name: &other, number: &number, village: Some(village), ..Person::default() };
        let matcher = Matcher::new(config(), [person], TODAY);
        let found = matcher.find(&read(&text), |_| None);
        prop_assert!((0.0..=1.0).contains(&found.score));
        prop_assert_eq!(found.grade == Grade::None, found.candidates.is_empty());
    }
}
