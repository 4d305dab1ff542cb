//! Whether there is anything in common to be found: KMO and Bartlett's test.

use nalgebra::DMatrix;
use serde::Serialize;

use crate::moments::Moments;
use crate::numeric::distribution::chi_square_sf;
use crate::numeric::matrix::{PositiveDefinite, serialize_rows};
use crate::statistic::{Reason, StatError};

/// Whether correlations are fit for a factor analysis.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Adequacy {
    /// The ids of the items.
    pub items: Vec<String>,
    /// Persons.
    pub n: usize,
    /// Kaiser–Meyer–Olkin measure of all items; none if no two items correlate.
    pub kmo: Option<f64>,
    /// The same of each item.
    pub item_kmo: Vec<Option<f64>>,
    /// Anti-image correlations, k × k: the negatives of the partial correlations given all other items; 1 in the
    /// diagonal.
    #[serde(serialize_with = "serialize_rows")]
    pub anti_image: DMatrix<f64>,
    /// The determinant of the correlations.
    pub determinant: f64,
    /// Bartlett's chi-square that no items correlate.
    pub bartlett: f64,
    /// Its degrees of freedom.
    pub df: usize,
    /// Its p.
    pub p: f64,
}

/// Kaiser–Meyer–Olkin sampling adequacy, Bartlett's test of sphericity, and the anti-image correlations.
///
/// With R the k × k correlations and S = R⁻¹, a_ij = s_ij/√(s_ii s_jj); KMO = Σr²/(Σr² + Σa²) over i ≠ j, and of one
/// item over its row. Bartlett: −(n − 1 − (2k + 5)/6) ln|R| on k(k − 1)/2 degrees of freedom.
///
/// # When it means what
/// A KMO near 1 says that correlations between two items are shared with the rest; under .50 there is little to factor
/// (Kaiser 1974). Bartlett's test is significant in any sample of some size.
///
/// # Missing data
/// Settled in the moments; n is theirs.
///
/// # Errors
/// [`Reason::TooFew`] under two items or if n is too small for Bartlett's factor to be positive;
/// [`Reason::NoVariability`] with a constant item; [`Reason::Singular`] if R has no inverse: no ridge is added silently.
///
/// # Agrees with
/// R's `psych::KMO` and `psych::cortest.bartlett` 2.2.9.
///
/// # Source
/// Kaiser (1970); Kaiser and Rice (1974); Bartlett (1950).
///
/// ```
/// use alliance_metrics::factor::adequacy;
/// use alliance_metrics::moments::Moments;
/// use nalgebra::{DMatrix, DVector};
/// let r = DMatrix::from_fn(3, 3, |a, b| if a == b { 1.0 } else { 0.5 });
/// let items = ["a", "b", "c"].map(String::from).to_vec();
/// let found = adequacy(&Moments::given(items, 50, DVector::zeros(3), r).unwrap()).unwrap();
/// // Partial correlations are 1/3: .25/(.25 + 1/9).
/// assert!((found.kmo.unwrap() - 9.0 / 13.0).abs() < 1e-12);
/// assert!((found.determinant - 0.5).abs() < 1e-12);
/// ```
pub fn adequacy(moments: &Moments) -> Result<Adequacy, StatError> {
    let (n, k) = (moments.n, moments.k());
    let factor = n as f64 - 1.0 - (2 * k + 5) as f64 / 6.0;
    if k < 2 || factor <= 0.0 {
        return Err(StatError::new(Reason::TooFew, format!("{n} persons and {k} items")));
    }
    let r = moments.correlation()?;
    let singular = || StatError::new(Reason::Singular, "the correlations have no inverse");
    let factored = PositiveDefinite::new(&r).ok_or_else(singular)?;
    let s = factored.inverse();
    let anti_image = DMatrix::from_fn(k, k, |a, b| s[(a, b)] / (s[(a, a)] * s[(b, b)]).sqrt());
    // Sums of squares over the others, of one item.
    let row = |matrix: &DMatrix<f64>, a: usize| {
        (0..k).filter(|b| *b != a).map(|b| matrix[(a, b)] * matrix[(a, b)]).sum::<f64>()
    };
    let measure = |shared: f64, own: f64| (shared > 0.0).then(|| shared / (shared + own));
    let shared: Vec<f64> = (0..k).map(|a| row(&r, a)).collect();
    let own: Vec<f64> = (0..k).map(|a| row(&anti_image, a)).collect();
    let bartlett = (-factor * factored.ln_determinant()).max(0.0);
    let df = k * (k - 1) / 2;
    Ok(Adequacy {
        items: moments.items.clone(),
        n,
        kmo: measure(shared.iter().sum(), own.iter().sum()),
        item_kmo: (0..k).map(|a| measure(shared[a], own[a])).collect(),
        anti_image,
        determinant: libm::exp(factored.ln_determinant()),
        bartlett,
        df,
        p: chi_square_sf(bartlett, df as f64),
    })
}
