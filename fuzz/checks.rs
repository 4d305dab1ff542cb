//! What must hold for any bytes. Run by the fuzz targets, and by the ordinary tests over the corpus.

use alliance_metrics::error::Error;
use alliance_metrics::instrument::Instrument;
use alliance_metrics::responses::{BLOCK, OnInvalid, Options, Splitting};
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
    let run = |splitting, block| -> Result<Outcome, Error> {
        let lenient = Options { on_invalid: OnInvalid::Missing, ..Options::default() };
        score(&text, &[shipped("wai_s")], &lenient, &Rules::default(), (splitting, block))
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
