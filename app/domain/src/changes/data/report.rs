//! What changes for people's data, from what the files say before and after.

use super::between::{Declared, Facts, between, classes_declared};
use super::dictionary::{Dictionary, Malformed, Place};
use super::picture::{FactKind, FileVersions, Picture, Said, Step};
use super::retention::compare_terms;
use crate::ids::Digest;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// The version of a report's bytes.
const SCHEMA: &str = "gatehouse.data/v1";
/// More lines than this of one kind are not for a person to read; that there are more is said.
const MOST: usize = 300;
const LONGEST: usize = 160;

/// Everything that could be told about one change, and everything that could not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataReport {
    schema: String,
    /// The files that were looked at.
    pub files: BTreeSet<String>,
    /// Tables and columns that come, go or become others.
    pub moves: Vec<Move>,
    /// What is declared otherwise than before.
    pub facts: Vec<FactChange>,
    /// Classes of personal data, and where.
    pub classes: Vec<Touched>,
    /// Whose data it is, as far as names tell.
    pub people: BTreeSet<String>,
    /// What lies or goes outside India, before or now.
    pub leaving: Vec<Leaving>,
    /// What nobody could tell.
    pub unsure: BTreeSet<Unsure>,
    /// The paths that touch personal data, or may.
    pub personal: BTreeSet<String>,
}

/// One step, and the file that says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// What is done.
    pub step: Step,
    /// Classes of personal data that it is about.
    pub classes: BTreeSet<String>,
    /// The file.
    pub path: String,
}

/// A declaration that is another than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactChange {
    /// Of which kind.
    pub kind: FactKind,
    /// Of what.
    pub of: String,
    /// What it no longer says.
    pub gone: BTreeSet<String>,
    /// What it says now and did not.
    pub come: BTreeSet<String>,
    /// The file.
    pub path: String,
}

/// A class of personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touched {
    /// What people call it.
    pub class: String,
    /// `table.column`, each.
    pub places: BTreeSet<String>,
}

/// Something outside India.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    /// Of what.
    pub of: String,
    /// The region or address.
    pub to: String,
    /// Whether production runs it already.
    pub already: bool,
    /// The file.
    pub path: String,
}

/// Something that could not be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unsure {
    /// The file.
    pub path: String,
    /// Why not, as a sentence without its full stop.
    pub why: String,
}

/// An answer to a plain question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// A file says so.
    Yes,
    /// Everything could be read, and nothing says so.
    No,
    /// Nothing that could be read says so; not everything could be read.
    CannotTell,
}

impl DataReport {
    /// From every file that says something about data, in both versions. A dictionary that is none leaves nothing certain.
    #[must_use]
    pub fn of(files: &[FileVersions], dictionary: Result<&Dictionary, &Malformed>) -> Self {
        let mut report = Self { schema: SCHEMA.to_owned(), ..Self::default() };
        for file in files {
            report.files.insert(shown(&file.path));
            match dictionary {
                Ok(dictionary) => report.add(file, dictionary),
                Err(malformed) => report.doubt(&file.path, malformed.to_string()),
            }
        }
        report.moves.sort();
        report.moves.dedup();
        report.leaving.sort();
        report.leaving.dedup();
        report.bound(files);
        report
    }

    /// The exact bytes that are kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Text and lists of text: there is always JSON of it.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads them back; `None` where they are none of this version.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|report| report.schema == SCHEMA)
    }

    /// SHA-256 of them.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_bytes())
    }

    /// Whether there is anything to say at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.unsure.is_empty()
    }

    /// Adds what could not be told of a file.
    pub fn doubt(&mut self, path: &str, why: String) {
        self.personal.insert(path.to_owned());
        self.unsure.insert(Unsure { path: shown(path), why: shown(&why) });
    }

    /// Does people's data leave India, or lie outside it?
    #[must_use]
    pub fn leaves_india(&self) -> Says {
        self.answer(!self.leaving.is_empty())
    }

    /// Is personal data touched?
    #[must_use]
    pub fn touches_people(&self) -> Says {
        self.answer(!self.classes.is_empty())
    }

    /// Is there a declaration of this kind that was not there before?
    #[must_use]
    pub fn has_new(&self, kind: FactKind) -> Says {
        self.answer(self.facts.iter().any(|fact| fact.kind == kind && !fact.come.is_empty()))
    }

    /// Is anything kept longer than before? A term that is gone, or cannot be compared, may be longer.
    #[must_use]
    pub fn keeps_longer(&self) -> Says {
        let terms = || self.facts.iter().filter(|fact| fact.kind == FactKind::Retention);
        let orders: Vec<Option<Ordering>> = terms().map(FactChange::order).collect();
        if orders.contains(&Some(Ordering::Greater)) {
            Says::Yes
        } else if orders.contains(&None) {
            Says::CannotTell
        } else {
            self.answer(false)
        }
    }

    fn answer(&self, found: bool) -> Says {
        match (found, self.unsure.is_empty()) {
            (true, _) => Says::Yes,
            (false, true) => Says::No,
            (false, false) => Says::CannotTell,
        }
    }

    fn add(&mut self, file: &FileVersions, dictionary: &Dictionary) {
        let nothing = || Picture::default();
        let mut declared = BTreeMap::new();
        let (steps, before, now) = match (&file.before, &file.now) {
            (Some(Said::Unknown(why)), _) | (_, Some(Said::Unknown(why))) => {
                self.doubt(&file.path, why.clone());
                return;
            }
            (None, Some(Said::Steps { steps, facts, unsure })) => {
                unsure.iter().for_each(|why| self.doubt(&file.path, why.clone()));
                (steps.clone(), BTreeMap::new(), facts.clone())
            }
            (_, Some(Said::Steps { .. })) | (Some(Said::Steps { .. }), _) => {
                let why = "a migration that was there before is another now, or gone; what that does to a database that has run it cannot be told";
                self.doubt(&file.path, why.to_owned());
                return;
            }
            (before, now) => {
                let picture = |said: &Option<Said>| match said {
                    Some(Said::State(picture)) => picture.clone(),
                    _ => nothing(),
                };
                let (before, now) = (picture(before), picture(now));
                now.unsure.iter().chain(&before.unsure).for_each(|why| self.doubt(&file.path, why.clone()));
                declared = classes_declared(&before, &now);
                (between(&before, &now), before.facts, now.facts)
            }
        };
        for step in steps {
            self.add_step(step, &declared, &file.path, dictionary);
        }
        self.add_facts(&before, &now, &file.path, dictionary);
    }

    fn add_step(&mut self, step: Step, declared: &Declared, path: &str, dictionary: &Dictionary) {
        let mut classes: BTreeSet<String> = BTreeSet::new();
        for name in step.names() {
            let mut found: BTreeSet<String> =
                dictionary.classes_of_column(step.table(), name).into_iter().map(str::to_owned).collect();
            let declared = declared.get(&(step.table().to_owned(), name.to_owned()));
            if let Some(class) = declared.map(|class| shown(dictionary.class_called(class).unwrap_or(class))) {
                // The same said twice is one class: `turnover`, beside "Income or turnover".
                let says_it = |known: &String| known.to_lowercase().contains(&class.to_lowercase());
                if !found.iter().any(says_it) {
                    found.insert(class);
                }
            }
            for class in &found {
                self.touch(class, format!("{}.{name}", step.table()));
            }
            classes.extend(found);
        }
        let dropped = matches!(step, Step::TableGoes { .. });
        if !classes.is_empty() || dropped {
            self.personal.insert(path.to_owned());
            let names = step.names().into_iter().chain([step.table()]);
            let people: Vec<String> = names.flat_map(|name| dictionary.people_of(name)).map(str::to_owned).collect();
            self.people.extend(people);
        }
        self.moves.push(Move { step: bounded(step), classes, path: shown(path) });
    }

    fn touch(&mut self, class: &str, place: String) {
        let place = shown(&place);
        match self.classes.iter_mut().find(|touched| touched.class == class) {
            Some(touched) => {
                touched.places.insert(place);
            }
            None => self.classes.push(Touched { class: class.to_owned(), places: BTreeSet::from([place]) }),
        }
    }

    fn add_facts(&mut self, before: &Facts, now: &Facts, path: &str, dictionary: &Dictionary) {
        let none = BTreeSet::new();
        let keys: BTreeSet<_> = before.keys().chain(now.keys()).collect();
        for key @ (kind, of) in keys {
            let (old, new) = (before.get(key).unwrap_or(&none), now.get(key).unwrap_or(&none));
            let texts = |set: &mut dyn Iterator<Item = &String>| set.map(|text| shown(text)).collect::<BTreeSet<_>>();
            let (gone, come) = (texts(&mut old.difference(new)), texts(&mut new.difference(old)));
            if matches!(kind, FactKind::Region | FactKind::Recipient) {
                for to in new {
                    let place = dictionary.place_of(to);
                    let already = old.contains(to);
                    if place == Place::Abroad {
                        self.personal.insert(path.to_owned());
                        self.leaving.push(Leaving { of: shown(of), to: shown(to), already, path: shown(path) });
                    } else if place == Place::Unsaid && !already && self.may_be_elsewhere(*kind, to, dictionary) {
                        self.doubt(path, format!("where {to} is, which gets or holds {of}, no file says"));
                    }
                }
            }
            if gone.is_empty() && come.is_empty() {
                continue;
            }
            self.personal.insert(path.to_owned());
            self.facts.push(FactChange { kind: *kind, of: shown(of), gone, come, path: shown(path) });
        }
    }

    /// A region that is no region, or an address outside one's own.
    fn may_be_elsewhere(&self, kind: FactKind, to: &str, dictionary: &Dictionary) -> bool {
        match kind {
            FactKind::Region => true,
            _ => host_of(to).is_some_and(|host| !dictionary.is_own(host)),
        }
    }

    /// Whoever wrote the files decides how long this is; whoever reads it is told that there is more.
    fn bound(&mut self, files: &[FileVersions]) {
        let many =
            [self.moves.len(), self.facts.len(), self.leaving.len(), self.unsure.len()].into_iter().any(|n| n > MOST);
        if many && let Some(first) = files.first() {
            self.moves.truncate(MOST);
            self.facts.truncate(MOST);
            self.leaving.truncate(MOST);
            self.unsure = std::mem::take(&mut self.unsure).into_iter().take(MOST).collect();
            self.doubt(&first.path, format!("there is more than the {MOST} lines that are shown here"));
        }
    }
}

impl FactChange {
    /// How the term that is declared now compares with the one before; `None` where that cannot be told.
    #[must_use]
    pub fn order(&self) -> Option<Ordering> {
        match (self.gone.first(), self.come.first(), self.gone.len(), self.come.len()) {
            (Some(before), Some(now), 1, 1) => compare_terms(before, now),
            // Declared for the first time: that is a limit where none was said.
            (None, Some(_), _, _) => Some(Ordering::Less),
            _ => None,
        }
    }
}

/// The host in `https://host:443/path`, the bucket in `s3://bucket/key`, or `host.example` itself.
fn host_of(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?.split(':').next()?;
    let names_place = scheme.is_some() || host.contains('.');
    (names_place && !host.is_empty() && !host.contains(char::is_whitespace)).then_some(host)
}

fn bounded(step: Step) -> Step {
    use Step::{
        ColumnComes, ColumnGoes, ColumnRenamed, ColumnRetyped, RowsRewritten, TableComes, TableGoes, TableRenamed,
    };
    let s = |text: String| shown(&text);
    match step {
        TableComes { table } => TableComes { table: s(table) },
        TableGoes { table } => TableGoes { table: s(table) },
        TableRenamed { table, to } => TableRenamed { table: s(table), to: s(to) },
        ColumnComes { table, column, kind } => ColumnComes { table: s(table), column: s(column), kind: s(kind) },
        ColumnGoes { table, column } => ColumnGoes { table: s(table), column: s(column) },
        ColumnRenamed { table, column, to } => ColumnRenamed { table: s(table), column: s(column), to: s(to) },
        ColumnRetyped { table, column, from, to } => {
            ColumnRetyped { table: s(table), column: s(column), from: from.map(s), to: s(to) }
        }
        RowsRewritten { table, column } => RowsRewritten { table: s(table), column: s(column) },
    }
}

/// As a person can look at it: whoever wrote the file wrote this.
fn shown(text: &str) -> String {
    let mut out: String = text.chars().take(LONGEST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if out.len() < text.len() && text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}
