//! The codebook: items, allowed answers, key with its evidence, rule.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::report::model::{Block, Column, Table, Value};
use crate::report::show;
use crate::responses::OnInvalid;

pub(super) const BLOCK: BlockOf = BlockOf { id: "codebook", title: "Codebook", build };

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let instrument = evidence.instrument();
    let layout = &evidence.scales().study.sample.layout;
    let mut piece = Piece::default();
    let codes = layout.missing.words();
    let source = |source: &crate::instrument::Source| match &source.doi {
        Some(doi) => format!("{} doi:{doi}", source.cite),
        None => source.cite.clone(),
    };
    let used = |at: &usize| instrument.scales.iter().any(|scale| scale.source == *at);
    let key_sources: Vec<String> =
        (0..instrument.sources.len()).filter(used).map(|at| source(&instrument.sources[at])).collect();
    let invalid = match layout.on_invalid {
        OnInvalid::Reject => "nothing is reported until they are mended",
        OnInvalid::Missing => "they count as missing",
    };
    piece.blocks.push(Block::Facts(vec![
        (
            "Instrument".to_owned(),
            format!("{} ({}), {}", instrument.name(), instrument.id, instrument.edition),
        ),
        ("Key".to_owned(), format!("{}; {}", instrument.evidence(None).id(), key_sources.join("; "))),
        (
            "Missing codes".to_owned(),
            if codes.is_empty() {
                "blank, NA".to_owned()
            } else {
                format!("blank, NA, {}", codes.join(", "))
            },
        ),
        ("Answers that are not allowed".to_owned(), invalid.to_owned()),
    ]));
    piece.table(items(evidence));
    piece.heading("Scales and their rules");
    piece.table(Table { id: "keys", ..show::scales(instrument) });
    Ok(Found::Here(piece))
}

fn items(evidence: &Evidence<'_>) -> Table {
    let instrument = evidence.instrument();
    let layout = &evidence.scales().study.sample.layout;
    let mut table = Table::new(
        "codebook",
        vec![
            Column::new("item", "Item"),
            Column::new("column", "Column"),
            Column::new("answers", "Allowed answers"),
            Column::new("scales", "Scales (−: reversed)"),
        ],
    );
    for slot in &layout.slots {
        let mut answers: Vec<String> = slot.specs.iter().map(|spec| spec.set.describe()).collect();
        answers.dedup();
        let mut scales: Vec<String> = Vec::new();
        for scale in &instrument.scales {
            for keyed in scale.items.iter().filter(|keyed| keyed.item == slot.item) {
                let name = format!("{}{}", if keyed.reversed { "−" } else { "" }, scale.id);
                if !scales.contains(&name) {
                    scales.push(name);
                }
            }
        }
        // In a wide file an item has a column for every role and session.
        let column = if layout.is_wide() { Value::Empty } else { Value::text(&layout.names[slot.column]) };
        table.rows.push(vec![
            Value::text(&instrument.items[slot.item].id),
            column,
            Value::text(answers.join("; ")),
            Value::text(scales.join(", ")),
        ]);
    }
    table
}
