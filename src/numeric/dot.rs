/// Σ a_i b_i over the shorter of both: eight sums at a time, which the processor does at once.
///
/// The order of the additions depends on the length alone, so equal vectors give equal bits.
///
/// ```
/// use alliance_metrics::numeric::dot;
/// assert_eq!(dot(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), 32.0);
/// ```
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut sums = [0.0; LANES];
    let (wholes_a, wholes_b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = wholes_a.remainder().iter().zip(wholes_b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in wholes_a.zip(wholes_b) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}
