//! The literature behind the methods, as readers and as reference managers want it.

use crate::report::model::{Block, Section};

/// A work that is cited.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// Its key in BibTeX.
    pub key: &'static str,
    /// Authors, family name first.
    pub authors: &'static [&'static str],
    pub year: u16,
    pub title: &'static str,
    pub place: Place,
    pub doi: &'static str,
}

/// Where a work appeared.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Journal, volume (issue), pages.
    Journal(&'static str, &'static str, &'static str),
    /// Publisher.
    Book(&'static str),
}

macro_rules! journal {
    ($name:ident, $key:literal, [$($author:literal),+], $year:literal, $title:literal, $journal:literal, $volume:literal, $pages:literal, $doi:literal) => {
        pub(super) const $name: Reference = Reference {
            key: $key, authors: &[$($author),+], year: $year, title: $title,
            place: Place::Journal($journal, $volume, $pages), doi: $doi,
        };
    };
}

journal!(
    CRONBACH,
    "cronbach1951",
    ["Cronbach, L. J."],
    1951,
    "Coefficient alpha and the internal structure of tests",
    "Psychometrika",
    "16(3)",
    "297–334",
    "10.1007/BF02310555"
);
journal!(
    FELDT,
    "feldt1965",
    ["Feldt, L. S."],
    1965,
    "The approximate sampling distribution of Kuder-Richardson reliability coefficient twenty",
    "Psychometrika",
    "30(3)",
    "357–370",
    "10.1007/BF02289499"
);
journal!(
    GUTTMAN,
    "guttman1945",
    ["Guttman, L."],
    1945,
    "A basis for analyzing test-retest reliability",
    "Psychometrika",
    "10(4)",
    "255–282",
    "10.1007/BF02288892"
);
journal!(
    SCHMID_LEIMAN,
    "schmid1957",
    ["Schmid, J.", "Leiman, J. M."],
    1957,
    "The development of hierarchical factor solutions",
    "Psychometrika",
    "22(1)",
    "53–61",
    "10.1007/BF02289209"
);
journal!(
    MARDIA,
    "mardia1970",
    ["Mardia, K. V."],
    1970,
    "Measures of multivariate skewness and kurtosis with applications",
    "Biometrika",
    "57(3)",
    "519–530",
    "10.1093/biomet/57.3.519"
);
journal!(
    KAISER,
    "kaiser1974",
    ["Kaiser, H. F."],
    1974,
    "An index of factorial simplicity",
    "Psychometrika",
    "39(1)",
    "31–36",
    "10.1007/BF02291575"
);
journal!(
    BARTLETT,
    "bartlett1950",
    ["Bartlett, M. S."],
    1950,
    "Tests of significance in factor analysis",
    "British Journal of Psychology (Statistical Section)",
    "3(2)",
    "77–85",
    "10.1111/j.2044-8317.1950.tb00285.x"
);
journal!(
    LITTLE,
    "little1988",
    ["Little, R. J. A."],
    1988,
    "A test of missing completely at random for multivariate data with missing values",
    "Journal of the American Statistical Association",
    "83(404)",
    "1198–1202",
    "10.1080/01621459.1988.10478722"
);
journal!(
    MCGRAW_WONG,
    "mcgraw1996",
    ["McGraw, K. O.", "Wong, S. P."],
    1996,
    "Forming inferences about some intraclass correlation coefficients",
    "Psychological Methods",
    "1(1)",
    "30–46",
    "10.1037/1082-989X.1.1.30"
);
journal!(
    JACOBSON_TRUAX,
    "jacobson1991",
    ["Jacobson, N. S.", "Truax, P."],
    1991,
    "Clinical significance: A statistical approach to defining meaningful change in psychotherapy research",
    "Journal of Consulting and Clinical Psychology",
    "59(1)",
    "12–19",
    "10.1037/0022-006X.59.1.12"
);
journal!(
    PRINSEN,
    "prinsen2018",
    [
        "Prinsen, C. A. C.",
        "Mokkink, L. B.",
        "Bouter, L. M.",
        "Alonso, J.",
        "Patrick, D. L.",
        "de Vet, H. C. W.",
        "Terwee, C. B."
    ],
    2018,
    "COSMIN guideline for systematic reviews of patient-reported outcome measures",
    "Quality of Life Research",
    "27(5)",
    "1147–1157",
    "10.1007/s11136-018-1798-3"
);
journal!(
    TERWEE,
    "terwee2007",
    [
        "Terwee, C. B.",
        "Bot, S. D. M.",
        "de Boer, M. R.",
        "van der Windt, D. A. W. M.",
        "Knol, D. L.",
        "Dekker, J.",
        "Bouter, L. M.",
        "de Vet, H. C. W."
    ],
    2007,
    "Quality criteria were proposed for measurement properties of health status questionnaires",
    "Journal of Clinical Epidemiology",
    "60(1)",
    "34–42",
    "10.1016/j.jclinepi.2006.03.012"
);
pub(super) const MCDONALD: Reference = Reference {
    key: "mcdonald1999",
    authors: &["McDonald, R. P."],
    year: 1999,
    title: "Test theory: A unified treatment",
    place: Place::Book("Lawrence Erlbaum"),
    doi: "10.4324/9781410601087",
};

/// The list of references, for readers and for reference managers; none where nothing is cited.
pub(super) fn section(works: &mut Vec<&'static Reference>, sources: &mut Vec<String>) -> Option<Section> {
    works.sort_by_key(|work| (work.authors, work.year));
    works.dedup();
    sources.extend(works.iter().map(|work| work.apa()));
    sources.sort();
    sources.dedup();
    let lines: Vec<String> = works.iter().flat_map(|work| work.bibtex()).collect();
    let blocks = vec![
        Block::List(std::mem::take(sources)),
        Block::Heading("The same for a reference manager (BibTeX)".to_owned()),
        Block::Plain(lines),
    ];
    (!works.is_empty()).then(|| Section { id: "references", title: Some("References".to_owned()), blocks })
}

impl Reference {
    /// As it is cited in a sentence: `Schmid & Leiman, 1957`.
    pub fn cited(&self) -> String {
        let family = |author: &str| author.split(',').next().unwrap_or(author).to_owned();
        let names = match self.authors {
            [one] => family(one),
            [one, two] => format!("{} & {}", family(one), family(two)),
            [first, ..] => format!("{} et al.", family(first)),
            [] => String::new(),
        };
        format!("{names}, {}", self.year)
    }

    /// As it stands in a list of references (APA style).
    pub fn apa(&self) -> String {
        let names = match self.authors {
            [one] => (*one).to_owned(),
            [first @ .., last] => format!("{}, & {last}", first.join(", ")),
            [] => String::new(),
        };
        let place = match self.place {
            Place::Journal(journal, volume, pages) => format!("{journal}, {volume}, {pages}"),
            Place::Book(publisher) => publisher.to_owned(),
        };
        format!("{names} ({}). {}. {place}. https://doi.org/{}", self.year, self.title, self.doi)
    }

    /// As BibTeX, line by line.
    pub fn bibtex(&self) -> Vec<String> {
        let field = |name: &str, text: &str| format!("  {name} = {{{text}}},");
        let (kind, place) = match self.place {
            Place::Journal(journal, volume, pages) => {
                let (volume, number) = volume.trim_end_matches(')').split_once('(').unwrap_or((volume, ""));
                let mut fields = vec![field("journal", journal), field("volume", volume)];
                if !number.is_empty() {
                    fields.push(field("number", number));
                }
                fields.push(field("pages", &pages.replace('–', "--")));
                ("article", fields)
            }
            Place::Book(publisher) => ("book", vec![field("publisher", publisher)]),
        };
        let mut lines = vec![
            format!("@{kind}{{{},", self.key),
            field("author", &self.authors.join(" and ")),
            // Capitals of names and abbreviations are kept.
            field("title", &format!("{{{}}}", self.title)),
            field("year", &self.year.to_string()),
        ];
        lines.extend(place);
        lines.push(field("doi", self.doi));
        lines.push("}".to_owned());
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_as_apa_and_as_bibtex() {
        assert_eq!(SCHMID_LEIMAN.cited(), "Schmid & Leiman, 1957");
        assert_eq!(PRINSEN.cited(), "Prinsen et al., 2018");
        assert_eq!(
            JACOBSON_TRUAX.apa(),
            "Jacobson, N. S., & Truax, P. (1991). Clinical significance: A statistical approach to defining meaningful change in psychotherapy research. Journal of Consulting and Clinical Psychology, 59(1), 12–19. https://doi.org/10.1037/0022-006X.59.1.12"
        );
        let lines = GUTTMAN.bibtex();
        assert_eq!(
            (lines[0].as_str(), lines.last().map(String::as_str)),
            ("@article{guttman1945,", Some("}"))
        );
        assert!(
            lines.contains(&"  number = {4},".to_owned())
                && lines.contains(&"  pages = {255--282},".to_owned())
        );
    }
}
