//! Does the process behave? Exit codes, streams, files.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const EXAMPLE: &str = "examples/child_protection/answers.csv";

fn alliance(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alliance"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn run(args: &[&str]) -> Output {
    alliance(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A small sound file.
fn answers(folder: &Path) -> PathBuf {
    let path = folder.join("answers.csv");
    fs::write(&path, "id,arm_1,arm_2,arm_3,arm_4,arm_5,group\n1,5,6,2,5,6,a\n2,4,4,4,,4,b\n").unwrap();
    path
}

#[test]
fn scores_go_to_standard_output_and_the_summary_to_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["score", "arm_5", answers(folder.path()).to_str().unwrap(), "--keep", "group"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stdout),
        "id,group,form,total,total_answered,total_prorated,total_reason\n\
         1,a,client,5.6,5,0,\n2,b,client,,4,0,too_few_answered\n"
    );
    assert!(text(&output.stderr).contains("2 rows of answers.csv scored with arm_5"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_prorated_score_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&[
        "score",
        "arm_5",
        answers(folder.path()).to_str().unwrap(),
        "--min-answered",
        "80%",
        "--as",
        "sum",
    ]);
    assert!(
        text(&output.stdout).ends_with("1,client,28,5,0,\n2,client,20,4,1,\n"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn standard_input_is_a_file_too() {
    let mut child = alliance(&["score", "arm_5", "-", "--columns", "scores"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"id;arm 1;ARM-2;arm.3;Arm4;arm_05\r\n1;5,0;6;2;5;+6\r\n;;;;;\r\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), "id,total\n1,5.6\n");
}

#[test]
fn the_receipt_tells_how_every_score_came_about() {
    let folder = tempfile::tempdir().unwrap();
    let scores = folder.path().join("scores.csv");
    let input = answers(folder.path());
    let output = run(&["score", "arm_5", input.to_str().unwrap(), "-o", scores.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let receipt = fs::read_to_string(folder.path().join("scores.csv.receipt.json")).unwrap();
    let receipt: Value = serde_json::from_str(&receipt).unwrap();
    assert_eq!(receipt["schema"], "alliance/1");
    assert_eq!(receipt["command"], "score");
    assert_eq!(receipt["software"]["version"], env!("CARGO_PKG_VERSION"));
    let instrument = &receipt["instruments"][0];
    assert_eq!((&instrument["id"], &instrument["evidence"]), (&"arm_5".into(), &"verified".into()));
    let digest = blake3::hash(&fs::read(&input).unwrap()).to_hex().to_string();
    assert_eq!(receipt["input"]["files"][0]["digest"], digest);
    assert_eq!(receipt["input"]["files"][0]["name"], "answers.csv");
    assert_eq!(receipt["settings"]["instruments"][0]["items"][2]["column"], "arm_3");
    assert_eq!(receipt["settings"]["keys"][0]["assumed"], true);
    assert_eq!(receipt["settings"]["scales"][0]["items"][2], "-i03");
    assert_eq!(receipt["settings"]["counts"]["missing"]["blank"], 1);
    assert_eq!(receipt["results"]["scales"][0]["mean"], 5.6);
    assert_eq!(receipt["results"]["scales"][0]["no_score"]["too_few_answered"], 1);
    assert!(
        !receipt.to_string().contains(folder.path().to_str().unwrap()),
        "an absolute path in the receipt"
    );
}

#[test]
fn equal_inputs_give_equal_bytes_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, threads: &str| {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        let scores = path.join("scores.csv");
        let output =
            run(&["score", "wai_s,haq_ii", EXAMPLE, "--threads", threads, "-o", scores.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        (fs::read(&scores).unwrap(), fs::read(path.join("scores.csv.receipt.json")).unwrap(), output.stdout)
    };
    let one = made("one", "1");
    assert!(one == made("two", "2") && one == made("seven", "7"));
}

#[test]
fn what_the_system_refuses_exits_with_six() {
    let folder = tempfile::tempdir().unwrap();
    let input = answers(folder.path());
    let input = input.to_str().unwrap();
    let nowhere = folder.path().join("nowhere/scores.csv");
    let place = folder.path().to_str().unwrap();
    for (args, said) in [
        (vec!["score", "arm_5", "no_such_file.csv"], "no_such_file.csv"),
        (vec!["score", "arm_5", place], "directory"),
        (vec!["score", "arm_5", input, "-o", place], "directory"),
        (vec!["score", "arm_5", input, "-o", nowhere.to_str().unwrap()], "cannot write"),
        (vec!["lint", "no_such.toml"], "no_such.toml"),
    ] {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(6), "{args:?} {output:?}");
        assert!(text(&output.stderr).contains(said), "{args:?} {}", text(&output.stderr));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_output_that_cannot_be_is_told_why() {
    let answers = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/child_protection/answers.csv");
    let report = run(&["score", "wai_s", answers, "-o", "nodir/x.csv"]);
    let error = text(&report.stderr);
    assert!(error.contains("cannot write `nodir/x.csv`: the folder `nodir` does not exist"), "{error}");
    let plot = run(&["plot", "course", "wai_s", answers, "-o", "f.pdf"]);
    assert!(text(&plot.stderr).contains("endings are .svg, .png, .txt"), "{}", text(&plot.stderr));
}

#[test]
fn what_makes_no_sense_exits_with_two() {
    let folder = tempfile::tempdir().unwrap();
    let input = answers(folder.path());
    let input = input.to_str().unwrap();
    let wide = "tests/bad/wide_words.csv";
    let link = folder.path().join("link.csv");
    fs::hard_link(input, &link).unwrap();
    for (args, said) in [
        (vec!["score", "arm_5", input, "-o", input], "also an input"),
        (vec!["score", "arm_5", input, "-o", link.to_str().unwrap()], "also an input"),
        (vec!["score", "arm5", input], "did you mean `arm_5`"),
        (vec!["score", "arm_5,arm_5", input], "named twice"),
        (vec!["score", "arm_5", input, "--missing-codes", "7"], "is an answer of arm_5"),
        (vec!["score", "arm_5", input, "--keep", "grop"], "did you mean `group`"),
        (vec!["score", "arm_5", input, "--where", "group=c"], "no row is left"),
        (vec!["score", "arm_5", input, "--where", "group"], "--where"),
        (vec!["score", "arm_5", input, "--items", "arm_"], "{item}"),
        (vec!["score", "arm_5", input, "--items", "{role}{item}{session}"], "fits every column"),
        (vec!["score", "arm_5", input, "--items", "{item}_{item}"], "needs {item} once"),
        (
            vec!["score", "arm_5", input, "--items", "arm_{item}", "--sessions", "pre=1"],
            "--sessions needs {session}",
        ),
        (
            vec!["score", "arm_5", wide, "--items", "arm{item}_{session}", "--sessions", "pre=1"],
            "session `post`",
        ),
        (
            vec![
                "score",
                "arm_5",
                wide,
                "--items",
                "arm{item}_{session}",
                "--sessions",
                "pre=1,post=2,seg=3",
            ],
            "no column has the session `seg`",
        ),
        (
            vec!["score", "arm_5", wide, "--items", "arm{item}_{session}", "--session", "id"],
            "would say the session",
        ),
        (vec!["score", "arm_5", input, "--form", "therapist"], "its forms are: client"),
        (vec!["score", "arm_5", input, "--responses", "five_point"], "seven_point"),
        (vec!["score", "arm_5", input, "--roles", "madre=caregiver"], "no form `caregiver`"),
        (vec!["score", "arm_5", input, "--encoding", "klingon"], "there is no encoding `klingon`"),
        (vec!["score", "arm_5", input, "--delimiter", "a"], "cannot stand between fields"),
        (vec!["score", "arm_5", input, "--min-answered", "9"], "only 5 items"),
        (vec!["score", "arm_5", input, "--min-answered", "many"], "makes no sense"),
        (vec!["score", "arm_5", input, "--person", "id", "--dyad", "id"], "both person and dyad"),
        (vec!["score", "arm_5", input, "-o", "scores.xlsx"], "cannot be written as .xlsx"),
        (vec!["score", "arm_5"], "Usage"),
        (vec!["explain", "arm_5", input, "--scale", "totl"], "did you mean `total`"),
        (vec!["template", "wai_z"], "did you mean"),
    ] {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?} {output:?}");
        assert!(text(&output.stderr).contains(said), "{args:?} {}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_kept_column_may_not_be_called_like_one_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, "id,arm_1,arm_2,arm_3,arm_4,arm_5,Total\n1,5,6,2,5,6,24\n").unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(run(&["score", "arm_5", path, "--keep", "total"]).status.code(), Some(2));
    let output = run(&["score", "arm_5", path, "--keep", "total", "--prefix", "--columns", "scores"]);
    assert_eq!(text(&output.stdout), "id,Total,arm_5_total\n1,24,5.6\n");
}

#[test]
fn forms_that_differ_must_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let items: Vec<String> = (1..=12).map(|item| format!("tasc_{item}")).collect();
    fs::write(&path, format!("id,{}\n1{}\n", items.join(","), ",3".repeat(12))).unwrap();
    let path = path.to_str().unwrap();
    // The therapist form shares the key of the child form, but as an inference only.
    let output = run(&["score", "tasc_r", path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("inferred"));
    assert_eq!(run(&["score", "tasc_r", path, "--form", "child"]).status.code(), Some(0));
    assert_eq!(run(&["score", "tasc_r", path, "--accept-inferred"]).status.code(), Some(0));

    let path = folder.path().join("wav.csv");
    let items: Vec<String> = (1..=12).map(|item| format!("wav_{item}")).collect();
    fs::write(&path, format!("id,{}\n1{}\n", items.join(","), ",3".repeat(12))).unwrap();
    let path = path.to_str().unwrap();
    let output = run(&["score", "wav_12r", path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("team, parent"), "{}", text(&output.stderr));
    assert_eq!(run(&["score", "wav_12r", path, "--form", "team"]).status.code(), Some(2));
    assert_eq!(
        run(&["score", "wav_12r", path, "--form", "team", "--accept-inferred"]).status.code(),
        Some(0)
    );
    assert_eq!(
        run(&["score", "wav_12r", path, "--form", "parent", "--accept-inferred"]).status.code(),
        Some(4)
    );
}

#[test]
fn the_form_may_be_left_open_where_all_forms_are_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let items: Vec<String> = (1..=12).map(|item| format!("wai_{item}")).collect();
    fs::write(&path, format!("id,{}\n1{}\n", items.join(","), ",3".repeat(12))).unwrap();
    let output = run(&["score", "wai_s", path.to_str().unwrap()]);
    assert!(text(&output.stdout).contains("1,unspecified,3,4,0,,3,4,0,,4,4,0,"), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("scored as `unspecified`"));
}

#[test]
fn roles_choose_the_form_and_keep_their_word() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let items: Vec<String> = (1..=12).map(|item| format!("wai_{item}")).collect();
    let rows = ["madre", "TS", "father"].map(|rol| format!("1,{rol}{}\n", ",3".repeat(12))).concat();
    fs::write(&path, format!("diada,rol,{}\n{rows}", items.join(","))).unwrap();
    let path = path.to_str().unwrap();
    let output = run(&["score", "wai_s", path, "--roles", "madre=caregiver,ts=worker"]);
    let first: Vec<String> = text(&output.stdout)
        .lines()
        .map(|line| line.split(',').take(3).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(first, ["diada,rol,form", "1,madre,caregiver", "1,TS,worker", "1,father,caregiver"]);
    let output = run(&["score", "wai_s", path, "--roles", "madre=caregiver,ts=worker", "--form", "worker"]);
    assert_eq!(text(&output.stdout).lines().count(), 2);
    assert!(text(&output.stderr).contains("2 of another form"));
}

#[test]
fn all_findings_come_as_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let rows: String = (0..200).map(|row| format!("{row},9,8,x,1,2\n")).collect();
    fs::write(&path, format!("id,arm_1,arm_2,arm_3,arm_4,arm_5\n{rows}")).unwrap();
    let path = path.to_str().unwrap();
    let drawn = run(&["score", "arm_5", path]);
    assert_eq!(text(&drawn.stderr).matches("problem[").count(), 50);
    assert!(text(&drawn.stderr).contains("and 550 more"));
    let data = run(&[
        "score",
        "arm_5",
        path,
        "--findings",
        "csv",
        "-o",
        folder.path().join("s.csv").to_str().unwrap(),
    ]);
    assert_eq!(text(&data.stdout).lines().count(), 601);
    // Beside scores on standard output there is no room for them there.
    let both = run(&["score", "arm_5", path, "--findings", "json", "--on-invalid", "missing"]);
    assert_eq!(text(&both.stdout).lines().count(), 201);
    assert!(text(&both.stderr).contains("\"out_of_range\""));
}

#[cfg(unix)]
#[test]
fn a_reader_that_closes_the_pipe_is_no_error() {
    let mut child = alliance(&["show", "wai"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[cfg(unix)]
#[test]
fn an_output_that_may_not_be_changed_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let scores = folder.path().join("scores.csv");
    fs::write(&scores, "old\n").unwrap();
    fs::set_permissions(&scores, fs::Permissions::from_mode(0o444)).unwrap();
    let output =
        run(&["score", "arm_5", answers(folder.path()).to_str().unwrap(), "-o", scores.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(6));
    assert_eq!(fs::read_to_string(&scores).unwrap(), "old\n");
}

#[cfg(unix)]
#[test]
fn an_output_keeps_its_permissions_and_a_link_stays_a_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (scores, link) = (folder.path().join("scores.csv"), folder.path().join("link.csv"));
    fs::write(&scores, "old\n").unwrap();
    fs::set_permissions(&scores, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&scores, &link).unwrap();
    let output =
        run(&["score", "arm_5", answers(folder.path()).to_str().unwrap(), "-o", link.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&scores).unwrap().starts_with("id,form,total"));
    assert_eq!(fs::metadata(&scores).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn every_report_comes_in_every_format() {
    for command in [
        vec!["instruments"],
        vec!["show", "wai_s"],
        vec!["explain", "wai_s", EXAMPLE, "--where", "dyad=4,session=3"],
    ] {
        for (format, starts) in
            [("text", ""), ("markdown", "# "), ("json", "{"), ("csv", ""), ("html", "<!DOCTYPE html>")]
        {
            let output = run(&[command.clone(), vec!["--format", format]].concat());
            assert_eq!(output.status.code(), Some(0), "{command:?} {format}");
            let said = text(&output.stdout);
            assert!(said.starts_with(starts) && said.len() > 300, "{command:?} {format}");
            if format == "json" {
                let envelope: Value = serde_json::from_str(&said).unwrap();
                assert_eq!(envelope["command"], command[0]);
            }
            if format == "text" {
                assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
            }
        }
    }
}

#[test]
fn explanations_are_right() {
    let output = run(&[
        "explain",
        "wai_s",
        EXAMPLE,
        "--where",
        "dyad=4,session=3,role=worker",
        "--scale",
        "goal",
        "--format",
        "json",
    ]);
    let envelope: Value = serde_json::from_slice(&output.stdout).unwrap();
    let row = &envelope["results"]["rows"][0];
    let line = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(EXAMPLE)).unwrap();
    let line = line.lines().nth(row["line"].as_u64().unwrap() as usize - 1).unwrap().to_owned();
    assert!(line.starts_with("4,W1,worker,3,"), "{line}");
    let cells: Vec<f64> =
        line.split(',').skip(5).take(12).map(|cell| cell.parse().unwrap_or(f64::NAN)).collect();
    let want = ((8.0 - cells[3]) + cells[5] + (8.0 - cells[9]) + cells[10]) / 4.0;
    assert_eq!(row["scales"][0]["score"], want);
    assert_eq!(row["scales"][0]["steps"][0]["scored"], 8.0 - cells[3]);
    let many = run(&["explain", "wai_s", EXAMPLE]);
    assert_eq!(many.status.code(), Some(2));
}

#[test]
fn a_definition_of_ones_own_scores() {
    let folder = tempfile::tempdir().unwrap();
    let (definition, data) = (folder.path().join("my_scale.toml"), folder.path().join("d.csv"));
    fs::write(&definition, run(&["template"]).stdout).unwrap();
    fs::write(&data, "who,role,my_1,my_2,my_3,my_4\n1,mother,5,6,5,2\n").unwrap();
    let (definition, data) = (definition.to_str().unwrap(), data.to_str().unwrap());
    assert_eq!(run(&["lint", definition]).status.code(), Some(0));
    let output = run(&["score", definition, data, "--columns", "scores", "--person", "who"]);
    assert_eq!(text(&output.stdout), "who,role,support,agreement,total\n1,mother,5,6,5.5\n");
}

/// The published means of the real file, where it is at hand; it may not be shipped.
#[test]
fn means_are_those_published_for_the_real_data() {
    // Sums of the 12 items over 40 persons, as published; every scale mean follows from them.
    let sums = [90, 87, 95, 101, 120, 92, 105, 91, 78, 91, 91, 109];
    let mean = |items: &[usize]| {
        items.iter().map(|item| sums[item - 1]).sum::<i32>() as f64 / (40 * items.len()) as f64
    };
    assert_eq!(mean(&[1, 2, 10, 12]), 2.35625);
    assert_eq!((mean(&[3, 5, 7, 9]), mean(&[4, 6, 8, 11])), (2.4875, 2.34375));
    // A file with the same sums: 40 persons who share them out as evenly as whole answers allow.
    let mut file =
        "id,".to_owned() + &(1..=12).map(|item| format!("wai_{item}")).collect::<Vec<_>>().join(",") + "\n";
    for person in 0..40 {
        let answers = sums.map(|sum| (sum / 40 + i32::from(person < sum % 40)).to_string());
        file += &format!("{person},{}\n", answers.join(","));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, file).unwrap();
    let output = run(&[
        "score",
        "wai_sr",
        path.to_str().unwrap(),
        "--format",
        "json",
        "-o",
        folder.path().join("s.csv").to_str().unwrap(),
    ]);
    let envelope: Value = serde_json::from_slice(&output.stdout).unwrap();
    let means: Vec<f64> = envelope["results"]["scales"]
        .as_array()
        .unwrap()
        .iter()
        .map(|scale| scale["mean"].as_f64().unwrap())
        .collect();
    assert_eq!(means[..3], [2.35625, 2.4875, 2.34375]);
    assert!((means[3] - 2.395833333333333).abs() < 1e-14);
}

#[test]
fn items_reversed_already_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (scores, data) = (folder.path().join("s.csv"), folder.path().join("d.csv"));
    let items: Vec<String> = (1..=12).map(|item| format!("wai_{item}")).collect();
    fs::write(&data, format!("id,{}\n1,1,1,1,6,1,1,1,1,1,2,1,1\n", items.join(","))).unwrap();
    let data = data.to_str().unwrap();
    let goal = |options: &[&str]| {
        let mut args = vec!["score", "wai_s", data, "--columns", "scores"];
        args.extend(options);
        text(&run(&args).stdout).lines().nth(1).unwrap().split(',').nth(3).unwrap().to_owned()
    };
    // Items 4, 6, 10 and 11 are 6, 1, 2 and 1; as 8 − 6, 1, 8 − 2, 1 they make 10, as they are also 10, else 6 or 14.
    assert_eq!(goal(&[]), "2.5");
    assert_eq!(goal(&["--already-reversed", "4,10"]), "2.5");
    assert_eq!(goal(&["--already-reversed", "wai_s.10"]), "1.5");
    assert_eq!(goal(&["--already-reversed", "i04"]), "3.5");
    let output = run(&["score", "wai_s", data, "--already-reversed", "10,4", "-o", scores.to_str().unwrap()]);
    assert!(text(&output.stdout).contains("wai_s.i04, wai_s.i10 are taken as the file has it"));
    let receipt = fs::read(folder.path().join("s.csv.receipt.json")).unwrap();
    let receipt: Value = serde_json::from_slice(&receipt).unwrap();
    assert_eq!(receipt["settings"]["already_reversed"], serde_json::json!(["wai_s.i04", "wai_s.i10"]));
    let explained =
        run(&["explain", "wai_s", data, "--already-reversed", "4", "--scale", "goal", "--format", "json"]);
    let envelope: Value = serde_json::from_slice(&explained.stdout).unwrap();
    assert_eq!(envelope["settings"]["already_reversed"], serde_json::json!(["wai_s.i04"]));
    let steps = &envelope["results"]["rows"][0]["scales"][0]["steps"];
    assert_eq!((&steps[0]["scored"], &steps[2]["scored"]), (&6.0.into(), &6.0.into()));
    assert_eq!(steps[0]["reversal"], "reversed in the file");
    for (word, why) in
        [("5", "no scale of wai_s reverses item 5"), ("13", "is no item"), ("x.4", "is no item")]
    {
        let refused = run(&["score", "wai_s", data, "--already-reversed", word]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains(why), "{}", text(&refused.stderr));
    }
}
/// Waits for something that another process does; a minute is far more than it takes.
#[cfg(unix)]
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..6000 {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("waited for {what}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_the_old_output_and_nothing_else() {
    for signal in ["INT", "TERM", "HUP"] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("scores.csv");
        fs::write(&out, "old").unwrap();
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_alliance"))
            .args(["score", "arm_5", "-", "-o"])
            .arg(&out)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // More than a block, so that the header is read and the run waits for the rest.
        let mut text = String::from("id,arm_1,arm_2,arm_3,arm_4,arm_5\n");
        (0..40_000).for_each(|row| text.push_str(&format!("{row},1,2,3,4,5\n")));
        let mut input = child.stdin.take().unwrap();
        std::io::Write::write_all(&mut input, text.as_bytes()).unwrap();
        let files = || fs::read_dir(folder.path()).unwrap().count();
        wait_for("an unfinished file", || (files() == 2).then_some(()));
        let pid = child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        let done = child.wait_with_output().unwrap();
        drop(input);
        assert_eq!(done.status.code(), Some(130), "{signal}");
        assert!(String::from_utf8_lossy(&done.stderr).contains("interrupted; nothing was written"));
        assert_eq!(fs::read_to_string(&out).unwrap(), "old");
        assert_eq!(files(), 1, "an unfinished file is left behind");
    }
}

/// A run that waits for standard input in the middle, so that something can happen to the file it has read before.
#[cfg(unix)]
fn while_it_runs(happens: impl FnOnce(&Path, &std::process::Child)) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("answers.csv"), folder.path().join("scores.csv"));
    fs::write(&file, "id,arm_1,arm_2,arm_3,arm_4,arm_5\nA,1,2,3,4,5\nB,1,2,3,4,5\n").unwrap();
    fs::write(&out, "old").unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(["score", "arm_5"])
        .args([&file, Path::new("-"), Path::new("-o"), &out])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // More than a block, so that its header is read and the run waits for the rest.
    let mut text = String::from("id,arm_1,arm_2,arm_3,arm_4,arm_5\n");
    (0..40_000).for_each(|row| text.push_str(&format!("{row},1,2,3,4,5\n")));
    let mut input = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, text.as_bytes()).unwrap();
    let files = || fs::read_dir(folder.path()).unwrap().count();
    wait_for("an unfinished file", || (files() == 3).then_some(()));
    happens(&file, &child);
    drop(input);
    (child.wait_with_output().unwrap(), folder)
}

#[cfg(unix)]
#[test]
fn a_file_that_changes_while_it_is_read_gives_no_scores() {
    let grows = |file: &Path| {
        let mut file = fs::File::options().append(true).open(file).unwrap();
        std::io::Write::write_all(&mut file, b"C,1,2,3,4,5\n").unwrap();
    };
    let shrinks = |file: &Path| fs::File::options().write(true).open(file).unwrap().set_len(40).unwrap();
    let vanishes = |file: &Path| fs::remove_file(file).unwrap();
    type Happens<'a> = &'a dyn Fn(&Path);
    let cases: [(Happens<'_>, &str, usize); 3] = [
        (&grows, "it changed while it was read: 57 bytes at first, 69 at the end", 2),
        (&shrinks, "it changed while it was read: 57 bytes at first, 40 at the end", 2),
        (&vanishes, "it vanished while it was read", 1),
    ];
    for (happens, said, files) in cases {
        let (done, folder) = while_it_runs(|file, _| happens(file));
        let error = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.code() == Some(6) && error.contains(said), "{error}");
        assert_eq!(fs::read_to_string(folder.path().join("scores.csv")).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), files, "an unfinished file is left behind");
    }
    let (done, folder) = while_it_runs(|_, _| ());
    assert_eq!(done.status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("scores.csv")).unwrap().lines().count(), 40_003);
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_leaves_the_old_output_whole() {
    let (done, folder) = while_it_runs(|_, child| {
        let pid = child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", "KILL", &pid]).status().unwrap().success());
    });
    assert_eq!(done.status.code(), None);
    assert_eq!(fs::read_to_string(folder.path().join("scores.csv")).unwrap(), "old");
    assert!(!folder.path().join("scores.csv.receipt.json").exists());
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_output_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("answers.csv"), folder.path().join("scores.csv"));
    let mut text = String::from("id,arm_1,arm_2,arm_3,arm_4,arm_5\n");
    (0..20_000).for_each(|row| text.push_str(&format!("{row},1,2,3,4,5\n")));
    fs::write(&input, text).unwrap();
    fs::write(&out, "old").unwrap();
    // A limit on the size of files stands in for a full disk: the same call fails.
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" score arm_5 \"$1\" -o \"$2\"";
    let done = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_alliance")])
        .args([&input, &out])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(6), "{said}");
    assert!(said.contains("cannot write") && said.contains("scores.csv"), "{said}");
    assert_eq!(fs::read_to_string(&out).unwrap(), "old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "an unfinished file is left behind");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("answers.csv");
    fs::write(&input, "id,arm_1,arm_2,arm_3,arm_4,arm_5\nA,1,2,3,4,5\n").unwrap();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(["score", "arm_5"])
        .arg(&input)
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(6));
    assert!(String::from_utf8_lossy(&done.stderr).contains("standard output"));
}
