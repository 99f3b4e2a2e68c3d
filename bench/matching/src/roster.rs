//! A list of a hundred thousand rows against a register of a million persons.

use matching::{Grade, Match, Matcher, Person, RosterConfig, Row, RowText, Sex};
use matching_bench::{
    dice::Dice,
    people::{Human, Making, TODAY},
    rows::{Made, SLIPS, Writer},
};
use std::{
    collections::HashMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

#[derive(clap::Args)]
pub struct Arguments {
    #[arg(long, default_value_t = 1_000_000)]
    persons: usize,
    #[arg(long, default_value_t = 100_000)]
    rows: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Show so many rows that were matched wrongly, or not at all.
    #[arg(long, default_value_t = 0)]
    show: usize,
    /// Write the register and the list with its truth as CSV into this folder, and match nothing.
    #[arg(long)]
    write: Option<PathBuf>,
}

/// Of a thousand persons, so many are not in the register, though their families mostly are.
const UNREGISTERED: usize = 20;
/// Of a hundred rows, so many are of people who are not in the register.
const STRANGERS: usize = 10;

pub fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let making = people(arguments);
    let rows = written(arguments, &making);
    if let Some(folder) = &arguments.write {
        return write(folder, arguments, &making, &rows);
    }
    let made_of = memory_megabytes("VmRSS")?;
    let before = cpu_seconds()?;
    let matcher = Matcher::new(RosterConfig::shipped()?, persons(arguments, &making), TODAY);
    let built = cpu_seconds()?;
    let matches = matched(&matcher, &rows);
    let done = cpu_seconds()?;
    println!(
        "{} persons, {} rows, seed {}",
        matcher.len(),
        rows.len(),
        arguments.seed
    );
    report(&rows, &matches);
    let (all, building, matching) = (done - before, built - before, done - built);
    println!("CPU: {all:.1} s = {building:.1} to take the register in + {matching:.1} to match");
    let most = memory_megabytes("VmHWM")?;
    println!("memory: {most} MB at most, of which {made_of} MB are the made-up people themselves");
    show(arguments.show, &making.humans, &rows, &matches);
    Ok(())
}

/// Those in the register and those who are not.
fn people(arguments: &Arguments) -> Making {
    Making::new(arguments.seed).fill(arguments.persons + arguments.persons * UNREGISTERED / 1_000)
}

fn persons<'m>(arguments: &'m Arguments, making: &'m Making) -> impl Iterator<Item = Person<'m>> {
    let registered = making
        .humans
        .iter()
        .filter(|human| is_registered(human, arguments));
    registered.map(|human| Person {
        key: human.key,
        name: &human.name,
        number: &human.registered_number,
        birth_date: Some(human.born),
        sex: Some(human.sex),
        village: Some(human.village),
        relation: Some(human.relation),
    })
}

fn matched(matcher: &Matcher, rows: &[Made]) -> Vec<Match> {
    rows.iter()
        .map(|row| matcher.find(&read(row), |_| None))
        .collect()
}

/// Writes register.csv and list.csv; the last column of the list is whose row it is, blank for people who are not in the register.
fn write(
    folder: &Path,
    arguments: &Arguments,
    making: &Making,
    rows: &[Made],
) -> Result<(), Box<dyn Error>> {
    let sex = |sex: Option<Sex>| sex.map_or("", |sex| if sex == Sex::Male { "1" } else { "2" });
    let text = |value: Option<String>| value.unwrap_or_default();
    let relation = |relation: Option<u8>| relation.map(|relation| format!("{relation:02}"));
    let headings = [
        "name",
        "number",
        "birth_date",
        "sex",
        "village",
        "relation",
        "key",
    ];
    let mut register = csv::Writer::from_path(folder.join("register.csv"))?;
    register.write_record(headings)?;
    for person in persons(arguments, making) {
        let (born, village) = (
            text(person.birth_date.map(|day| day.to_string())),
            text(person.village.map(|code| code.to_string())),
        );
        let (relation, key) = (text(relation(person.relation)), person.key.to_string());
        register.write_record([
            person.name,
            person.number,
            &born,
            sex(person.sex),
            &village,
            &relation,
            &key,
        ])?;
    }
    let mut list = csv::Writer::from_path(folder.join("list.csv"))?;
    list.write_record(headings)?;
    for row in rows {
        let (born, village) = (
            text(row.birth_date.map(|day| day.to_string())),
            text(row.village.map(|code| code.to_string())),
        );
        let (relation, key) = (
            text(relation(row.relation)),
            text(row.truth.map(|key| key.to_string())),
        );
        list.write_record([
            &row.name,
            &row.number,
            &born,
            sex(row.sex),
            &village,
            &relation,
            &key,
        ])?;
    }
    register.flush()?;
    list.flush()?;
    Ok(())
}

/// Every fiftieth person or so, spread by the key.
fn is_registered(human: &Human, arguments: &Arguments) -> bool {
    let mixed =
        (human.key.unsigned_abs() ^ arguments.seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    mixed % 1_000 >= UNREGISTERED as u64
}

fn read(row: &Made) -> Row {
    let text = RowText {
        name: &row.name,
        number: &row.number,
        birth_date: row.birth_date,
        sex: row.sex,
        village: row.village,
        relation: row.relation,
    };
    Row::read(&text, TODAY)
}

/// The list: people drawn from the register and from those who are not in it.
fn written(arguments: &Arguments, making: &Making) -> Vec<Made> {
    let mut dice = Dice::new(arguments.seed + 1);
    let mut writer = Writer::new(arguments.seed + 2, making.villages());
    let humans = &making.humans;
    let mut taken = vec![false; humans.len()];
    let mut rows = vec![];
    while rows.len() < arguments.rows {
        let wants_stranger = dice.below(100) < STRANGERS;
        let is_wanted = |place: &usize| {
            !taken[*place] && is_registered(&humans[*place], arguments) != wants_stranger
        };
        let Some(place) = (0..10_000)
            .map(|_| dice.below(humans.len()))
            .find(is_wanted)
        else {
            break;
        };
        taken[place] = true;
        let near = [place.wrapping_sub(1), place + 1]
            .into_iter()
            .filter_map(|near| humans.get(near));
        let relative = near
            .into_iter()
            .find(|near| near.household == humans[place].household);
        rows.push(writer.row(&humans[place], relative, !wants_stranger));
    }
    rows
}

/// How many rows were matched without asking, how many of those rightly, and how many should have been.
fn counts(rows: &[Made], matches: &[Match]) -> (usize, usize, usize) {
    let (mut automatic, mut right, mut there) = (0, 0, 0);
    for (row, of) in rows.iter().zip(matches) {
        let found = found(of);
        automatic += usize::from(found.is_some());
        right += usize::from(found.is_some() && found == row.truth);
        there += usize::from(row.truth.is_some());
    }
    (automatic, right, there)
}

/// Who was matched without asking.
fn found(of: &Match) -> Option<i64> {
    of.candidates
        .first()
        .filter(|_| of.grade.is_automatic())
        .map(|best| best.key)
}

fn report(rows: &[Made], matches: &[Match]) {
    let pairs = || rows.iter().zip(matches);
    let (automatic, right, there) = counts(rows, matches);
    println!(
        "precision {:.5} ({right} of {automatic} automatic matches)",
        share(right, automatic)
    );
    println!(
        "recall    {:.5} ({right} of {there} rows of registered people)",
        share(right, there)
    );
    for grade in [Grade::Exact, Grade::Probable, Grade::Possible, Grade::None] {
        let count = pairs().filter(|(_, of)| of.grade == grade).count();
        println!("  {:9} {count:7} rows", grade.as_str());
    }
    let asked = pairs().filter(|(row, of)| {
        of.grade == Grade::Possible && of.candidates.iter().any(|one| Some(one.key) == row.truth)
    });
    println!(
        "  {} of the possible have the right person among their candidates",
        asked.count()
    );
    println!(
        "{:26} {:>8} {:>8} {:>8} {:>8} {:>6}",
        "kind of slip", "alone", "recall", "with", "recall", "wrong"
    );
    let of_kind =
        |name: String, is_of: &dyn Fn(&Made) -> bool, is_alone: &dyn Fn(&Made) -> bool| {
            let count = |filter: &dyn Fn(&Made) -> bool| {
                let there: Vec<_> = pairs()
                    .filter(|(row, _)| filter(row) && row.truth.is_some())
                    .collect();
                let right = there
                    .iter()
                    .filter(|(row, of)| found(of) == row.truth)
                    .count();
                (there.len(), share(right, there.len()))
            };
            let ((alone, alone_recall), (with, with_recall)) = (count(is_alone), count(is_of));
            let wrong = pairs()
                .filter(|(row, of)| is_of(row) && found(of).is_some() && found(of) != row.truth)
                .count();
            println!("{name:26} {alone:8} {alone_recall:8.5} {with:8} {with_recall:8.5} {wrong:6}");
        };
    of_kind("none".to_owned(), &|row| row.slips.is_empty(), &|row| {
        row.slips.is_empty()
    });
    for slip in SLIPS {
        of_kind(
            format!("{slip:?}"),
            &|row| row.slips.contains(&slip),
            &|row| row.slips == [slip],
        );
    }
    of_kind("two".to_owned(), &|row| row.slips.len() == 2, &|row| {
        row.slips.len() == 2
    });
    of_kind(
        "three and more".to_owned(),
        &|row| row.slips.len() > 2,
        &|row| row.slips.len() > 2,
    );
}

fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}

fn show(most: usize, humans: &[Human], rows: &[Made], matches: &[Match]) {
    let by_key: HashMap<i64, &Human> = humans.iter().map(|human| (human.key, human)).collect();
    let told = |human: Option<&&Human>| {
        human.map_or("nobody".to_owned(), |human| {
            format!(
                "{} {} {} {:?} {} {} of household {}",
                human.name,
                human.number,
                human.born,
                human.sex,
                human.village,
                human.relation,
                human.household
            )
        })
    };
    let is_missed = |row: &Made, of: &Match| row.truth.is_some() && !of.grade.is_automatic();
    let is_wrong =
        |row: &Made, of: &Match| of.grade.is_automatic() && Some(of.candidates[0].key) != row.truth;
    for (what, filter) in [
        ("wrong", &is_wrong as &dyn Fn(&Made, &Match) -> bool),
        ("missed", &is_missed),
    ] {
        for (row, of) in rows
            .iter()
            .zip(matches)
            .filter(|(row, of)| filter(row, of))
            .take(most)
        {
            println!(
                "{what}: {} {} {:?} {:?} {:?} {:?} {:?}",
                row.name, row.number, row.birth_date, row.sex, row.village, row.relation, row.slips
            );
            println!("   is {}", told(row.truth.and_then(|key| by_key.get(&key))));
            for candidate in of.candidates.iter().take(2) {
                println!(
                    "   {:.4} {}",
                    candidate.probability,
                    told(by_key.get(&candidate.key))
                );
                let reasons = candidate.reasons.iter().filter_map(|reason| {
                    Some(format!("{} {:.1}", reason.ground.as_str()?, reason.weight))
                });
                println!("        {}", reasons.collect::<Vec<_>>().join(", "));
            }
        }
    }
}

/// Processor time of this process so far, of all its threads.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    // Fields 14 and 15, of which the first after the name is the third; in hundredths of a second.
    let ticks: Vec<f64> = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .flat_map(str::parse)
        .collect();
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

fn memory_megabytes(line: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let found = status.lines().find_map(|text| {
        text.strip_prefix(line)?
            .split_whitespace()
            .nth(1)?
            .parse::<u64>()
            .ok()
    });
    Ok(found.ok_or("no such line in /proc/self/status")? / 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_list_is_matched_nearly_as_well_as_a_large_one() {
        let arguments = Arguments {
            persons: 50_000,
            rows: 5_000,
            seed: 1,
            show: 0,
            write: None,
        };
        let making = people(&arguments);
        let rows = written(&arguments, &making);
        let matcher = Matcher::new(
            RosterConfig::shipped().unwrap(),
            persons(&arguments, &making),
            TODAY,
        );
        let (automatic, right, there) = counts(&rows, &matched(&matcher, &rows));
        assert!(share(right, automatic) >= 0.9995, "{right} of {automatic}");
        assert!(share(right, there) >= 0.997, "{right} of {there}");
    }
}
