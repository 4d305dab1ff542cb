//! Digests: of a whole file, and of what in a definition can move a score.

use serde_json::json;

use super::definition::Instrument;

/// BLAKE3 of some bytes, in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// BLAKE3 over what can move a score. Titles, sources, column names and notes are left out, so a stored result still
/// fits after a corrected title.
pub(super) fn key_digest(instrument: &Instrument) -> String {
    let set = |at: usize| {
        let set = &instrument.responses[at];
        json!([set.kind, set.min, set.max, set.step])
    };
    let items: Vec<_> =
        instrument.items.iter().map(|item| json!([item.id, item.unit, item.responses.map(set)])).collect();
    let forms: Vec<_> = instrument.forms.iter().map(|form| json!([form.id, set(form.responses)])).collect();
    let scales: Vec<_> = instrument
        .scales
        .iter()
        .map(|scale| {
            let items: Vec<_> = scale
                .items
                .iter()
                .map(|keyed| json!([instrument.items[keyed.item].id, keyed.reversed]))
                .collect();
            let forms: Vec<_> = scale.forms.iter().map(|form| &instrument.forms[*form].id).collect();
            json!([scale.id, items, scale.score, scale.min_answered, forms])
        })
        .collect();
    hex(json!([instrument.id, items, forms, scales]).to_string().as_bytes())
}
