//! Seeded random streams: the same numbers on every machine and in every later version.

/// A stream of pseudo-random numbers: xoshiro256++ (Blackman & Vigna 2019), seeded by SplitMix64.
///
/// Stream `i` of a seed is derived from `(seed, i)`, so a simulation whose replicate `i` uses stream `i` gives
/// the same result for any number of threads.
///
/// ```
/// use alliance_metrics::numeric::random::Stream;
/// let mut a = Stream::new(7, 0);
/// let mut b = Stream::new(7, 0);
/// assert_eq!(a.next_u64(), b.next_u64());
/// assert!(a.below(6) < 6);
/// ```
#[derive(Debug, Clone)]
pub struct Stream {
    state: [u64; 4],
    spare: Option<f64>,
}

impl Stream {
    /// Stream number `stream` of a seed.
    pub fn new(seed: u64, stream: u64) -> Stream {
        let mut mix = SplitMix(seed);
        if stream > 0 {
            // A second mixing keeps stream 1 of seed 0 apart from stream 0 of seed 1.
            mix = SplitMix(mix.next() ^ SplitMix(stream).next());
        }
        Stream { state: [mix.next(), mix.next(), mix.next(), mix.next()], spare: None }
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number in [0, 1) on a grid of 2⁻⁵³.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A whole number below `n` (above 0), each equally likely (Lemire 2019).
    pub fn below(&mut self, n: u64) -> u64 {
        let mut product = u128::from(self.next_u64()) * u128::from(n);
        if (product as u64) < n {
            let least = n.wrapping_neg() % n;
            while (product as u64) < least {
                product = u128::from(self.next_u64()) * u128::from(n);
            }
        }
        (product >> 64) as u64
    }

    /// A standard normal deviate (Marsaglia's polar method).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (u, v) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                let scale = (-2.0 * libm::log(s) / s).sqrt();
                self.spare = Some(v * scale);
                return u * scale;
            }
        }
    }
}

/// The seeding generator of Steele, Lea & Flood (2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use rand_xoshiro::rand_core::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn stream_zero_is_xoshiro256_plus_plus() {
        let mut theirs = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(42);
        let mut ours = Stream::new(42, 0);
        assert_eq!(ours.clone().next_u64(), 0xd076_4d4f_4476_689f);
        for _ in 0..1000 {
            assert_eq!(ours.next_u64(), theirs.next_u64());
        }
    }

    #[test]
    fn draws_are_spread_evenly() {
        let mut stream = Stream::new(3, 9);
        let mut counts = [0u32; 6];
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..60_000 {
            counts[stream.below(6) as usize] += 1;
            let z = stream.normal();
            sum += z;
            squares += z * z;
        }
        assert!(counts.iter().all(|c| (9_600..10_400).contains(c)), "{counts:?}");
        assert!((sum / 60_000.0).abs() < 0.02 && (squares / 60_000.0 - 1.0).abs() < 0.02);
    }
}
