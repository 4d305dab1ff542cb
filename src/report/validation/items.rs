//! The item tables of a paper.

use serde_json::{Value as Json, json};

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::reliability::{Description, Frequencies, describe};
use crate::report::ShapeType;
use crate::report::item_tables::{item_table, more_table};
use crate::report::items::{item_notes, items_results};
use crate::report::model::{Column, Kind, Table, Value};
use crate::scoring::Term;

pub(super) const BLOCK: BlockOf = BlockOf { id: "items", title: "Items", build };

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let lines = evidence.items();
    if lines.is_empty() {
        return Ok(Found::Absent("no form of the data has a scale of items".to_owned()));
    }
    let mut piece = Piece::default();
    let described = described(evidence);
    piece.table(description_table(&described));
    piece.heading("Items with their scale");
    for line in lines {
        piece.table(item_table(line, ShapeType::Type2));
    }
    piece.heading("Answers and further correlations");
    // The items of a scale that is part of another stand in the table of the whole.
    let scales = evidence.scales();
    for (line, rows) in lines.iter().zip(&scales.lines) {
        if !scales.is_part(rows) {
            piece.table(more_table(line));
        }
    }
    piece.notes = item_notes(lines);
    piece
        .results
        .push(("descriptives", json!({ "forms": described.iter().map(Form::json).collect::<Vec<_>>() })));
    piece.results.push(("items", items_results(lines, evidence.pairs())));
    Ok(Found::Here(piece))
}

/// The items of a form, as everyone answered them who did.
struct Form {
    form: Option<String>,
    items: Vec<(String, bool, Description)>,
}

impl Form {
    fn json(&self) -> Json {
        let item = |(item, reversed, found): &(String, bool, Description)| {
            let mut json = json!(found);
            json["item"] = json!(item);
            json["reversed"] = json!(reversed);
            json
        };
        json!({ "form": self.form, "items": self.items.iter().map(item).collect::<Vec<_>>() })
    }
}

fn described(evidence: &Evidence<'_>) -> Vec<Form> {
    let scales = evidence.scales();
    let sample = &scales.study.sample;
    let mut forms: Vec<Option<usize>> = scales.lines.iter().map(|line| line.form).collect();
    forms.sort_unstable();
    forms.dedup();
    let of = |form: Option<usize>| {
        let rows: Vec<usize> =
            scales.selection.rows.iter().copied().filter(|row| sample.form(*row) == form).collect();
        let terms = sample.form_terms(form);
        let item = |term: &&Term| {
            let scored = |row: &usize| sample.answer(term, *row).map_or(f64::NAN, |x| term.scored(x));
            let answers: Vec<f64> = rows.iter().map(scored).collect();
            (sample.item_id(term), term.reversed, describe(&Frequencies::of(&answers)))
        };
        Form { form: scales.study.form_name(form), items: terms.iter().map(item).collect() }
    };
    forms.into_iter().map(of).collect()
}

fn description_table(forms: &[Form]) -> Table {
    let mut table = Table::new(
        "descriptives",
        vec![
            Column::new("form", "Form"),
            Column::new("item", "Item"),
            Column::new("n", "n"),
            Column::new("missing", "Gaps"),
            Column::new("mean", "M"),
            Column::new("sd", "SD"),
            Column::new("median", "Median"),
            Column::new("observed", "Observed"),
            Column::new("skew", "Skew"),
            Column::new("kurtosis", "Kurt."),
            Column::hidden("skew_type1"),
            Column::hidden("kurtosis_type1"),
            Column::hidden("skew_type3"),
            Column::hidden("kurtosis_type3"),
        ],
    );
    table.title = Some("Everyone who answered the item".to_owned());
    for form in forms {
        for (item, reversed, found) in &form.items {
            let shape = &found.shape;
            let mark = if *reversed { "−" } else { "" };
            let ends = found.min.zip(found.max);
            table.rows.push(vec![
                form.form.clone().map_or(Value::Empty, Value::Text),
                Value::text(format!("{mark}{item}")),
                Value::count(found.n),
                if found.missing > 0 { Value::count(found.missing) } else { Value::Empty },
                Value::number(found.mean, Kind::Score),
                Value::number(found.sd, Kind::Score),
                Value::number(found.median, Kind::Exact),
                ends.map_or(Value::Empty, |(low, high)| Value::Pair([low, high], Kind::Exact)),
                Value::number(shape.skew_type2.estimate, Kind::Score),
                Value::number(shape.kurtosis_type2.estimate, Kind::Score),
                Value::number(shape.skew_type1.estimate, Kind::Score),
                Value::number(shape.kurtosis_type1.estimate, Kind::Score),
                Value::number(shape.skew_type3.estimate, Kind::Score),
                Value::number(shape.kurtosis_type3.estimate, Kind::Score),
            ]);
        }
    }
    table.notes.push("−: reversed before all of this. Skew and kurtosis: type 2 (as SPSS, SAS and Excel); data formats hold types 1 and 3 too. The tables below take, with listwise deletion, those who answered the whole scale.".to_owned());
    table
}
