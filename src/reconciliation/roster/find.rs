//! Whose row another agency's list has (名单比对), asked of the register in the database. Of each row the crate `matching` says what to
//! look for; a batch of rows is looked up by a constant number of statements, and what comes back is weighed as the register in
//! memory would weigh it: both come to the same answer.
//!
//! Nobody is found who does not exist for who asks. A row of somebody elsewhere is answered as one of somebody unknown, by the same
//! statements. Numbers are found by their blind index; only where one of two numbers is wrong they are opened, to be compared, and
//! forgotten.

use crate::{
    authz::Access,
    db::{BadCell, Cell, Class, DbError, Dialect, Param, Reads, Row as Line, RowType, Statement},
    departments::Person,
    graphql::plan::{RootQuery, Rows},
    vault::{BlindIndex, Kind, Place, Sensitive, SensitiveText, Vault},
};
use entity::{
    codes::CodeList as _,
    household::codes::{CitizenNumberState, RelationToHead, Sex},
};
use matching::{
    Candidate, ConfigError, Decision, Frequencies, Grade, Ground, KnownNumber, Match, Name,
    NameFinding, NumberFinding, Reason, RosterConfig, Row, Scorer, Written,
};
use serde_json::{Value as Json, json};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};
use time::Date;

/// Rows that are looked up at once.
pub const AT_ONCE: usize = 50;
/// The most persons that one statement gives: far more than rows of a list find.
const MOST_FOUND: usize = 50_000;
/// How long what is counted of a whole register is good for: it only says how common a surname or a village is.
const COUNTED_FOR_MS: i64 = 3_600_000;
/// How many registers are remembered.
const REMEMBERED: usize = 200;
/// Before a row's text in what is hashed, so that the hash is of nothing else.
const OF_A_ROW: &str = "yihu roster row ";

/// What matching needs of a server: the configuration, and what it has counted.
pub struct Registers {
    config: RosterConfig,
    /// By the range of regions, each with the moment it was counted.
    counted: Mutex<HashMap<Span, (i64, Arc<Counted>)>>,
}

/// Inclusive bounds of region codes.
type Span = (i64, i64);

/// How many persons a register has, by surname and by village.
#[derive(Debug, Default)]
struct Counted {
    persons: u64,
    surnames: Vec<(char, u32)>,
    villages: Vec<(u64, u32)>,
}

/// Who asks, and when.
pub struct Asking<'a> {
    pub registers: &'a Registers,
    pub reads: &'a Reads,
    pub access: &'a Access,
    pub vault: &'a Vault,
    pub today: Date,
    pub now_ms: i64,
}

/// What came of a row.
#[derive(Clone, Debug)]
pub struct Matched {
    /// By what a decision on the row is known: a keyed hash of it.
    pub key: BlindIndex,
    /// The index of its number, where it has a valid one.
    pub number: Option<BlindIndex>,
    pub found: Match,
    /// The decision that was used.
    pub decision: Option<i64>,
    /// Of whom the candidates are: household and village, by person.
    pub homes: BTreeMap<i64, (i64, i64)>,
}

/// Somebody who may be the person of a row.
#[derive(Debug)]
struct Member {
    household: i64,
    region: i64,
    name: String,
    index: Option<Vec<u8>>,
    is_valid: bool,
    cipher: Option<Vec<u8>>,
    sex: Sex,
    birth_date: Date,
    relation: RelationToHead,
}

const COLUMNS: &str = "t.id, t.household_id, t.region_code, t.name, t.citizen_number_index, t.citizen_number_state, \
                       t.citizen_number_cipher, t.sex, t.birth_date, t.relation";

impl Member {
    /// The person that a line tells of from this cell on.
    fn of(line: &Line, at: usize) -> Result<(i64, Self), DbError> {
        let cell = |place: usize| line.cell(at + place);
        let bytes = |cell: Cell<'_>| -> Result<Option<Vec<u8>>, BadCell> {
            match cell.is_null() {
                true => Ok(None),
                false => Ok(Some(cell.bytes()?.to_vec())),
            }
        };
        let unknown = || DbError::fault("a person with an unknown word");
        let member = Member {
            household: cell(1).int()?,
            region: cell(2).int()?,
            name: cell(3).text()?.to_owned(),
            index: bytes(cell(4))?,
            is_valid: cell(5).text()? == CitizenNumberState::Valid.word(),
            cipher: bytes(cell(6))?,
            sex: Sex::of_word(cell(7).text()?).ok_or_else(unknown)?,
            birth_date: cell(8).day()?,
            relation: RelationToHead::of_word(cell(9).text()?).ok_or_else(unknown)?,
        };
        Ok((cell(0).int()?, member))
    }
}

/// What is known of a row before anybody is found: its place, what it was decided to be, whom it finds.
struct Sought<'r> {
    row: &'r Row,
    key: BlindIndex,
    decided: Option<Decided>,
    found: BTreeSet<i64>,
    /// Persons found by a number, each with what was done to come to it.
    by_number: HashMap<i64, NumberFinding>,
}

#[derive(Clone, Copy)]
struct Decided {
    id: i64,
    person: Option<i64>,
}

impl Registers {
    /// With the configuration that is shipped.
    ///
    /// # Errors
    /// None that a test would not find.
    pub fn shipped() -> Result<Self, ConfigError> {
        Ok(Registers {
            config: RosterConfig::shipped()?,
            counted: Mutex::default(),
        })
    }

    fn remembered(&self, span: Span, now_ms: i64) -> Option<Arc<Counted>> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let (at_ms, known) = counted.get(&span)?;
        (now_ms - at_ms < COUNTED_FOR_MS).then(|| known.clone())
    }

    fn remember(&self, span: Span, now_ms: i64, known: Arc<Counted>) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= REMEMBERED {
            counted.clear();
        }
        counted.insert(span, (now_ms, known));
    }
}

/// By what a decision on a row is known.
#[must_use]
pub fn key_of(vault: &Vault, row: &Row) -> BlindIndex {
    vault.digest(format!("{OF_A_ROW}{}", row.canonical()).as_bytes())
}

/// The code of a relation as national lists have it.
#[must_use]
pub fn relation_code(relation: RelationToHead) -> Option<u8> {
    relation.entry().national_code?.parse().ok()
}

/// A sex as far as it tells something.
#[must_use]
pub fn told_sex(sex: Sex) -> Option<matching::Sex> {
    match sex {
        Sex::Male => Some(matching::Sex::Male),
        Sex::Female => Some(matching::Sex::Female),
        _ => None,
    }
}

impl Asking<'_> {
    /// Whose rows these are, in their order.
    ///
    /// # Errors
    /// The database; a number that can't be opened.
    pub async fn matched(&self, rows: &[Row]) -> Result<Vec<Matched>, DbError> {
        let counted = self.counted().await?;
        let mut matched = Vec::with_capacity(rows.len());
        for rows in rows.chunks(AT_ONCE) {
            matched.extend(self.batch(rows, &counted).await?);
        }
        Ok(matched)
    }

    async fn batch(&self, rows: &[Row], counted: &Counted) -> Result<Vec<Matched>, DbError> {
        let mut sought: Vec<Sought<'_>> = rows
            .iter()
            .map(|row| Sought {
                row,
                key: key_of(self.vault, row),
                decided: None,
                found: BTreeSet::new(),
                by_number: HashMap::new(),
            })
            .collect();
        let mut members = HashMap::new();
        let mut names = Names::default();
        names.ask(rows.iter().map(Row::name));
        let (numbers, asked) = self.numbers(rows);
        let decisions = self.decisions(&sought);
        let statements = vec![self.counts(&names.asked()), numbers, decisions];
        let [counts, numbers, decisions] = self.ask(statements).await?;
        names.take(&counts)?;
        for line in &numbers {
            let place = usize::try_from(line.cell(0).int()?).unwrap_or(usize::MAX);
            let (id, member) = Member::of(line, 1)?;
            members.insert(id, member);
            if let Some((of, finding)) = asked.get(place) {
                sought[*of].found.insert(id);
                sought[*of].by_number.entry(id).or_insert(*finding);
            }
        }
        decide(&mut sought, &decisions)?;
        let statements = vec![
            self.by_name(rows, &names),
            self.by_birth(rows),
            self.by_decision(&sought),
        ];
        let found: [_; 3] = self.ask(statements).await?;
        for line in found.iter().flatten() {
            let place = usize::try_from(line.cell(0).int()?).unwrap_or(usize::MAX);
            let (id, member) = Member::of(line, 1)?;
            members.insert(id, member);
            if let Some(sought) = sought.get_mut(place) {
                sought.found.insert(id);
            }
        }
        // A name that sounds like another, though not in the usual way, is as rare as the commoner of both.
        names.ask_of_others(&sought, &members);
        if !names.asked().is_empty() {
            let [counts] = self.ask(vec![self.counts(&names.asked())]).await?;
            names.take(&counts)?;
        }
        let scorer = Scorer {
            config: self.registers.config.clone(),
            frequencies: names.frequencies(counted),
        };
        sought
            .iter()
            .map(|sought| self.judged(&scorer, sought, &members))
            .collect()
    }

    async fn ask<const N: usize>(
        &self,
        statements: Vec<Statement>,
    ) -> Result<[Vec<Line>; N], DbError> {
        let answers = self.reads.batch(statements).await;
        let answers: Vec<Vec<Line>> = answers.into_iter().collect::<Result<_, _>>()?;
        <[Vec<Line>; N]>::try_from(answers).map_err(|_| DbError::fault("an answer is missing"))
    }

    /// The members of today who exist for who asks.
    fn members(&self) -> RootQuery {
        let mut query = RootQuery::scoped::<Person>(self.access);
        query.and("t.valid_to IS NULL");
        query.limit = MOST_FOUND;
        query
    }

    /// Members who fit the rows of a table, each with the place of its row.
    fn fitting(
        &self,
        rows: Vec<Json>,
        columns: &[(&str, RowType)],
        fits: &str,
        class: Class,
    ) -> Statement {
        let mut query = self.members();
        query.found_by(class);
        let place = query.next_placeholder();
        query.bind(Param::Text(Json::Array(rows).to_string().into()));
        query.and(fits);
        let (dialect, from) = (self.reads.dialect(), <Person as Rows>::FROM);
        let table = dialect.rows(place, columns);
        match dialect {
            // Else the plan, made once for all regions, takes the region for what leaves fewest and reads all of it.
            Dialect::Postgres => {
                let of_row = query.statement(&format!("SELECT {COLUMNS} FROM {from}"));
                let sql = format!(
                    "SELECT r.place, s.* FROM {table} CROSS JOIN LATERAL ({}) s",
                    of_row.sql
                );
                Statement {
                    sql: sql.into(),
                    ..of_row
                }
            }
            Dialect::Sqlite => {
                let select = format!("SELECT r.place, {COLUMNS} FROM {table} CROSS JOIN {from}");
                query.statement(&select)
            }
        }
    }

    /// By number, or by those that a wrong one may have been; with the row and finding of each that is asked for.
    fn numbers(&self, rows: &[Row]) -> (Statement, Vec<(usize, NumberFinding)>) {
        let (mut values, mut asked) = (vec![], vec![]);
        for (of, row) in rows.iter().enumerate() {
            let lookups = row.lookups();
            let near = lookups.numbers.iter();
            let near = near.map(|near| (near.number.reveal(), near.finding));
            let wrong = lookups
                .wrong_number
                .map(|text| (text.to_owned(), NumberFinding::EqualButWrong));
            for (number, finding) in near.chain(wrong) {
                let index = self.index(&number);
                values.push(json!({ "place": asked.len(), "number": hex::encode(index.as_ref()) }));
                asked.push((of, finding));
            }
        }
        let columns = [("place", RowType::Whole), ("number", RowType::Bytes)];
        let fits = "t.citizen_number_index = r.number";
        let statement = self.fitting(values, &columns, fits, Class::ByIdentity);
        (statement, asked)
    }

    fn index(&self, number: &str) -> BlindIndex {
        self.vault
            .index(&SensitiveText::new(Kind::CitizenNumber, number))
    }

    /// What was decided of these rows in the region of who asks.
    fn decisions(&self, sought: &[Sought<'_>]) -> Statement {
        let values: Vec<Json> = (sought.iter().enumerate())
            .map(|(place, sought)| json!({ "place": place, "row_key": hex::encode(sought.key.as_ref()) }))
            .collect();
        let columns = [("place", RowType::Whole), ("row_key", RowType::Bytes)];
        let table = self.reads.dialect().rows(1, &columns);
        let sql = format!(
            "SELECT r.place, d.id, d.person_id FROM {table} CROSS JOIN roster_decision d \
             WHERE d.region_code = $2 AND d.row_key = r.row_key AND d.withdrawn_at_ms IS NULL"
        );
        let region = Param::I64(self.access.span().0);
        let values = Param::Text(Json::Array(values).to_string().into());
        Statement::new(Class::ByScope, sql, vec![values, region])
    }

    fn by_decision(&self, sought: &[Sought<'_>]) -> Statement {
        let decided = sought.iter().enumerate().filter_map(|(place, sought)| {
            let person = sought.decided?.person?;
            Some(json!({ "place": place, "person": person }))
        });
        let columns = [("place", RowType::Whole), ("person", RowType::Whole)];
        self.fitting(
            decided.collect(),
            &columns,
            "t.id = r.person",
            Class::ByScope,
        )
    }

    /// By how a name sounds, with year, day or township; by the name alone where there are few of it.
    fn by_name(&self, rows: &[Row], names: &Names) -> Statement {
        let named = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.name().is_blank());
        let asked = named.map(|(place, row)| {
            let lookups = row.lookups();
            let few = names.of_sound(&lookups.sound) as usize <= lookups.most_namesakes;
            let mut asked =
                json!({ "place": place, "sound": lookups.sound, "few": i32::from(few) });
            if let Some(born) = lookups.birth_date {
                asked["born_from"] = json!(format!("{:04}-01-01", born.year()));
                asked["born_to"] = json!(format!("{:04}-12-31", born.year()));
                asked["born_on"] =
                    json!(format!("{:02}-{:02}", u8::from(born.month()), born.day()));
            }
            in_township(&mut asked, lookups.township);
            asked
        });
        let columns = [
            ("place", RowType::Whole),
            ("sound", RowType::Text),
            ("few", RowType::Whole),
            ("born_from", RowType::Day),
            ("born_to", RowType::Day),
            ("born_on", RowType::Text),
            ("lo", RowType::Whole),
            ("hi", RowType::Whole),
        ];
        let fits = "t.name_sound = r.sound AND (r.few = 1 OR t.birth_date BETWEEN r.born_from AND r.born_to \
                    OR substr(CAST(t.birth_date AS TEXT), 6) = r.born_on OR t.region_code BETWEEN r.lo AND r.hi)";
        self.fitting(asked.collect(), &columns, fits, Class::ByScope)
    }

    /// By birth date, with one end of the name or the township.
    fn by_birth(&self, rows: &[Row]) -> Statement {
        let asked = rows.iter().enumerate().filter_map(|(place, row)| {
            let lookups = row.lookups();
            let mut asked = json!({ "place": place, "born": lookups.birth_date?.to_string() });
            if let Some((first, last)) = lookups.ends {
                asked["first"] = json!(first);
                asked["last"] = json!(last);
            }
            in_township(&mut asked, lookups.township);
            Some(asked)
        });
        let columns = [
            ("place", RowType::Whole),
            ("born", RowType::Day),
            ("first", RowType::Whole),
            ("last", RowType::Whole),
            ("lo", RowType::Whole),
            ("hi", RowType::Whole),
        ];
        let fits = "t.birth_date = r.born AND (t.name_first = r.first OR t.name_last = r.last \
                    OR t.region_code BETWEEN r.lo AND r.hi)";
        self.fitting(asked.collect(), &columns, fits, Class::ByScope)
    }

    /// How many have a name of these sounds, by its standard writing.
    fn counts(&self, sounds: &[String]) -> Statement {
        let mut query = self.members();
        query.any(self.reads, "t.name_sound", Param::Texts(sounds.into()));
        self.grouped(query, "t.name_sound AS a, t.name_standard AS b", "a, b")
    }

    /// Counts rows by what is selected.
    fn grouped(&self, mut query: RootQuery, select: &str, by: &str) -> Statement {
        query.limit = i32::MAX as usize;
        let from = <Person as Rows>::FROM;
        let statement = query.statement(&format!("SELECT {select} FROM {from}"));
        let sql = format!(
            "SELECT {by}, count(*) FROM ({}) s GROUP BY {by}",
            statement.sql
        );
        Statement {
            sql: sql.into(),
            ..statement
        }
    }

    /// How common surnames and villages are in the register of who asks, counted once an hour.
    async fn counted(&self) -> Result<Arc<Counted>, DbError> {
        let span = self.access.span();
        if let Some(known) = self.registers.remembered(span, self.now_ms) {
            return Ok(known);
        }
        let surnames = "substr(t.name_standard, 1, 1) AS a";
        let statements = vec![
            self.grouped(self.members(), surnames, "a"),
            self.grouped(self.members(), "t.region_code AS a", "a"),
        ];
        let [surnames, villages] = self.ask(statements).await?;
        let mut counted = Counted::default();
        for line in &surnames {
            let count = number(line.cell(1))?;
            counted.persons += u64::from(count);
            let first = line.cell(0).text()?.chars().next();
            counted.surnames.extend(first.map(|first| (first, count)));
        }
        for line in &villages {
            let village = line.cell(0).int()?.unsigned_abs();
            counted.villages.push((village, number(line.cell(1))?));
        }
        let counted = Arc::new(counted);
        self.registers.remember(span, self.now_ms, counted.clone());
        Ok(counted)
    }

    fn judged(
        &self,
        scorer: &Scorer,
        sought: &Sought<'_>,
        members: &HashMap<i64, Member>,
    ) -> Result<Matched, DbError> {
        let mut found = vec![];
        for id in &sought.found {
            if let Some(member) = members.get(id) {
                found.push((*id, member, self.opened(sought.row, *id, member)?));
            }
        }
        let decided = sought.decided;
        let candidates: Vec<Candidate<'_>> = found
            .iter()
            .map(|(id, member, opened)| Candidate {
                key: *id,
                name: &member.name,
                number: known(sought, *id, member, opened.as_ref()),
                birth_date: Some(member.birth_date),
                sex: told_sex(member.sex),
                village: Some(member.region.unsigned_abs()),
                relation: relation_code(member.relation),
                decided: decided
                    .is_some_and(|decided| decided.person == Some(*id))
                    .then_some(Decision::Same),
            })
            .collect();
        let is_nobody = decided.is_some_and(|decided| decided.person.is_none());
        let is_used = is_nobody || candidates.iter().any(|found| found.decided.is_some());
        let result = match is_nobody {
            true => nobody(),
            false => scorer.score(sought.row, &candidates),
        };
        let homes = result.candidates.iter().filter_map(|candidate| {
            let member = members.get(&candidate.key)?;
            Some((candidate.key, (member.household, member.region)))
        });
        let near = sought.row.lookups().numbers.first().copied();
        let number = near.filter(|_| !sought.row.has_wrong_number());
        Ok(Matched {
            key: sought.key,
            number: number.map(|near| self.index(&near.number.reveal())),
            homes: homes.collect(),
            decision: decided.filter(|_| is_used).map(|decided| decided.id),
            found: result,
        })
    }

    /// The number of a candidate, where one of both is wrong: what lies between two texts no index tells.
    fn opened(&self, row: &Row, id: i64, member: &Member) -> Result<Option<Written>, DbError> {
        let Some(cipher) = &member.cipher else {
            return Ok(None);
        };
        if member.is_valid && !row.has_wrong_number() {
            return Ok(None);
        }
        let place = Place::new("person", "citizen_number_cipher", id);
        let opened = self.vault.open(Kind::CitizenNumber, place, cipher);
        let opened = opened.map_err(|error| DbError::fault(error.to_string()))?;
        Ok(Some(Written::read(opened.reveal(), self.today)))
    }
}

/// What is known of a candidate's number.
fn known<'w>(
    sought: &Sought<'_>,
    id: i64,
    member: &Member,
    opened: Option<&'w Written>,
) -> KnownNumber<'w> {
    match (opened, sought.by_number.get(&id), &member.index) {
        (Some(written), _, _) => KnownNumber::Written(written),
        (None, Some(finding), _) => KnownNumber::Found(*finding),
        (None, None, Some(_)) => KnownNumber::NotFound,
        (None, None, None) => KnownNumber::None,
    }
}

/// A row that somebody has said is nobody's.
fn nobody() -> Match {
    Match {
        grade: Grade::None,
        score: 0.0,
        reasons: vec![Reason {
            ground: Ground::Decided(Decision::Different),
            weight: 0.0,
        }],
        candidates: vec![],
    }
}

fn decide(sought: &mut [Sought<'_>], decisions: &[Line]) -> Result<(), DbError> {
    for line in decisions {
        let place = usize::try_from(line.cell(0).int()?).unwrap_or(usize::MAX);
        let person = line.cell(2);
        let decided = Decided {
            id: line.cell(1).int()?,
            person: (!person.is_null()).then(|| person.int()).transpose()?,
        };
        if let Some(sought) = sought.get_mut(place) {
            sought.decided = Some(decided);
        }
    }
    Ok(())
}

fn in_township(asked: &mut Json, township: Option<u64>) {
    if let Some(township) = township {
        asked["lo"] = json!(township * 1_000);
        asked["hi"] = json!(township * 1_000 + 999);
    }
}

fn number(cell: Cell<'_>) -> Result<u32, DbError> {
    Ok(u32::try_from(cell.int()?).unwrap_or(u32::MAX))
}

/// How many have the names of a batch.
#[derive(Default)]
struct Names {
    /// Names by sound, of which nothing is known yet.
    open: BTreeMap<String, Name>,
    /// How many have a name of a sound, with one such name.
    sounds: HashMap<String, (Name, u32)>,
    names: Vec<(Name, u32)>,
}

impl Names {
    fn ask<'n>(&mut self, names: impl Iterator<Item = &'n Name>) {
        for name in names.filter(|name| !name.is_blank()) {
            let sound = name.sound();
            if !self.sounds.contains_key(&sound) {
                self.open.insert(sound, name.clone());
            }
        }
    }

    /// Asks for the names of candidates that sound like that of the row.
    fn ask_of_others(&mut self, sought: &[Sought<'_>], members: &HashMap<i64, Member>) {
        for sought in sought {
            for member in sought.found.iter().filter_map(|id| members.get(id)) {
                let name = Name::read(&member.name);
                let finding = sought.row.name().compare(&name);
                if matches!(finding, NameFinding::Homophone | NameFinding::NearHomophone) {
                    self.ask(std::iter::once(&name));
                }
            }
        }
    }

    /// The sounds of which nothing is known yet.
    fn asked(&self) -> Vec<String> {
        self.open.keys().cloned().collect()
    }

    fn take(&mut self, lines: &[Line]) -> Result<(), DbError> {
        for (sound, name) in std::mem::take(&mut self.open) {
            self.sounds.insert(sound, (name, 0));
        }
        for line in lines {
            let count = number(line.cell(2))?;
            if let Some((_, of_sound)) = self.sounds.get_mut(line.cell(0).text()?) {
                *of_sound += count;
            }
            self.names.push((Name::read(line.cell(1).text()?), count));
        }
        Ok(())
    }

    fn of_sound(&self, sound: &str) -> u32 {
        self.sounds.get(sound).map_or(0, |(_, count)| *count)
    }

    fn frequencies(&self, counted: &Counted) -> Frequencies {
        let mut frequencies = Frequencies::of(counted.persons);
        for (surname, count) in &counted.surnames {
            frequencies.set_surname(*surname, *count);
        }
        for (village, count) in &counted.villages {
            frequencies.add_village(*village, *count);
        }
        for (name, count) in &self.names {
            frequencies.set_name(name, *count);
        }
        for (name, count) in self.sounds.values().filter(|(_, count)| *count > 0) {
            frequencies.set_sound(name, *count);
        }
        frequencies
    }
}
