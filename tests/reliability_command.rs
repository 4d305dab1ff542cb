//! `alliance reliability` and `alliance compare-alphas` from files: against numbers of other software, with clusters, with
//! published matrices, and through what is wrong.

use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::reference::{close, columns, expected};

/// Closed forms; the files hold twelve digits.
const CLOSED: f64 = 1e-8;
/// Estimates by maximum likelihood.
const FITTED: f64 = 1e-5;
/// Minimum residuals, Schmid–Leiman.
const MINRES: f64 = 1e-4;
/// Polychoric correlations.
const POLYCHORIC: f64 = 3e-5;
/// Three Monte-Carlo standard errors of a 2.5 % quantile of 8 000 draws, in standard errors: 3 √(.025 · .975/8 000)/φ(1.96).
const DRAWN: f64 = 0.09;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

#[track_caller]
fn text(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn results(args: &[&str]) -> Value {
    let all: Value = serde_json::from_str(&text(&[args, &["--format", "json"]].concat())).unwrap();
    all["results"].clone()
}

#[track_caller]
fn stopped(args: &[&str], code: i32) -> String {
    let output = run(args);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{error}");
    error
}

#[track_caller]
fn same(what: &str, ours: &Value, theirs: &Value, tolerance: f64) {
    let theirs = theirs.as_f64().unwrap();
    close(what, ours.as_f64().unwrap_or_else(|| panic!("{what}: {ours}")), theirs, tolerance);
}

fn scale<'a>(results: &'a Value, id: &str) -> &'a Value {
    results["scales"].as_array().unwrap().iter().find(|scale| scale["scale"] == id).unwrap()
}

const CROSS_PRODUCTS: [&str; 8] = [
    "reliability",
    "wai_sr",
    "--cov",
    "tests/data/matrices/wai_sr_cross_products.csv",
    "--matrix",
    "cross_products",
    "--n",
    "40",
];

#[test]
fn published_cross_products_give_back_psych_and_semtools() {
    let ours = results(&CROSS_PRODUCTS);
    let theirs = expected("reliability_wai_sr.json");
    for id in ["total", "task", "bond", "goal"] {
        let (ours, theirs) = (scale(&ours, id), &theirs[id]);
        assert_eq!((&ours["n"], &ours["k"], &ours["missing"]), (&theirs["n"], &theirs["k"], &Value::Null));
        same("alpha", &ours["alpha"]["estimate"], &theirs["raw_alpha"], CLOSED);
        same("lower", &ours["alpha"]["lower"], &theirs["feldt"][0], CLOSED);
        same("upper", &ours["alpha"]["upper"], &theirs["feldt"][2], CLOSED);
        same("se", &ours["alpha"]["intervals"]["normal_theory"]["se"], &theirs["normal_theory_se"], CLOSED);
        same("standardized", &ours["alpha_standardized"]["estimate"], &theirs["std_alpha"], CLOSED);
        same("mean r", &ours["mean_r"]["estimate"], &theirs["average_r"], CLOSED);
        same("G6", &ours["lambda6_standardized"]["estimate"], &theirs["G6"], CLOSED);
        for lambda in ["lambda1", "lambda2", "lambda3", "lambda5", "lambda6"] {
            same(lambda, &ours[lambda]["estimate"], &theirs["lambda_covariances"][lambda], CLOSED);
        }
        for lambda in ["lambda1", "lambda2", "lambda4", "lambda5", "lambda6"] {
            let standardized = &ours[format!("{lambda}_standardized")]["estimate"];
            same(lambda, standardized, &theirs["lambda_correlations"][lambda], CLOSED);
        }
        let omega = &theirs["omega_one_factor_ml"];
        same("omega", &ours["omega_total"]["estimate"], &omega["omega_observed"], FITTED);
        same("omega", &ours["omega_total_implied"]["estimate"], &omega["omega_implied"], FITTED);
        same("χ²", &ours["equal_loadings"]["free_chi_square"], &omega["chisq"], MINRES);
        for (j, item) in ours["items"].as_array().unwrap().iter().enumerate() {
            for (ours, named) in [
                ("item_rest", "r_drop"),
                ("r_cor", "r_cor"),
                ("mean", "mean"),
                ("sd", "sd"),
                ("alpha_if_deleted", "alpha_drop"),
            ] {
                same(named, &item[ours], &theirs["item"][named][j], CLOSED);
            }
        }
        assert_eq!(ours["ordinal_alpha"]["reason"], "not_applicable");
    }
    let theirs = &expected("omega_hierarchical.json")["wai"];
    let total = scale(&ours, "total");
    same("omega h", &total["omega_hierarchical"]["estimate"], &theirs["omega_h"], MINRES);
    same("omega t", &total["omega_total_schmid_leiman"]["estimate"], &theirs["omega_total"], MINRES);
    let mut shares: Vec<f64> = total["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["total"]["estimate"].as_f64().unwrap())
        .collect();
    let rows = theirs["omega_group"].as_array().unwrap();
    let mut others: Vec<f64> = rows[1..].iter().map(|row| row[0].as_f64().unwrap()).collect();
    shares.sort_by(f64::total_cmp);
    others.sort_by(f64::total_cmp);
    shares.iter().zip(&others).for_each(|(ours, theirs)| close("group omega", *ours, *theirs, MINRES));
    for half in ["max", "min", "mean"] {
        let of = |form: &str| total[format!("split_half_{half}{form}")]["estimate"].clone();
        same(half, &of(""), &theirs["split_covariances"][half], CLOSED);
        same(half, &of("_standardized"), &theirs["split_correlations"][half], CLOSED);
    }
}

#[test]
fn the_adf_interval_of_the_wai_sr_needs_its_answers() {
    let total = results(&CROSS_PRODUCTS);
    assert_eq!(scale(&total, "total")["alpha"]["intervals"]["adf"], Value::Null);
    let error = stopped(&[&CROSS_PRODUCTS[..], &["--bootstrap", "500"]].concat(), 2);
    assert!(error.contains("a matrix has none"), "{error}");
}

/// A file in a folder of its own.
fn file(name: &str, text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// Covariances and correlations of the published cross-products.
fn other_kinds() -> (String, String, String) {
    let products = fs::read_to_string(CROSS_PRODUCTS[3]).unwrap();
    let cells: Vec<Vec<&str>> = products.lines().map(|line| line.split(',').collect()).collect();
    let number = |a: usize, b: usize| cells[a.max(b) + 1][a.min(b) + 1].parse::<f64>().unwrap();
    let sum = |a: usize| cells[13][a + 1].parse::<f64>().unwrap();
    let s = |a: usize, b: usize| (number(a, b) - sum(a) * sum(b) / 40.0) / 39.0;
    let table = |value: &dyn Fn(usize, usize) -> f64| {
        let row = |a: usize| {
            format!(
                "{},{}",
                cells[a + 1][0],
                (0..12).map(|b| value(a, b).to_string()).collect::<Vec<_>>().join(",")
            )
        };
        format!("{}\n{}\n", cells[0].join(","), (0..12).map(row).collect::<Vec<_>>().join("\n"))
    };
    let list =
        |value: &dyn Fn(usize) -> f64| (0..12).map(|a| value(a).to_string()).collect::<Vec<_>>().join(",");
    let means = format!("mean,{}\n", list(&|a| sum(a) / 40.0));
    let sds = format!("sd,{}\n", list(&|a| s(a, a).sqrt()));
    let r = table(&|a, b| s(a, b) / (s(a, a) * s(b, b)).sqrt());
    (table(&s) + &means, r.clone() + &sds + &means, r)
}

#[test]
fn three_kinds_of_matrices_say_the_same() {
    let whole = results(&CROSS_PRODUCTS);
    let (covariances, with_sds, correlations) = other_kinds();
    for (kind, matrix) in [("covariance", &covariances), ("correlation", &with_sds)] {
        let (_folder, path) = file("m.csv", matrix);
        let ours = results(&["reliability", "wai_sr", "--cov", &path, "--matrix", kind, "--n", "40"]);
        for id in ["task", "total"] {
            let (ours, theirs) = (scale(&ours, id), scale(&whole, id));
            for coefficient in ["alpha", "omega_total", "lambda6", "glb", "standard_error_of_measurement"] {
                same(coefficient, &ours[coefficient]["estimate"], &theirs[coefficient]["estimate"], 1e-9);
                same(
                    coefficient,
                    &ours[coefficient]["lower"].as_f64().unwrap_or(0.0).into(),
                    &theirs[coefficient]["lower"].as_f64().unwrap_or(0.0).into(),
                    1e-7,
                );
            }
            same("mean", &ours["mean"], &theirs["mean"], 1e-12);
        }
    }
    let (_folder, path) = file("m.csv", &correlations);
    let ours = results(&["reliability", "wai_sr", "--cov", &path, "--matrix", "correlation", "--n", "40"]);
    let (ours, theirs) = (scale(&ours, "total"), scale(&whole, "total"));
    same(
        "alpha of correlations",
        &ours["alpha"]["estimate"],
        &theirs["alpha_standardized"]["estimate"],
        1e-12,
    );
    // Without standard deviations nothing is in the units of the answers.
    assert_eq!((&ours["mean"], &ours["sd"]), (&Value::Null, &Value::Null));
    assert_eq!(ours["standard_error_of_measurement"]["reason"], "not_applicable");
}

#[test]
fn a_matrix_of_raw_answers_is_reversed_by_the_key() {
    let items: Vec<String> = (1..=5).map(|j| format!("A{j}")).collect();
    let names: Vec<&str> = items.iter().map(String::as_str).collect();
    let rows: Vec<Vec<f64>> =
        columns("bfi.csv", &names).into_iter().filter(|row| row.iter().all(|x| !x.is_nan())).collect();
    let n = rows.len();
    let mut lines = vec![format!("item,{}", items.join(","))];
    for a in 0..5 {
        let product = |b: usize| rows.iter().map(|row| row[a] * row[b]).sum::<f64>().to_string();
        lines.push(format!("{},{}", items[a], (0..5).map(product).collect::<Vec<_>>().join(",")));
    }
    lines.push(format!(
        "sum,{}",
        (0..5).map(|a| rows.iter().map(|row| row[a]).sum::<f64>().to_string()).collect::<Vec<_>>().join(",")
    ));
    let (_folder, path) = file("m.csv", &(lines.join("\n") + "\n"));
    let definition = fs::read_to_string("tests/cli/bfi.toml").unwrap();
    // The first scale and its items alone.
    let (head, items) = definition.split_once("[[item]]").unwrap();
    let items: Vec<&str> =
        items.split("[[").next().map(|_| items.split("[[item]]").take(5).collect()).unwrap();
    let scale_text = definition.split("[[scale]]").nth(1).unwrap();
    let own = format!("{head}[[item]]{}\n[[scale]]{scale_text}", items.join("[[item]]"));
    let (folder, toml) = file("agree.toml", &own);
    let case = "schema = \"alliance-cases/1\"\ninstrument = \"bfi\"\n[[case]]\nname = \"all at the minimum\"\nanswers = \"1 1 1 1 1\"\nscores = { agree = 2 }\n";
    fs::write(folder.path().join("agree.cases.toml"), case).unwrap();
    let ours =
        results(&["reliability", &toml, "--cov", &path, "--matrix", "cross_products", "--n", &n.to_string()]);
    let theirs = &expected("reliability_bfi.json")["agree"]["listwise"];
    same("alpha", &scale(&ours, "agree")["alpha"]["estimate"], &theirs["raw_alpha"], CLOSED);
    same("mean", &scale(&ours, "agree")["items"][0]["mean"], &theirs["item"]["mean"][0], CLOSED);
    let turned = ["--already-reversed", "1"];
    let args = ["reliability", &toml, "--cov", &path, "--matrix", "cross_products", "--n", &n.to_string()];
    let turned = results(&[&args[..], &turned[..]].concat());
    assert!(scale(&turned, "agree")["alpha"]["estimate"].as_f64().unwrap() < 0.5);
    assert_eq!(scale(&turned, "agree")["wrong_way"], json!(["a1"]));
}

#[test]
fn a_matrix_that_cannot_be_is_a_finding_with_its_place() {
    let matrix = |text: &str, kind: &str| {
        let (_folder, path) = file("m.csv", text);
        stopped(&["reliability", "arm_5", "--cov", &path, "--matrix", kind, "--n", "30"], 3)
    };
    let whole = |edit: fn(usize, usize) -> f64| {
        let row = |a: usize| {
            format!("arm_{},{}", a + 1, (0..5).map(|b| edit(a, b).to_string()).collect::<Vec<_>>().join(","))
        };
        format!("item,arm_1,arm_2,arm_3,arm_4,arm_5\n{}\n", (0..5).map(row).collect::<Vec<_>>().join("\n"))
    };
    let plain = |a: usize, b: usize| if a == b { 2.0 } else { 0.5 };
    let (_folder, path) = file("m.csv", &whole(plain));
    text(&["reliability", "arm_5", "--cov", &path, "--matrix", "covariance", "--n", "30"]);
    let error = matrix(
        &whole(|a, b| {
            if (a, b) == (3, 1) {
                0.7
            } else if a == b {
                2.0
            } else {
                0.5
            }
        }),
        "covariance",
    );
    assert!(
        error.contains("problem[matrix_asymmetric]: 0.7 of arm_4 and arm_2 is 0.5")
            && error.contains("m.csv:5"),
        "{error}"
    );
    let error = matrix(&whole(|a, b| if a == b { 2.0 } else { 2.5 }), "covariance");
    assert!(error.contains("problem[not_a_covariance]: arm_2 and arm_1 would correlate 1.250"), "{error}");
    let error = matrix(&whole(plain), "correlation");
    assert!(error.contains("arm_1 correlates 2 with itself"), "{error}");
    let error = matrix(&whole(plain), "cross_products");
    assert!(error.contains("cross-products need a row of sums"), "{error}");
    let error = matrix(&whole(|a, b| if a == b { 200.0 } else { 5.0 }), "covariance");
    assert!(error.contains("at most 3.05"), "{error}");
    // All pairs may correlate −.9, but not all at once.
    let error = matrix(&whole(|a, b| if a == b { 1.0 } else { -0.9 }), "correlation");
    assert!(error.contains("have an eigenvalue of -2.6"), "{error}");
    let error = matrix("item,arm_1,arm_2\narm_1,1,.5\narm_2,.5,1\n", "correlation");
    assert!(error.contains("missing_column"), "{error}");
    let error = stopped(&["reliability", "arm_5", "--cov", &path], 2);
    assert!(error.contains("--matrix") && error.contains("--n"), "{error}");
    let error =
        stopped(&["reliability", "arm_5", "a.csv", "--cov", &path, "--matrix", "covariance", "--n", "30"], 2);
    assert!(error.contains("in the place of answers"), "{error}");
}

/// The rows of the bfi that are complete on all 25 items.
fn complete_bfi() -> (tempfile::TempDir, String) {
    let text = fs::read_to_string("tests/reference/data/bfi.csv").unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let is_item = |name: &str| {
        let name = name.trim_matches('"');
        name.len() == 2 && "ACENO".contains(&name[..1]) && name[1..].parse::<u8>().is_ok()
    };
    let at: Vec<usize> = (0..header.len()).filter(|at| is_item(header[*at])).collect();
    assert_eq!(at.len(), 25);
    let whole = |line: &&str| {
        let cells: Vec<&str> = line.split(',').collect();
        at.iter().all(|at| cells[*at].parse::<u8>().is_ok())
    };
    let kept: Vec<&str> = lines.filter(whole).collect();
    assert_eq!(kept.len(), 2436);
    file("bfi.csv", &format!("{}\n{}\n", header.join(","), kept.join("\n")))
}

#[test]
fn ordinal_alphas_from_a_file_are_those_of_semtools() {
    let (_folder, path) = complete_bfi();
    let ours = results(&["reliability", "tests/cli/bfi.toml", &path]);
    let theirs = &expected("ordinal_bfi15.json")["reliability_table"];
    for id in ["agree", "consc", "extra"] {
        let ours = scale(&ours, id);
        same(id, &ours["ordinal_alpha"]["estimate"], &theirs[id]["alpha.ord"], POLYCHORIC);
        same(id, &ours["alpha"]["estimate"], &theirs[id]["alpha"], CLOSED);
    }
    let em = results(&["reliability", "tests/cli/bfi.toml", &path, "--missing", "em", "--scale", "agree"]);
    assert_eq!(scale(&em, "agree")["ordinal_alpha"]["reason"], "not_applicable");
    // Normal limits are not for moments by maximum likelihood.
    assert_eq!(scale(&em, "agree")["alpha"]["lower"], Value::Null);
}

/// All 25 items as one scale beside the five, with more of them reversed than the key says.
fn bfi25(reversed: &[&str]) -> (tempfile::TempDir, String) {
    let mut text = fs::read_to_string("tests/cli/bfi.toml").unwrap();
    let items: Vec<String> = ["a", "c", "e", "n", "o"]
        .iter()
        .flat_map(|letter| (1..=5).map(move |j| format!("{letter}{j}")))
        .map(|item| format!("\"{}{item}\"", if reversed.contains(&item.as_str()) { "-" } else { "" }))
        .collect();
    text += &format!(
        "\n[[scale]]\nid = \"all\"\nitems = [{}]\nscore = \"sum\"\nmin_answered = 25\nrange = {{ six_point = [25, 150] }}\nevidence = \"verified\"\nsource = \"psychtools\"\n",
        items.join(", ")
    );
    let (folder, path) = file("bfi.toml", &text);
    let mut cases = fs::read_to_string("tests/cli/bfi.cases.toml").unwrap();
    let least = 25 + 5 * reversed.len();
    cases = cases.replacen("open = 3 }", &format!("open = 3, all = {least} }}"), 1);
    fs::write(folder.path().join("bfi.cases.toml"), cases).unwrap();
    (folder, path)
}

#[test]
fn omega_hierarchical_from_a_file_is_that_of_psych() {
    let reversed = ["a1", "c4", "c5", "e1", "e2", "o2", "o5", "n1", "n2", "n3", "n4", "n5", "o4"];
    let (_folder, path) = bfi25(&reversed);
    let ours = results(&[
        "reliability",
        &path,
        "tests/reference/data/bfi.csv",
        "--missing",
        "pairwise",
        "--scale",
        "all",
    ]);
    let theirs = &expected("omega_hierarchical.json")["bfi25"];
    let ours = scale(&ours, "all");
    same("omega h", &ours["omega_hierarchical"]["estimate"], &theirs["omega_h"], MINRES);
    same("omega t", &ours["omega_total_schmid_leiman"]["estimate"], &theirs["omega_total"], MINRES);
    assert_eq!(ours["groups"].as_array().unwrap().len(), 5);
    assert!(ours["pairs"][0].as_u64().unwrap() < ours["pairs"][1].as_u64().unwrap());
}

#[test]
fn mardia_and_the_shape_of_items_from_a_file_are_those_of_psych() {
    let (_one, definition) = bfi25(&["a1", "c4", "c5", "e1", "e2", "o2", "o5"]);
    let (_two, answers) = complete_bfi();
    let theirs = expected("descriptives_bfi.json");
    for (divisor, expected) in [("n", &theirs["mardia_n"]), ("n-1", &theirs["mardia"])] {
        let ours = results(&["items", &definition, &answers, "--mardia", divisor, "--scale", "all"]);
        let mardia = &scale(&ours, "all")["mardia"];
        same("skew", &mardia["b1p"], &expected["b1p"], CLOSED);
        same("kurtosis", &mardia["b2p"], &expected["b2p"], CLOSED);
    }
}

#[test]
fn bootstrap_limits_are_those_of_r_within_the_error_of_the_draws() {
    let text = fs::read_to_string("tests/reference/data/bfi.csv").unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let at: Vec<usize> = header
        .split(',')
        .enumerate()
        .filter(|(_, name)| name.trim_matches('"').starts_with('E') && name.trim_matches('"').len() == 2)
        .map(|(at, _)| at)
        .collect();
    assert_eq!(at.len(), 5);
    let whole = |line: &&str| {
        let cells: Vec<&str> = line.split(',').collect();
        at.iter().all(|at| cells[*at].parse::<u8>().is_ok())
    };
    let rows: Vec<&str> = lines.filter(whole).take(200).collect();
    let (_folder, path) = file("bfi.csv", &format!("{header}\n{}\n", rows.join("\n")));
    let ours =
        results(&["reliability", "tests/cli/bfi.toml", &path, "--scale", "extra", "--bootstrap", "8000"]);
    let ours = scale(&ours, "extra");
    let theirs = expected("bootstrap.json");
    for id in ["alpha", "alpha_standardized", "mean_r"] {
        let (ours, theirs) = (&ours[id], &theirs[id]);
        same(id, &ours["estimate"], &theirs["estimate"], CLOSED);
        let se = theirs["se"].as_f64().unwrap();
        for (key, named) in [("bootstrap_percentile", "percentile"), ("bootstrap_bca", "bca")] {
            let found = &ours["intervals"][key];
            assert_eq!(found["interval"], key);
            for (at, limit) in ["lower", "upper"].iter().enumerate() {
                let off = (found[limit].as_f64().unwrap() - theirs[named][at].as_f64().unwrap()).abs() / se;
                assert!(off < DRAWN, "{id} {named} {limit}: off by {off} standard errors");
            }
            close("standard error", found["se"].as_f64().unwrap() / se, 1.0, 0.02);
        }
    }
}

/// Twenty persons with three rows each, nearly alike within a person, on the five items of arm_5.
fn repeated(persons: usize) -> (tempfile::TempDir, String) {
    let mut lines = vec!["dyad,team,worker,session,arm_1,arm_2,arm_3,arm_4,arm_5".to_owned()];
    for person in 0..persons {
        for session in 0..3usize {
            let answer = |j: usize| {
                let noise = |a: usize, b: usize| (a * 7919 + b * 104_729 + (a ^ (b * 31)) * 613) % 97 % 3;
                let level = [0, 1, 2, 3, 4][(person * 3 + person / 5) % 5];
                let x = (level + noise(person * 3 + session + 1, j + 1)).min(6) + 1;
                if j == 2 { 8 - x } else { x }
            };
            let answers: Vec<String> = (0..5).map(|j| answer(j).to_string()).collect();
            lines.push(format!("{person},{},w{},{session},{}", person / 2, person % 4, answers.join(",")));
        }
    }
    file("answers.csv", &(lines.join("\n") + "\n"))
}

#[test]
fn rows_that_are_not_independent_have_limits_over_clusters() {
    let (_folder, path) = repeated(20);
    let args = ["reliability", "arm_5", &path];
    let first = results(&args);
    assert_eq!(first["scales"][0]["alpha"]["interval"], "feldt");
    assert_eq!((&first["scales"][0]["n"], &first["scales"][0]["bootstrap"]), (&20.into(), &Value::Null));
    let all = results(&[&args[..], &["--occasion", "all"]].concat());
    let of = &all["scales"][0];
    assert_eq!(
        (&of["n"], &of["bootstrap"]["clusters"], &of["bootstrap"]["draws"]),
        (&60.into(), &20.into(), &2000.into())
    );
    for id in
        ["alpha", "omega_total", "omega_total_implied", "lambda2", "mean_r", "standard_error_of_measurement"]
    {
        assert_eq!(of[id]["interval"], "cluster_bootstrap_percentile", "{id}");
        let value = |of: &str| all["scales"][0][id][of].as_f64().unwrap();
        assert!(
            value("lower") < value("estimate") && value("estimate") < value("upper") && value("se") > 0.0
        );
    }
    assert_eq!(
        of["alpha"]["intervals"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["cluster_bootstrap_bca"]
    );
    // Drawn by themselves, the same rows seem to say more than they do.
    let rows = "row,".to_owned()
        + &fs::read_to_string(&path)
            .unwrap()
            .lines()
            .enumerate()
            .map(|(at, line)| if at == 0 { line.to_owned() } else { format!("{at},{line}") })
            .collect::<Vec<_>>()
            .join("\n");
    let (_other, by_row) = file("rows.csv", &(rows + "\n"));
    let alone = results(&["reliability", "arm_5", &by_row, "--occasion", "all", "--cluster", "row"]);
    let width = |of: &Value| of["alpha"]["upper"].as_f64().unwrap() - of["alpha"]["lower"].as_f64().unwrap();
    assert!(width(&alone["scales"][0]) < 0.8 * width(of));
    // Clusters of one row each are a bootstrap of rows.
    let drawn = results(&["reliability", "arm_5", &by_row, "--person", "row", "--bootstrap", "2000"]);
    assert_eq!(drawn["scales"][0]["n"], 60);
    assert_eq!(
        drawn["scales"][0]["alpha"]["intervals"]["bootstrap_percentile"]["lower"],
        alone["scales"][0]["alpha"]["lower"]
    );
    // The same numbers for any number of threads, and other ones for another seed.
    let twice = results(&[&args[..], &["--occasion", "all", "--threads", "1"]].concat());
    assert_eq!(twice, all);
    let other = results(&[&args[..], &["--occasion", "all", "--seed", "2"]].concat());
    assert_ne!(other["scales"][0]["alpha"]["lower"], all["scales"][0]["alpha"]["lower"]);
}

#[test]
fn few_clusters_give_no_limits_and_workers_give_a_note() {
    let (_folder, path) = repeated(20);
    let team = results(&["reliability", "arm_5", &path, "--cluster", "team"]);
    for id in ["alpha", "omega_total", "lambda2"] {
        let of = &team["scales"][0][id];
        assert!(of["estimate"].is_number() && of["lower"].is_null(), "{of}");
        assert_eq!(of["reason"], "too_few_clusters");
    }
    let page = text(&["reliability", "arm_5", &path]);
    assert!(page.contains("4 workers behind 20 rows") && page.contains("--cluster worker"), "{page}");
    assert!(
        page.contains("20 persons (by dyad) have 60 rows") && page.contains("`alliance nested`"),
        "{page}"
    );
    let page = text(&["reliability", "arm_5", &path, "--cluster", "worker"]);
    assert!(!page.contains("workers behind") && page.contains("no limits, too few clusters"), "{page}");
}

#[test]
fn a_bootstrap_is_of_what_is_asked() {
    // Four hundred persons, gaps among them: what is drawn does not depend on how many there are.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("some.csv");
    let all = std::fs::read_to_string("tests/reference/data/bfi.csv").unwrap();
    std::fs::write(&file, all.lines().take(401).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let args = ["reliability", "tests/cli/bfi.toml", file.to_str().unwrap(), "--scale", "open"];
    let ours = results(
        &[&args[..], &["--bootstrap", "100", "--bootstrap-of", "ordinal_alpha,glb,split_half_max"]].concat(),
    );
    let of = scale(&ours, "open");
    for id in [
        "alpha",
        "alpha_standardized",
        "lambda1",
        "lambda2",
        "lambda3",
        "lambda5",
        "lambda6",
        "omega_total",
        "mean_r",
    ] {
        assert!(of[id]["intervals"]["bootstrap_percentile"]["lower"].is_number(), "{id}");
        assert!(of[id]["intervals"]["bootstrap_bca"]["lower"].is_number(), "{id}");
    }
    for id in ["ordinal_alpha", "glb", "split_half_max"] {
        let found = &of[id]["intervals"]["bootstrap_percentile"];
        let estimate = of[id]["estimate"].as_f64().unwrap();
        assert!(found["lower"].as_f64().unwrap() < found["upper"].as_f64().unwrap(), "{id}");
        assert!((found["estimate"].as_f64().unwrap() - estimate).abs() < 1e-9, "{id}");
        assert!(of[id]["intervals"]["bootstrap_bca"].is_null());
    }
    assert!(of["glb_fa"]["intervals"].is_null());
    let page = text(&[&args[..], &["--bootstrap", "100", "--bootstrap-of", "glb,h"]].concat())
        .replace("\n      ", " ");
    assert!(page.contains("Note: Greatest lower bound: samples find them beside"), "{page}");
    assert_eq!(of["alpha"]["interval"], "feldt");
    // The same bytes for any number of threads, also where a search in each draw could use several.
    let few = ["--bootstrap", "100", "--bootstrap-of", "ordinal_alpha", "--format", "json", "--threads"];
    let on = |threads: &'static str| text(&[&args[..], &few, &[threads]].concat());
    assert!(on("1") == on("2") && on("2") == on("7"));
    // Gaps: all persons are drawn, and moments are found anew.
    for policy in ["pairwise", "em"] {
        let ours = results(&[&args[..], &["--missing", policy, "--bootstrap", "100"]].concat());
        let alpha = &scale(&ours, "open")["alpha"]["intervals"];
        assert!(
            alpha["bootstrap_percentile"]["se"].as_f64().unwrap() > 0.0 && alpha["bootstrap_bca"].is_null()
        );
    }
    assert!(stopped(&[&args[..], &["--bootstrap-of", "glb"]].concat(), 2).contains("--bootstrap"));
    assert!(
        stopped(&[&args[..], &["--bootstrap", "100", "--bootstrap-of", "gbl"]].concat(), 2)
            .contains("did you mean")
    );
    assert!(stopped(&[&args[..], &["--bootstrap", "1"]].concat(), 2).contains("100"));
}

#[test]
fn compared_alphas_are_those_of_cocron() {
    let compare = |args: &[&str]| results(&[&["compare-alphas"], args].concat())["comparisons"][0].clone();
    let two = compare(&["--values", ".78:41,.71:151"]);
    assert_eq!((&two["test"], &two["df"], &two["df2"]), (&"feldt_1969".into(), &40.0.into(), &150.0.into()));
    same("W", &two["statistic"], &json!(1.318182), 1e-6);
    same("p", &two["p"], &json!(0.2413918), 1e-7);
    let paired = compare(&["--values", ".82:27,.89:27", "--r", ".74"]);
    same("t", &paired["statistic"], &json!(1.849031), 1e-6);
    same("p", &paired["p"], &json!(0.0763130), 1e-6);
    let three = compare(&["--values", ".784:51:5,.875:101:5,.936:151:5"]);
    same("χ²", &three["statistic"], &json!(22.9263), 1e-5);
    let four = compare(&[
        "--values",
        ".857:100:50,.875:100:40,.800:100:35,.833:100:25",
        "--r",
        ".8,.6,.65,.75,.7,.55",
    ]);
    same("χ²", &four["statistic"], &json!(10.66141), 1e-6);
    same("p", &four["p"], &json!(0.0137050), 1e-6);
}

#[test]
fn alphas_of_a_file_are_compared_by_who_answered() {
    let example = ["compare-alphas", "wai_s", "examples/child_protection/answers.csv", "--by", "role"];
    let ours = results(&example);
    let first = &ours["comparisons"][0];
    // Caregivers and workers are pairs.
    assert_eq!(
        (&first["dependent"], &first["test"], &first["n"]),
        (&true.into(), &"feldt_1980".into(), &6.into())
    );
    let [a, b] = [0, 1].map(|at| first["alphas"][at].as_f64().unwrap());
    let r = first["r"].as_f64().unwrap();
    let by_hand = (a - b).abs() * 2.0 / (4.0 * (1.0 - a) * (1.0 - b) * (1.0 - r * r)).sqrt();
    close("t by hand", first["statistic"].as_f64().unwrap(), by_hand, 1e-12);
    let single = results(&["reliability", "wai_s", "examples/child_protection/answers.csv"]);
    assert_eq!(ours["alphas"][0]["alpha"], {
        let mut alpha = single["scales"][0]["alpha"].clone();
        alpha.as_object_mut().unwrap().retain(|key, _| !["method", "intervals"].contains(&key.as_str()));
        alpha
    });
    // Men and women are different persons.
    let bfi =
        results(&["compare-alphas", "tests/cli/bfi.toml", "tests/reference/data/bfi.csv", "--by", "gender"]);
    let first = &bfi["comparisons"][0];
    assert_eq!(
        (&first["dependent"], &first["test"], &first["r"]),
        (&false.into(), &"feldt_1969".into(), &Value::Null)
    );
    let thirds: Vec<String> = fs::read_to_string("tests/reference/data/bfi.csv")
        .unwrap()
        .lines()
        .enumerate()
        .map(|(at, line)| {
            format!("{},{line}", if at == 0 { "third".to_owned() } else { format!("t{}", at % 3) })
        })
        .collect();
    let (_folder, path) = file("thirds.csv", &(thirds.join("\n") + "\n"));
    let three =
        results(&["compare-alphas", "tests/cli/bfi.toml", &path, "--by", "third", "--scale", "agree"]);
    let tests: Vec<&str> = three["comparisons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["test"].as_str().unwrap_or("none"))
        .collect();
    assert_eq!(tests[0], "woodruff_feldt_independent");
    assert!(tests[1..].iter().all(|test| *test == "feldt_1969"));
}

#[test]
fn comparisons_that_make_no_sense_are_refused() {
    let refused = |args: &[&str], with: &str| {
        let error = stopped(&[&["compare-alphas"], args].concat(), 2);
        assert!(error.contains(with), "{error}");
    };
    refused(&[], "nothing to compare with");
    refused(&["wai_s", "examples/child_protection/answers.csv"], "--by role");
    refused(
        &["wai_s", "examples/child_protection/answers.csv", "--by", "rol"],
        "--by: the file has no column `rol`",
    );
    refused(&["--values", ".5:10"], "one alpha alone");
    refused(&["--values", ".5:10,1.2:10"], "`1.2:10` makes no sense");
    refused(&["--values", ".5:10,.7:1"], "makes no sense");
    refused(&["--values", ".5:10,.7:20", "--r", ".5"], "the same persons");
    refused(&["--values", ".5:10,.7:10", "--r", "1.5"], "no correlation");
    refused(&["--values", ".5:10,.7:10,.6:10"], "numbers of items");
    refused(&["--values", ".5:10:3,.7:10:3,.6:10:3", "--r", ".5"], "3 are needed");
    refused(&["wai_s", "--values", ".5:10,.7:10"], "in the place of");
    // A group of one has no alpha, and says so.
    let (_folder, path) = file(
        "a.csv",
        "id,arm_1,arm_2,arm_3,arm_4,arm_5,group\n1,2,3,4,5,6,a\n2,3,3,4,5,6,b\n3,5,6,2,5,7,b\n4,2,2,6,3,3,b\n",
    );
    let ours = results(&["compare-alphas", "arm_5", &path, "--by", "group"]);
    assert_eq!(
        (&ours["comparisons"][0]["reason"], &ours["comparisons"][0]["p"]),
        (&"too_few".into(), &Value::Null)
    );
}

/// Answers of so many persons to the five items of arm_5, from a rule; item 3 is reversed in the key.
fn answers(persons: usize, answer: impl Fn(usize, usize) -> String) -> (tempfile::TempDir, String) {
    let row = |i: usize| format!("{i},{}", (0..5).map(|j| answer(i, j)).collect::<Vec<_>>().join(","));
    file(
        "a.csv",
        &format!(
            "id,arm_1,arm_2,arm_3,arm_4,arm_5\n{}\n",
            (0..persons).map(row).collect::<Vec<_>>().join("\n")
        ),
    )
}

#[test]
fn bad_input_leaves_reasons_and_never_a_panic() {
    let of = |persons: usize, answer: fn(usize, usize) -> String| {
        let (_folder, path) = answers(persons, answer);
        let mut scales = Vec::new();
        for policy in ["listwise", "pairwise", "em"] {
            let ours = results(&["reliability", "arm_5", &path, "--missing", policy, "--bootstrap", "100"]);
            results(&["items", "arm_5", &path, "--missing", policy]);
            text(&["reliability", "arm_5", &path, "--missing", policy, "--all"]);
            text(&["items", "arm_5", &path, "--missing", policy, "--all"]);
            scales.push(ours["scales"][0].clone());
        }
        scales
    };
    let every_coefficient_says_why = |scale: &Value| {
        for coefficient in alliance_metrics::reliability::Coefficient::all() {
            let found = &scale[coefficient.id()];
            assert!(
                found["estimate"].is_number() || found["reason"].is_string(),
                "{}: {found}",
                coefficient.id()
            );
        }
    };
    let spread = |i: usize, j: usize| ((i * (j + 3) + j * j) % 7 + 1).to_string();
    // A constant total: what one item gains another loses.
    let constant_total = |i: usize, j: usize| match j {
        0 => (i % 7 + 1).to_string(),
        1 => (7 - i % 7).to_string(),
        _ => "4".to_owned(),
    };
    let all_missing = |_: usize, _: usize| String::new();
    let one_for_all = |_: usize, _: usize| "4".to_owned();
    let identical =
        |i: usize, j: usize| if j == 2 { (7 - i % 7).to_string() } else { (i % 7 + 1).to_string() };
    let never_two =
        |i: usize, j: usize| if (i + j).is_multiple_of(2) { "7".to_owned() } else { "1".to_owned() };
    for (what, persons, answer) in [
        ("one person", 1, spread as fn(usize, usize) -> String),
        ("two persons", 2, spread),
        ("fewer persons than items", 4, spread),
        ("a constant total", 14, constant_total),
        ("all the same", 10, one_for_all),
        ("identical items", 14, identical),
        ("categories never used", 12, never_two),
    ] {
        for scale in of(persons, answer) {
            every_coefficient_says_why(&scale);
            match what {
                "one person" | "all the same" | "a constant total" => {
                    assert!(scale["alpha"]["reason"].is_string(), "{what}: {}", scale["alpha"]);
                }
                "identical items" if scale["missing"] != "em" => {
                    assert_eq!(
                        (&scale["lambda6"]["reason"], &scale["alpha"]["estimate"]),
                        (&"singular".into(), &1.0.into())
                    );
                }
                _ => {}
            }
        }
    }
    // What one item says another denies: alpha is negative, and stands as it is.
    let denied = |i: usize, j: usize| {
        let x = [1, 6, 2, 7, 4, 5, 3, 1, 6, 2][i % 10];
        if j.is_multiple_of(2) == (j == 2) { x.to_string() } else { (8 - x + (i + j) % 2).min(7).to_string() }
    };
    for scale in of(10, denied).iter().filter(|scale| scale["missing"] != "em") {
        assert!(scale["alpha"]["estimate"].as_f64().unwrap() < 0.0, "{}", scale["alpha"]);
        assert!(scale["alpha"]["upper"].is_number());
    }
    // A group of one leaves the other group as it is.
    let rows =
        ["1,a,5,4,3,4,6", "2,a,4,4,2,4,5", "3,a,6,7,1,5,7", "4,b,2,3,6,3,2", "5,a,7,6,1,4,6"].join("\n");
    let (_folder, path) = file("groups.csv", &format!("id,team,arm_1,arm_2,arm_3,arm_4,arm_5\n{rows}\n"));
    let ours = results(&["reliability", "arm_5", &path, "--by", "team"]);
    let groups = ours["scales"].as_array().unwrap();
    let alone = groups.iter().find(|scale| scale["group"]["team"] == "b").unwrap();
    assert_eq!((&alone["alpha"]["reason"], &alone["n"]), (&"too_few".into(), &1.into()));
    assert!(groups.iter().any(|scale| scale["alpha"]["estimate"].is_number()));
    // Nobody answered anything: the rows are still persons without a score.
    for scale in of(5, all_missing) {
        every_coefficient_says_why(&scale);
        assert!(scale["alpha"]["estimate"].is_null());
    }
}

#[test]
fn an_improper_solution_is_said_and_not_shown_as_a_value() {
    let page =
        text(&["reliability", "wai_s", "examples/child_protection/answers.csv"]).replace("\n      ", " ");
    assert!(!page.contains("4.82"), "{page}");
    assert!(
        page.contains("bond (worker): not converged") && page.contains("inadmissible solution (.91)"),
        "{page}"
    );
    let ours = results(&["reliability", "wai_s", "examples/child_protection/answers.csv"]);
    for scale in ours["scales"].as_array().unwrap() {
        let omega = &scale["omega_total"];
        assert!(omega["estimate"].as_f64().is_none_or(|omega| omega <= 1.0), "{omega}");
        assert!(omega["estimate"].is_number() || omega["reason"].is_string(), "{omega}");
    }
    assert!(page.contains("the upper limit of omega lies beyond 1"), "{page}");
}
