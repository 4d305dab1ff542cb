//! The report of `instruments`: what is on the shelf.

use serde_json::json;

use super::model::{Block, Column, PageWords, Report, Section, Table, Value};
use crate::instrument::Instrument;

/// Builds the list of the shelf.
pub fn instruments(shelf: &[Instrument]) -> Report {
    let mut table = Table::new(
        "instruments",
        vec![
            Column::new("id", "Id"),
            Column::new("title", "Instrument"),
            Column::new("forms", "Forms"),
            Column::new("items", "Items"),
            Column::new("answers", "Answers"),
            Column::new("evidence", "Key"),
            Column::new("access", "Rights"),
        ],
    );
    for instrument in shelf {
        let forms: Vec<String> = instrument
            .forms
            .iter()
            .map(|form| if form.template.is_some() { format!("{} (open)", form.id) } else { form.id.clone() })
            .collect();
        let mut answers: Vec<String> = instrument.responses.iter().map(answers).collect();
        answers.dedup();
        table.rows.push(vec![
            Value::text(&instrument.id),
            Value::text(instrument.name()),
            Value::text(forms.join(", ")),
            Value::count(instrument.items.len() as u64),
            Value::text(answers.join("; ")),
            Value::text(instrument.evidence(None).id()),
            Value::text(instrument.rights.access.id()),
        ]);
    }
    table.notes = vec![
        "Key: verified, it was read in the source named; recalled, it is known from the literature and the source was not opened; inferred, it scores only with --accept-inferred. The weakest of an instrument's scales counts.".to_owned(),
        "`alliance show ID` prints a key with its sources. No wording of any questionnaire is here: ask its holder.".to_owned(),
    ];
    let listed: Vec<_> = shelf
        .iter()
        .map(|instrument| {
            json!({
                "id": instrument.id,
                "edition": instrument.edition,
                "revision": instrument.revision,
                "title": instrument.title,
                "forms": instrument.forms.iter().map(|form| &form.id).collect::<Vec<_>>(),
                "open_forms": instrument.forms.iter().filter(|f| f.template.is_some()).map(|f| &f.id).collect::<Vec<_>>(),
                "items": instrument.items.len(),
                "scales": instrument.scale_ids(),
                "responses": instrument.responses.iter().map(|set| json!({
                    "id": set.id, "kind": set.kind, "min": set.min, "max": set.max, "step": set.step,
                })).collect::<Vec<_>>(),
                "evidence": instrument.evidence(None),
                "rights": instrument.rights,
                "digest": instrument.digest,
                "key_digest": instrument.key_digest,
            })
        })
        .collect();
    Report {
        command: "instruments",
        title: format!("{} instruments on the shelf", shelf.len()),
        instruments: Vec::new(),
        input: None,
        settings: json!({}),
        results: json!({ "instruments": listed }),
        sections: vec![Section { id: "instruments", title: None, blocks: vec![Block::Table(table)] }],
        notes: Vec::new(),
        words: PageWords::default(),
    }
}

fn answers(set: &crate::instrument::ResponseSet) -> String {
    match (set.kind, set.max) {
        (crate::instrument::Kind::Continuous, Some(max)) => format!("{}–{max} line", set.min),
        (_, Some(max)) if set.min < 0.0 => format!("{} to {max}", set.min),
        (_, Some(max)) => format!("{}–{max}", set.min),
        (_, None) => "counts".to_owned(),
    }
}
