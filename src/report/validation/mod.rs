//! The report on a whole study, in the order of a paper: one file a block, in [`BLOCKS`].
//!
//! A block is a file with a `pub(super) const BLOCK` and a line in [`BLOCKS`]. It asks the [`Evidence`] for what was
//! computed (once for all blocks), and gives a [`Piece`], or says in a line why there is none.

mod agreement;
mod bifactor;
mod change;
mod codebook;
mod cosmin;
mod dimensionality;
mod evidence;
mod figures;
mod items;
mod methods;
mod multilevel;
mod normality;
mod over_time;
mod publish;
mod references;
mod reliability;
mod reproducibility;
mod sample;
mod scales;
mod small_cells;
mod validity;

pub use evidence::{Part, Wanted};

use serde_json::{Map, Value as Json, json};

use super::model::{Block, Input, Note, PageWords, Report, Section, Table};
use super::study::STUDY_NOTES;
use crate::error::Error;
use crate::responses::{Key, Why};
use crate::sample::Pseudonyms;
use evidence::Evidence;
use references::Reference;

/// A block of the report.
struct BlockOf {
    /// Its id, by which a study file chooses it.
    id: &'static str,
    /// Its heading.
    title: &'static str,
    /// Builds it.
    build: fn(&Evidence<'_>) -> Result<Found, Error>,
}

/// What a block finds.
enum Found {
    /// Something to show.
    Here(Piece),
    /// Nothing, for a reason: a clause without a full stop.
    Absent(String),
}

/// What a block shows.
#[derive(Default)]
struct Piece {
    blocks: Vec<Block>,
    notes: Vec<Note>,
    /// For programs, by the command that gives the same.
    results: Vec<(&'static str, Json)>,
    settings: Vec<(&'static str, Json)>,
    /// What it cites.
    cited: Vec<&'static Reference>,
    /// The sources of keys.
    sources: Vec<String>,
}

/// The blocks, in the order of a paper.
const BLOCKS: &[BlockOf] = &[
    codebook::BLOCK,
    sample::BLOCK,
    items::BLOCK,
    normality::BLOCK,
    scales::BLOCK,
    reliability::BLOCK,
    over_time::BLOCK,
    agreement::BLOCK,
    dimensionality::BLOCK,
    bifactor::BLOCK,
    multilevel::BLOCK,
    validity::BLOCK,
    change::BLOCK,
    cosmin::BLOCK,
    methods::BLOCK,
    reproducibility::BLOCK,
];

/// Blocks of a paper whose statistics this program does not have yet.
const NOT_YET: &[&str] = &[
    "how many factors (parallel analysis, minimum average partial), exploratory and confirmatory factor models beyond one factor",
    "measurement invariance",
    "factor models on two levels",
    "item response theory",
];

/// The ids of the blocks.
pub fn block_ids() -> Vec<&'static str> {
    BLOCKS.iter().map(|block| block.id).collect()
}

impl Piece {
    /// The tables and notes of another command's report, each section under a heading of its own.
    fn of(report: Report, command: &'static str) -> Piece {
        let mut piece = Piece::default();
        piece.add(report, command);
        piece
    }

    fn add(&mut self, report: Report, command: &'static str) {
        for section in report.sections {
            self.section(section);
        }
        self.notes.extend(report.notes.into_iter().filter(|note| !STUDY_NOTES.contains(&note.code)));
        self.results.push((command, report.results));
        let mut settings = report.settings;
        if let Json::Object(settings) = &mut settings {
            // How the file was read stands in the envelope, once.
            settings.remove("reading");
            settings.remove("already_reversed");
        }
        self.settings.push((command, settings));
    }

    fn section(&mut self, section: Section) {
        let empty = |block: &Block| matches!(block, Block::Table(table) if table.rows.is_empty());
        let blocks: Vec<Block> = section.blocks.into_iter().filter(|block| !empty(block)).collect();
        if !blocks.is_empty() {
            self.blocks.extend(section.title.map(Block::Heading));
            self.blocks.extend(blocks);
        }
    }

    fn table(&mut self, table: Table) {
        if !table.rows.is_empty() {
            self.blocks.push(Block::Table(table));
        }
    }

    fn heading(&mut self, text: &str) {
        self.blocks.push(Block::Heading(text.to_owned()));
    }

    fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }
}

/// How far the report is: blocks done, blocks in all, the block that is next.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize, &str);

/// Builds the report on a study. There is a part for each instrument.
///
/// # Errors
/// The same dyad, role and session twice; what a statistic refuses because it was asked for the impossible.
pub fn validation(parts: &[Part], wanted: &Wanted, progress: Progress<'_>) -> Result<Report, Error> {
    let chosen: Vec<&BlockOf> = BLOCKS.iter().filter(|block| wanted.wants(block.id)).collect();
    let mut whole = Whole::default();
    for (at, part) in parts.iter().enumerate() {
        let following = part.following(wanted);
        let evidence = Evidence::new(part, wanted, &following);
        let id = part.instrument();
        let (mut results, mut settings) = (Map::new(), Map::new());
        for (done, block) in chosen.iter().enumerate() {
            progress(at * chosen.len() + done, parts.len() * chosen.len(), block.title);
            let title =
                if parts.len() > 1 { format!("{} ({id})", block.title) } else { block.title.to_owned() };
            let blocks = match (block.build)(&evidence)? {
                Found::Absent(why) => vec![Block::Text(format!("Nothing to report: {why}."))],
                Found::Here(piece) => {
                    results.extend(piece.results.into_iter().map(|(key, value)| (key.to_owned(), value)));
                    settings.extend(piece.settings.into_iter().map(|(key, value)| (key.to_owned(), value)));
                    whole.cited.extend(piece.cited);
                    whole.sources.extend(piece.sources);
                    let mut blocks = piece.blocks;
                    blocks.extend(figures::of_block(block.id, &evidence)?.into_iter().map(Block::Figure));
                    // How many stand at an end is a share that may be a few.
                    let told = |note: &Note| wanted.publish.is_none() || note.code != "floor_or_ceiling";
                    let notes: Vec<String> =
                        piece.notes.into_iter().filter(told).map(|note| note.text).collect();
                    if !notes.is_empty() {
                        blocks.push(Block::List(notes));
                    }
                    blocks
                }
            };
            whole.sections.push(Section { id: block.id, title: Some(title), blocks });
        }
        whole.add(part, wanted, results, settings, parts.len() > 1);
    }
    whole.finish(parts, wanted)
}

/// The report as it grows, part after part.
#[derive(Default)]
struct Whole {
    sections: Vec<Section>,
    results: Map<String, Json>,
    settings: Map<String, Json>,
    instruments: Vec<super::model::InstrumentLine>,
    input: Option<Input>,
    notes: Vec<Note>,
    cited: Vec<&'static Reference>,
    sources: Vec<String>,
}

impl Whole {
    fn add(
        &mut self,
        part: &Part,
        wanted: &Wanted,
        results: Map<String, Json>,
        settings: Map<String, Json>,
        several: bool,
    ) {
        let mut envelope = part.scales.study.report(
            "report",
            String::new(),
            Json::Object(settings),
            Json::Null,
            Vec::new(),
            Vec::new(),
        );
        hide_filtered_people(&mut envelope.settings, part, wanted);
        self.instruments.extend(envelope.instruments);
        for note in envelope.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        match &mut self.input {
            None => self.input = envelope.input,
            // The same files, read for another instrument.
            Some(input) => {
                for file in envelope.input.into_iter().flat_map(|input| input.files) {
                    if !input.files.iter().any(|known| known.name == file.name && known.digest == file.digest)
                    {
                        input.files.push(file);
                    }
                }
            }
        }
        if let (Some(input), Some(coded)) = (&mut self.input, &part.coded) {
            input.files.push(coded.file.clone());
        }
        let id = part.instrument();
        if several {
            self.results.insert(id.clone(), Json::Object(results));
            self.settings.insert(id, envelope.settings);
        } else {
            self.results.extend(results);
            if let Json::Object(settings) = envelope.settings {
                self.settings.extend(settings);
            }
        }
    }

    fn finish(mut self, parts: &[Part], wanted: &Wanted) -> Result<Report, Error> {
        tables(&mut self.sections).for_each(publish::shorten);
        if let Some(smallest) = wanted.publish {
            let names = wanted.names.iter().flat_map(Pseudonyms::list);
            let people = names.filter(|(key, ..)| *key != Key::Worker && *key != Key::Rater);
            let people = people.map(|(_, _, name)| name).collect();
            publish::publish(&mut self.sections, &mut self.notes, u64::from(smallest), &people);
            // What is not to be shown must not stand in the data either.
            self.results = Map::new();
        }
        self.sections.extend(references::section(&mut self.cited, &mut self.sources));
        let not_yet = format!(
            "This report holds what the program can compute. A validation paper may also report: {}.",
            NOT_YET.join("; ")
        );
        self.sections.push(Section {
            id: "not_yet",
            title: Some("What is not here".to_owned()),
            blocks: vec![Block::Text(not_yet)],
        });
        self.settings.insert("report".to_owned(), wanted.settings());
        self.results.insert("pages".to_owned(), json!(self.sections));
        let title = wanted.title.clone().unwrap_or_else(|| {
            let ids: Vec<String> = parts.iter().map(Part::instrument).collect();
            let files = parts.first().map_or_else(String::new, |part| part.scales.study.file_names());
            format!("{} in {files}", ids.join(", "))
        });
        Ok(Report {
            command: "report",
            words: PageWords::default(),
            title,
            instruments: self.instruments,
            input: self.input,
            settings: Json::Object(self.settings),
            results: Json::Object(self.results),
            sections: self.sections,
            notes: self.notes,
        })
    }
}

/// Rows chosen by the identifier of a person: the settings name the pseudonym.
fn hide_filtered_people(settings: &mut Json, part: &Part, wanted: &Wanted) {
    let Some(names) = &wanted.names else { return };
    let layout = &part.scales.study.sample.layout;
    let filters = settings["reading"]["where"].as_array_mut();
    for filter in filters.into_iter().flatten() {
        let column = filter["column"].as_str().unwrap_or_default().to_owned();
        let key = layout.texts.iter().find_map(|text| match text.why {
            Why::Key { key, .. } if text.name.eq_ignore_ascii_case(&column) || key.id() == column => {
                Some(key)
            }
            _ => None,
        });
        let values = filter["values"].as_array_mut();
        for value in values.into_iter().flatten() {
            let name = key.and_then(|key| names.get(key, value.as_str().unwrap_or_default()));
            if let Some(name) = name {
                *value = json!(name);
            }
        }
    }
}

/// All tables, for changing them.
fn tables(sections: &mut [Section]) -> impl Iterator<Item = &mut Table> {
    sections.iter_mut().flat_map(|section| &mut section.blocks).filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    })
}
