//! The coefficients of a scale, by name.

use serde::{Serialize, Serializer};

/// A coefficient of reliability, or what belongs to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[allow(missing_docs)] // id, title and method of each stand in the table below
pub enum Coefficient {
    Alpha,
    AlphaStandardized,
    OrdinalAlpha,
    OmegaTotal,
    OmegaTotalImplied,
    OmegaHierarchical,
    OmegaTotalSchmidLeiman,
    OmegaLimit,
    ExplainedCommonVariance,
    H,
    CompositeReliability,
    Ave,
    AveCovarianceWeighted,
    Lambda1,
    Lambda2,
    Lambda3,
    Lambda4,
    Lambda5,
    Lambda6,
    Lambda1Standardized,
    Lambda2Standardized,
    Lambda3Standardized,
    Lambda4Standardized,
    Lambda5Standardized,
    Lambda6Standardized,
    Mu2,
    Mu3,
    SplitHalfMin,
    SplitHalfMean,
    SplitHalfMax,
    SplitHalfMinStandardized,
    SplitHalfMeanStandardized,
    SplitHalfMaxStandardized,
    OddEvenR,
    SpearmanBrown,
    FlanaganRulon,
    Glb,
    GlbFa,
    StandardErrorOfMeasurement,
    MinimalDetectableChange,
    MeanR,
    MedianR,
    MinR,
    MaxR,
    SignalToNoise,
}

/// What a coefficient is computed together with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Family {
    Alpha,
    Inter,
    Ordinal,
    Guttman,
    GuttmanStandardized,
    TenBerge,
    Halves,
    HalvesStandardized,
    OddEven,
    Glb,
    GlbFa,
    OneFactor,
    SchmidLeiman,
    Measurement,
}

/// Id, what it is called on a page, and how it was computed.
struct About(Coefficient, &'static str, &'static str, &'static str, Family);

const ABOUT: &[About] = {
    use Coefficient::*;
    use Family as F;
    const RAW: &str = "covariances";
    const Z: &str = "correlations";
    const ONE: &str = "one factor by ML, covariances";
    const ONE_OBSERVED: &str = "one factor by ML, covariances, observed variance";
    const ONE_IMPLIED: &str = "one factor by ML, covariances, model's variance";
    const SL: &str = "Schmid–Leiman, minres, oblimin, correlations";
    &[
        About(Alpha, "alpha", "Cronbach's alpha", RAW, F::Alpha),
        About(AlphaStandardized, "alpha_standardized", "Alpha, standardized", Z, F::Inter),
        About(OrdinalAlpha, "ordinal_alpha", "Ordinal alpha", "polychoric correlations", F::Ordinal),
        About(OmegaTotal, "omega_total", "Omega total", ONE_OBSERVED, F::OneFactor),
        About(OmegaTotalImplied, "omega_total_implied", "Omega total, implied", ONE_IMPLIED, F::OneFactor),
        About(OmegaHierarchical, "omega_hierarchical", "Omega hierarchical", SL, F::SchmidLeiman),
        About(
            OmegaTotalSchmidLeiman,
            "omega_total_schmid_leiman",
            "Omega total, group factors",
            SL,
            F::SchmidLeiman,
        ),
        About(OmegaLimit, "omega_limit", "Omega limit", SL, F::SchmidLeiman),
        About(
            ExplainedCommonVariance,
            "explained_common_variance",
            "Explained common variance",
            SL,
            F::SchmidLeiman,
        ),
        About(H, "h", "H, best weighted sum", ONE, F::OneFactor),
        About(CompositeReliability, "composite_reliability", "Composite reliability", ONE, F::OneFactor),
        About(Ave, "ave", "Average variance extracted", ONE, F::OneFactor),
        About(
            AveCovarianceWeighted,
            "ave_covariance_weighted",
            "AVE, weighted by variances",
            ONE,
            F::OneFactor,
        ),
        About(Lambda1, "lambda1", "Lambda 1", RAW, F::Guttman),
        About(Lambda2, "lambda2", "Lambda 2", RAW, F::Guttman),
        About(Lambda3, "lambda3", "Lambda 3 (alpha)", RAW, F::Guttman),
        About(Lambda4, "lambda4", "Lambda 4 (best half)", RAW, F::Halves),
        About(Lambda5, "lambda5", "Lambda 5", RAW, F::Guttman),
        About(Lambda6, "lambda6", "Lambda 6", RAW, F::Guttman),
        About(
            Lambda1Standardized,
            "lambda1_standardized",
            "Lambda 1, standardized",
            Z,
            F::GuttmanStandardized,
        ),
        About(
            Lambda2Standardized,
            "lambda2_standardized",
            "Lambda 2, standardized",
            Z,
            F::GuttmanStandardized,
        ),
        About(
            Lambda3Standardized,
            "lambda3_standardized",
            "Lambda 3, standardized",
            Z,
            F::GuttmanStandardized,
        ),
        About(
            Lambda4Standardized,
            "lambda4_standardized",
            "Lambda 4, standardized",
            Z,
            F::HalvesStandardized,
        ),
        About(
            Lambda5Standardized,
            "lambda5_standardized",
            "Lambda 5, standardized",
            Z,
            F::GuttmanStandardized,
        ),
        About(
            Lambda6Standardized,
            "lambda6_standardized",
            "Lambda 6, standardized",
            Z,
            F::GuttmanStandardized,
        ),
        About(Mu2, "mu2", "Mu 2", RAW, F::TenBerge),
        About(Mu3, "mu3", "Mu 3", RAW, F::TenBerge),
        About(SplitHalfMin, "split_half_min", "Worst half", RAW, F::Halves),
        About(SplitHalfMean, "split_half_mean", "Mean half", RAW, F::Halves),
        About(SplitHalfMax, "split_half_max", "Best half", RAW, F::Halves),
        About(
            SplitHalfMinStandardized,
            "split_half_min_standardized",
            "Worst half, standardized",
            Z,
            F::HalvesStandardized,
        ),
        About(
            SplitHalfMeanStandardized,
            "split_half_mean_standardized",
            "Mean half, standardized",
            Z,
            F::HalvesStandardized,
        ),
        About(
            SplitHalfMaxStandardized,
            "split_half_max_standardized",
            "Best half, standardized",
            Z,
            F::HalvesStandardized,
        ),
        About(OddEvenR, "odd_even_r", "Odd–even r", RAW, F::OddEven),
        About(SpearmanBrown, "spearman_brown", "Spearman–Brown", RAW, F::OddEven),
        About(FlanaganRulon, "flanagan_rulon", "Flanagan–Rulon", RAW, F::OddEven),
        About(Glb, "glb", "Greatest lower bound", "covariances, algebraic", F::Glb),
        About(GlbFa, "glb_fa", "Glb by factor analysis", "correlations, minres", F::GlbFa),
        About(
            StandardErrorOfMeasurement,
            "standard_error_of_measurement",
            "Standard error of measurement",
            "SD of the score, alpha",
            F::Measurement,
        ),
        About(
            MinimalDetectableChange,
            "minimal_detectable_change",
            "Minimal detectable change",
            "SD of the score, alpha",
            F::Measurement,
        ),
        About(MeanR, "mean_r", "Mean r between items", Z, F::Inter),
        About(MedianR, "median_r", "Median r between items", Z, F::Inter),
        About(MinR, "min_r", "Smallest r between items", Z, F::Inter),
        About(MaxR, "max_r", "Largest r between items", Z, F::Inter),
        About(SignalToNoise, "signal_to_noise", "Signal to noise", Z, F::Inter),
    ]
};

impl Coefficient {
    /// All coefficients, in the order of a report.
    pub fn all() -> impl Iterator<Item = Coefficient> {
        ABOUT.iter().map(|about| about.0)
    }

    /// The coefficient of an id.
    pub fn parse(id: &str) -> Option<Coefficient> {
        ABOUT.iter().find(|about| about.1 == id).map(|about| about.0)
    }

    fn about(self) -> &'static About {
        // Every variant stands in the table, in the order of the enum; a test holds it.
        &ABOUT[self as usize]
    }

    /// Its stable id.
    pub fn id(self) -> &'static str {
        self.about().1
    }

    /// What it is called on a page.
    pub fn title(self) -> &'static str {
        self.about().2
    }

    /// From what, and how, it is computed.
    pub fn method(self) -> &'static str {
        self.about().3
    }

    pub(super) fn family(self) -> Family {
        self.about().4
    }
}

impl Serialize for Coefficient {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_names() {
        for (at, coefficient) in Coefficient::all().enumerate() {
            assert_eq!(coefficient as usize, at);
            assert_eq!(Coefficient::parse(coefficient.id()), Some(coefficient));
        }
    }
}
