//! Are several files read as the one they would be together?

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn write(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path
}

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Two years of one study: other names, another order, another encoding, another delimiter.
fn years(folder: &Path) -> [PathBuf; 2] {
    let first = "id,sesion,arm_1,arm_2,arm_3,arm_4,arm_5,sede\nA,1,5,6,2,5,6,Ñuñoa\nB,1,4,4,4,,4,Viña\n";
    let second = "sep=;\r\nq3;q1;q2;q4;q5;Sede;Sesión;persona\r\n1;7;6;5;5;Ñuñoa;2;A\r\n4;1;1;1;1;\"Viña; sur\";2;B\r\n\r\n2;2;2;2;2;;3;B\r\n";
    [write(folder, "answers_2024.csv", first.as_bytes()), write(folder, "answers_2025.txt", &utf16(second))]
}

#[test]
fn files_with_their_own_headers_become_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = years(folder.path());
    let scores = folder.path().join("s.csv");
    let arguments = ["--keep", "sede", "--person", "id", "--columns", "scores"];
    // The second file has no column `id`: the message says which file lacks it.
    let output =
        run(&[&["score", "arm_5", first.to_str().unwrap(), second.to_str().unwrap()][..], &arguments]
            .concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("answers_2025.txt: --person"), "{}", text(&output.stderr));

    let renamed = String::from_utf8(fs::read(&first).unwrap()).unwrap().replace("id,", "persona,");
    fs::write(&first, renamed).unwrap();
    let mut tables = Vec::new();
    for threads in ["1", "3"] {
        let output = run(&[
            "score",
            "arm_5",
            first.to_str().unwrap(),
            second.to_str().unwrap(),
            "--keep",
            "sede",
            "--person",
            "persona",
            "--columns",
            "scores",
            "--threads",
            threads,
            "-o",
            scores.to_str().unwrap(),
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stdout).starts_with("5 rows of 2 files scored with arm_5"));
        assert!(text(&output.stdout).contains("answers_2025.txt names its items otherwise: q1 … q5"));
        tables.push(fs::read_to_string(&scores).unwrap());
    }
    assert_eq!(tables[0], tables[1]);
    assert_eq!(
        tables[0],
        "file,persona,sesion,sede,total\n\
         answers_2024.csv,A,1,Ñuñoa,5.6\n\
         answers_2024.csv,B,1,Viña,\n\
         answers_2025.txt,A,2,Ñuñoa,6\n\
         answers_2025.txt,B,2,Viña; sur,1.6\n\
         answers_2025.txt,B,3,,2.8\n"
    );
    let receipt = fs::read_to_string(folder.path().join("s.csv.receipt.json")).unwrap();
    let receipt: Value = serde_json::from_str(&receipt).unwrap();
    let files = receipt["input"]["files"].as_array().unwrap();
    for (file, path) in files.iter().zip([&first, &second]) {
        assert_eq!(file["digest"], blake3::hash(&fs::read(path).unwrap()).to_hex().to_string());
    }
    assert_eq!((&files[0]["rows"], &files[1]["rows"]), (&2.into(), &3.into()));
    assert_eq!((&files[0]["encoding"], &files[1]["encoding"]), (&"UTF-8".into(), &"UTF-16LE".into()));
    assert_eq!(files[1]["columns"]["items"]["arm_5.i03"], "q3");
    assert_eq!(files[1]["columns"]["keys"]["session"], "Sesión");
}

#[test]
fn findings_name_their_file_and_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let header = "id,arm_1,arm_2,arm_3,arm_4,arm_5\n";
    let one = write(folder.path(), "one.csv", format!("{header}A,1,2,3,4,5\nB,1,2,3,4,8\n").as_bytes());
    let two = write(folder.path(), "two.csv", format!("\n{header}A,1,2,3,4,5\n\nB,x,2,3,4,5\n").as_bytes());
    let three = write(folder.path(), "three.csv", b"id,arm_1,arm_2\n1,1,1\n");
    let found = |files: &[&PathBuf]| -> Vec<(String, String, Option<u64>)> {
        let mut arguments = vec!["score", "arm_5", "--findings", "json", "-o", "/dev/null"];
        arguments.extend(files.iter().map(|file| file.to_str().unwrap()));
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
        let of = |finding: &Value| {
            let file = Path::new(finding["file"].as_str().unwrap()).file_name().unwrap();
            let code = finding["code"].as_str().unwrap().to_owned();
            (file.to_str().unwrap().to_owned(), code, finding["line"].as_u64())
        };
        findings.as_array().unwrap().iter().map(of).collect()
    };
    let wanted = |rows: &[(&str, &str, u64)]| -> Vec<(String, String, Option<u64>)> {
        rows.iter().map(|(file, code, line)| (file.to_string(), code.to_string(), Some(*line))).collect()
    };
    let cells = wanted(&[("one.csv", "out_of_range", 3), ("two.csv", "text_in_item", 5)]);
    assert_eq!(found(&[&one, &two]), cells);
    let headers = found(&[&one, &three]);
    assert_eq!(headers, vec![wanted(&[("three.csv", "missing_column", 1)])[0].clone(); 3]);
    // A file that breaks off ends the reading; what was wrong before it is said too.
    let cut = write(folder.path(), "cut.csv", format!("{header}A,1,2,3,4,5\nB,\"1,2,3,4,5\n").as_bytes());
    let unclosed = wanted(&[("one.csv", "out_of_range", 3), ("cut.csv", "unclosed_quote", 3)]);
    assert_eq!(found(&[&one, &cut, &two]), unclosed);
    let empty = write(folder.path(), "empty.csv", header.as_bytes());
    let sound = write(folder.path(), "sound.csv", format!("{header}A,1,2,3,4,5\n").as_bytes());
    assert_eq!(found(&[&sound, &empty])[0].1, "no_rows");
}

#[test]
fn files_that_do_not_go_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let items: Vec<String> = (1..=12).map(|item| format!("wai_{item}")).collect();
    let row = ["4"; 12].join(",");
    let roles =
        write(folder.path(), "a.csv", format!("id,role,{}\n1,worker,{row}\n", items.join(",")).as_bytes());
    let plain = write(folder.path(), "b.csv", format!("id,{}\n1,{row}\n", items.join(",")).as_bytes());
    let named = write(folder.path(), "c.csv", format!("id,File,{}\n1,x,{row}\n", items.join(",")).as_bytes());
    let link = folder.path().join("link.csv");
    fs::hard_link(&plain, &link).unwrap();
    for (files, more, said) in [
        ([&roles, &plain], &[][..], "a.csv has a role for each row and b.csv has none"),
        ([&plain, &named], &["--where", "File=x"], "b.csv: --where: the file has no column `File`"),
        ([&plain, &link], &[], "are one file"),
    ] {
        let mut arguments = vec!["score", "wai_s"];
        arguments.extend(files.iter().map(|file| file.to_str().unwrap()));
        arguments.extend(more);
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
    let two = write(folder.path(), "d.csv", fs::read_to_string(&named).unwrap().as_bytes());
    let paths = [named.to_str().unwrap(), two.to_str().unwrap()];
    let output = run(&["score", "wai_s", paths[0], paths[1], "--keep", "File"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("is called like"), "{}", text(&output.stderr));
}

#[test]
fn a_key_that_one_file_lacks_is_empty_there_and_noted() {
    let folder = tempfile::tempdir().unwrap();
    let header = "arm_1,arm_2,arm_3,arm_4,arm_5";
    let first = write(folder.path(), "2024/a.csv", format!("id,{header}\n1,4,4,4,4,4\n").as_bytes());
    let second =
        write(folder.path(), "2025/a.csv", format!("id,session,{header}\n1,2,4,4,4,4,4\n").as_bytes());
    let output =
        run(&["score", "arm_5", first.to_str().unwrap(), second.to_str().unwrap(), "--columns", "scores"]);
    // Files of one name are told apart by their folders.
    assert_eq!(text(&output.stdout), "file,id,session,total\n2024/a.csv,1,,4\n2025/a.csv,1,2,4\n");
    assert!(text(&output.stderr).contains("2024/a.csv has no column session"), "{}", text(&output.stderr));
}

#[test]
fn rows_of_several_files_are_explained_each_by_its_own_header() {
    let folder = tempfile::tempdir().unwrap();
    let [_, second] = years(folder.path());
    let first = write(folder.path(), "x.csv", b"persona,arm_1,arm_2,arm_3,arm_4,arm_5\nZ,1,1,1,1,1\n");
    let output = run(&[
        "explain",
        "arm_5",
        first.to_str().unwrap(),
        second.to_str().unwrap(),
        "--person",
        "persona",
        "--where",
        "persona=B",
        "--format",
        "json",
    ]);
    let envelope: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = envelope["results"]["rows"].as_array().unwrap();
    assert_eq!((&rows[0]["line"], &rows[0]["row"], &rows[1]["line"]), (&4.into(), &2.into(), &6.into()));
    assert_eq!(rows[0]["keys"]["file"], "answers_2025.txt");
    let step = &rows[0]["scales"][0]["steps"][2];
    assert_eq!((&step["column"], &step["cell"]), (&"q3".into(), &"4".into()));
}

/// Wide files need not have the same sessions.
#[test]
fn wide_files_go_together() {
    let folder = tempfile::tempdir().unwrap();
    let wide = |sessions: &[u8], value: &str| {
        let of = |session: &u8| (1..=5).map(|item| format!("arm{item}_s{session}")).collect::<Vec<_>>();
        let names: Vec<String> = sessions.iter().flat_map(of).collect();
        format!("id,{}\nA,{}\n", names.join(","), vec![value; names.len()].join(","))
    };
    let first = write(folder.path(), "a.csv", wide(&[1, 2], "3").as_bytes());
    let second = write(folder.path(), "b.csv", wide(&[3], "5").as_bytes());
    let output = run(&[
        "score",
        "arm_5",
        first.to_str().unwrap(),
        second.to_str().unwrap(),
        "--items",
        "arm{item}_s{session}",
        "--columns",
        "scores",
    ]);
    assert_eq!(
        text(&output.stdout),
        "file,id,session,total\na.csv,A,1,3.4\na.csv,A,2,3.4\nb.csv,A,3,4.6\n",
        "{}",
        text(&output.stderr)
    );
}
