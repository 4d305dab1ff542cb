//! The shelf: every definition is sound, its cases recompute, and what is said of it is true.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use alliance_metrics::instrument::{Evidence, Instrument, PossibleRange, library};
use alliance_metrics::scoring::check_cases;

use crate::common::shipped;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instruments")
}

#[test]
fn every_definition_passes_lint_and_its_cases() {
    for id in library::ids() {
        let read = |name: String| fs::read_to_string(folder().join(name)).unwrap();
        let (definition, cases) = (read(format!("{id}.toml")), read(format!("{id}.cases.toml")));
        let instrument = Instrument::parse(
            &format!("{id}.toml"),
            &definition,
            Some((&format!("{id}.cases.toml"), &cases)),
        )
        .unwrap_or_else(|findings| panic!("{id}: {:#?}", findings.kept()));
        assert_eq!(instrument.id, id);
        let wrong = check_cases(&instrument);
        assert!(wrong.is_empty(), "{id}: {:#?}", wrong.kept());
        // The short way in which the program loads it gives the same.
        let loaded = shipped(id);
        assert_eq!(
            (&loaded.key_digest, loaded.cases.len()),
            (&instrument.key_digest, instrument.cases.len())
        );
    }
}

#[test]
fn every_file_in_the_folder_is_on_the_shelf() {
    let names =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<String> = names.filter(|name| name.ends_with(".toml")).collect();
    let shelf = library::ids().flat_map(|id| [format!("{id}.toml"), format!("{id}.cases.toml")]).collect();
    assert_eq!(found, shelf);
}

#[test]
fn a_copy_made_by_template_is_sound() {
    for id in library::ids() {
        let text = library::with_cases(id).unwrap();
        let copy =
            Instrument::parse("copy.toml", &text, None).unwrap_or_else(|f| panic!("{id}: {:#?}", f.kept()));
        assert_eq!(copy.key_digest, shipped(id).key_digest);
        assert!(check_cases(&copy).is_empty());
    }
}

/// The facts of the key table, in the words of instruments: scale, items, range; reversed items once.
#[test]
fn keys_are_those_of_the_sources() {
    let key = |id: &str, scale: &str| {
        let instrument = shipped(id);
        let scale = instrument.scales.iter().find(|s| s.id == scale).unwrap().clone();
        let items: Vec<i32> = scale
            .items
            .iter()
            .map(|keyed| if keyed.reversed { -(keyed.item as i32 + 1) } else { keyed.item as i32 + 1 })
            .collect();
        let range = match &scale.range {
            PossibleRange::BySet(ranges) => Some(ranges[0].1),
            PossibleRange::Unbounded => None,
        };
        (items, range)
    };
    assert_eq!(key("wai", "task").0, [2, 4, -7, -11, 13, -15, 16, 18, 24, -31, -33, 35]);
    assert_eq!(key("wai", "bond").0, [-1, 5, 8, 17, 19, -20, 21, 23, 26, 28, -29, 36]);
    assert_eq!(key("wai", "goal").0, [-3, 6, -9, -10, -12, 14, 22, 25, -27, 30, 32, -34]);
    assert_eq!(key("wai_s", "goal"), (vec![-4, 6, -10, 11], Some([1.0, 7.0])));
    assert_eq!(key("wai_s", "task").0, [1, 2, 8, 12]);
    assert_eq!(key("wai_sr", "goal"), (vec![4, 6, 8, 11], Some([1.0, 5.0])));
    assert_eq!(key("wai_sr", "task").0, [1, 2, 10, 12]);
    assert_eq!(key("wai_srt", "goal").0, [3, 6, 8]);
    assert_eq!(key("tascp", "total"), (vec![1, -2, 3, 4, -5, 6, -7, -8, 9, 10, -11, 12], Some([12.0, 48.0])));
    assert_eq!(key("softa_s", "safety").0, [3, 7, -11, -15]);
    assert_eq!(key("softa_s", "total").1, Some([16.0, 80.0]));
    assert_eq!(key("softa_o", "safety"), (vec![3], Some([-3.0, 3.0])));
    assert_eq!(key("haq_ii", "total").1, Some([19.0, 114.0]));
    assert_eq!(key("arm_5", "total"), (vec![1, 2, -3, 4, 5], Some([1.0, 7.0])));
    assert_eq!(key("srs", "total").1, Some([0.0, 40.0]));
    assert_eq!(key("rupture_markers", "withdrawal").1, None);
}

#[test]
fn shipped_scales_need_all_their_items() {
    for id in library::ids() {
        for scale in &shipped(id).scales {
            assert_eq!(scale.min_answered, scale.items.len(), "{id} {}", scale.id);
        }
    }
}

#[test]
fn evidence_is_what_the_sources_allow() {
    let weakest = |id: &str| shipped(id).evidence(None);
    for id in ["wai_sr", "arm_5", "srs", "csrs", "softa_o"] {
        assert_eq!(weakest(id), Evidence::Verified, "{id}");
    }
    for id in ["wai", "wai_s", "wai_srt", "tascp", "softa_s", "haq_ii", "rupture_markers", "tensions"] {
        assert_eq!(weakest(id), Evidence::Recalled, "{id}");
    }
    let tasc = shipped("tasc_r");
    let form = |id: &str| tasc.form(id).unwrap();
    assert_eq!(tasc.evidence(Some(form("therapist"))), Evidence::Inferred);
    assert_eq!(tasc.evidence(Some(form("child"))), Evidence::Recalled);
    let wav = shipped("wav_12r");
    assert!(wav.forms[wav.form("parent").unwrap()].template.is_some());
}
