//! The second table, read from its text, and what it says. It shares no code with `authz`: not the codes of departments,
//! not the ranges of regions.

use std::collections::{BTreeMap, BTreeSet};

type Words = BTreeSet<String>;

/// The text `section4.txt`, understood.
pub(super) struct Table {
    departments: BTreeMap<String, Department>,
    roles: BTreeMap<String, Role>,
    types: BTreeMap<String, Line>,
    mutations: BTreeMap<String, Doers>,
    places: BTreeMap<String, Place>,
}

struct Department {
    /// How many digits the code of its own level has.
    level: usize,
    bound: Bound,
    parts: Words,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Region,
    Linked,
    Institution,
}

struct Role {
    reads: bool,
    /// The department in which alone it is given.
    only: Option<String>,
}

/// Which parts a field belongs to.
struct Line {
    parts: Words,
    /// Whether all of the parts are needed.
    all: bool,
    by_region: bool,
    no_institution: bool,
}

/// Who does a mutation.
struct Doers {
    who: BTreeSet<(String, String)>,
    where_it_reads: bool,
}

/// Where somebody stands to the family that is asked about.
#[derive(Clone, Debug)]
pub(super) struct Stand {
    /// The code of the viewer's region, without the zeros of lower levels.
    pub(super) region: &'static str,
    /// As what the family is linked to the viewer.
    pub(super) link: Option<&'static str>,
    /// Whether the family has business with the viewer's institution.
    pub(super) tied: bool,
}

/// Where the rows of a type are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Everywhere,
    Region,
    Family,
}

/// The readers of a field.
pub(super) struct Readers<'t> {
    line: &'t Line,
    pub(super) place: Place,
}

impl Table {
    pub(super) fn read(text: &str) -> Table {
        let sections = sections(text);
        let named = |section: &str| sections[section].iter().map(|line| split(line));
        let parts: Words = sections["parts"].iter().cloned().collect();
        let known = |text: &str| -> Words {
            let words = words(text);
            let strange: Vec<_> = words.difference(&parts).collect();
            assert!(strange.is_empty(), "no such part: {strange:?} in {text}");
            words
        };
        let groups: BTreeMap<_, _> = named("groups")
            .map(|(name, of)| (name, known(of)))
            .collect();
        let expanded = |text: &str| -> Words {
            let (group, part): (Words, Words) = words(text)
                .into_iter()
                .partition(|word| groups.contains_key(word));
            let of_groups = group.iter().flat_map(|word| groups[word].iter().cloned());
            of_groups
                .chain(known(&part.into_iter().collect::<Vec<_>>().join(" ")))
                .collect()
        };
        let places = named("places").flat_map(|(place, types)| {
            let place = match place.as_str() {
                "everywhere" => Place::Everywhere,
                _ => Place::Region,
            };
            words(types).into_iter().map(move |name| (name, place))
        });
        Table {
            departments: named("departments")
                .map(|(name, of)| (name, Department::of(of, expanded)))
                .collect(),
            roles: named("roles")
                .map(|(name, of)| (name, Role::of(of)))
                .collect(),
            types: distinct(named("types").map(|(name, of)| (name, Line::of(of, known)))),
            mutations: distinct(named("mutations").map(|(name, of)| (name, Doers::of(of)))),
            places: places.collect(),
        }
    }

    /// The names that the table has lines for: mutations, types and fields of types.
    pub(super) fn names(&self) -> (Words, Words) {
        (
            self.mutations.keys().cloned().collect(),
            self.types.keys().cloned().collect(),
        )
    }

    /// Who may have this role: some are given in one department only.
    pub(super) fn exists(&self, department: &str, role: &str) -> bool {
        let only = &self.roles[role].only;
        only.as_ref().is_none_or(|only| only == department)
    }

    /// The readers of a field; `answers` is the type that a field of a root answers with. None where no line speaks of it.
    pub(super) fn readers(&self, of: &str, field: &str, answers: &str) -> Option<Readers<'_>> {
        let exact = self.types.get(&format!("{of}.{field}"));
        let of = match of {
            "Query" | "Subscription" => answers,
            of => of,
        };
        let stem = ["Connection", "Edge", "Filter"]
            .iter()
            .find_map(|end| of.strip_suffix(end));
        let filtered = of
            .strip_suffix("Filter")
            .and_then(|of| self.types.get(&format!("{of}.{field}")));
        let line = exact.or_else(|| self.types.get(of)).or(filtered);
        let line = line.or_else(|| self.types.get(stem?));
        let ending = ["Payload", "Error"]
            .into_iter()
            .find(|ending| of.ends_with(ending));
        let line = line.or_else(|| self.types.get(&format!("..{}", ending?)))?;
        let place = match self.places.get(stem.unwrap_or(of)) {
            _ if line.parts.contains("reference") => Place::Everywhere,
            _ if line.by_region => Place::Region,
            place => place.copied().unwrap_or(Place::Family),
        };
        Some(Readers { line, place })
    }

    /// Whether somebody reads a field at all, of whomever.
    pub(super) fn reads(&self, department: &str, role: &str, readers: &Readers<'_>) -> bool {
        let line = readers.line;
        if line.parts.contains("reference") {
            return true;
        }
        let own = &self.departments[department];
        let has = |part: &String| own.parts.contains(part);
        let has = if line.all {
            line.parts.iter().all(has)
        } else {
            line.parts.iter().any(has)
        };
        let bounded = line.by_region && own.bound != Bound::Region
            || line.no_institution && own.bound == Bound::Institution;
        has && !bounded && self.roles[role].reads
    }

    /// Whether what is in this place, of a family or of its village, exists for who stands there.
    pub(super) fn exists_for(
        &self,
        department: &str,
        stand: &Stand,
        village: &str,
        place: Place,
    ) -> bool {
        let within = village.starts_with(stand.region);
        match (place, self.departments[department].bound) {
            (Place::Everywhere, _) => true,
            (_, Bound::Region) => within,
            (Place::Region, _) => false,
            (Place::Family, Bound::Linked) => within && stand.link == Some(department),
            // The token of an institution names no region, or one to be narrower than the institution.
            (Place::Family, Bound::Institution) => within && stand.tied,
        }
    }

    /// Whether somebody does a mutation about the family of this village.
    pub(super) fn does(
        &self,
        mutation: &str,
        who: (&str, &str),
        stand: &Stand,
        village: &str,
    ) -> bool {
        let (department, role) = who;
        let doers = &self.mutations[mutation];
        let own = &self.departments[department];
        let above = own.bound == Bound::Region && stand.region.len() < own.level;
        doers
            .who
            .contains(&(department.to_owned(), role.to_owned()))
            && self.exists_for(department, stand, village, Place::Family)
            && (doers.where_it_reads || !above)
    }

    /// How the viewer's region lies to the family's village, as the department sees it.
    pub(super) fn relation(&self, department: &str, stand: &Stand, village: &str) -> String {
        let level = self.departments[department].level;
        let region = match stand.region {
            region if !village.starts_with(region) && region[..2] != village[..2] => {
                "other province"
            }
            region if !village.starts_with(region) => "sibling",
            region if region.len() < level => "parent",
            region if region.len() > level => "child",
            _ => "own",
        };
        let link = stand.link.map_or("unlinked", |_| "linked");
        let tied = if stand.tied { "tied" } else { "not tied" };
        match self.departments[department].bound {
            Bound::Region => format!("{region} {}", stand.region),
            Bound::Linked => format!("{region} {} {link}", stand.region),
            Bound::Institution => format!("{region} {} {tied}", stand.region),
        }
    }
}

impl Department {
    /// `county region: parts`
    fn of(text: &str, expanded: impl Fn(&str) -> Words) -> Department {
        let (place, parts) = text.split_once(':').expect("a level, a bound, parts");
        let (level, bound) = place.trim().split_once(' ').expect("a level and a bound");
        Department {
            level: match level {
                "village" => 12,
                "township" => 9,
                _ => 6,
            },
            bound: match bound {
                "linked" => Bound::Linked,
                "institution" => Bound::Institution,
                _ => Bound::Region,
            },
            parts: expanded(parts),
        }
    }
}

impl Role {
    /// `reads, HELPER only`
    fn of(text: &str) -> Role {
        let only = text
            .split_once(", ")
            .and_then(|(_, only)| only.strip_suffix(" only"));
        Role {
            reads: text.starts_with("reads"),
            only: only.map(str::to_owned),
        }
    }
}

impl Line {
    /// `civil & cards by region`
    fn of(text: &str, known: impl Fn(&str) -> Words) -> Line {
        let (text, by_region) = without(text, "by region");
        let (text, no_institution) = without(&text, "no institution");
        let (text, all) = without(&text, "&");
        Line {
            parts: known(&text),
            all,
            by_region,
            no_institution,
        }
    }
}

impl Doers {
    /// `MEDINS HRSS (CLERK) HELPER(HELPER) where it reads`
    fn of(text: &str) -> Doers {
        let (text, where_it_reads) = without(text, "where it reads");
        let mut who = BTreeSet::new();
        for group in text.trim().trim_end_matches(')').split(')') {
            let (departments, roles) = group
                .split_once('(')
                .expect("departments, and roles in brackets");
            for role in words(roles) {
                who.extend(
                    words(departments)
                        .into_iter()
                        .map(|department| (department, role.clone())),
                );
            }
        }
        Doers {
            who,
            where_it_reads,
        }
    }
}

/// The lines of each section, without comments and without the sentences they follow.
fn sections(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(section) = line.strip_prefix('[') {
            name = section.trim_end_matches(']').to_owned();
            continue;
        }
        let (rule, reason) = line
            .split_once("-- ")
            .unwrap_or_else(|| panic!("no reason: {line}"));
        assert!(!reason.is_empty(), "no reason: {line}");
        sections
            .entry(name.clone())
            .or_default()
            .push(rule.trim().to_owned());
    }
    sections
}

fn split(line: &str) -> (String, &str) {
    let (name, rest) = line
        .split_once(':')
        .unwrap_or_else(|| panic!("no colon: {line}"));
    (name.trim().to_owned(), rest.trim())
}

fn words(text: &str) -> Words {
    text.split_whitespace().map(str::to_owned).collect()
}

fn without(text: &str, mark: &str) -> (String, bool) {
    (text.replace(mark, " "), text.contains(mark))
}

fn distinct<T>(lines: impl Iterator<Item = (String, T)>) -> BTreeMap<String, T> {
    let mut all = BTreeMap::new();
    for (name, line) in lines {
        assert!(
            all.insert(name.clone(), line).is_none(),
            "{name} is there twice"
        );
    }
    all
}
