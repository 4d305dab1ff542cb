//! The files that were read: how each is written, and what its columns are.

use serde_json::{Value as Json, json};

use super::model::{InputFile, ReadAs};
use super::wide::wide_settings;
use crate::responses::{Dialect, Encoding, Layout, TextColumn, Why};

/// How a file is written, once its encoding is known.
pub fn read_as(dialect: &Dialect, encoding: Encoding) -> ReadAs {
    let said = &dialect.said;
    let options = [
        (said.encoding.is_some(), "--encoding"),
        (said.delimiter.is_some(), "--delimiter"),
        (said.decimal.is_some(), "--decimal"),
    ];
    ReadAs {
        encoding: encoding.name().to_owned(),
        byte_order_mark: dialect.byte_order_mark,
        packed: dialect.gzip.then_some("gzip"),
        delimiter: dialect.delimiter_name(),
        sep_line: dialect.sep_line,
        decimal_comma: dialect.decimal_comma,
        said: options.into_iter().filter(|(said, _)| *said).map(|(_, option)| option).collect(),
    }
}

/// What the files are called in a title.
pub(super) fn files_named(files: &[InputFile]) -> String {
    match files {
        [file] => file.name.clone(),
        _ => format!("{} files", files.len()),
    }
}

/// Which column of one of several files is which item and key.
pub fn columns_of(layout: &Layout) -> Json {
    let item = |slot: &crate::responses::Slot| {
        let instrument = &layout.passes[slot.pass].instrument;
        (format!("{}.{}", instrument.id, instrument.items[slot.item].id), json!(layout.names[slot.column]))
    };
    let key = |text: &TextColumn| match (text.why, text.column) {
        (Why::Key { key, .. }, Some(column)) => Some((key.id().to_owned(), json!(layout.names[column]))),
        _ => None,
    };
    json!({
        "items": layout.slots.iter().map(item).collect::<serde_json::Map<_, _>>(),
        "keys": layout.texts.iter().filter_map(key).collect::<serde_json::Map<_, _>>(),
        "wide": wide_settings(layout),
    })
}

/// How a file is written, in words.
pub(super) fn dialect_words(file: &ReadAs) -> String {
    let mut words = file.packed.map_or_else(String::new, |packed| format!("{packed}, "));
    words += &file.encoding;
    if file.byte_order_mark {
        words += " with byte-order mark";
    }
    words += &format!(", {}s between fields", file.delimiter);
    if file.sep_line && !file.said.contains(&"--delimiter") {
        words += " (as its first line says)";
    }
    let by_itself = file.delimiter != "comma";
    match (file.decimal_comma, file.said.contains(&"--decimal")) {
        (true, _) if by_itself => words += ", decimal comma or point",
        (true, _) => words += ", decimal comma (in quotes) or point",
        (false, true) => words += ", decimal point",
        (false, false) => {}
    }
    if !file.said.is_empty() {
        words += &format!(" ({} given)", file.said.join(", "));
    }
    words
}
