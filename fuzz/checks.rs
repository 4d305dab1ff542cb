//! What must hold for any bytes. Run by the fuzz targets, and by the ordinary tests over the corpus.

use alliance_metrics::error::Error;
use alliance_metrics::instrument::Instrument;
use alliance_metrics::responses::{BLOCK, MISSING, OnInvalid, Options, Pattern, Splitting, fields, read_all};
use alliance_metrics::scoring::{Rules, check_cases};

use crate::common::{Outcome, score, shipped};

/// The fast path and the state machine agree, in one block and in small ones. The bytes are a file of answers; those that
/// do not begin with a header of their own get one.
pub fn reader(data: &[u8]) {
    let mut text = Vec::new();
    if !data.starts_with(b"id") && !data.starts_with(b"sep=") && !data.starts_with(&[0xff]) {
        text.extend_from_slice(
            b"dyad,role,session,wai_1,wai_2,wai_3,wai_4,wai_5,wai_6,wai_7,wai_8,wai_9,wai_10,wai_11,wai_12\n",
        );
    }
    text.extend_from_slice(data);
    let lenient = Options { on_invalid: OnInvalid::Missing, ..Options::default() };
    read_alike(&text, "wai_s", &lenient);
}

/// Reads a text by both paths, in one block and in small ones, and sees that they agree.
fn read_alike(text: &[u8], instrument: &str, options: &Options) {
    let run = |splitting, block| -> Result<Outcome, Error> {
        score(text, &[shipped(instrument)], options, &Rules::default(), (splitting, block))
    };
    let Ok(fast) = run(Splitting::Automatic, BLOCK) else {
        assert!(run(Splitting::StateMachine, BLOCK).is_err());
        return;
    };
    for other in
        [(Splitting::StateMachine, BLOCK), (Splitting::Automatic, 61), (Splitting::StateMachine, 200)]
    {
        match run(other.0, other.1) {
            Ok(careful) => assert_eq!(fast, careful, "{other:?}"),
            Err(error) => panic!("{other:?}: {error}"),
        }
    }
}

/// A wide file is read alike by both paths, and every answer of an unfolded row is that of the column whose name says so.
/// The first line of the bytes is the pattern, the rest the file; those that bring no header get one.
pub fn unfolder(data: &[u8]) {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let Ok(Ok(pattern)) = std::str::from_utf8(&data[..at]).map(Pattern::parse) else { return };
    let body = &data[(at + 1).min(data.len())..];
    let mut text = Vec::new();
    if !body.starts_with(b"id") {
        let parts = ["madre_arm#_s1", "ts_arm0#_s1", "madre_arm#_s02"];
        let of = |item: usize| parts.map(|part| format!(",{}", part.replace('#', &item.to_string())));
        let names: String = (1..=5).flat_map(of).collect();
        text.extend_from_slice(format!("id{names}\n").as_bytes());
    }
    text.extend_from_slice(body);
    let options = Options {
        items: vec![pattern],
        roles: ["madre", "ts"].map(|role| (role.to_owned(), "client".to_owned())).to_vec(),
        on_invalid: OnInvalid::Missing,
        ..Options::default()
    };
    read_alike(&text, "arm_5", &options);
    let Ok(read) = read_all("fuzz.csv", &text, &[shipped("arm_5")], &options) else { return };
    for row in 0..read.responses.rows() {
        let cells = fields(read.responses.record(row), read.layout.dialect.delimiter);
        let fold = read.responses.fold(row);
        for slot in 0..read.layout.slots.len() {
            let code = read.responses.codes(slot).expect("it has points")[row];
            let column = read.layout.column(slot, fold).expect("one instrument has all its items");
            match cells[column].0.trim_ascii() {
                [digit @ b'1'..=b'7'] => assert_eq!(code, digit - b'1', "row {row}, column {column}"),
                [] => assert_eq!(code, MISSING, "row {row}, column {column}"),
                _ => {}
            }
        }
    }
}

/// A definition is read or refused with findings; one that is read recomputes its cases or says which do not.
pub fn definition(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Instrument::parse("fuzz.toml", text, None) {
        Ok(instrument) => {
            let _ = check_cases(&instrument);
        }
        Err(findings) => assert!(findings.problems() > 0),
    }
}
