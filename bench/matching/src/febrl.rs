//! Sets in the form of FEBRL: two lists to link, or one with duplicates.

use matching::{
    Grade,
    records::{Link, LinkConfig, dedupe, link},
};
use matching_bench::dice::Dice;
use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs::File,
    path::{Path, PathBuf},
};

#[derive(clap::Args)]
pub struct Arguments {
    /// The folder with dataset1.csv, dataset2.csv, dataset3.csv, dataset4a.csv and dataset4b.csv; sets are made up without it.
    #[arg(long)]
    folder: Option<PathBuf>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Show so many pairs that were linked wrongly, or not at all.
    #[arg(long, default_value_t = 0)]
    show: usize,
}

const CONFIG: &str = include_str!("../../../matching/configs/febrl.yaml");
/// Modifications of a record, and of one of its fields, at most.
const MOST_MODIFIED: usize = 10;
const MOST_OF_FIELD: usize = 3;
const STATES: [&str; 8] = ["nsw", "vic", "qld", "wa", "sa", "tas", "act", "nt"];
const STARTS: [&str; 24] = [
    "b", "br", "c", "ch", "d", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "ph", "r", "s",
    "st", "t", "th", "v", "w", "wh",
];
const ENDS: [&str; 20] = [
    "a", "an", "ar", "e", "ell", "en", "er", "ett", "i", "ia", "ie", "in", "is", "o", "on", "or",
    "oy", "ton", "u", "y",
];

/// Records and who they are of.
#[derive(Default)]
struct Set {
    rows: Vec<Vec<String>>,
    owners: Vec<usize>,
}

pub fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let config = LinkConfig::from_yaml("febrl.yaml", CONFIG)?;
    println!(
        "{:24} {:>8} {:>8} {:>9} {:>9} {:>9}",
        "set", "pairs", "linked", "precision", "recall", "F1"
    );
    if let Some(folder) = &arguments.folder {
        for name in ["dataset1", "dataset2", "dataset3"] {
            let set = read(&config, &folder.join(format!("{name}.csv")))?;
            measure_one(arguments, name, &config, &set);
        }
        let (left, right) = (
            read(&config, &folder.join("dataset4a.csv"))?,
            read(&config, &folder.join("dataset4b.csv"))?,
        );
        measure_two(arguments, "dataset4a and 4b", &config, &left, &right);
        return Ok(());
    }
    let mut making = Making::new(arguments.seed);
    let left = making.originals(5_000);
    let right = making.duplicates(&left, 5_000, 1);
    measure_two(arguments, "5,000 and 5,000", &config, &left, &right);
    for (originals, duplicates, most) in [(500, 500, 1), (4_000, 1_000, 5), (2_000, 3_000, 5)] {
        let mut set = making.originals(originals);
        let more = making.duplicates(&set, duplicates, most);
        set.rows.extend(more.rows);
        set.owners.extend(more.owners);
        measure_one(
            arguments,
            &format!("{originals} with {duplicates} more"),
            &config,
            &set,
        );
    }
    Ok(())
}

/// Reads a set whose identifiers are rec-N-org and rec-N-dup-M.
fn read(config: &LinkConfig, path: &Path) -> Result<Set, Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(File::open(path)?);
    let headings = reader.headers()?.clone();
    let (identifier, places) = config
        .columns(&headings.iter().collect::<Vec<_>>())
        .map_err(|name| format!("no column `{name}`"))?;
    let mut set = Set::default();
    for record in reader.records() {
        let record = record?;
        let value = |place: usize| record.get(place).unwrap_or_default().to_owned();
        let owner = value(identifier)
            .split('-')
            .nth(1)
            .and_then(|number| number.parse().ok());
        set.owners.push(
            owner.ok_or_else(|| format!("{}: an identifier without a number", path.display()))?,
        );
        set.rows
            .push(places.iter().map(|place| value(*place)).collect());
    }
    Ok(set)
}

fn measure_two(arguments: &Arguments, name: &str, config: &LinkConfig, left: &Set, right: &Set) {
    let mut places: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, owner) in right.owners.iter().enumerate() {
        places.entry(*owner).or_default().push(place);
    }
    let partners = |owner: &usize| places.get(owner).cloned().unwrap_or_default();
    let truth = left
        .owners
        .iter()
        .enumerate()
        .flat_map(|(one, owner)| partners(owner).into_iter().map(move |other| (one, other)));
    let links = link(config, &left.rows, &right.rows);
    report(
        arguments,
        name,
        (&left.rows, &right.rows),
        &truth.collect(),
        &links,
    );
}

fn measure_one(arguments: &Arguments, name: &str, config: &LinkConfig, set: &Set) {
    let mut places: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, owner) in set.owners.iter().enumerate() {
        places.entry(*owner).or_default().push(place);
    }
    let mut truth = BTreeSet::new();
    for of_one in places.values() {
        for (start, one) in of_one.iter().enumerate() {
            truth.extend(of_one[start + 1..].iter().map(|other| (*one, *other)));
        }
    }
    report(
        arguments,
        name,
        (&set.rows, &set.rows),
        &truth,
        &dedupe(config, &set.rows),
    );
}

type Rows<'r> = &'r [Vec<String>];

fn report(
    arguments: &Arguments,
    name: &str,
    (left, right): (Rows, Rows),
    truth: &BTreeSet<(usize, usize)>,
    links: &[Link],
) {
    let probable = links.iter().filter(|link| link.grade <= Grade::Probable);
    let linked: BTreeSet<(usize, usize)> = probable.map(|link| (link.left, link.right)).collect();
    let right_ones = linked.intersection(truth).count() as f64;
    let (precision, recall) = (
        right_ones / linked.len().max(1) as f64,
        right_ones / truth.len().max(1) as f64,
    );
    let f1 = 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE);
    println!(
        "{name:24} {:8} {:8} {precision:9.5} {recall:9.5} {f1:9.5}",
        truth.len(),
        linked.len()
    );
    let wrong = linked.difference(truth).map(|pair| ("wrong", pair));
    let missed = truth.difference(&linked).map(|pair| ("missed", pair));
    for (what, (one, other)) in wrong
        .take(arguments.show)
        .chain(missed.take(arguments.show))
    {
        println!(
            "{what}: {}\n   {}",
            left[*one].join(" | "),
            right[*other].join(" | ")
        );
    }
}

/// Makes records up in the manner of FEBRL's generator: values by how common they are, duplicates with slips.
struct Making {
    dice: Dice,
    /// Values of given name, surname, street, locality and suburb.
    words: [Vec<String>; 5],
}

impl Making {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let words = [400, 1_500, 900, 1_500, 700]
            .map(|count| (0..count).map(|_| word(&mut dice)).collect());
        Self { dice, words }
    }

    fn originals(&mut self, count: usize) -> Set {
        Set {
            rows: (0..count).map(|_| self.record()).collect(),
            owners: (0..count).collect(),
        }
    }

    /// A record in the order of the fields of the configuration.
    fn record(&mut self) -> Vec<String> {
        let [given, surname, street, locality, suburb] = [0, 1, 2, 3, 4].map(|of| self.common(of));
        let street = format!(
            "{street} {}",
            self.dice
                .one_of(&["street", "place", "crescent", "close", "circuit", "avenue"])
        );
        let locality = match self.dice.below(3) {
            0 => format!(
                "{locality} {}",
                self.dice.one_of(&["park", "village", "estate", "farm"])
            ),
            _ => locality,
        };
        let number = self.dice.between(1, 150).to_string();
        let postcode = (2_000 + self.dice.ranked(5_000, 0.5)).to_string();
        let state = STATES[self.dice.ranked(STATES.len(), 0.7)].to_owned();
        let born = format!(
            "19{:02}{:02}{:02}",
            self.dice.below(100),
            1 + self.dice.below(12),
            1 + self.dice.below(28)
        );
        let security = self.dice.between(1_000_000, 9_999_999).to_string();
        let mut record = vec![
            given, surname, number, street, locality, suburb, postcode, state, born, security,
        ];
        for (field, missing) in [
            (0, 0.03),
            (1, 0.01),
            (2, 0.04),
            (3, 0.02),
            (4, 0.12),
            (5, 0.01),
            (7, 0.01),
            (8, 0.02),
        ] {
            if self.dice.chance(missing) {
                record[field].clear();
            }
        }
        record
    }

    fn common(&mut self, of: usize) -> String {
        let place = self.dice.ranked(self.words[of].len(), 0.6);
        self.words[of][place].clone()
    }

    /// At most `most` of each record.
    fn duplicates(&mut self, of: &Set, count: usize, most: usize) -> Set {
        let mut made = vec![0; of.rows.len()];
        let mut set = Set::default();
        while set.rows.len() < count {
            // One of each in turn, where each has one.
            let place = if most == 1 {
                set.rows.len()
            } else {
                self.dice.below(of.rows.len())
            };
            if made[place] < most {
                made[place] += 1;
                set.rows.push(self.duplicate(&of.rows[place]));
                set.owners.push(of.owners[place]);
            }
        }
        set
    }

    fn duplicate(&mut self, record: &[String]) -> Vec<String> {
        let mut copy = record.to_vec();
        let mut modified = vec![0; copy.len()];
        for _ in 0..=self.dice.below(MOST_MODIFIED) {
            // Names and addresses are written wrongly more often than figures.
            let field = self.dice.one_of(&[
                0, 0, 0, 1, 1, 1, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 7, 8, 9, 9,
            ]);
            if modified[field] < MOST_OF_FIELD {
                modified[field] += 1;
                self.modify(&mut copy, field);
            }
        }
        copy
    }

    fn modify(&mut self, copy: &mut [String], field: usize) {
        match (self.dice.below(20), field) {
            (0, _) if field != 6 && field != 9 => copy[field].clear(),
            (1, 0 | 1) => copy.swap(0, 1),
            (1, 3 | 4) => copy.swap(3, 4),
            (2, 0 | 1) => copy[field] = self.common(field),
            (2, 3..=5) => copy[field] = self.common(field - 1),
            (3, 8) => {
                let (year, month, day) = (
                    self.dice.below(100),
                    1 + self.dice.below(12),
                    1 + self.dice.below(28),
                );
                copy[8] = format!("19{year:02}{month:02}{day:02}");
            }
            (4, 3..=5) => copy[field] = copy[field].split(' ').rev().collect::<Vec<_>>().join(" "),
            (5, 0..=5) => copy[field] = sounds_like(&copy[field]),
            _ => copy[field] = self.mistyped(&copy[field], field),
        }
    }

    /// A character more, less, or other, two exchanged, or a blank more or less.
    fn mistyped(&mut self, text: &str, field: usize) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        let place = self.dice.below(letters.len());
        let is_figure = matches!(field, 2 | 6 | 8 | 9);
        let other = if is_figure {
            b'0' + self.below(10)
        } else {
            b'a' + self.below(26)
        };
        match self.dice.below(10) {
            _ if letters.is_empty() => {}
            0..2 if field != 8 => letters.insert(place, char::from(other)),
            2..4 if field != 8 && letters.len() > 1 => _ = letters.remove(place),
            4..7 => letters[place] = char::from(other),
            7 if !is_figure => letters.insert(place, ' '),
            8 if letters.contains(&' ') => letters.retain(|letter| *letter != ' '),
            _ if place + 1 < letters.len() => letters.swap(place, place + 1),
            _ => {}
        }
        letters.into_iter().collect()
    }

    fn below(&mut self, count: u8) -> u8 {
        u8::try_from(self.dice.below(usize::from(count))).unwrap_or_default()
    }
}

fn word(dice: &mut Dice) -> String {
    let syllables = 1 + dice.below(2);
    let middle: String = (0..syllables)
        .map(|_| format!("{}{}", dice.one_of(&STARTS), dice.one_of(&ENDS)))
        .collect();
    format!("{middle}{}{}", dice.one_of(&STARTS), dice.one_of(&ENDS))
}

/// The first of these spellings that the text has, in the other way to write the sound.
fn sounds_like(text: &str) -> String {
    let spellings = [
        ("ph", "f"),
        ("wh", "w"),
        ("ck", "k"),
        ("th", "t"),
        ("ch", "k"),
        ("ie", "y"),
        ("c", "k"),
        ("y", "i"),
        ("ll", "l"),
        ("er", "a"),
    ];
    let found = spellings.into_iter().find(|(from, _)| text.contains(from));
    found.map_or_else(|| text.to_owned(), |(from, to)| text.replacen(from, to, 1))
}
