//! Published figures: which way of scoring gives them back?

use serde::Serialize;

use super::answers::Answers;
use super::key::moments;
use super::recipes::{Gaps, Recipe, Recipes, Reversal};
use super::words;
use crate::error::Error;
use crate::finding::{Code, Finding, Place};
use crate::reliability::{AlphaConfig, alpha};
use crate::responses::Layout;
use crate::scoring::{As, Plan};

/// Figures that somebody published, each with the decimals it was printed with.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Published {
    /// Cronbach's alpha.
    pub alpha: Option<Figure>,
    /// The mean of the scores.
    pub mean: Option<Figure>,
    /// Their standard deviation.
    pub sd: Option<Figure>,
}

/// A printed figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// Its value.
    pub value: f64,
    /// How many decimals were printed.
    pub decimals: usize,
}

impl Figure {
    fn is(&self, value: Option<f64>) -> bool {
        let off = value.map(|value| (value - self.value).abs());
        off.is_some_and(|off| off <= 0.5 / 10f64.powi(self.decimals as i32) + 1e-9)
    }
}

impl Published {
    /// Reads `alpha=.91,mean=2.40,sd=.89`.
    ///
    /// # Errors
    /// A usage error for anything else.
    ///
    /// ```
    /// use alliance_metrics::audit::Published;
    /// let published = Published::parse("alpha=.91, mean=2.40").unwrap();
    /// assert_eq!(published.mean.unwrap().decimals, 2);
    /// assert!(Published::parse("omega=.91").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Published, Error> {
        let bad = |piece: &str| {
            let help = "write --published alpha=.91,mean=2.40,sd=.89, or some of these";
            Error::usage_help(format!("--published `{piece}` makes no sense"), help)
        };
        let mut published = Published::default();
        for piece in text.split(',') {
            let (name, figure) = piece.split_once('=').ok_or_else(|| bad(piece))?;
            let place = match name.trim().to_lowercase().as_str() {
                "alpha" => &mut published.alpha,
                "mean" | "m" => &mut published.mean,
                "sd" => &mut published.sd,
                _ => return Err(bad(piece)),
            };
            let figure = figure.trim();
            let value =
                figure.parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(|| bad(piece))?;
            let decimals = figure.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            *place = Some(Figure { value, decimals });
        }
        Ok(published)
    }

    fn figures(&self) -> [Option<Figure>; 3] {
        [self.alpha, self.mean, self.sd]
    }
}

/// A way of scoring beside published figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The form.
    pub form: String,
    /// The scale.
    pub scale: String,
    /// What it does.
    #[serde(flatten)]
    pub recipe: Recipe,
    /// In words.
    pub by: String,
    /// Rows that answered all items.
    pub n: usize,
    /// Cronbach's alpha.
    pub alpha: Option<f64>,
    /// The mean of the scores.
    pub mean: Option<f64>,
    /// Their standard deviation.
    pub sd: Option<f64>,
    /// How many of the published figures it gives back.
    pub hits: usize,
}

/// All ways of scoring the complete rows, by how many published figures they give back: those that give back most.
pub(super) fn candidates(
    layout: &Layout,
    plan: &Plan,
    recipes: &Recipes,
    answers: &Answers,
    published: &Published,
    form_name: &dyn Fn(usize) -> String,
) -> Vec<Candidate> {
    let mut all: Vec<(u32, Candidate)> = Vec::new();
    for (reversal, plan_of) in recipes.of_complete_rows() {
        for (at, form) in answers.forms.iter().enumerate() {
            for (set, scale) in form.scales.iter().enumerate() {
                let Some(edition) = plan_of.scales[*scale].edition(Some(at)) else { continue };
                let Some(moments) = moments(layout, edition, set, form) else { continue };
                let (k, sum_mean) = (edition.terms.len() as f64, moments.mean.sum());
                let sum_sd = moments.covariance.sum().max(0.0).sqrt();
                let alpha =
                    alpha(&moments, &AlphaConfig::default()).ok().and_then(|alpha| alpha.estimate.estimate);
                for kind in [As::Mean, As::Sum, As::Pomp] {
                    let (mean, sd) = match (kind, edition.range) {
                        (As::Mean, _) => (sum_mean / k, sum_sd / k),
                        (As::Sum, _) => (sum_mean, sum_sd),
                        (As::Pomp, Some([low, high])) => {
                            (100.0 * (sum_mean / k - low) / (high - low), 100.0 * sum_sd / k / (high - low))
                        }
                        (As::Pomp, None) => continue,
                    };
                    let recipe = Recipe { reversal, kind, gaps: Gaps::Complete, scale: *scale };
                    let Some(own) = plan.scales[*scale].edition(Some(at)).map(|edition| edition.kind) else {
                        continue;
                    };
                    let own = Recipe { reversal: Reversal::AsKeyed, kind: own, ..recipe };
                    let found = [alpha, Some(mean), Some(sd)];
                    let asked = published.figures();
                    let hits = asked
                        .iter()
                        .zip(found)
                        .filter(|(asked, found)| asked.is_some_and(|asked| asked.is(*found)));
                    let candidate = Candidate {
                        form: form_name(at),
                        scale: plan.scales[*scale].id.clone(),
                        recipe,
                        by: recipe.in_words(&own, plan),
                        n: moments.n,
                        alpha,
                        mean: Some(mean),
                        sd: Some(sd),
                        hits: hits.count(),
                    };
                    all.push((recipe.distance(&own), candidate));
                }
            }
        }
    }
    let most = all.iter().map(|(_, candidate)| candidate.hits).max().unwrap_or(0);
    all.retain(|(_, candidate)| candidate.hits == most && most > 0);
    all.sort_by_key(|(distance, _)| *distance); // stable: else in the order of forms and scales
    all.into_iter().map(|(_, candidate)| candidate).collect()
}

/// What follows from the candidates.
pub(super) fn finding(layout: &Layout, published: &Published, candidates: &[Candidate]) -> Finding {
    let asked = published.figures().iter().flatten().count();
    let place = Place::file(&layout.file);
    let Some(best) = candidates.first() else {
        let message = "no way of scoring gives back any of the published figures";
        return Finding::problem(Code::PublishedDiffers, place, message);
    };
    let figures: Vec<String> = [
        best.alpha.map(|alpha| format!("alpha {}", words::bounded(alpha))),
        best.mean.map(|mean| format!("mean {mean:.2}")),
        best.sd.map(|sd| format!("SD {sd:.2}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let form = if best.form.is_empty() { String::new() } else { format!("{}, ", best.form) };
    let way = format!("{} ({form}{}, n = {})", best.by, best.scale, best.n);
    let figures = figures.join(", ");
    if best.hits < asked {
        let message = format!(
            "no way of scoring gives back all published figures; {} of {asked}: {way}: {figures}",
            best.hits
        );
        return Finding::problem(Code::PublishedDiffers, place, message);
    }
    let same = best.recipe.reversal == Reversal::AsKeyed && best.by == "the key as it is";
    let message = format!("the published figures are those of {way}: {figures}");
    if same {
        Finding::note(Code::PublishedAgrees, place, message)
    } else {
        Finding::problem(Code::PublishedDiffers, place, message)
    }
}
