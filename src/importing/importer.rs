//! Takes the rows of a file over, one after the other.

use super::{
    locate::{Found, Locator, Named},
    outcome::{Fault, Outcome},
    report::{Rows, word},
    sent::{self, Texts},
    store::{self, File, Report},
};
use crate::{
    authz::{Access, Policy, Viewer},
    clock::Clock,
    db::{Class, Database, DbError, Param, Statement},
    files::{About, Import, ImportRow, Many, Only, Recorded},
    graphql::{
        document::{CacheLimits, Document, Documents},
        execute::{Execute, RequestId},
        language::Language,
        limits::Limits,
        scalars::global_id,
    },
    vault::Vault,
    writing::{FileRow, OLDER_RESULT, Own, Stop, label},
};
use async_graphql::{Request, Response, Variables};
use entity::{codes::CodeList as _, region_code::RegionCode};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use sheets::{Cell, Kind, Kinds, Row};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The number of a row, and its cells by column.
type Cells = (u64, Map<String, Value>);

/// What files are taken over with.
pub struct Setting {
    pub graph: Arc<dyn Execute>,
    pub policy: Arc<Policy>,
    pub database: Database,
    pub vault: Arc<Vault>,
    pub clock: Clock,
    pub kinds: Kinds,
    pub imports: Vec<Import>,
}

/// Takes files over.
pub struct Importer {
    setting: Setting,
    documents: Documents,
}

/// How a file is taken over.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileRun {
    /// Whether anything is changed; else it is only told what would be.
    pub apply: bool,
    /// When the job was asked for, of one that was begun before.
    pub resumed_since_ms: Option<i64>,
}

/// One file on its way, as one viewer.
pub(super) struct Taking<'i> {
    importer: &'i Importer,
    pub import: Import,
    pub kind: Arc<Kind>,
    texts: Texts,
    viewer: Arc<Viewer>,
    access: Access,
    database: Database,
    /// The number of all requests of the file: made of what is in it and of who takes it over.
    request: String,
    run: FileRun,
    /// What rows said before, by whom they are about: hashes, so that a file of a million rows is no burden.
    said: HashMap<u64, u64>,
    /// The groups of rows that stood above, by hash.
    groups: HashSet<u64>,
    file: File,
}

/// Rows that belong together, with whom they are about.
struct Located {
    rows: Vec<ImportRow>,
    /// The id that the mutation is given.
    id: Option<String>,
    household: Option<i64>,
}

/// What the rows of a household tell.
struct Told {
    first: ImportRow,
    /// What the mutation is given.
    input: Value,
}

impl Told {
    fn card(&self) -> Option<&str> {
        self.input["cardNumber"].as_str()
    }
}

/// The household that rows are about, where it is on file.
fn on_file(told: &Result<Told, Outcome>, known: &HashMap<String, i64>) -> Option<i64> {
    known.get(told.as_ref().ok()?.card()?).copied()
}

impl Importer {
    #[must_use]
    pub fn new(setting: Setting) -> Self {
        Importer {
            setting,
            documents: Documents::new(Limits::default(), CacheLimits::default()),
        }
    }

    /// How a kind is taken over.
    #[must_use]
    pub fn import(&self, kind: &str) -> Option<Import> {
        let imports = self.setting.imports.iter();
        imports.copied().find(|import| import.kind == kind)
    }

    /// A file of a kind, by the hash of its bytes.
    pub(super) fn taking(
        &self,
        (import, region): (Import, RegionCode),
        viewer: Arc<Viewer>,
        (name, hash): (&str, &str),
        run: FileRun,
    ) -> Option<Taking<'_>> {
        let region = region.to_string();
        let kind = self.setting.kinds.kind(import.kind, &region)?;
        let access = Access::new(viewer.clone(), self.setting.policy.clone());
        Some(Taking {
            importer: self,
            texts: Texts::of(&import),
            import,
            kind,
            database: self.setting.database.within(access.span()),
            access,
            file: File {
                agency: viewer.department.word(),
                name: name.to_owned(),
                hash: hash.to_owned(),
            },
            viewer,
            request: request_of(import.kind, hash),
            run,
            said: HashMap::new(),
            groups: HashSet::new(),
        })
    }
}

/// The number of the requests of a file.
fn request_of(kind: &str, hash: &str) -> String {
    let digest = Sha256::digest(format!("{kind} {hash}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes)
        .into_uuid()
        .hyphenated()
        .to_string()
}

impl Taking<'_> {
    /// Whether a row goes on with what the one before it tells.
    pub(super) fn belong_together(&self, before: &Row, row: &Row) -> bool {
        let by = self.import.together_by;
        let (before, cells) = (self.cells(before), self.cells(row));
        !by.is_empty()
            && by.iter().all(|column| {
                cells.get(*column).is_some() && cells.get(*column) == before.get(*column)
            })
    }

    /// Remembers what rows say that belong together and that an earlier run has dealt with.
    pub(super) fn remember(&mut self, rows: &[Row]) {
        let _ = self.told(rows);
    }

    /// Whether rows that belong to these stood further above: what they tell can't be told a second time.
    fn is_split(&mut self, rows: &[Row]) -> bool {
        let by = self.import.together_by;
        let Some(first) = rows.first().filter(|_| !by.is_empty()) else {
            return false;
        };
        let cells = self.cells(first);
        let key: Vec<_> = by.iter().map(|column| cells.get(*column)).collect();
        key.iter().all(Option::is_some) && !self.groups.insert(hash(&format!("{key:?}")))
    }

    /// How many groups of rows are taken over at once.
    pub(super) fn at_once(&self) -> usize {
        self.import.many.map_or(1, |many| many.most)
    }

    /// Takes groups of rows over. What comes of each is told in their order, also of those before one that has to wait.
    pub(super) async fn take(
        &mut self,
        sheet: Option<&str>,
        groups: &[Vec<Row>],
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), DbError> {
        if let Some(many) = self.import.many {
            return self.take_many(many, sheet, groups, outcomes).await;
        }
        for rows in groups {
            outcomes.push(self.take_one(sheet, rows).await?);
        }
        Ok(())
    }

    /// Takes rows over that belong together. What comes of them comes of each.
    async fn take_one(&mut self, sheet: Option<&str>, rows: &[Row]) -> Result<Outcome, DbError> {
        let told = match self.told(rows) {
            Ok(told) => told,
            Err(outcome) => return Ok(outcome),
        };
        let at = place(sheet, rows);
        if let Some(outcome) = self.done_before(&at).await? {
            return Ok(outcome);
        }
        let located = match self.located(told).await? {
            Ok(located) => located,
            Err(fault) => return Ok(Outcome::Refused(vec![fault])),
        };
        let mut input = (self.import.input)(&located.rows);
        let listed = self.import.recorded.and_then(|recorded| recorded.listed);
        let known_by = match listed {
            Some(listed) => input[listed.by].as_str().map(str::to_owned),
            None => located.id.clone(),
        };
        let by_hand = self.by_hand(&located.rows);
        let on_record = self.on_record(known_by.as_deref(), &by_hand, &mut input);
        let outcome = match on_record.await? {
            OnRecord::Stands(outcome) => outcome,
            _ if !by_hand.is_empty() => Outcome::Refused(vec![not_taken()]),
            OnRecord::Becomes(changes) => {
                let faults = self.send(at, located.id.as_deref(), input).await?;
                Outcome::of(faults.into_iter().map(|(_, fault)| fault), changes)
            }
        };
        self.keep(sheet, &located, &outcome).await?;
        Ok(outcome)
    }

    /// Whom rows that belong together are about.
    async fn located(&self, told: Vec<Cells>) -> Result<Result<Located, Fault>, DbError> {
        let mut located = Located {
            rows: Vec::with_capacity(told.len()),
            id: None,
            household: None,
        };
        for (number, cells) in told {
            if let Some(fault) = self.elsewhere(&cells) {
                return Ok(Err(fault));
            }
            let (person, household) = match self.about(&cells).await? {
                Ok(found) => found,
                Err(fault) => return Ok(Err(fault)),
            };
            located.household = located.household.or(household);
            let id = household.and_then(|key| sent::id_of(self.import.about, person, key));
            located.id = located.id.or(id);
            located.rows.push(ImportRow {
                number,
                cells,
                person: person.map(|key| global_id("Person", key)),
            });
        }
        Ok(Ok(located))
    }

    /// Keeps what the register refuses of a household on file, beside it, until the register takes it.
    async fn keep(
        &self,
        sheet: Option<&str>,
        located: &Located,
        outcome: &Outcome,
    ) -> Result<(), DbError> {
        let kept = self.import.reported.zip(located.rows.first());
        let Some((reported, row)) = kept.filter(|_| self.run.apply) else {
            return Ok(());
        };
        let rows = self.rows(sheet);
        let Outcome::Refused(faults) = outcome else {
            let key = rows.key(row);
            let kept = store::kept_among(self.database.reads(), vec![key]).await?;
            return match kept.is_empty() {
                true => Ok(()),
                false => self.write(&[], &kept).await,
            };
        };
        if faults
            .iter()
            .any(|fault| OF_THE_FILE.contains(&fault.code.as_str()))
        {
            return Ok(());
        }
        let household = match located.household {
            Some(household) => Some(household),
            None => self.household_of(&row.cells).await?,
        };
        match household {
            Some(household) => {
                let report = rows.report(&reported, row, household, faults);
                self.write(&[report], &[]).await
            }
            None => Ok(()),
        }
    }

    fn rows<'r>(&'r self, sheet: Option<&'r str>) -> Rows<'r> {
        Rows {
            import: self.import,
            kind: self.kind.clone(),
            vault: &self.importer.setting.vault,
            sheet,
        }
    }

    async fn write(&self, reports: &[Report], taken: &[String]) -> Result<(), DbError> {
        let setting = &self.importer.setting;
        let own = Own::new(
            self.database.clone(),
            setting.vault.clone(),
            setting.clock.clone(),
            self.access.clone(),
        );
        let file = &self.file;
        let kept = own.write("importApply", |door| async move {
            store::keep(&door, file, reports, taken).await
        });
        kept.await.map_err(|stop| match stop {
            Stop::Database(error) => error,
            _ => DbError::fault("a report was refused"),
        })
    }

    /// Takes households over by one mutation for all of which nothing is found wrong and which are not on record; where some are
    /// refused, by another one for the others.
    async fn take_many(
        &mut self,
        many: Many,
        sheet: Option<&str>,
        groups: &[Vec<Row>],
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), DbError> {
        let inputs: Vec<_> = groups.iter().map(|rows| self.household(rows)).collect();
        let known = self.known(&inputs).await?;
        let all = groups.concat();
        let at = FileRow {
            to: all.last().map(|row| row.number),
            ..place(sheet, &all)
        };
        let done = self.done_before(&at).await?;
        let mut came = self.on_record_among(&inputs, &known).await?;
        match done {
            // Those that are not on record were refused then: perhaps they are not now.
            Some(done) => {
                let unchanged = came.iter_mut().flatten();
                let unchanged = unchanged.filter(|outcome| **outcome == Outcome::Unchanged);
                unchanged.for_each(|outcome| *outcome = done.clone());
            }
            None => self.send_together(many, &at, &inputs, &mut came).await,
        }
        let mut held_up = Ok(());
        for ((rows, input), outcome) in groups.iter().zip(&inputs).zip(came) {
            outcomes.push(match (outcome, input) {
                (Some(outcome), _) => outcome,
                (None, Err(outcome)) => outcome.clone(),
                (None, Ok(told)) => {
                    let at = place(sheet, rows);
                    match self.take_household(many, at, &told.input).await {
                        Ok(outcome) => outcome,
                        Err(error) => {
                            held_up = Err(error);
                            break;
                        }
                    }
                }
            });
        }
        // Also of those before one that has to wait: the next run does not look at them again.
        self.keep_many(sheet, &inputs, &known, outcomes).await?;
        held_up
    }

    /// Keeps what the register refuses of households on file, as [`Taking::keep`] does of one.
    async fn keep_many(
        &self,
        sheet: Option<&str>,
        inputs: &[Result<Told, Outcome>],
        known: &HashMap<String, i64>,
        outcomes: &[Outcome],
    ) -> Result<(), DbError> {
        let Some(reported) = self.import.reported.filter(|_| self.run.apply) else {
            return Ok(());
        };
        let rows = self.rows(sheet);
        let (mut reports, mut taken) = (Vec::new(), Vec::new());
        for (told, outcome) in inputs.iter().zip(outcomes) {
            let Some((told, household)) = told.as_ref().ok().zip(on_file(told, known)) else {
                continue;
            };
            match outcome {
                Outcome::Refused(faults) => {
                    reports.push(rows.report(&reported, &told.first, household, faults));
                }
                _ => taken.push(rows.key(&told.first)),
            }
        }
        let taken = store::kept_among(self.database.reads(), taken).await?;
        match reports.is_empty() && taken.is_empty() {
            true => Ok(()),
            false => self.write(&reports, &taken).await,
        }
    }

    /// Sends those of which nothing is known together; where some are refused, the others once more. Those that are told of as
    /// being on other files are limited: whoever is left then goes alone, and what is done stays done.
    async fn send_together(
        &self,
        many: Many,
        at: &FileRow,
        inputs: &[Result<Told, Outcome>],
        came: &mut [Option<Outcome>],
    ) {
        for _ in 0..2 {
            let waiting: Vec<usize> = (0..came.len()).filter(|at| came[*at].is_none()).collect();
            if waiting.is_empty() {
                return;
            }
            let told = waiting.iter().filter_map(|at| inputs[*at].as_ref().ok());
            let together: Vec<_> = told.map(|told| &told.input).collect();
            let input = json!({ many.list: together });
            let Ok(faults) = self.send(at.clone(), None, input).await else {
                return;
            };
            let is_done = faults.is_empty();
            for (place, fault) in faults {
                if let Some(at) = place.and_then(|place| waiting.get(place)) {
                    Outcome::add(&mut came[*at], fault);
                }
            }
            if is_done {
                waiting
                    .into_iter()
                    .for_each(|at| came[at] = Some(Outcome::Changed(NEW.to_owned())));
            }
        }
    }

    async fn take_household(
        &self,
        many: Many,
        at: FileRow,
        input: &Value,
    ) -> Result<Outcome, DbError> {
        if let Some(outcome) = self.done_before(&at).await? {
            return Ok(outcome);
        }
        let faults = self.send(at, None, json!({ many.list: [input] })).await?;
        let faults = faults.into_iter().map(|(_, fault)| fault);
        Ok(Outcome::of(faults, NEW.to_owned()))
    }

    /// What a household becomes, or why it does not.
    fn household(&mut self, rows: &[Row]) -> Result<Told, Outcome> {
        let told = self.told(rows)?;
        if let Some(fault) = told.iter().find_map(|(_, cells)| self.elsewhere(cells)) {
            return Err(Outcome::Refused(vec![fault]));
        }
        let rows = told.into_iter().map(|(number, cells)| ImportRow {
            number,
            cells,
            person: None,
        });
        let rows: Vec<_> = rows.collect();
        Ok(Told {
            input: (self.import.input)(&rows),
            first: ImportRow::first(&rows),
        })
    }

    /// The households that are on file, by their cards.
    async fn known(
        &self,
        inputs: &[Result<Told, Outcome>],
    ) -> Result<HashMap<String, i64>, DbError> {
        let told = inputs.iter().filter_map(|told| told.as_ref().ok());
        let cards: Vec<_> = told.filter_map(Told::card).map(str::to_owned).collect();
        self.locator().by_cards(&cards).await
    }

    /// What is known of households before anything is sent: what is wrong with them, and what is on record of them.
    async fn on_record_among(
        &self,
        inputs: &[Result<Told, Outcome>],
        known: &HashMap<String, i64>,
    ) -> Result<Vec<Option<Outcome>>, DbError> {
        let mut came = Vec::with_capacity(inputs.len());
        for input in inputs {
            came.push(match input {
                Err(outcome) => Some(outcome.clone()),
                Ok(told) => match on_file(input, known) {
                    Some(key) => {
                        let id = global_id("Household", key);
                        let mut input = told.input.clone();
                        match self.on_record(Some(&id), &[], &mut input).await? {
                            OnRecord::Stands(outcome) => Some(outcome),
                            OnRecord::Becomes(_) => None,
                        }
                    }
                    None => None,
                },
            });
        }
        Ok(came)
    }

    /// The cells of rows that belong together, each once; or what comes of them, without a look at the register.
    fn told(&mut self, rows: &[Row]) -> Result<Vec<Cells>, Outcome> {
        let problems = rows.iter().flat_map(Row::problems);
        let faults: Vec<Fault> = problems.map(Fault::from).collect();
        if !faults.is_empty() {
            return Err(Outcome::Refused(faults));
        }
        if self.is_split(rows) {
            return Err(Outcome::Refused(vec![split()]));
        }
        let mut told = Vec::with_capacity(rows.len());
        for row in rows {
            let cells = self.cells(row);
            match self.contradicts(&cells) {
                Some(true) => return Err(Outcome::Refused(vec![contradictory()])),
                Some(false) if rows.len() == 1 => return Err(Outcome::Unchanged),
                // The same line twice says nothing more.
                Some(false) => {}
                None => told.push((row.number, cells)),
            }
        }
        Ok(told)
    }

    fn cells(&self, row: &Row) -> Map<String, Value> {
        let columns = self.kind.columns.iter().zip(&row.cells);
        let told = columns.filter_map(|(column, cell)| match cell {
            Cell::Value(value) => Some((column.name.to_string(), json_of(value))),
            Cell::Absent | Cell::Empty | Cell::Wrong(_) => None,
        });
        told.collect()
    }

    /// Whether an earlier row said something else of the same; false where it said the same, none where none did.
    fn contradicts(&mut self, cells: &Map<String, Value>) -> Option<bool> {
        let of_whom: Vec<_> = match cells.get("citizen_number") {
            Some(number) => vec![Some(number)],
            None => vec![cells.get("card_number"), cells.get("name")],
        };
        let once: Vec<_> = self
            .import
            .once_by
            .iter()
            .map(|column| cells.get(*column))
            .collect();
        let key = hash(&format!("{of_whom:?} {once:?}"));
        let said = hash(&format!("{cells:?}"));
        let mut is_first = false;
        let first = self.said.entry(key).or_insert_with(|| {
            is_first = true;
            said
        });
        (!is_first).then_some(*first != said)
    }

    /// A row of a village that is not the sender's.
    fn elsewhere(&self, cells: &Map<String, Value>) -> Option<Fault> {
        let village = cells.get("village_code")?.as_str()?.parse::<i64>().ok()?;
        let (lo, hi) = self.access.span();
        (village < lo || village > hi).then(|| {
            Fault::new(
                "OUT_OF_REGION",
                "所在村不在您的辖区内：请从文件中移除，或由当地报送。",
            )
        })
    }

    /// What rows tell that the mutation does not take.
    fn by_hand(&self, rows: &[ImportRow]) -> Vec<(Only, Value)> {
        let today = self.importer.setting.clock.today();
        let told = rows.iter().flat_map(|row| {
            self.import
                .only
                .iter()
                .map(|only| (*only, row.get(only.column)))
        });
        told.filter(|(only, cell)| !cell.is_null() && !only.allows(cell, today))
            .collect()
    }

    fn locator(&self) -> Locator<'_> {
        Locator {
            reads: self.database.reads(),
            access: &self.access,
            vault: &self.importer.setting.vault,
        }
    }

    /// The person and household of a row.
    async fn about(
        &self,
        cells: &Map<String, Value>,
    ) -> Result<Result<(Option<i64>, Option<i64>), Fault>, DbError> {
        if matches!(self.import.about, About::Card | About::Nobody) {
            return Ok(Ok((None, None)));
        }
        let named = named(cells);
        let not_available = || {
            Fault::new(
                "PERSON_NOT_AVAILABLE",
                "在您的范围内没有找到此人：请核对姓名、证件号码和户编号。",
            )
        };
        Ok(match self.locator().find(&named).await? {
            Found::Person { name, .. }
                if named
                    .name
                    .is_some_and(|of_row| plain(of_row) != plain(&name)) =>
            {
                Err(Fault::new(
                    "NAME_DIFFERS",
                    "姓名与该证件号码登记的姓名不一致：请核对。",
                ))
            }
            Found::Person {
                person, household, ..
            } => Ok((Some(person), Some(household))),
            Found::Household(household) if matches!(self.import.about, About::Household(_)) => {
                Ok((None, Some(household)))
            }
            Found::Household(_) | Found::Nobody => Err(not_available()),
            Found::Several => Err(Fault::new(
                "SEVERAL_PERSONS",
                "该户有同名成员：请填写证件号码。",
            )),
        })
    }

    /// The household of a row whose mutation finds it by itself.
    async fn household_of(&self, cells: &Map<String, Value>) -> Result<Option<i64>, DbError> {
        Ok(match self.locator().find(&named(cells)).await? {
            Found::Person { household, .. } | Found::Household(household) => Some(household),
            Found::Nobody | Found::Several => None,
        })
    }

    /// What came of a row that took effect before: of another job there is nothing left to do; of this one it is told again, so
    /// that a job which was cut off ends as one that was not.
    async fn done_before(&self, at: &FileRow) -> Result<Option<Outcome>, DbError> {
        if !self.run.apply {
            return Ok(None);
        }
        let sql = "SELECT at_ms FROM request_record WHERE user_id = $1 AND client = $2 AND request_id = $3";
        let text = |text: &str| Param::Text(text.into());
        let key = format!("{}/{at}", self.request);
        let params = vec![
            text(&self.viewer.user),
            text(&self.viewer.client),
            text(&key),
        ];
        let statement = Statement::new(Class::ByIdentity, sql, params);
        let mut session = self.database.reads().acquire().await?;
        let rows = session.one(statement).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let of_this_job = self
            .run
            .resumed_since_ms
            .is_some_and(|since_ms| row.cell(0).int().is_ok_and(|at_ms| at_ms >= since_ms));
        Ok(Some(match of_this_job {
            true => Outcome::Changed(String::new()),
            false => Outcome::Unchanged,
        }))
    }

    /// What is on record already: nothing is left to do, or something else stands there. Where the mutation corrects it, its
    /// version is put into the input.
    async fn on_record(
        &self,
        about: Option<&str>,
        by_hand: &[(Only, Value)],
        input: &mut Value,
    ) -> Result<OnRecord, DbError> {
        let asked = self
            .import
            .recorded
            .zip(self.texts.recorded.as_deref())
            .zip(about);
        let Some(((recorded, text), about)) = asked else {
            return Ok(OnRecord::Becomes(String::new()));
        };
        let answer = self.ask(text, json!({ "about": about }), None).await?;
        hold_off(&answer)?;
        let data = answer.data.into_json().unwrap_or_default();
        let Some(record) = sent::same_record(&recorded, &data, input) else {
            return Ok(OnRecord::Becomes(NEW.to_owned()));
        };
        let stands = |outcome| Ok(OnRecord::Stands(outcome));
        if !stands_so(record, by_hand) {
            return stands(Outcome::Refused(vec![not_taken()]));
        }
        if sent::agree(recorded.same, record, input) && sent::agree_each(&recorded, record, input) {
            return stands(Outcome::Unchanged);
        }
        if recorded.corrected_by.is_empty() {
            return stands(Outcome::Refused(vec![Fault::new(
                "ALREADY_ON_RECORD",
                "已有内容不同的记录：请核对，需要更正的请在系统中办理。",
            )]));
        }
        let changes = self.changes(&recorded, record, input);
        for (field, of_input) in recorded.corrected_by {
            input[*of_input] = record[*field].clone();
        }
        Ok(OnRecord::Becomes(changes))
    }

    /// What of a record an input changes: `更正：月补助 280.00 → 300.00`.
    fn changes(&self, recorded: &Recorded, record: &Value, input: &Value) -> String {
        let shape = self.importer.setting.graph.shape();
        let changed = recorded
            .same
            .iter()
            .filter(|one| !sent::agree(&[**one], record, input));
        let told = changed.map(|(field, of_input)| {
            let path = ["input".to_owned(), (*of_input).to_owned()];
            let label = label(shape, self.import.mutation, &path);
            let label = label.unwrap_or_else(|| (*of_input).to_owned());
            format!(
                "{label} {} → {}",
                word(&record[*field]),
                word(&input[*of_input])
            )
        });
        format!("更正：{}", told.collect::<Vec<_>>().join("；"))
    }

    /// Sends the mutation, and gives what it refuses, with the place where it is about one of many.
    async fn send(
        &self,
        at: FileRow,
        about: Option<&str>,
        input: Value,
    ) -> Result<Vec<(Option<usize>, Fault)>, DbError> {
        let request = (self.request.as_str(), !self.run.apply);
        let variables = sent::variables(&self.import, request, about, input);
        let answer = self.ask(&self.texts.mutation, variables, Some(at)).await?;
        hold_off(&answer)?;
        let refused = answer.errors.iter();
        let mut faults: Vec<_> = refused
            .map(|error| (None, Fault::new(&code_of(error), error.message.clone())))
            .collect();
        let data = answer.data.into_json().unwrap_or_default();
        let errors = data["done"]["userErrors"].as_array();
        faults.extend(errors.into_iter().flatten().map(|error| {
            let text = |name: &str| error[name].as_str().unwrap_or_default();
            let label = match text("label") {
                "" => String::new(),
                label => format!("{label}："),
            };
            let fault = Fault::new(text("code"), format!("{label}{}", text("message")));
            let place = error["field"][2].as_str();
            (place.and_then(|place| place.parse().ok()), fault)
        }));
        Ok(faults)
    }

    /// Asks the graph as the sender.
    async fn ask(
        &self,
        text: &str,
        variables: Value,
        at: Option<FileRow>,
    ) -> Result<Response, DbError> {
        let graph = &self.importer.setting.graph;
        let document = self.document(text)?;
        let variables = Variables::from_json(variables);
        let operation = document
            .operation(None)
            .map_err(|_| DbError::fault("an operation of an import"))?;
        if let Some(definition) = document.definition(operation)
            && let Err(bad) = graph.shape().check_variables(definition, &variables)
        {
            let error = async_graphql::ServerError::new(
                format!("{}：需要 {}。", bad.path, bad.expected),
                None,
            );
            return Ok(Response::from_errors(vec![error]));
        }
        let mut request = Request::new("")
            .variables(variables)
            .data(RequestId(self.request.clone()));
        if let Some(at) = at {
            request = request.data(at);
        }
        let (graph, viewer) = (graph.clone(), self.viewer.clone());
        // A task of its own: below a job the stack is deep already.
        let answer = tokio::spawn(async move {
            let answer = graph.execute(request, &document, viewer, Language::Chinese);
            answer.await
        });
        answer
            .await
            .map_err(|error| DbError::fault(format!("an operation of an import: {error}")))
    }

    fn document(&self, text: &str) -> Result<Arc<Document>, DbError> {
        let shape = self.importer.setting.graph.shape();
        let document = self.importer.documents.fetch(text, shape);
        document.map_err(|error| DbError::fault(format!("an operation of an import: {error:?}")))
    }
}

/// What is not the row's fault: the job goes on here later.
const PASSING: [&str; 5] = [
    "INTERNAL",
    "OVERLOADED",
    "RATE_LIMITED",
    "SEALS_OVERDUE",
    "UNAVAILABLE",
];

/// Stops where the server could not answer now.
fn hold_off(answer: &Response) -> Result<(), DbError> {
    let mut codes = answer.errors.iter().map(code_of);
    match codes.find(|code| PASSING.contains(&code.as_str())) {
        Some(code) => Err(DbError::unavailable(format!("a row has to wait: {code}"))),
        None => Ok(()),
    }
}

/// What the preview tells of a row of which nothing is on record.
const NEW: &str = "新增。";

/// What is on record of what a row tells.
enum OnRecord {
    /// There is nothing to do, or it can't be done.
    Stands(Outcome),
    /// It is to be sent, and what that changes.
    Becomes(String),
}

/// Of a value that the mutation can't read.
const NO_ARGUMENT: &str = "ARGUMENT";
/// What is a matter of the file alone, and no contradiction: such a value, and what is older than the record.
const OF_THE_FILE: [&str; 2] = [NO_ARGUMENT, OLDER_RESULT.word];

fn code_of(error: &async_graphql::ServerError) -> String {
    let code = error.extensions.as_ref().and_then(|told| told.get("code"));
    let code = code.map_or_else(|| NO_ARGUMENT.to_owned(), ToString::to_string);
    code.trim_matches('"').to_owned()
}

/// The first of these rows.
fn place(sheet: Option<&str>, rows: &[Row]) -> FileRow {
    FileRow {
        sheet: sheet.unwrap_or_default().to_owned(),
        row: rows.first().map_or(0, |row| row.number),
        to: None,
    }
}

fn split() -> Fault {
    Fault::new(
        "ROWS_NOT_TOGETHER",
        "同一户（证）的各行不相邻：请排序后重新导入。",
    )
}

fn not_taken() -> Fault {
    Fault::new(
        "STATE_NOT_TAKEN",
        "该行的状态不能从文件导入：请在系统中逐项办理。",
    )
}

/// Whether a record is as far as a row tells of it. Where it is, what the row tells besides came with that.
fn stands_so(record: &Value, by_hand: &[(Only, Value)]) -> bool {
    let mut known = by_hand
        .iter()
        .filter_map(|(only, cell)| only.field.map(|field| &record[field] == cell))
        .peekable();
    by_hand.is_empty() || known.peek().is_some() && known.all(|same| same)
}

fn contradictory() -> Fault {
    Fault::new(
        "CONTRADICTORY_ROWS",
        "文件中同一对象有内容不同的另一行：请只保留正确的一行。",
    )
}

fn named(cells: &Map<String, Value>) -> Named<'_> {
    let text = |column: &str| cells.get(column).and_then(Value::as_str);
    Named {
        citizen_number: text("citizen_number"),
        name: text("name"),
        card_number: text("card_number"),
    }
}

/// A name as it is compared: without blanks, with one kind of dot.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|sign| !sign.is_whitespace())
        .map(|sign| match sign {
            '•' | '・' | '．' | '.' | '‧' => '·',
            other => other,
        })
        .collect()
}

fn hash(of: &impl std::hash::Hash) -> u64 {
    use std::hash::{DefaultHasher, Hasher as _};
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A value as the graph writes it.
fn json_of(value: &sheets::Value) -> Value {
    use sheets::Value as V;
    let hundredths = |number: i64| {
        let sign = if number < 0 { "-" } else { "" };
        let number = number.unsigned_abs();
        json!(format!("{sign}{}.{:02}", number / 100, number % 100))
    };
    match value {
        V::Text(text) => json!(text),
        V::Sensitive(text) => json!(text.reveal()),
        V::Whole(number) | V::Metres(number) | V::BasisPoints(number) => json!(number),
        V::Fen(number) | V::SquareDecimetres(number) => hundredths(*number),
        V::Date(day) => json!(day.to_string()),
        V::Month { year, month } => json!(format!("{year:04}-{month:02}")),
        V::Year(year) => json!(year),
        V::Village(code) => json!(code.to_string()),
        V::YesNo(yes) => json!(yes),
        V::Code(code) => json!(&**code),
        V::Codes(codes) => codes.iter().map(|code| json!(&**code)).collect(),
    }
}
