//! The report of `items`: the item table of a paper, and how scales correlate.

use nalgebra::DMatrix;
use serde_json::{Value as Json, json};

use super::format::Kind;
use super::model::{Block, Column, Note, Report, Section, Table, Value};
use super::reliability::{ScaleLine, limits};
use super::study::{Study, selection_notes, selection_settings};
use crate::factor::Adequacy;
use crate::reliability::{Correlation, Description, ItemElsewhere, ItemStatistics, Mardia};
use crate::sample::Selection;
use crate::statistic::{Estimate, Reason};

/// The items of one scale in one group.
pub struct ItemsLine {
    /// The scale, form and group.
    pub of: ScaleLine,
    /// How many persons stand behind the correlations.
    pub n: usize,
    /// The items.
    pub items: Vec<ItemLine>,
    /// Alpha of the whole scale.
    pub alpha: Estimate,
    /// The correlations between items.
    pub correlations: Option<DMatrix<f64>>,
    /// Their eigenvalues.
    pub eigenvalues: Option<Vec<f64>>,
    /// Whether they are fit for a factor analysis.
    pub adequacy: Result<Adequacy, Reason>,
    /// Whether the items are jointly normal.
    pub mardia: Result<Mardia, Reason>,
    /// Why there is nothing to say.
    pub reason: Option<Reason>,
}

/// An item of a scale.
pub struct ItemLine {
    /// Whether the key reverses it.
    pub reversed: bool,
    /// What it looks like, and how it goes with its scale.
    pub statistics: ItemStatistics,
    /// How it goes with other scales.
    pub elsewhere: Vec<ItemElsewhere>,
}

/// How two scales correlate in one group.
pub struct ScalePair {
    /// The first scale, form and group.
    pub of: ScaleLine,
    /// The second scale.
    pub with: String,
    /// How many items both have.
    pub shared_items: usize,
    /// The correlation.
    pub found: Correlation,
    /// The same freed of unreliability, by alpha; none for scales that share items.
    pub disattenuated: Estimate,
}

/// Which type of skew and kurtosis a page shows. Data formats hold all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShapeType {
    /// g, over moments.
    Type1,
    /// G, as SPSS, SAS and Excel print it.
    Type2,
    /// b, psych's default.
    Type3,
}

impl ShapeType {
    fn of(self, description: &Description) -> (Option<f64>, Option<f64>) {
        let shape = &description.shape;
        let (skew, kurtosis) = match self {
            ShapeType::Type1 => (shape.skew_type1, shape.kurtosis_type1),
            ShapeType::Type2 => (shape.skew_type2, shape.kurtosis_type2),
            ShapeType::Type3 => (shape.skew_type3, shape.kurtosis_type3),
        };
        (skew.estimate, kurtosis.estimate)
    }

    fn words(self) -> &'static str {
        match self {
            ShapeType::Type1 => "type 1 (moments)",
            ShapeType::Type2 => "type 2 (as SPSS, SAS and Excel)",
            ShapeType::Type3 => "type 3 (psych's default)",
        }
    }
}

/// How much a page shows, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemsPage {
    /// Which skew and kurtosis.
    pub shape: ShapeType,
    /// Also shares, further correlations, and correlations between items.
    pub everything: bool,
    /// Correlations between items as shaded characters, for a terminal.
    pub shaded: bool,
}

/// Builds the report of `items`.
pub fn items(
    study: &Study,
    selection: &Selection,
    lines: &[ItemsLine],
    pairs: &[ScalePair],
    page: ItemsPage,
    settings: Json,
) -> Report {
    let mut settings = settings;
    settings["selection"] = selection_settings(selection);
    let mut notes = selection_notes(selection);
    notes.extend(item_notes(lines));
    let results = json!({
        "scales": lines.iter().map(line_json).collect::<Vec<_>>(),
        "scale_correlations": pairs.iter().map(pair_json).collect::<Vec<_>>(),
    });
    let title = format!("Items of {}", study.instrument().unwrap_or("scores"));
    study.report("items", title, settings, results, sections(lines, pairs, page), notes)
}

/// An item for machines: numbers, and the reasons of those that are missing.
pub(super) fn item_json(item: &ItemStatistics) -> Json {
    let fit = &item.fit;
    let estimates = [
        ("item_rest", &fit.item_rest),
        ("raw_r", &fit.raw_r),
        ("std_r", &fit.std_r),
        ("r_cor", &fit.r_cor),
        ("smc", &fit.smc),
        ("alpha_if_deleted", &item.alpha_if_deleted),
    ];
    let mut json = json!({
        "item": fit.item,
        "n": item.description.map(|description| description.n),
        "missing": item.missing,
        "mean": item.mean,
        "sd": item.sd,
        "median": item.description.and_then(|description| description.median),
        "min": item.description.and_then(|description| description.min),
        "max": item.description.and_then(|description| description.max),
        "floor": item.floor,
        "ceiling": item.ceiling,
    });
    for (id, estimate) in estimates {
        json[id] = json!(estimate.estimate);
    }
    json["item_rest_lower"] = json!(fit.item_rest.lower);
    json["item_rest_upper"] = json!(fit.item_rest.upper);
    json["wrong_way"] = json!(item.runs_the_wrong_way());
    let missing = estimates.iter().filter(|(_, estimate)| estimate.estimate.is_none());
    let reasons: serde_json::Map<String, Json> =
        missing.map(|(id, estimate)| ((*id).to_owned(), json!(estimate.reason))).collect();
    json["reasons"] = Json::Object(reasons);
    json
}

fn line_json(line: &ItemsLine) -> Json {
    let item = |item: &ItemLine| {
        let mut json = item_json(&item.statistics);
        json["reversed"] = json!(item.reversed);
        json["shares"] = json!(item.statistics.shares);
        if let Some(description) = &item.statistics.description {
            json["shape"] = json!(description.shape);
        }
        json["other_scales"] = json!(item.elsewhere);
        json["closer_to"] = json!(closer(item));
        json
    };
    let found = |adequacy: &Adequacy| json!({ "kmo": adequacy.kmo, "item_kmo": adequacy.item_kmo, "bartlett": adequacy.bartlett, "df": adequacy.df, "p": adequacy.p });
    let mut json = line.of.json();
    json["n"] = json!(line.n);
    json["k"] = json!(line.items.len());
    json["alpha"] = json!(line.alpha);
    json["items"] = Json::Array(line.items.iter().map(item).collect());
    json["inter_item"] = json!(line.correlations.as_ref().map(rows));
    json["eigenvalues"] = json!(line.eigenvalues);
    json["adequacy"] = line.adequacy.as_ref().map_or_else(|reason| json!({ "reason": reason }), found);
    json["mardia"] =
        line.mardia.as_ref().map_or_else(|reason| json!({ "reason": reason }), |found| json!(found));
    json["reason"] = json!(line.reason);
    json
}

fn rows(matrix: &DMatrix<f64>) -> Vec<Vec<f64>> {
    matrix.row_iter().map(|row| row.iter().copied().collect()).collect()
}

fn pair_json(pair: &ScalePair) -> Json {
    let mut json = pair.of.json();
    json["with"] = json!(pair.with);
    json["n"] = json!(pair.found.n);
    json["shared_items"] = json!(pair.shared_items);
    json["r"] = json!(pair.found.r);
    json["disattenuated"] = json!(pair.disattenuated);
    json
}

/// The other scale that the item is closest to, if closer than to its own.
fn closer(item: &ItemLine) -> Option<&str> {
    let nearest = item.elsewhere.iter().filter(|other| other.closer);
    let by_r = |a: &&ItemElsewhere, b: &&ItemElsewhere| {
        a.r.estimate.unwrap_or(f64::MIN).total_cmp(&b.r.estimate.unwrap_or(f64::MIN))
    };
    nearest.max_by(by_r).map(|other| other.scale.as_str())
}

fn sections(lines: &[ItemsLine], pairs: &[ScalePair], page: ItemsPage) -> Vec<Section> {
    let tables = |of: &dyn Fn(&ItemsLine) -> Option<Table>| -> Vec<Block> {
        lines.iter().filter_map(|line| Some(Block::Table(of(line)?))).collect()
    };
    let titled = |id, title: &str, blocks| Section { id, title: Some(title.to_owned()), blocks };
    let mut sections = vec![Section {
        id: "items",
        title: None,
        blocks: tables(&|line| Some(item_table(line, page.shape))),
    }];
    if page.everything {
        sections.push(titled(
            "answers",
            "Answers and further correlations",
            tables(&|line| Some(more_table(line))),
        ));
        let table = |line: &ItemsLine| correlation_table(line, page.shaded);
        sections.push(titled("inter_item", "Correlations between items", tables(&table)));
        let adequacy = Block::Table(adequacy_table(lines));
        sections.push(titled("adequacy", "Fitness for factor analysis, and normality", vec![adequacy]));
    }
    if !pairs.is_empty() {
        sections.push(titled(
            "scale_correlations",
            "Correlations of scales",
            vec![Block::Table(pair_table(pairs))],
        ));
    }
    sections
}

fn item_table(line: &ItemsLine, shape: ShapeType) -> Table {
    let mut columns = ScaleLine::columns(&[&line.of], true);
    columns.extend([
        Column::new("item", "Item"),
        Column::new("n", "n"),
        Column::new("missing", "Missing"),
        Column::new("mean", "M"),
        Column::new("sd", "SD"),
        Column::new("skew", "Skew"),
        Column::new("kurtosis", "Kurtosis"),
        Column::new("floor", "Floor %"),
        Column::new("ceiling", "Ceiling %"),
        Column::new("item_rest", "r rest"),
        Column::hidden("item_rest_lower"),
        Column::hidden("item_rest_upper"),
        Column::new("item_rest_limits", limits_head(line)),
        Column::new("alpha_if_deleted", "α without"),
        Column::new("note", ""),
    ]);
    let mut table = Table::new("items", columns);
    let alpha = line.alpha.estimate.map_or_else(
        || format!("no α: {}", line.alpha.reason.map_or("", Reason::words)),
        |alpha| format!("α = {}", super::format::number(alpha, Kind::Bounded)),
    );
    table.title = Some(format!("{}, n = {}, k = {}, {alpha}", line.of.words(), line.n, line.items.len()));
    for item in &line.items {
        let statistics = &item.statistics;
        let (skew, kurtosis) = statistics.description.map_or((None, None), |of| shape.of(&of));
        let rest = &statistics.fit.item_rest;
        let mark = if item.reversed { "−" } else { "" };
        let note = match closer(item) {
            _ if statistics.runs_the_wrong_way() => "wrong way".to_owned(),
            Some(scale) => format!("→ {scale}"),
            None => String::new(),
        };
        let mut row = line.of.cells();
        row.extend([
            Value::text(format!("{mark}{}", statistics.fit.item)),
            Value::number(statistics.description.map(|of| of.n as f64), Kind::Count),
            if statistics.missing > 0 { Value::count(statistics.missing as u64) } else { Value::Empty },
            Value::number(statistics.mean, Kind::Score),
            Value::number(statistics.sd, Kind::Score),
            Value::number(skew, Kind::Score),
            Value::number(kurtosis, Kind::Score),
            Value::number(statistics.floor, Kind::Percent),
            Value::number(statistics.ceiling, Kind::Percent),
            Value::number(rest.estimate, Kind::Bounded),
            Value::number(rest.lower, Kind::Bounded),
            Value::number(rest.upper, Kind::Bounded),
            limits(rest.lower, rest.upper, Kind::Bounded),
            Value::number(statistics.alpha_if_deleted.estimate, Kind::Bounded),
            if note.is_empty() { Value::Empty } else { Value::text(note) },
        ]);
        table.rows.push(row);
    }
    let notes = table.rows.iter().filter_map(|row| row.last());
    let marked = notes.filter(|note| matches!(note, Value::Text(text) if text.starts_with('→'))).count() > 0;
    let marks =
        if marked { " →: correlates more with that scale than with the rest of its own." } else { "" };
    table.notes.push(format!(
        "−: reversed before all of this. r rest: with the sum of the other items. Skew and kurtosis: {}.{marks}",
        shape.words()
    ));
    table
}

fn limits_head(line: &ItemsLine) -> String {
    let level = line.items.iter().find_map(|item| item.statistics.fit.item_rest.level).unwrap_or(0.95);
    format!("{:.0} % CI", 100.0 * level)
}

fn more_table(line: &ItemsLine) -> Table {
    let mut columns = ScaleLine::columns(&[&line.of], true);
    columns.extend([
        Column::new("item", "Item"),
        Column::new("median", "Median"),
        Column::new("shares", "Shares of the points, %"),
        Column::new("raw_r", "r scale"),
        Column::new("r_cor", "r corrected"),
        Column::new("smc", "SMC"),
        Column::new("other_scales", "r with other scales"),
    ]);
    let mut table = Table::new("answers", columns);
    table.title = Some(line.of.words());
    for item in &line.items {
        let statistics = &item.statistics;
        let shares: Vec<String> =
            statistics.shares.iter().filter_map(|s| Some(format!("{:.0}", 100.0 * s.share?))).collect();
        let beside = |other: &ItemElsewhere| {
            Some(format!("{} {}", other.scale, super::format::number(other.r.estimate?, Kind::Bounded)))
        };
        let others: Vec<String> = item.elsewhere.iter().filter_map(beside).collect();
        let words = |texts: &[String], by: &str| {
            if texts.is_empty() { Value::Empty } else { Value::text(texts.join(by)) }
        };
        let mut row = line.of.cells();
        row.extend([
            Value::text(&statistics.fit.item),
            Value::number(statistics.description.and_then(|of| of.median), Kind::Score),
            words(&shares, " "),
            Value::number(statistics.fit.raw_r.estimate, Kind::Bounded),
            Value::number(statistics.fit.r_cor.estimate, Kind::Bounded),
            Value::number(statistics.fit.smc.estimate, Kind::Bounded),
            words(&others, ", "),
        ]);
        table.rows.push(row);
    }
    table
}

/// The characters for correlations below zero, and from 0, .2, .4, .6 and .8 on.
const SHADES: [&str; 6] = ["−−", "··", "░░", "▒▒", "▓▓", "██"];

fn shade(r: f64) -> &'static str {
    if r < 0.0 { SHADES[0] } else { SHADES[1 + ((r * 5.0) as usize).min(4)] }
}

/// The lower triangle, item by item.
fn correlation_table(line: &ItemsLine, shaded: bool) -> Option<Table> {
    let r = line.correlations.as_ref()?;
    let mut columns = ScaleLine::columns(&[&line.of], true);
    columns.extend([
        Column::new("item", "Item"),
        Column::new("correlations", "r with the items above, from the first on"),
    ]);
    let mut table = Table::new("inter_item", columns);
    table.title = Some(line.of.words());
    for (j, item) in line.items.iter().enumerate() {
        let text: Vec<String> = (0..j)
            .map(|i| match shaded {
                true => shade(r[(j, i)]).to_owned(),
                false => super::format::number(r[(j, i)], Kind::Bounded),
            })
            .collect();
        let mut row = line.of.cells();
        let by = if shaded { "" } else { " " };
        row.extend([Value::text(&item.statistics.fit.item), Value::text(text.join(by))]);
        table.rows.push(row);
    }
    if shaded {
        let [below, zero, two, four, six, eight] = SHADES;
        table.notes.push(format!(
            "{below} below 0, {zero} from 0, {two} from .2, {four} from .4, {six} from .6, {eight} from .8"
        ));
    }
    Some(table)
}

fn adequacy_table(lines: &[ItemsLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("kmo", "KMO"),
        Column::new("bartlett", "Bartlett χ²"),
        Column::new("df", "df"),
        Column::new("p", "p"),
        Column::new("eigenvalues", "Eigenvalues"),
        Column::new("b1p", "Mardia b₁"),
        Column::new("p_skew", "p"),
        Column::new("b2p", "b₂"),
        Column::new("p_kurtosis", "p"),
    ]);
    let mut table = Table::new("adequacy", columns);
    for line in lines {
        let (adequacy, mardia) = (line.adequacy.as_ref().ok(), line.mardia.as_ref().ok());
        let values = line.eigenvalues.as_deref().unwrap_or_default();
        let mut text: Vec<String> = values.iter().take(4).map(|value| format!("{value:.2}")).collect();
        if values.len() > 4 {
            text.push("…".to_owned());
        }
        let mut row = line.of.cells();
        row.extend([
            Value::number(adequacy.and_then(|found| found.kmo), Kind::Bounded),
            Value::number(adequacy.map(|found| found.bartlett), Kind::Score),
            Value::number(adequacy.map(|found| found.df as f64), Kind::Count),
            Value::number(adequacy.map(|found| found.p), Kind::P),
            Value::text(text.join(" ")),
            Value::number(mardia.map(|found| found.b1p), Kind::Score),
            Value::number(mardia.map(|found| found.p_skew), Kind::P),
            Value::number(mardia.map(|found| found.b2p), Kind::Score),
            Value::number(mardia.map(|found| found.p_kurtosis), Kind::P),
        ]);
        table.rows.push(row);
    }
    table
}

fn pair_table(pairs: &[ScalePair]) -> Table {
    let of: Vec<&ScaleLine> = pairs.iter().map(|pair| &pair.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    let level = pairs.iter().find_map(|pair| pair.found.r.level).unwrap_or(0.95);
    columns.extend([
        Column::new("with", "With"),
        Column::new("n", "n"),
        Column::new("r", "r"),
        Column::hidden("lower"),
        Column::hidden("upper"),
        Column::new("limits", format!("{:.0} % CI", 100.0 * level)),
        Column::new("disattenuated", "Disattenuated"),
        Column::new("note", ""),
    ]);
    let mut table = Table::new("scale_correlations", columns);
    for pair in pairs {
        let r = &pair.found.r;
        let note = if pair.shared_items > 0 { Value::text("share items") } else { Value::Empty };
        let mut row = pair.of.cells();
        row.extend([
            Value::text(&pair.with),
            Value::count(pair.found.n as u64),
            Value::number(r.estimate, Kind::Bounded),
            Value::number(r.lower, Kind::Bounded),
            Value::number(r.upper, Kind::Bounded),
            limits(r.lower, r.upper, Kind::Bounded),
            Value::number(pair.disattenuated.estimate, Kind::Bounded),
            note,
        ]);
        table.rows.push(row);
    }
    table.notes.push("Disattenuated: divided by the root of the two alphas.".to_owned());
    table
}

fn item_notes(lines: &[ItemsLine]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut each = |code, holds: &dyn Fn(&ItemLine) -> Option<String>, after: &str| {
        let of = |line: &ItemsLine| {
            let items: Vec<String> = line.items.iter().filter_map(holds).collect();
            (!items.is_empty()).then(|| format!("{}: {}", line.of.words(), items.join(", ")))
        };
        let said: Vec<String> = lines.iter().filter_map(of).collect();
        if !said.is_empty() {
            notes.push(Note::new(code, format!("{}{after}", said.join("; "))));
        }
    };
    let id = |item: &ItemLine| item.statistics.fit.item.clone();
    let wrong = |item: &ItemLine| item.statistics.runs_the_wrong_way().then(|| id(item));
    let after = " runs the wrong way: people who score high on the rest of the scale score low on it. Was it to be reversed, or is it reversed already in the file (--already-reversed)?";
    each("wrong_way", &wrong, after);
    each(
        "closer_elsewhere",
        &|item| Some(format!("{} ({})", id(item), closer(item)?)),
        ": correlates more strongly with another scale than with the rest of its own",
    );
    let constant = |item: &ItemLine| (item.statistics.sd == Some(0.0)).then(|| id(item));
    each("constant_item", &constant, ": the same answer from everybody");
    let nobody = |item: &ItemLine| {
        item.statistics.description.is_some_and(|of| of.n == 0 && item.statistics.missing > 0)
    };
    each(
        "item_not_answered",
        &|item| nobody(item).then(|| id(item)),
        ": no answer that counts, so the scale has no complete person",
    );
    notes
}
