//! The report of `items`: the item table of a paper, and how scales correlate.

use nalgebra::DMatrix;
use serde_json::{Value as Json, json};

use super::dependence::row_notes;
use super::item_tables::{adequacy_table, correlation_table, item_table, more_table, pair_table};
use super::model::{Block, Note, Report, Section, Table};
use super::reliability::ScaleLine;
use super::scales::Scales;
use super::study::selection_settings;
use crate::factor::Adequacy;
use crate::reliability::{Correlation, Description, ItemElsewhere, ItemStatistics, Mardia};
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
    pub(super) fn of(self, description: &Description) -> (Option<f64>, Option<f64>) {
        let shape = &description.shape;
        let (skew, kurtosis) = match self {
            ShapeType::Type1 => (shape.skew_type1, shape.kurtosis_type1),
            ShapeType::Type2 => (shape.skew_type2, shape.kurtosis_type2),
            ShapeType::Type3 => (shape.skew_type3, shape.kurtosis_type3),
        };
        (skew.estimate, kurtosis.estimate)
    }

    pub(super) fn words(self) -> &'static str {
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
    scales: &Scales,
    lines: &[ItemsLine],
    pairs: &[ScalePair],
    page: ItemsPage,
    settings: Json,
) -> Report {
    let mut settings = settings;
    let study = &scales.study;
    settings["selection"] = selection_settings(&scales.selection);
    let mut notes = row_notes(scales);
    notes.extend(scales.clusters().map(|clusters| {
        let text = format!(
            "rows of one {} are not independent: limits of correlations take no notice of it, and are too narrow; those of \
             `alliance reliability` come from drawing whole clusters",
            clusters.by
        );
        Note::new("clusters", text)
    }));
    notes.extend(item_notes(lines));
    let results = items_results(lines, pairs);
    let title = format!("Items of {}", study.instrument().unwrap_or("scores"));
    study.report("items", title, settings, results, sections(lines, pairs, page), notes)
}

/// For machines.
pub(super) fn items_results(lines: &[ItemsLine], pairs: &[ScalePair]) -> Json {
    json!({
        "scales": lines.iter().map(line_json).collect::<Vec<_>>(),
        "scale_correlations": pairs.iter().map(pair_json).collect::<Vec<_>>(),
    })
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
        ("omega_if_deleted", &item.omega_if_deleted),
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
    let mut json = fitness_json(line);
    json["k"] = json!(line.items.len());
    json["alpha"] = json!(line.alpha);
    json["items"] = Json::Array(line.items.iter().map(item).collect());
    json["inter_item"] = json!(line.correlations.as_ref().map(rows));
    json["reason"] = json!(line.reason);
    json
}

/// Eigenvalues, adequacy and joint normality, for machines.
pub(super) fn fitness_json(line: &ItemsLine) -> Json {
    let found = |adequacy: &Adequacy| json!({ "kmo": adequacy.kmo, "item_kmo": adequacy.item_kmo, "bartlett": adequacy.bartlett, "df": adequacy.df, "p": adequacy.p });
    let mut json = line.of.json();
    json["n"] = json!(line.n);
    json["eigenvalues"] = json!(line.eigenvalues);
    json["adequacy"] = line.adequacy.as_ref().map_or_else(|reason| json!({ "reason": reason }), found);
    json["mardia"] =
        line.mardia.as_ref().map_or_else(|reason| json!({ "reason": reason }), |found| json!(found));
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
pub(super) fn closer(item: &ItemLine) -> Option<&str> {
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
        let adequacy = Block::Table(adequacy_table(&lines.iter().collect::<Vec<_>>()));
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

pub(super) fn item_notes(lines: &[ItemsLine]) -> Vec<Note> {
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
