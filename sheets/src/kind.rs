//! Kinds of files as data: which columns there are, under which headings offices send them, and the words of their codes.
//!
//! `files/columns/shared.yaml` holds what all kinds share, `<kind>.yaml` a kind, and `<kind>.<region>.yaml` what offices of a region
//! call columns and codes besides: `columns: { name: [synonym] }` and `lists: { List: { CODE: [word] } }`.

use crate::fold;
use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::Path,
    sync::Arc,
};
use yaml::{Fields, FileError, Part};

/// What the cells of a column hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    Text,
    /// A text that is nobody else's business: a diagnosis.
    SensitiveText,
    CitizenNumber,
    DisabilityCertificate,
    BankCard,
    /// The number of a household's card (户编号).
    HouseholdCard,
    /// A number or code that an office gives: of a certificate, a school, a claim.
    Identifier,
    Phone,
    /// Twelve digits that name a village.
    VillageCode,
    Whole {
        from: i64,
        to: i64,
    },
    /// Yuan, or ten thousands of yuan where the heading says so; read as fen.
    Yuan,
    Date,
    Month,
    /// A year or a month.
    Period,
    Year,
    /// The autumn a school year begins in, or `2018-2019`.
    SchoolYear,
    /// Square metres, read as square decimetres.
    Area,
    /// Metres or kilometres as the heading says, read as metres.
    Distance,
    /// Percent a year, read as basis points.
    Rate,
    YesNo(Arc<List>),
    Code(Arc<List>),
    /// Several codes, with commas between.
    Codes(Arc<List>),
}

impl Type {
    /// Whether the value may not be shown to everybody.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        use Type::{BankCard, CitizenNumber, DisabilityCertificate, Phone, SensitiveText};
        matches!(
            self,
            SensitiveText | CitizenNumber | DisabilityCertificate | BankCard | Phone
        )
    }
    pub(crate) fn names_somebody(&self) -> bool {
        use Type::{BankCard, CitizenNumber, DisabilityCertificate, HouseholdCard};
        matches!(
            self,
            CitizenNumber | DisabilityCertificate | BankCard | HouseholdCard
        )
    }
}

/// A code list with its Chinese words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    pub name: Arc<str>,
    /// Each code with its label.
    pub codes: Vec<(Arc<str>, String)>,
    /// The code of each word; none for words that say there is nothing.
    words: HashMap<String, Option<usize>>,
}

/// What a word of a list stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    Code(Arc<str>),
    Nothing,
}

impl List {
    /// What a word stands for, however wide its signs are.
    #[must_use]
    pub fn meaning(&self, word: &str) -> Option<Meaning> {
        if word.len() > fold::LONGER_THAN_WORDS {
            return None;
        }
        let code = self.words.get(&fold::word(word))?;
        Some(match code.and_then(|code| self.codes.get(code)) {
            Some((code, _)) => Meaning::Code(code.clone()),
            None => Meaning::Nothing,
        })
    }
    /// All words, as they are compared.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.keys().map(String::as_str)
    }

    fn add(&mut self, word: Part<'_>, code: Option<usize>) -> Result<(), FileError> {
        let folded = fold::word(word.text()?);
        match self.words.insert(folded, code) {
            Some(other) if other != code => Err(word.error(format!(
                "`{}` is a word of two codes of {}",
                word.text()?,
                self.name
            ))),
            _ => Ok(()),
        }
    }
}

/// A column of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The standard term, as in the graph.
    pub name: Arc<str>,
    pub is: Type,
    pub required: bool,
    /// The standard heading, and what else offices write.
    pub heading: Arc<str>,
    pub synonyms: Vec<String>,
}

/// A kind of file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    pub name: Arc<str>,
    pub chinese: String,
    pub english: String,
    pub columns: Vec<Column>,
    headings: HashMap<String, Known>,
    pub(crate) totals: Vec<String>,
    pub(crate) notes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Column(usize),
    /// A heading without meaning for this kind.
    Ignored,
}

impl Kind {
    /// The place of the column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| &*column.name == name)
    }
    pub(crate) fn known(&self, heading: &str) -> Option<Known> {
        self.headings.get(heading).copied()
    }
    /// All headings that are known, as they are compared.
    pub(crate) fn headings(&self) -> impl Iterator<Item = &str> {
        self.headings.keys().map(String::as_str)
    }

    fn add_heading(&mut self, text: &str, column: usize) -> Result<(), String> {
        let heading = fold::heading(text).whole;
        match self.headings.insert(heading, Known::Column(column)) {
            Some(Known::Column(other)) if other != column => {
                let other = &self.columns[other].name;
                Err(format!("`{text}` is a heading of `{other}` too"))
            }
            _ => Ok(()),
        }
    }
}

/// The kinds of files that are known.
#[derive(Clone, Debug)]
pub struct Kinds {
    /// Each with its extensions by region, the empty region first.
    kinds: BTreeMap<String, Vec<(String, Arc<Kind>)>>,
}

macro_rules! embedded {
    ($($file:literal)+) => { &[ $( ($file, include_str!(concat!("../../files/columns/", $file))), )+ ] };
}

/// The files of `files/columns`.
const EMBEDDED: &[(&str, &str)] = embedded! {
    "shared.yaml" "card.yaml" "claim.yaml" "death.yaml" "dibao.yaml" "disability.yaml" "house.yaml" "household.yaml"
    "income_form.yaml" "loan.yaml" "medical_enrolment.yaml" "payment.yaml" "rain_dew.yaml" "relocation.yaml"
    "roster.yaml" "school_roll.yaml" "special_support.yaml"
};

/// The file of what all kinds share.
const SHARED: &str = "shared.yaml";
/// The longest file of columns, bytes.
const LONGEST_FILE_BYTES: u64 = 1 << 20;

impl Kinds {
    /// Those that are shipped.
    ///
    /// # Errors
    /// A mistake in one of the files, with its place.
    pub fn embedded() -> Result<Self, FileError> {
        Self::of_files(EMBEDDED.iter().copied().collect())
    }

    /// Those that are shipped, with the `.yaml` files of a folder: extensions, further kinds, and files in place of shipped ones of
    /// the same name.
    ///
    /// # Errors
    /// The folder can't be read; a mistake in one of the files, with its place.
    pub fn embedded_with(path: &Path) -> Result<Self, FileError> {
        let own = files_of(path)?;
        let own = own
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        Self::of_files(EMBEDDED.iter().copied().chain(own).collect())
    }

    /// Those of a folder alone.
    ///
    /// # Errors
    /// The folder can't be read; a mistake in one of the files, with its place.
    pub fn from_dir(path: &Path) -> Result<Self, FileError> {
        let files = files_of(path)?;
        let files = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        Self::of_files(files.collect())
    }

    fn of_files(mut files: BTreeMap<&str, &str>) -> Result<Self, FileError> {
        let Some(text) = files.remove(SHARED) else {
            return Err(of_whole(SHARED, "the file is missing beside the kinds"));
        };
        let document = yaml::read(SHARED, text)?;
        let shared = Shared::of(Part::of(SHARED, &document))?;
        // Extensions come after what they extend, those of wider regions first.
        let mut files: Vec<(&str, &str)> = files.into_iter().collect();
        files.sort_by_key(|(name, _)| (name.matches('.').count(), name.len()));
        let mut kinds = Kinds {
            kinds: BTreeMap::new(),
        };
        for (name, text) in files {
            let document = yaml::read(name, text)?;
            let part = Part::of(name, &document);
            match name.trim_end_matches(".yaml").split_once('.') {
                Some((kind, region)) => kinds.extend(kind, region, (name, part))?,
                None => {
                    let kind = shared.kind(part)?;
                    let known = vec![(String::new(), Arc::new(kind))];
                    kinds
                        .kinds
                        .insert(name.trim_end_matches(".yaml").to_owned(), known);
                }
            }
        }
        Ok(kinds)
    }

    fn extend(
        &mut self,
        kind: &str,
        region: &str,
        (file, part): (&str, Part<'_>),
    ) -> Result<(), FileError> {
        let is_code = region.bytes().all(|c| c.is_ascii_digit());
        if !is_code || ![2, 4, 6, 9, 12].contains(&region.len()) {
            return Err(of_whole(
                file,
                "the region in the name has 2, 4, 6, 9 or 12 digits",
            ));
        }
        let Some(known) = self.kinds.get_mut(kind) else {
            return Err(of_whole(file, "there is no kind of this name to extend"));
        };
        let mut wider = known
            .iter()
            .rev()
            .filter(|(of, _)| region.starts_with(of.as_str()));
        if let Some((_, kind)) = wider.next() {
            let extended = Arc::new(extended(kind, part)?);
            known.push((region.to_owned(), extended));
        }
        Ok(())
    }

    /// The kind of this name as the offices of a region write it. The region is a code of 12 digits or its beginning, or empty.
    #[must_use]
    pub fn kind(&self, name: &str, region: &str) -> Option<Arc<Kind>> {
        let known = self.kinds.get(name)?;
        let widest = known
            .iter()
            .rev()
            .find(|(of, _)| region.starts_with(of.as_str()));
        widest.map(|(_, kind)| kind.clone())
    }
    /// The names of all kinds.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }
}

/// The YAML files of a folder, by name.
fn files_of(path: &Path) -> Result<Vec<(String, String)>, FileError> {
    let unreadable =
        |path: &Path, error: io::Error| of_whole(&path.display().to_string(), &error.to_string());
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| unreadable(path, error))? {
        let file = entry.map_err(|error| unreadable(path, error))?.path();
        if file.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let length = fs::metadata(&file).map_or(0, |file| file.len());
        if length > LONGEST_FILE_BYTES {
            return Err(of_whole(&name, "a file of columns has at most 1 MB"));
        }
        let bytes = fs::read(&file).map_err(|error| unreadable(&file, error))?;
        let text = yaml::text_of(&name, &bytes)?.to_owned();
        files.push((name, text));
    }
    Ok(files)
}

/// What is wrong with a file as a whole.
fn of_whole(file: &str, problem: &str) -> FileError {
    FileError {
        file: file.to_owned(),
        line: 1,
        column: 1,
        problem: problem.to_owned(),
    }
}

/// What all kinds share.
struct Shared<'f> {
    columns: Vec<(&'f str, Fields<'f>)>,
    ignored: Vec<Part<'f>>,
    totals: Vec<String>,
    notes: Vec<String>,
    lists: HashMap<&'f str, Arc<List>>,
}

const COLUMN_FIELDS: [&str; 6] = ["is", "required", "heading", "also", "from", "to"];

impl<'f> Shared<'f> {
    fn of(part: Part<'f>) -> Result<Self, FileError> {
        let fields = part.known(&["columns", "ignored", "endings", "lists"])?;
        let endings = fields.need("endings")?.known(&["totals", "notes"])?;
        let mut columns = Vec::new();
        for (name, column) in fields.fields("columns")? {
            columns.push((name, column.known(&COLUMN_FIELDS)?));
        }
        let mut lists = HashMap::new();
        for (name, list) in fields.fields("lists")? {
            lists.insert(name, Arc::new(new_list(name, list)?));
        }
        Ok(Shared {
            columns,
            ignored: items(&fields, "ignored")?,
            totals: folded(&endings, "totals")?,
            notes: folded(&endings, "notes")?,
            lists,
        })
    }

    fn kind(&self, part: Part<'f>) -> Result<Kind, FileError> {
        let fields = part.known(&["name", "chinese", "english", "columns", "ignored"])?;
        let mut kind = Kind {
            name: fields.need("name")?.text()?.into(),
            chinese: fields.need("chinese")?.text()?.to_owned(),
            english: fields.need("english")?.text()?.to_owned(),
            columns: vec![],
            headings: HashMap::new(),
            totals: self.totals.clone(),
            notes: self.notes.clone(),
        };
        for (name, part) in fields.need("columns")?.fields()? {
            let column = self.column(name, part)?;
            kind.columns.push(column);
            let at = kind.columns.len() - 1;
            let column = kind.columns[at].clone();
            for text in
                std::iter::once(&*column.heading).chain(column.synonyms.iter().map(String::as_str))
            {
                kind.add_heading(text, at)
                    .map_err(|problem| part.error_of_name(problem))?;
            }
        }
        for ignored in self
            .ignored
            .iter()
            .copied()
            .chain(items(&fields, "ignored")?)
        {
            let heading = fold::heading(ignored.text()?).whole;
            kind.headings.entry(heading).or_insert(Known::Ignored);
        }
        Ok(kind)
    }

    /// A column as its kind states it, over what all kinds share of one of its name.
    fn column(&self, name: &str, part: Part<'_>) -> Result<Column, FileError> {
        let own = part.known(&COLUMN_FIELDS)?;
        let shared = self.columns.iter().find(|(shared, _)| *shared == name);
        let shared = shared.map(|(_, fields)| fields);
        let either = |field: &str| {
            own.get(field)
                .or_else(|| shared.and_then(|shared| shared.get(field)))
        };
        let Some(heading) = either("heading") else {
            return Err(part.error_of_name("`heading` is missing here: every column has one"));
        };
        let mut synonyms = Vec::new();
        for fields in std::iter::once(&own).chain(shared) {
            for word in items(fields, "also")? {
                synonyms.push(word.text()?.to_owned());
            }
        }
        if let Some(heading) = shared.and_then(|shared| shared.get("heading")) {
            synonyms.push(heading.text()?.to_owned());
        }
        let Some(is) = either("is") else {
            return Err(part.error_of_name("`is` is missing here: every column is of a type"));
        };
        let required = match own
            .get("required")
            .map(|part| Ok((part, part.text()?)))
            .transpose()?
        {
            None | Some((_, "no")) => false,
            Some((_, "yes")) => true,
            Some((part, _)) => return Err(part.error("`required` is `yes` or `no`")),
        };
        Ok(Column {
            name: name.into(),
            is: self.type_of(is, &own)?,
            required,
            heading: heading.text()?.into(),
            synonyms,
        })
    }

    fn type_of(&self, is: Part<'_>, column: &Fields<'_>) -> Result<Type, FileError> {
        let list = |name: &str| {
            let names = self.lists.keys().copied();
            let meant = yaml::do_you_mean(name, names);
            let problem = || is.error(format!("no list `{name}` in shared.yaml{meant}"));
            self.lists.get(name).cloned().ok_or_else(problem)
        };
        let text = is.text()?;
        if let Some(name) = text.strip_prefix("code of ") {
            return Ok(Type::Code(list(name)?));
        }
        if let Some(name) = text.strip_prefix("codes of ") {
            return Ok(Type::Codes(list(name)?));
        }
        Ok(match text {
            "text" => Type::Text,
            "sensitive text" => Type::SensitiveText,
            "citizen number" => Type::CitizenNumber,
            "disability certificate" => Type::DisabilityCertificate,
            "bank card" => Type::BankCard,
            "household card" => Type::HouseholdCard,
            "identifier" => Type::Identifier,
            "phone" => Type::Phone,
            "village code" => Type::VillageCode,
            "whole number" => Type::Whole {
                from: bound(column, "from", 0)?,
                to: bound(column, "to", i64::from(i32::MAX))?,
            },
            "yuan" => Type::Yuan,
            "date" => Type::Date,
            "month" => Type::Month,
            "period" => Type::Period,
            "year" => Type::Year,
            "school year" => Type::SchoolYear,
            "area" => Type::Area,
            "distance" => Type::Distance,
            "rate" => Type::Rate,
            "yes or no" => Type::YesNo(list("YesNo")?),
            other => return Err(is.error(format!("`{other}` is no type of a column"))),
        })
    }
}

fn bound(column: &Fields<'_>, name: &str, without: i64) -> Result<i64, FileError> {
    let Some(part) = column.get(name) else {
        return Ok(without);
    };
    let number = part.text()?.parse();
    number.map_err(|_| part.error("this is no whole number"))
}

fn items<'f>(fields: &Fields<'f>, name: &str) -> Result<Vec<Part<'f>>, FileError> {
    fields.get(name).map_or(Ok(vec![]), |part| part.items())
}

fn folded(fields: &Fields<'_>, name: &str) -> Result<Vec<String>, FileError> {
    let words = items(fields, name)?;
    words
        .iter()
        .map(|word| Ok(fold::word(word.text()?)))
        .collect()
}

/// The word that stands before words of nothing.
const NOTHING: &str = "none";

fn new_list(name: &str, part: Part<'_>) -> Result<List, FileError> {
    let mut list = List {
        name: name.into(),
        codes: vec![],
        words: HashMap::new(),
    };
    for (code, words) in part.fields()? {
        let words = words.items()?;
        if code == NOTHING {
            for word in words {
                list.add(word, None)?;
            }
            continue;
        }
        let Some(label) = words.first() else {
            return Err(part.error(format!("`{code}` has no word")));
        };
        list.codes.push((code.into(), label.text()?.to_owned()));
        let at = list.codes.len() - 1;
        list.words.insert(fold::word(code), Some(at));
        for word in words {
            list.add(word, Some(at))?;
        }
    }
    Ok(list)
}

/// A kind with what the offices of a region write besides.
fn extended(kind: &Kind, part: Part<'_>) -> Result<Kind, FileError> {
    let fields = part.known(&["columns", "lists"])?;
    let mut kind = kind.clone();
    for (name, synonyms) in fields.fields("columns")? {
        let Some(at) = kind.column(name) else {
            let meant = yaml::do_you_mean(name, kind.columns.iter().map(|column| &*column.name));
            let problem = format!("`{name}` is no column of {}{meant}", kind.name);
            return Err(synonyms.error_of_name(problem));
        };
        for synonym in synonyms.items()? {
            let text = synonym.text()?;
            kind.add_heading(text, at)
                .map_err(|problem| synonym.error(problem))?;
            kind.columns[at].synonyms.push(text.to_owned());
        }
    }
    for (name, words) in fields.fields("lists")? {
        extend_list(&mut kind, name, words)?;
    }
    Ok(kind)
}

fn extend_list(kind: &mut Kind, name: &str, part: Part<'_>) -> Result<(), FileError> {
    let of = |is: &Type| match is {
        Type::Code(list) | Type::Codes(list) | Type::YesNo(list) if &*list.name == name => {
            Some(list.clone())
        }
        _ => None,
    };
    let Some(list) = kind.columns.iter().find_map(|column| of(&column.is)) else {
        return Err(part.error_of_name(format!("{} has no column of the list `{name}`", kind.name)));
    };
    let mut list = (*list).clone();
    for (code, words) in part.fields()? {
        let at = list.codes.iter().position(|(known, _)| &**known == code);
        if at.is_none() && code != NOTHING {
            let meant = yaml::do_you_mean(code, list.codes.iter().map(|(code, _)| &**code));
            return Err(words.error_of_name(format!("`{code}` is no code of {name}{meant}")));
        }
        for word in words.items()? {
            list.add(word, at)?;
        }
    }
    let list = Arc::new(list);
    for column in &mut kind.columns {
        if of(&column.is).is_some() {
            match &mut column.is {
                Type::Code(known) | Type::Codes(known) | Type::YesNo(known) => {
                    *known = list.clone()
                }
                _ => {}
            }
        }
    }
    Ok(())
}
