//! Does the report for practice show each reader what is theirs, in both languages, and judge nobody?

use std::process::{Command, Output};

const STUDY: &str = "examples/child_protection/study.toml";

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alliance"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["report", STUDY, "--for", "practice"])
        .args(args)
        .output()
        .unwrap()
}

fn text(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn both_languages_tell_the_same_dyads() {
    let (en, es) = (text(&["--format", "json"]), text(&["--lang", "es", "--format", "json"]));
    let [en, es] = [en, es].map(|text| serde_json::from_str::<serde_json::Value>(&text).unwrap());
    assert_eq!(en["results"]["dyads"], es["results"]["dyads"]);
    assert_eq!(en["results"]["effects"], es["results"]["effects"]);
    // Six dyads, two informants, two instruments.
    assert_eq!(en["results"]["dyads"].as_array().unwrap().len(), 24);
    assert_eq!((&en["settings"]["language"], &es["settings"]["language"]), (&"en".into(), &"es".into()));
    let page = text(&["--lang", "es", "--format", "html"]);
    assert!(page.contains("<html lang=\"es\">") && page.contains("Lo que esta figura no puede mostrar"));
    assert!(page.contains("¿Qué pasó entre la sesión anterior y esta?"));
    for english in
        ["Contents", "Figure 1", "Table 1", "The numbers behind it", "Note.", "What happened", "Session"]
    {
        assert!(!page.contains(english), "{english}");
    }
}

#[test]
fn a_page_for_each_dyad_holds_what_it_should() {
    let page = text(&["--format", "markdown"]);
    for word in [
        "## Dyad D4, worker W1 (wai\\_s)",
        "Session 6: from 5.08 in session 4 to 2.75. Repaired in session 9, and back at its height in session 11.",
        "Fell most: i07 from 6 to 2, i02 from 5 to 2, i04 from 5 to 2.",
        "such marks on average",
        "From session 18 to session 19: −0.42.",
        "Only caregiver: session 6.",
        "What happened between the last session and this one?",
        "This picture cannot show why a score changed",
        "Randomised: Nothing was randomised",
        "Masked: The observer did not know the scores.",
    ] {
        assert!(page.contains(word), "{word}\n{page}");
    }
}

#[test]
fn a_copy_shows_its_readers_own_ratings() {
    let json = |args: &[&str]| -> serde_json::Value { serde_json::from_str(&text(args)).unwrap() };
    let forms = |report: &serde_json::Value| {
        let mut forms: Vec<String> = report["results"]["dyads"]
            .as_array()
            .unwrap()
            .iter()
            .map(|course| course["form"].as_str().unwrap().to_owned())
            .collect();
        forms.sort();
        forms.dedup();
        forms
    };
    let caregiver = json(&["--copy", "caregiver", "--format", "json"]);
    assert!(forms(&caregiver).iter().all(|form| ["caregiver", "patient"].contains(&form.as_str())));
    assert!(caregiver["results"]["effects"].is_null(), "codes are the observers' own");
    let page = text(&["--copy", "caregiver", "--format", "html"]);
    assert!(!page.contains("removal threat") && page.contains("Copy for the caregiver"));
    assert!(!page.contains("<dt>worker</dt>") && page.contains("<dt>caregiver</dt>"));
    let worker = text(&["--copy", "worker", "--format", "html"]);
    assert!(worker.contains("<dt>worker</dt>") && !worker.contains("<dt>caregiver</dt>"));
    for args in [["--copy", "worker", "--both"], ["--copy", "team", "--seed=1"]] {
        let both = text(&[&args[..], &["--format", "html"]].concat());
        assert!(both.contains("<dt>worker</dt>") && both.contains("<dt>caregiver</dt>"), "{args:?}");
        assert!(both.contains("removal threat"), "{args:?}");
    }
}

#[test]
fn nothing_judges_and_nothing_english_hides_in_the_pictures() {
    for lang in ["en", "es"] {
        let page = text(&["--lang", lang, "--format", "html"]).to_lowercase();
        for word in ["risk", "riesgo", "danger", "peligro", "alarm"] {
            assert!(!page.contains(word), "{lang}: {word}");
        }
    }
}

#[test]
fn a_spanish_report_has_spanish_words_and_decimals_in_every_format() {
    for format in ["html", "markdown"] {
        let page = text(&["--lang", "es", "--format", format]);
        for spanish in ["cuidador/a", "profesional", "Tareas", "amenaza de retiro", "lo que puedo cambiar"] {
            assert!(page.contains(spanish), "{format}: {spanish}");
        }
        for english in ["caregiver", "worker", "Bond", "removal threat", "Note.", "what I can change"] {
            assert!(!page.contains(english), "{format}: {english}");
        }
        assert!(
            page.contains("2,05 puntos de una sesión a la siguiente") && !page.contains("2.05"),
            "{format}"
        );
        assert!(page.contains("De la sesión 19 a la 20: +0,58"), "{format}");
        // Item 1 of the other instrument is another item.
        assert!(page.contains("i01 de 4 a 3") || page.contains("i01 de 5 a 4"), "{format}");
    }
    let page = text(&["--format", "html"]);
    assert!(page.contains("removal threat") && page.contains("2.05 points from one session to the next"));
}

#[test]
fn what_cannot_be_had_is_said() {
    let fails = |args: &[&str], words: &str| {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(words), "{said}");
    };
    fails(&["--both"], "--copy");
    let output = Command::new(env!("CARGO_BIN_EXE_alliance"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["report", STUDY, "--lang", "es"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--for practice"));
}
