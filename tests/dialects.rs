//! Is a file the same however it is written? Encodings, delimiters, line ends, packing.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use alliance_metrics::responses::{self, Decimal, Encoding, Options, Said, Splitting};
use alliance_metrics::scoring::Rules;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::Value;

use crate::common::{Outcome, score, shipped};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dialects")
}

fn options(said: Said) -> Options {
    Options { said, keep: vec!["quién".into(), "nota".into()], ..Options::default() }
}

fn outcome(bytes: &[u8], said: Said, block: usize) -> Outcome {
    let how = (Splitting::Automatic, block);
    score(bytes, &[shipped("arm_5")], &options(said), &Rules::default(), how).unwrap()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Files that other programs write (made with Python's codecs and gzip), all of one and the same table.
#[test]
fn one_table_in_many_files() {
    let plain = outcome(&std::fs::read(folder().join("plain.csv")).unwrap(), Said::default(), 1 << 16);
    assert!(plain.table.contains("2,mamá,Añil; € 5,client,"), "{}", plain.table);
    let mut files = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let said = match path.file_name().unwrap().to_str().unwrap() {
            "old_mac.csv" => {
                Said { encoding: Some(Encoding::parse("macintosh").unwrap()), ..Said::default() }
            }
            "quoted_comma.csv" => Said { decimal: Some(Decimal::Comma), ..Said::default() },
            _ => Said::default(),
        };
        let bytes = std::fs::read(&path).unwrap();
        for block in [1, 100, 1 << 16] {
            assert_eq!(outcome(&bytes, said, block), plain, "{} in blocks of {block}", path.display());
        }
        let read = responses::read_all("x", &bytes, &[shipped("arm_5")], &options(said)).unwrap();
        assert_eq!(read.responses.rows(), 3);
        assert_eq!(read.responses.text(2, 0), "José “el” – mayor".as_bytes());
        files += 1;
    }
    assert_eq!(files, 11);
}

#[test]
fn what_was_found_stands_in_the_receipt() {
    let folder_out = tempfile::tempdir().unwrap();
    let scores = folder_out.path().join("s.csv");
    let input = folder().join("packed_1252.csv.gz");
    let output = Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(["score", "arm_5"])
        .args([&input, Path::new("-o"), &scores])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let line = "gzip, Windows-1252, semicolons between fields (as its first line says), decimal comma or";
    assert!(said.contains(line), "{said}");
    let receipt = std::fs::read_to_string(folder_out.path().join("s.csv.receipt.json")).unwrap();
    let file = &serde_json::from_str::<Value>(&receipt).unwrap()["input"]["files"][0];
    assert_eq!((&file["encoding"], &file["packed"]), (&"Windows-1252".into(), &"gzip".into()));
    assert_eq!((&file["delimiter"], &file["decimal_comma"]), (&"semicolon".into(), &true.into()));
    // The digest is that of the file as it lies there.
    let bytes = std::fs::read(&input).unwrap();
    assert_eq!(file["digest"], blake3::hash(&bytes).to_hex().to_string());
    assert_eq!(file["bytes"], bytes.len());
}

/// A file that unpacks without end is read on in bounded memory, and can be interrupted.
#[cfg(target_os = "linux")]
#[test]
fn a_bomb_takes_no_memory_and_can_be_interrupted() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(["score", "arm_5", "-", "--threads", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Members of empty lines, a thousandth of their size when packed, and behind them more bytes than fit into pipe and
    // buffer: once those are written, the empty lines have been read.
    let member = packed(&vec![b'\n'; 4 << 20]);
    let noise: String = (0..60_000u32).map(|n| format!("{:08x}", n.wrapping_mul(0x9e37_79b9))).collect();
    let rows: String =
        noise.as_bytes().chunks(16).map(|x| String::from_utf8_lossy(x) + ",1,2,3,4,5\n").collect();
    stdin.write_all(&packed(b"id,arm_1,arm_2,arm_3,arm_4,arm_5\n")).unwrap();
    let id = child.id();
    let peak = || -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").trim().parse().unwrap()
    };
    let mut peaks = Vec::new();
    for members in [5, 20] {
        for _ in 0..members {
            stdin.write_all(&member).unwrap();
        }
        stdin.write_all(&packed(rows.as_bytes())).unwrap();
        peaks.push(peak());
    }
    // Four times as much behind it, 80 MiB, in the memory that the first 20 MiB took.
    assert!(peaks[1] < peaks[0] + 8 * 1024, "{peaks:?} KiB");
    // Not Ctrl-C itself: what runs in the background of a shell is deaf to it.
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    assert_ne!(status.code(), Some(0));
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
}

/// Words of a free-text column, all of them in Windows-1252 too.
fn word() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec!["a", "é", "Ñ", "ü", "€", "“", " ", ";", "|", "\t", ",", "\"", "¿", "…"]),
        0..5,
    )
    .prop_map(|letters| format!("x{}x", letters.concat()))
}

/// How a table may be written.
#[derive(Debug, Clone, Copy)]
struct Way {
    encoding: &'static str,
    mark: bool,
    delimiter: char,
    end: &'static str,
    gzip: bool,
    sep: bool,
}

fn way() -> impl Strategy<Value = Way> {
    (
        prop::sample::select(vec!["utf-8", "windows-1252", "utf-16le", "utf-16be"]),
        any::<bool>(),
        prop::sample::select(vec![',', ';', '\t', '|']),
        prop::sample::select(vec!["\n", "\r\n", "\r"]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(encoding, mark, delimiter, end, gzip, sep)| Way {
            encoding,
            mark: mark || encoding.starts_with("utf-16"),
            delimiter,
            end,
            gzip,
            sep,
        })
}

fn write(rows: &[Vec<String>], way: Way) -> Vec<u8> {
    let mut text = if way.sep { format!("sep={}{}", way.delimiter, way.end) } else { String::new() };
    for row in rows {
        let quoted = |cell: &String| {
            let special = cell.contains([way.delimiter, '"']);
            if special { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
        };
        let cells: Vec<String> = row.iter().map(quoted).collect();
        text += &cells.join(&way.delimiter.to_string());
        text += way.end;
    }
    let marked = if way.mark { format!("\u{feff}{text}") } else { text.clone() };
    let bytes: Vec<u8> = match way.encoding {
        "utf-16le" => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "windows-1252" => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        _ => marked.into_bytes(),
    };
    if way.gzip { packed(&bytes) } else { bytes }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any table, in any encoding, with any delimiter and line end, packed or not, in any block size: the same scores.
    #[test]
    fn a_table_is_the_same_however_it_is_written(
        cells in prop::collection::vec((word(), word(), prop::collection::vec(1..=7u8, 5)), 1..12),
        way in way(),
        block in 1usize..300,
    ) {
        let header = ["quién", "nota", "arm_1", "arm_2", "arm_3", "arm_4", "arm_5"].map(str::to_owned);
        let mut rows = vec![header.to_vec()];
        for (one, other, answers) in &cells {
            let mut row = vec![one.clone(), other.clone()];
            row.extend(answers.iter().map(u8::to_string));
            rows.push(row);
        }
        let plain = Way { encoding: "utf-8", mark: false, delimiter: ',', end: "\n", gzip: false, sep: false };
        let want = outcome(&write(&rows, plain), Said::default(), 1 << 18);
        prop_assert_eq!(outcome(&write(&rows, way), Said::default(), block), want);
    }
}
