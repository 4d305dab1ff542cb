//! The colours of inks, on light paper and on dark. They stay apart for eyes that do not see red and green alike, and in
//! grey: what stands side by side also differs in its marks, and steps run from light to dark.

use crate::report::model::Ink;

/// Classes of all inks with their colours on light paper, then on dark.
pub(super) const COLOURS: &[(&str, &str, &str)] = &[
    ("paper", "#ffffff", "#16181a"),
    ("text", "#1b1b1b", "#e8e8e8"),
    ("quiet", "#5b5b5b", "#a8a8a8"),
    ("grid", "#e3e3e3", "#303438"),
    ("axis", "#8a8a8a", "#7c8288"),
    ("fall", "#b3261e", "#ff8a7a"),
    ("repair", "#1f6f43", "#7fd6a2"),
    ("series0", "#0b5a94", "#6db6ea"),
    ("series1", "#c86400", "#f2a65a"),
    ("series2", "#00715a", "#4fc9a8"),
    ("series3", "#8a3f82", "#d79bcf"),
    ("step0", "#a04a00", "#a85410"),
    ("step1", "#d9781a", "#c97f2f"),
    ("step2", "#f4b265", "#d9a05e"),
    ("step3", "#fbdcb4", "#e0c6a4"),
    ("step4", "#e6e6e6", "#c9cccf"),
    ("step5", "#c9dff0", "#b2cbe0"),
    ("step6", "#8fbfe0", "#84b4d8"),
    ("step7", "#3f8cc4", "#3a7fb5"),
    ("step8", "#0b5a94", "#1d639b"),
    // Words on pale and on strong steps, whatever the paper.
    ("dark", "#1b1b1b", "#1b1b1b"),
    ("bright", "#ffffff", "#ffffff"),
];

/// The class of an ink.
pub(super) fn class(ink: Ink) -> String {
    match ink {
        Ink::Paper => "paper".to_owned(),
        Ink::Text => "text".to_owned(),
        Ink::Quiet => "quiet".to_owned(),
        Ink::Grid => "grid".to_owned(),
        Ink::Axis => "axis".to_owned(),
        Ink::Fall => "fall".to_owned(),
        Ink::Repair => "repair".to_owned(),
        Ink::Dark => "dark".to_owned(),
        Ink::Bright => "bright".to_owned(),
        Ink::Series(at) => format!("series{}", at % 4),
        Ink::Step(at) => format!("step{}", (at + 4).clamp(0, 8)),
    }
}

/// The colour of an ink on light paper, as red, green and blue.
pub(super) fn on_light(ink: Ink) -> [u8; 3] {
    let class = class(ink);
    let hex = COLOURS.iter().find(|(name, ..)| *name == class).map_or("#000000", |(_, light, _)| light);
    [1, 3, 5].map(|at| hex.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ink_has_its_colours() {
        for ink in Ink::all() {
            assert!(COLOURS.iter().any(|(name, ..)| *name == class(ink)), "{ink:?}");
        }
        assert_eq!(on_light(Ink::Series(1)), [0xc8, 0x64, 0x00]);
    }

    /// How light a colour looks, from 0 to 1 (WCAG).
    fn lightness([r, g, b]: [u8; 3]) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    fn contrast(a: Ink, b: Ink) -> f64 {
        let (a, b) = (lightness(on_light(a)), lightness(on_light(b)));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn words_can_be_read_on_what_they_stand_on() {
        for ink in (-4..=4).map(Ink::Step) {
            assert!(contrast(ink, ink.words_on()) >= 3.5, "{ink:?} {}", contrast(ink, ink.words_on()));
        }
        for ink in [Ink::Text, Ink::Quiet, Ink::Fall, Ink::Repair] {
            assert!(contrast(ink, Ink::Paper) >= 4.5, "{ink:?}");
        }
    }

    #[test]
    fn each_half_of_the_steps_runs_from_light_to_dark() {
        let falls = |inks: Vec<Ink>| {
            inks.windows(2).all(|two| lightness(on_light(two[0])) > lightness(on_light(two[1])))
        };
        assert!(falls((0..=4).map(Ink::Step).collect()));
        assert!(falls((0..=4).map(|step| Ink::Step(-step)).collect()));
    }
}
