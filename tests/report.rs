//! The report on a whole study: its numbers against other software, its tables against its data, and bad input.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use alliance_metrics::report::format::{Kind, number};
use serde_json::Value;

use crate::reference::expected;

fn run_in(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alliance")).args(args).current_dir(folder).output().unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn text_in(folder: &Path, args: &[&str]) -> String {
    let output = run_in(folder, args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn refused(folder: &Path, args: &[&str], code: i32) -> String {
    let output = run_in(folder, args);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{error}");
    error
}

/// A report as JSON and as a page.
fn both(folder: &Path, args: &[&str]) -> (Value, String) {
    let written = tempfile::tempdir().unwrap();
    let page = written.path().join("report.html");
    let also = ["--format", "json", "--also", page.to_str().unwrap()];
    let json = text_in(folder, &[args, &also].concat());
    (serde_json::from_str(&json).unwrap(), fs::read_to_string(page).unwrap())
}

/// The report on the personality items, made once.
static BFI: LazyLock<(Value, String)> =
    LazyLock::new(|| both(root(), &["report", "tests/cli/bfi.toml", "tests/reference/data/bfi.csv"]));

/// The report on the example study, made once.
static STUDY: LazyLock<(Value, String)> = LazyLock::new(|| both(root(), &["report", EXAMPLE]));

const EXAMPLE: &str = "examples/child_protection/study.toml";

/// So many rows of the numbers behind a figure stand on a page.
const MOST_BEHIND: usize = 250;

/// Blocks that are soon made.
const SOME: &str = "items,scales,reliability,over_time,change";

/// All tables of the stored pages, those of figures too.
fn tables(json: &Value) -> Vec<&Value> {
    let sections = json["results"]["pages"].as_array().unwrap();
    let blocks = sections.iter().flat_map(|section| section["blocks"].as_array().unwrap());
    blocks.filter_map(|block| block.get("table").or_else(|| block.get("figure")?.get("data"))).collect()
}

fn kind(word: &Value) -> Kind {
    match word.as_str().unwrap() {
        "count" => Kind::Count,
        "score" => Kind::Score,
        "percent" => Kind::Percent,
        "bounded" => Kind::Bounded,
        "fine" => Kind::Fine,
        "p" => Kind::P,
        "exact" => Kind::Exact,
        other => panic!("{other}"),
    }
}

/// A cell as a page shows it, from the data alone.
fn shown(cell: &Value) -> String {
    if let Some(text) = cell.get("text") {
        return text.as_str().unwrap().to_owned();
    }
    if let Some(found) = cell.get("number") {
        return number(found[0].as_f64().unwrap(), kind(&found[1]));
    }
    let Some(pair) = cell.get("pair") else {
        assert_eq!(cell, "empty");
        return String::new();
    };
    let [a, b] = [0, 1].map(|at| number(pair[0][at].as_f64().unwrap(), kind(&pair[1])));
    let minus = a.starts_with('-') || b.starts_with('-');
    if minus { format!("{a} to {b}") } else { format!("{a}–{b}") }
}

/// The rows of a stored table, without the columns that pages do not show.
fn rows(table: &Value) -> Vec<Vec<String>> {
    let rows = table["rows"].as_array().unwrap();
    let all: Vec<Vec<String>> =
        rows.iter().map(|row| row.as_array().unwrap().iter().map(shown).collect()).collect();
    let columns = table["columns"].as_array().unwrap();
    let filled = |at: usize| all.is_empty() || rows.iter().any(|row| row[at] != "empty");
    let keep: Vec<usize> =
        (0..columns.len()).filter(|at| columns[*at]["shown"] == true && filled(*at)).collect();
    let cell = |row: &Vec<String>, at: usize| row[at].replace('−', "-");
    all.iter().map(|row| keep.iter().map(|at| cell(row, *at)).collect()).collect()
}

/// The body of every table of a page.
fn tables_of_page(page: &str) -> Vec<Vec<Vec<String>>> {
    let plain = |text: &str| {
        let mut out = String::new();
        let mut inside = false;
        for c in text.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => out.push(c),
                _ => {}
            }
        }
        // Pages write a true minus.
        let out = out.replace('−', "-").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        out.replace("&#39;", "'").replace("&amp;", "&")
    };
    let cells = |row: &str| -> Vec<String> {
        let cells = row.split("<td").skip(1).map(|cell| cell.split_once('>').unwrap().1);
        cells.map(|cell| plain(cell.split("</td>").next().unwrap())).collect()
    };
    let body = |table: &str| -> Vec<Vec<String>> {
        let body = table.split("</table>").next().unwrap().split("<tbody>").nth(1).unwrap();
        body.split("<tr").skip(1).map(cells).collect()
    };
    page.split("<table").skip(1).map(body).collect()
}

#[test]
fn every_table_of_a_page_can_be_had_from_the_stored_results() {
    for (json, page) in [&*BFI, &*STUDY] {
        // A page holds the first of the numbers behind a figure where they are many, and says so.
        let mut stored: Vec<_> = tables(json).into_iter().map(rows).collect();
        stored.iter_mut().for_each(|table| table.truncate(MOST_BEHIND));
        let on_page = tables_of_page(page);
        assert!(on_page.len() > 10);
        for (at, table) in on_page.iter().enumerate() {
            assert!(stored.contains(table), "table {at} of the page is not in the results: {table:?}");
        }
        for table in &stored {
            assert!(on_page.contains(table), "a table of the results is not on the page: {table:?}");
        }
    }
}

/// The row of a stored table whose first cells are these.
fn row<'a>(json: &'a Value, table: &str, first: &[(&str, &str)]) -> Vec<(&'a str, String)> {
    for table in tables(json).into_iter().filter(|found| found["id"] == table) {
        let ids: Vec<&str> = table["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| column["id"].as_str().unwrap())
            .collect();
        for row in table["rows"].as_array().unwrap() {
            let cells: Vec<(&str, String)> =
                ids.iter().copied().zip(row.as_array().unwrap().iter().map(shown)).collect();
            // Reversed items bear a sign.
            let same = |cell: &str, word: &str| cell.strip_prefix('−').unwrap_or(cell) == word;
            let has = |(id, word): &(&str, &str)| cells.iter().any(|(of, cell)| of == id && same(cell, word));
            if first.iter().all(has) {
                return cells;
            }
        }
    }
    panic!("no row {first:?} in {table}");
}

#[track_caller]
fn shows(cells: &[(&str, String)], id: &str, value: &Value, kind: Kind) {
    let cell = cells.iter().find(|(of, _)| *of == id).unwrap_or_else(|| panic!("no {id} in {cells:?}"));
    assert_eq!(cell.1, number(value.as_f64().unwrap(), kind), "{id} of {cells:?}");
}

#[test]
fn the_report_of_bfi_shows_the_numbers_of_psych_and_lavaan() {
    let (json, _) = &*BFI;
    let reliability = expected("reliability_bfi.json");
    for scale in ["agree", "consc", "extra", "neuro", "open"] {
        let theirs = &reliability[scale]["listwise"];
        let brief = row(json, "scales", &[("scale", scale)]);
        shows(&brief, "n", &theirs["n"], Kind::Count);
        shows(&brief, "alpha", &theirs["raw_alpha"], Kind::Bounded);
        shows(&brief, "mean_r", &theirs["average_r"], Kind::Bounded);
        shows(
            &brief,
            "omega_total",
            &reliability[scale]["omega_one_factor_ml"]["omega_observed"],
            Kind::Bounded,
        );
        let limits = brief.iter().find(|(id, _)| *id == "alpha_limits").unwrap();
        let feldt = [0, 2].map(|at| number(theirs["feldt"][at].as_f64().unwrap(), Kind::Bounded));
        assert_eq!(limits.1, feldt.join("–"));
        let further = row(json, "further_coefficients", &[("scale", scale)]);
        shows(&further, "alpha_standardized", &theirs["std_alpha"], Kind::Bounded);
        shows(&further, "lambda2", &theirs["lambda_covariances"]["lambda2"], Kind::Bounded);
        shows(&further, "lambda6", &theirs["lambda_covariances"]["lambda6"], Kind::Bounded);
        for (at, rest) in theirs["item"]["r_drop"].as_array().unwrap().iter().enumerate() {
            let item = format!("{}{}", &scale[..1], at + 1);
            let cells = row(json, "items", &[("scale", scale), ("item", &item)]);
            shows(&cells, "item_rest", rest, Kind::Bounded);
            shows(&cells, "alpha_if_deleted", &theirs["item"]["alpha_drop"][at], Kind::Bounded);
        }
    }
    let described = expected("descriptives_bfi.json");
    let names =
        ["a", "c", "e", "n", "o"].iter().flat_map(|scale| (1..=5).map(move |at| format!("{scale}{at}")));
    for (at, item) in names.enumerate() {
        let cells = row(json, "descriptives", &[("item", &item)]);
        for (type_, skew, kurtosis) in
            [("describe2", "skew", "kurtosis"), ("describe3", "skew_type3", "kurtosis_type3")]
        {
            let theirs = |what: &str| &described[type_][what][at];
            shows(&cells, "n", theirs("n"), Kind::Count);
            shows(&cells, "mean", theirs("mean"), Kind::Score);
            shows(&cells, "sd", theirs("sd"), Kind::Score);
            shows(&cells, "median", theirs("median"), Kind::Exact);
            shows(&cells, skew, theirs("skew"), Kind::Score);
            shows(&cells, kurtosis, theirs("kurtosis"), Kind::Score);
        }
    }
    let whole = row(json, "adequacy", &[("scale", "all items")]);
    shows(&whole, "b1p", &described["mardia_n"]["b1p"], Kind::Score);
    shows(&whole, "b2p", &described["mardia_n"]["b2p"], Kind::Score);
    let missing = expected("missingness.json");
    let gaps = row(json, "missingness", &[("form", "self")]);
    shows(&gaps, "n", &missing["n"], Kind::Count);
    shows(&gaps, "patterns", &missing["patterns"], Kind::Count);
    shows(&gaps, "little", &missing["little_d2_ml_covariance"], Kind::Score);
    shows(&gaps, "df", &missing["df"], Kind::Count);
    shows(&gaps, "p", &missing["p"], Kind::P);
    let moments = &json["results"]["missingness"]["forms"][0]["moments"];
    let close = |ours: &Value, theirs: &Value| {
        let [ours, theirs] = [ours, theirs].map(|value| value.as_f64().unwrap());
        assert!((ours - theirs).abs() < 1e-4, "{ours} {theirs}");
    };
    for at in 0..25 {
        let item = moments["items"][at].as_str().unwrap();
        let cells = row(json, "gaps_by_item", &[("item", item)]);
        let variance = missing["em_cov"][at][at].as_f64().unwrap();
        shows(&cells, "mean_ml", &missing["em_mean"][at], Kind::Score);
        shows(&cells, "sd_ml", &variance.sqrt().into(), Kind::Score);
        close(&moments["mean"][at], &missing["em_mean"][at]);
        (0..25).for_each(|other| close(&moments["covariance"][at][other], &missing["em_cov"][at][other]));
    }
}

#[test]
fn equal_input_gives_equal_bytes() {
    let page = |threads: &str| {
        text_in(root(), &["report", EXAMPLE, "--blocks", SOME, "--format", "html", "--threads", threads])
    };
    assert_eq!(page("1"), page("3"));
}

#[test]
fn nobody_is_named_unless_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.csv");
    let answers = fs::read_to_string(root().join("examples/child_protection/answers.csv")).unwrap();
    let (header, rows) = answers.split_once('\n').unwrap();
    let named: String = rows.lines().map(|row| format!("familia-{row}\n")).collect();
    let file = folder.path().join("answers.csv");
    fs::write(&file, format!("{header}\n{named}")).unwrap();
    let args = [
        "report",
        "wai_s",
        "answers.csv",
        "--key",
        "key.csv",
        "--where",
        "dyad=familia-2,familia-4",
        "--blocks",
        SOME,
    ];
    let (json, page) = both(folder.path(), &args);
    assert!(
        !json.to_string().contains("familia") && !page.contains("familia"),
        "an identifier is in the report"
    );
    assert!(page.contains("D1"));
    assert_eq!(
        fs::read_to_string(key).unwrap(),
        "key,identifier,pseudonym\ndyad,familia-2,D1\ndyad,familia-4,D2\nworker,W1,W1\nworker,W2,W2\n"
    );
    let args = ["report", "wai_s", "answers.csv", "--identifiers", "--blocks", SOME, "--format", "html"];
    let page = text_in(folder.path(), &args);
    assert!(page.contains("familia-2"));
}

#[test]
fn a_published_report_holds_no_small_cell_and_no_person() {
    let args = ["report", EXAMPLE, "--blocks", SOME, "--publish", "--smallest-cell", "7"];
    let (json, page) = both(root(), &args);
    assert_eq!(json["results"].as_object().unwrap().keys().collect::<Vec<_>>(), ["pages"]);
    assert!(!page.contains("D1") && page.contains("ows about single people are not published"));
    // All groups have six persons, so no group keeps a figure.
    for table in tables(&json).into_iter().filter(|table| table["id"] == "scores" || table["id"] == "scales")
    {
        let numbers = table["rows"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
        assert!(
            numbers.clone().all(|cell| cell.get("number").is_none() && cell.get("pair").is_none()),
            "{table}"
        );
    }
}

#[test]
fn whatever_is_wrong_with_a_study_file_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let text = "schema = \"alliance-study/1\"\n[study]\ntitle = \"x\"\n[[instrument]]\nuse = \"wai_z\"\n\
                [[data]]\nfile = \"answers.csv\"\n[[data]]\nfile = \"nowhere.csv\"\n[columns]\ndyad = \"dyda\"\n\
                [rules]\nruptures = [\"fall\"]\n[events]\nfile = \"codes.csv\"\n";
    fs::write(folder.path().join("study.toml"), text).unwrap();
    fs::write(folder.path().join("answers.csv"), "dyad,role,session,wai_1\n1,worker,1,7\n").unwrap();
    let error = refused(folder.path(), &["report", "study.toml"], 4);
    for said in ["wai_z", "nowhere.csv", "there is no column `dyda`", "`fall`", "codes.csv"] {
        assert!(error.contains(said), "{said}: {error}");
    }
    assert!(error.contains("5 problems"), "{error}");
}

#[test]
fn a_missing_dyad_and_a_hypothesis_about_nothing_are_said_with_all_else() {
    let folder = tempfile::tempdir().unwrap();
    let text = "schema = \"alliance-study/1\"\n[study]\ntitle = \"x\"\n[[instrument]]\nuse = \"wai_s\"\n\
                [[instrument]]\nuse = \"wai_z\"\n[[data]]\nfile = \"answers.csv\"\n\
                [groups]\nby = [\"conditoin\"]\n[practice]\ndyads = [\"1\", \"77\"]\n\
                [validity]\nhypotheses = \"h.toml\"\nreliabilities = { stress = 1.2 }\n";
    fs::write(folder.path().join("study.toml"), text).unwrap();
    let stated = "schema = \"alliance-hypotheses/1\"\n[[hypothesis]]\nscale = \"bonds\"\nwith = \"outcome\"\n\
                  sign = \"positive\"\n";
    fs::write(folder.path().join("h.toml"), stated).unwrap();
    let answers = "dyad,role,session,wai_1\n1,worker,1,7\n";
    fs::write(folder.path().join("answers.csv"), answers).unwrap();
    let error = refused(folder.path(), &["report", "study.toml", "--for", "practice"], 4);
    for said in [
        "wai_z",
        "there is no column `conditoin`",
        "there is no dyad `77`",
        "there is no scale `bonds` in the instruments (hypothesis 1 of h.toml)",
        "there is no column `outcome` in the data (hypothesis 1 of h.toml)",
        "`stress` has a reliability",
    ] {
        assert!(error.contains(said), "{said}: {error}");
    }
    assert!(error.contains("6 problems"), "{error}");
}

#[test]
fn hypotheses_of_the_study_are_judged_and_counted_as_evidence() {
    let (json, _) = &*STUDY;
    let first = row(json, "hypotheses", &[("scale", "bond"), ("form", "caregiver")]);
    assert!(first.contains(&("verdict", "met".to_owned())), "{first:?}");
    // What was found is the correlation that stands in the table of correlations.
    let of = row(json, "correlations", &[("scale", "bond"), ("form", "caregiver"), ("with", "feedback")]);
    let cell = |cells: &[(&str, String)], id: &str| {
        cells.iter().find(|(of, _)| *of == id).unwrap_or_else(|| panic!("{id}: {cells:?}")).1.clone()
    };
    assert_eq!(cell(&first, "found"), format!("0{}", cell(&of, "r")));
    let evidence = row(json, "cosmin", &[("scale", "bond"), ("form", "caregiver")]);
    assert_eq!(cell(&evidence, "hypotheses_met"), "100.0");
    assert_eq!(cell(&evidence, "construct_validity"), "+");
    let none = row(json, "cosmin", &[("scale", "task"), ("form", "caregiver")]);
    assert_eq!(
        (cell(&none, "hypotheses_met"), cell(&none, "construct_validity")),
        (String::new(), "?".to_owned())
    );
}

#[test]
fn two_files_with_the_same_sessions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let header = "person,session,arm_1,arm_2,arm_3,arm_4,arm_5";
    fs::write(folder.path().join("a.csv"), format!("{header}\nA,1,1,2,3,4,5\nA,2,1,2,3,4,5\n")).unwrap();
    fs::write(folder.path().join("b.csv"), format!("{header}\nA,2,1,2,3,4,5\nB,1,1,2,3,4,5\n")).unwrap();
    let error = refused(folder.path(), &["report", "arm_5", "a.csv", "b.csv"], 3);
    assert!(error.contains("dyad A: session 2 occurs twice, in a.csv and in b.csv"), "{error}");
}

/// A study of ten persons whose identifiers are markup and formulas.
fn hostile(folder: &Path) {
    let mut text = "person,session,arm_1,arm_2,arm_3,arm_4,arm_5\n".to_owned();
    for person in 0..10 {
        for session in 1..=4 {
            let answer = |item: usize| 1 + (person * 3 + session * item) % 7;
            let id = if person % 2 == 0 { format!("<script>{person}") } else { format!("=cmd({person})") };
            let answers: Vec<String> = (1..=5).map(|item| answer(item).to_string()).collect();
            text += &format!("{id},{session},{}\n", answers.join(","));
        }
    }
    fs::write(folder.join("answers.csv"), text).unwrap();
}

#[test]
fn identifiers_of_markup_and_formulas_stay_text() {
    let folder = tempfile::tempdir().unwrap();
    hostile(folder.path());
    let args = ["report", "arm_5", "answers.csv", "--identifiers", "--title", "تحالف <b>"];
    let page = text_in(folder.path(), &[&args[..], &["--format", "html"]].concat());
    assert!(
        !page.contains("<script") && page.contains("&lt;script&gt;0"),
        "markup of the data is in the page"
    );
    assert!(page.contains("تحالف &lt;b&gt;") && page.contains("=cmd(1)"));
    let table = text_in(folder.path(), &[&args[..], &["--format", "csv"]].concat());
    assert!(table.contains("'=cmd(1)") && !table.contains(",=cmd"), "a formula is in the table");
    let key = folder.path().join("key.csv");
    text_in(folder.path(), &["report", "arm_5", "answers.csv", "--key", "key.csv"]);
    assert!(fs::read_to_string(key).unwrap().contains("person,'=cmd(1),P"));
}

#[test]
fn identifiers_of_markup_and_formulas_stay_text_in_every_other_format() {
    let folder = tempfile::tempdir().unwrap();
    hostile(folder.path());
    let args = ["report", "arm_5", "answers.csv", "--identifiers", "--blocks", "sample,over_time"];
    let markdown = text_in(folder.path(), &[&args[..], &["--format", "markdown"]].concat());
    let (all, escaped) = (markdown.matches("<script").count(), markdown.matches("\\<script").count());
    assert!(all > 0 && all == escaped && markdown.contains("=cmd(1)"), "{markdown}");
    let json = text_in(folder.path(), &[&args[..], &["--format", "json"]].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    let written = json.to_string();
    assert!(written.contains("<script>0") && written.contains("=cmd(1)"), "identifiers as they are");
    text_in(folder.path(), &[&args[..], &["-o", "tables.docx"]].concat());
    let file = fs::File::open(folder.path().join("tables.docx")).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut document = String::new();
    let mut part = archive.by_name("word/document.xml").unwrap();
    std::io::Read::read_to_string(&mut part, &mut document).unwrap();
    let tree = roxmltree::Document::parse(&document).unwrap();
    assert!(tree.descendants().all(|node| node.tag_name().name() != "script"));
    let words: Vec<&str> = tree.descendants().filter_map(|node| node.text()).collect();
    assert!(words.iter().any(|text| text.contains("<script>0")), "{words:?}");
    // Word runs what stands in a field; text is none.
    assert!(!document.contains("instrText"));
    text_in(folder.path(), &["plot", "course", "arm_5", "answers.csv", "-o", "course.svg"]);
    let picture = fs::read_to_string(folder.path().join("course.svg")).unwrap();
    let tree = roxmltree::Document::parse(&picture).unwrap();
    assert!(tree.descendants().all(|node| node.tag_name().name() != "script"), "{picture}");
    assert!(tree.descendants().filter_map(|node| node.text()).any(|text| text.contains("<script>")));
}

#[test]
fn no_row_left_is_said_with_the_reason() {
    let error = refused(
        root(),
        &["report", "wai_s", "examples/child_protection/answers.csv", "--where", "dyad=77"],
        2,
    );
    assert!(error.contains("no row is left of 208 rows: 208 left out by --where"), "{error}");
}

#[test]
fn an_input_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    hostile(folder.path());
    let before = fs::read(folder.path().join("answers.csv")).unwrap();
    let commands =
        ["report", "items", "reliability", "sessions", "nested", "change", "retest", "quality", "check"];
    let plot = [&["plot", "answers"][..], &["plot", "course"][..]];
    for command in commands.iter().map(std::slice::from_ref).chain(plot) {
        let args = [command, &["arm_5", "answers.csv", "-o", "answers.csv"][..]].concat();
        let error = refused(folder.path(), &args, 2);
        assert!(error.contains("is also an input"), "{args:?}: {error}");
        assert_eq!(fs::read(folder.path().join("answers.csv")).unwrap(), before, "{args:?}");
    }
    for other in ["--key", "--also"] {
        let args = ["report", "arm_5", "answers.csv", "-o", "x.html", other, "x.html"];
        let error = refused(folder.path(), &args, 2);
        assert!(error.contains("is named for two outputs"), "{error}");
        assert!(!folder.path().join("x.html").exists());
    }
}

#[test]
fn blocks_without_data_say_so_in_a_line() {
    let (json, _) = &*BFI;
    let sections = json["results"]["pages"].as_array().unwrap();
    let section = |id: &str| sections.iter().find(|section| section["id"] == id).unwrap();
    for id in ["over_time", "multilevel", "change"] {
        let blocks = section(id)["blocks"].as_array().unwrap();
        assert_eq!(blocks.len(), 1);
        let said = blocks[0]["text"].as_str().unwrap();
        assert_eq!(said, "Nothing to report: nobody has more than one occasion.");
    }
    assert_eq!(sections.last().unwrap()["id"], "not_yet");
}

#[test]
fn a_study_file_chooses_its_blocks() {
    let text = text_in(root(), &["report", EXAMPLE, "--blocks", "codebook,reliability"]);
    assert!(text.contains("Codebook (wai_s)") && text.contains("Reliability (haq_ii)"));
    assert!(!text.contains("Over time") && !text.contains("Change (wai_s)"));
    let error = refused(root(), &["report", EXAMPLE, "--blocks", "itmes"], 2);
    assert!(error.contains("there is no block `itmes`"), "{error}");
    let error = refused(root(), &["report", EXAMPLE, "--where", "dyad=1"], 2);
    assert!(error.contains("with a study file"), "{error}");
}

#[test]
fn a_number_is_had_from_stored_results_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("results.json");
    fs::write(&results, BFI.0.to_string()).unwrap();
    let value = |path: &str| text_in(folder.path(), &["value", "results.json", path]);
    assert_eq!(value("reliability.self.agree.alpha"), "α = .70, 95 % CI [.69, .72]\n");
    assert_eq!(value("reliability.agree.alpha.n"), "2709\n");
    assert_eq!(value("scales.agree.mean"), "M = 4.64\n");
    assert_eq!(value("missingness.little.p"), "p < .001\n");
    let error = refused(folder.path(), &["value", "results.json", "alpha"], 2);
    assert!(
        error.contains("reliability.self.agree.alpha") && error.contains("reliability.self.open.alpha"),
        "{error}"
    );
    let error = refused(folder.path(), &["value", "results.json", "reliability.agree.alfa"], 2);
    assert!(error.contains("there is no number `reliability.agree.alfa`"), "{error}");
    fs::write(&results, "{}").unwrap();
    let error = refused(folder.path(), &["value", "results.json", "alpha"], 2);
    assert!(error.contains("holds no results"), "{error}");
}

#[test]
fn the_example_study_gives_its_report_for_practice_in_both_languages() {
    for (language, word) in [("es", "¿Qué pasó"), ("en", "What happened")] {
        let args = ["report", EXAMPLE, "--for", "practice", "--lang", language, "--format", "html"];
        let page = text_in(root(), &args);
        assert!(page.contains(word) && page.contains("D6"), "{language}");
    }
    let error = refused(root(), &["report", EXAMPLE, "--for", "practice", "--publish"], 2);
    assert!(error.contains("cannot be published"), "{error}");
}

/// A thousand persons, each with two sessions.
fn a_thousand(folder: &Path) {
    let mut text = "person,session,arm_1,arm_2,arm_3,arm_4,arm_5\n".to_owned();
    for person in 0..1000_usize {
        for session in 1..=2 {
            let answers: Vec<String> = (1..=5)
                .map(|item| (1 + (person * 7 + session * item + person / item) % 7).to_string())
                .collect();
            text += &format!("F{person},{session},{}\n", answers.join(","));
        }
    }
    fs::write(folder.join("answers.csv"), text).unwrap();
}

#[test]
fn a_thousand_dyads_are_shown_in_part_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    a_thousand(folder.path());
    let (json, page) =
        both(folder.path(), &["report", "arm_5", "answers.csv", "--blocks", "sample,over_time,change"]);
    assert!(page.len() < 1 << 20, "{} bytes", page.len());
    assert!(page.contains("The first 250 of 2000 rows; --format json and csv hold all."));
    assert!(page.contains("of 1000 courses") && page.contains("of 1000 dyads"));
    let behind = tables(&json).into_iter().find(|table| table["id"] == "presence_data").unwrap();
    assert_eq!(behind["rows"].as_array().unwrap().len(), 2000);
}

#[test]
fn two_files_that_hold_a_row_twice_are_refused_with_both_lines() {
    let folder = tempfile::tempdir().unwrap();
    let header = "person,session,arm_1,arm_2,arm_3,arm_4,arm_5";
    fs::write(folder.path().join("a.csv"), format!("{header}\nA,1,1,2,3,4,5\nA,2,1,2,3,4,5\n")).unwrap();
    fs::write(
        folder.path().join("b.csv"),
        format!("{header}\nB,1,1,2,3,4,5\nB,2,1,2,3,4,5\nA,2,1,2,3,4,5\n"),
    )
    .unwrap();
    let error = refused(folder.path(), &["report", "arm_5", "a.csv", "b.csv"], 3);
    assert!(error.contains("session 2 occurs twice, in a.csv and in b.csv: lines 3 and 4"), "{error}");
}
