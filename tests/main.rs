//! All integration tests, in one binary: it links once.

// A test that cannot go on should stop, loudly; helpers around `#[test]` functions are tests too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Scoring a whole file in memory, by any path and in any block size.
#[cfg(test)]
mod common;

/// Is agreement mathematically itself?
mod agreement_laws;
/// Does an audit find what is wrong with a file, and nothing where nothing is?
mod audit;
/// Does a case show what it was made of, and tell nothing about a family?
mod case;
/// Does the process behave? Exit codes, streams, files.
mod cli;
/// Are courses told as they were?
mod courses;
/// Are files that are not what courses need named?
mod courses_bad;
/// Do the commands on courses print the numbers of other software and of worked courses?
mod courses_reference;
/// Are cross-products exact, whatever the order and the split?
mod cross;
/// Is a file the same however it is written: encodings, delimiters, line ends, packing?
mod dialects;
/// Are pairs and dyads?
mod dyad_laws;
/// Two informants, from a file to the numbers of other software.
mod dyads;
/// Are factors mathematically themselves?
mod factor_laws;
/// Do figures show what their numbers say, and are they sound files?
mod figures;
/// Is the bad cell named?
mod findings;
/// Does what fuzzing found still hold?
mod fuzz_corpus;
/// Are answers in words the answers they stand for?
mod labels;
/// Is scoring mathematically itself?
mod laws;
/// Are the definitions on the shelf sound, and their keys those of the sources?
mod library;
/// Do the manuals tell the truth? Their console blocks are run.
mod manuals;
/// Is the page of methods what the code says?
mod methods;
/// The commands on sessions in dyads in workers.
mod models;
/// Are means and covariances mathematically themselves?
mod moments_laws;
/// Is a mixed model mathematically itself?
mod nested_laws;
/// Norms that the user brings.
mod norms;
/// Does the page of agreement say what the tests hold?
mod parity;
/// Does the report for practice show each reader what is theirs, and judge nobody?
mod practice;
/// Does a published report tell of no few people, in any block and any format?
mod publish;
/// Is how answers were given described as it was?
mod quality;
/// Raters, from a file to the numbers of other software.
mod raters;
/// Do we agree with somebody outside?
mod reference;
/// `alliance reliability` and `alliance compare-alphas`, from files and published matrices.
mod reliability_command;
/// Is reliability mathematically itself, and quiet about what is not there?
mod reliability_laws;
/// Does the report on a study show the right numbers, and nobody who is not to be shown?
mod report;
/// Do rules for ruptures do what their words say?
mod rules;
/// Does a study in memory hold what its file holds, and give the right rows?
mod sample;
/// The commands on the items of scales: from a file to the numbers of other software, and through bad files.
mod scales;
/// Are courses over sessions mathematically themselves?
mod session_laws;
/// Are several files read as the one they would be together?
mod several;
/// Do tests hold their level, and are chances what they are said to be?
mod simulation;
/// Is the example study what its program writes?
mod study;
/// Are study files read strictly, and does the program write sound ones?
mod study_file;
/// Do the rooms of the program depend on each other in one direction only?
mod tidy;
/// Is a wide file the long file it unfolds into?
mod wide;
/// Is reliability within and between persons mathematically itself?
mod within_laws;
