//! Study files: what a person writes, what the program writes, and what is wrong with one, all at once.

use std::sync::Arc;

use alliance_metrics::instrument::{Instrument, library};
use alliance_metrics::responses::{Said, open};
use alliance_metrics::study::{SeenColumn, SeenFile, StudyFile, World, sketch};

const STUDY: &str = include_str!("../examples/child_protection/study.toml");
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/child_protection");

/// Runs the program: its exit code, and what it says.
fn alliance(args: &[&str]) -> (i32, String, String) {
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_alliance")).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (run.status.code().unwrap(), text(&run.stdout), text(&run.stderr))
}

/// Runs a report of a study file that says this, beside the data of the example.
fn report_of(study: &[u8]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    for file in ["answers.csv", "hypotheses.toml", "tensions.csv"] {
        std::fs::copy(format!("{FOLDER}/{file}"), folder.path().join(file)).unwrap();
    }
    let path = folder.path().join("study.toml");
    std::fs::write(&path, study).unwrap();
    let (code, _, error) = alliance(&["report", path.to_str().unwrap(), "--blocks", "over_time"]);
    (code, error)
}

#[test]
fn a_file_that_is_no_study_file_is_told_how_one_begins() {
    let begins = "the first line of a study file is: schema = \"alliance-study/1\"";
    for text in ["", "[study]\ntitle = \"x\"\n", "schema = \"alliance-study/2\"\n"] {
        let (code, error) = report_of(text.as_bytes());
        assert!(code == 4 && error.contains(begins) && error.contains("study.toml:1"), "{error}");
    }
    let wide: Vec<u8> = STUDY.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (code, error) = report_of(&[b"\xff\xfe", &wide[..]].concat());
    assert!(code == 4 && error.contains("save the file as UTF-8"), "{error}");
    let (code, _, error) = alliance(&["report", "nowhere.toml"]);
    assert!(code == 6 && error.contains("cannot read `nowhere.toml`"), "{error}");
}

#[test]
fn a_study_file_in_the_place_of_an_instrument_is_called_one() {
    let (study, answers) = (format!("{FOLDER}/study.toml"), format!("{FOLDER}/answers.csv"));
    for args in [&["plot", "course", &study][..], &["report", &study, &answers], &["score", &study, &answers]]
    {
        let (code, _, error) = alliance(args);
        assert!(code == 2 && error.contains("is a study file, not an instrument"), "{error}");
    }
}

#[test]
fn names_that_only_the_data_can_refuse_are_findings_of_the_study_file() {
    let scheme = "scheme = \"tensions\"";
    let wrong = [
        (scheme, format!("{scheme}\nrater = \"Rosa\""), "nobody is called `Rosa`", 36),
        (
            scheme,
            format!("{scheme}\nprimary = \"foo,caregiver,total,0\""),
            "foo,caregiver,total,0: no such",
            36,
        ),
        ("occasion = \"first\"", "occasion = \"77\"".to_owned(), "no row has the session `77`", 26),
    ];
    for (from, to, message, line) in wrong {
        let (code, error) = report_of(STUDY.replace(from, &to).as_bytes());
        assert!(code == 4 && error.contains(message), "{error}");
        assert!(error.contains(&format!("study.toml:{line}:")), "{error}");
    }
}

#[test]
fn a_column_that_is_not_there_is_said_of_the_option_that_named_it() {
    let study = format!("{FOLDER}/study.toml");
    for option in ["--by", "--with", "--groups"] {
        let (code, _, error) = alliance(&["report", &study, option, "nope"]);
        assert!(code == 2 && error.contains(&format!("{option}: the file has no column `nope`")), "{error}");
    }
}

const SOUND: &str = "schema = \"alliance-study/1\"\n[study]\ntitle = \"دراسة التحالف\"\n[[instrument]]\nuse = \"wai_s\"\n\
                     [[data]]\nfile = \"answers.csv\"\n";

fn shelf() -> Vec<Arc<Instrument>> {
    library::ids().map(|id| Arc::new(library::load(id).unwrap().unwrap())).collect()
}

fn world() -> World<'static> {
    World {
        instruments: vec![Arc::new(library::load("wai_s").unwrap().unwrap())],
        columns: ["dyad", "role", "session", "wai_1", "feedback"].map(String::from).to_vec(),
        dyads: Some(["1", "2"].map(String::from).into()),
        blocks: vec!["items", "reliability"],
        codes: vec!["power_asymmetry"],
        hypotheses: Vec::new(),
        wide: false,
    }
}

#[test]
fn a_small_study_file_takes_the_defaults() {
    let study = StudyFile::parse("study.toml", SOUND).unwrap();
    assert_eq!(study.study.title, "دراسة التحالف");
    assert_eq!((study.rules.occasion.get_ref().as_str(), study.rules.simulations), ("first", 2000));
    assert_eq!(*study.privacy.smallest_cell.get_ref(), 5);
    assert!(study.lint("study.toml", SOUND, &world()).is_empty());
}

#[test]
fn every_name_that_resolves_to_nothing_is_named_at_once() {
    let text = format!(
        "{SOUND}[columns]\ndyad = \"dyda\"\n[roles]\nmadre = \"caregivr\"\n[groups]\nby = [\"condition\"]\n\
         [analyses]\nblocks = [\"itmes\"]\n[validity]\nwith = [\"feedback\", \"stress\"]\n\
         [practice]\ndyads = [\"2\", \"7\"]\n[[prompt]]\nscale = \"bonds\"\nwhen = \"fall\"\ntext = \"…\"\n\
         [[label]]\nitem = \"i99\"\ntext = \"…\"\n"
    );
    let study = StudyFile::parse("study.toml", &text).unwrap();
    let findings = study.lint("study.toml", &text, &world());
    let got: Vec<(u64, &str)> =
        findings.kept().iter().map(|f| (f.place.line.unwrap(), f.message.as_str())).collect();
    let want = [
        (9, "there is no column `dyda` in the data"),
        (11, "there is no form `caregivr` in the instruments"),
        (13, "there is no column `condition` in the data"),
        (15, "there is no block `itmes` of a report"),
        (17, "there is no column `stress` in the data"),
        (19, "there is no dyad `7` in the data"),
        (21, "there is no scale `bonds` in the instruments"),
        (25, "there is no item `i99` in the instruments"),
    ];
    assert_eq!(got, want);
    assert_eq!(findings.kept()[0].help.as_deref(), Some("did you mean `dyad`?"));
    let excerpt = findings.kept()[0].place.excerpt.as_ref().unwrap();
    assert_eq!(&excerpt.text[excerpt.span.clone()], "\"dyda\"");
}

#[test]
fn keys_that_the_format_does_not_have_are_all_named() {
    let text = SOUND.replace("use =", "id =") + "[rules]\nocasion = \"first\"\nmissing = \"none\"\n";
    let findings = StudyFile::parse("study.toml", &text).unwrap_err();
    let codes: Vec<&str> = findings.kept().iter().map(|finding| finding.code.id()).collect();
    assert_eq!(codes, ["unknown_key", "missing_key", "unknown_key", "wrong_type"]);
}

fn seen(text: &str) -> SeenFile {
    let mut table = open("a \"b\".csv", text.as_bytes(), &Said::default()).unwrap();
    let mut columns = vec![SeenColumn::default(); table.header.names.len()];
    let mut block = alliance_metrics::responses::Block::default();
    let mut rows = 0;
    while table.blocks.next_block(&mut block).unwrap() {
        for row in String::from_utf8_lossy(block.bytes.bytes()).lines() {
            rows += 1;
            columns.iter_mut().zip(row.split(',')).for_each(|(column, cell)| column.add(cell));
        }
    }
    SeenFile { name: "a \"b\".csv".into(), header: table.header, dialect: table.dialect, rows, columns }
}

#[test]
fn a_sketch_is_a_sound_study_file_that_says_what_it_saw() {
    let header =
        "dyad,role,session,wai_1,wai_2,wai_3,wai_4,wai_5,wai_6,wai_7,wai_8,wai_9,wai_10,wai_11,wai_12,stress";
    let mut text = format!("{header}\n");
    for dyad in 1..=9 {
        text += &format!("{dyad},tutora,1,7,6,5,4,3,2,1,99,7,6,5,4,{}\n", dyad * 3);
    }
    let file = seen(&text);
    let sketched = sketch(&[file], &shelf());
    let study = StudyFile::parse("study.toml", &sketched).unwrap();
    assert_eq!(study.instrument[0].name.get_ref(), "wai_s");
    assert_eq!(study.data[0].file.get_ref(), "a \"b\".csv");
    assert_eq!(study.reading.missing_codes, ["99"]);
    assert_eq!(study.validity.with[0].get_ref(), "stress");
    assert!(sketched.contains("# The names would also fit wai_sr"), "{sketched}");
    assert!(sketched.contains("# \"tutora\" = \"…\"  # 9 rows; one of: client, therapist"), "{sketched}");
}

#[test]
fn a_sketch_of_strange_columns_asks_for_a_definition() {
    let sketched = sketch(&[seen("x,y\n1,2\n")], &shelf());
    assert!(sketched.contains("# use = \"my_scale.toml\""), "{sketched}");
    let study = StudyFile::parse("study.toml", &sketched).unwrap();
    let findings = study.lint("study.toml", &sketched, &world());
    assert_eq!(findings.kept()[0].message, "a study has at least one [[instrument]] and one [[data]]");
}

#[test]
fn a_sketch_looks_at_every_file_and_names_columns_that_stand_twice() {
    let files = ["dyad,role,x\n1,madre,1\n", "role,dyad,x\ntutora,2,1\nmadre,3,2\n"].map(seen);
    let sketched = sketch(&files, &shelf());
    assert!(sketched.contains("# \"madre\" = \"…\"  # 2 rows"), "{sketched}");
    assert!(sketched.contains("# \"tutora\" = \"…\"  # 1 row;"), "{sketched}");
    let sketched = sketch(&[seen("wai_1,wai_2,wai_1\n1,2,3\n")], &shelf());
    assert!(sketched.contains("# The header has these columns more than once: \"wai_1\"."), "{sketched}");
}

#[test]
fn a_sketch_of_a_file_in_windows_1252_has_its_letters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, b"dyad,role,x\n1,profesi\xf3n,1\n").unwrap();
    let path = path.to_str().unwrap();
    let (code, out, _) = alliance(&["study", path]);
    assert!(code == 0 && out.contains("\"profesión\""), "{out}");
    let (code, _, error) = alliance(&["study", path, path]);
    assert!(code == 2 && error.contains("are one file"), "{error}");
}

#[test]
fn words_for_an_item_that_two_instruments_have_say_whose_it_is() {
    let label = "[[label]]\nitem = \"i01\"\ntext = \"…\"\n";
    let world = || World {
        instruments: ["wai_s", "haq_ii"].map(|id| Arc::new(library::load(id).unwrap().unwrap())).to_vec(),
        ..world()
    };
    let lint = |text: &str| StudyFile::parse("s.toml", text).unwrap().lint("s.toml", text, &world());
    let two = SOUND.replace("[[data]]", "[[instrument]]\nuse = \"haq_ii\"\n[[data]]");
    let findings = lint(&format!("{two}{label}"));
    assert_eq!(findings.kept()[0].message, "an item `i01` is in wai_s and in haq_ii");
    assert_eq!(findings.kept()[0].help.as_deref(), Some("say whose it is: instrument = \"wai_s\""));
    assert!(lint(&format!("{two}{label}instrument = \"haq_ii\"\n")).is_empty());
    assert!(lint(&format!("{two}{label}form = \"patient\"\n")).is_empty());
    let strange = lint(&format!("{two}{label}instrument = \"haq\"\n"));
    assert_eq!(strange.kept()[0].message, "there is no instrument `haq` in the study");
}
