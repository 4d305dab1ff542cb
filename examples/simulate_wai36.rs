//! Writes simulated answers to the 36-item WAI, for benchmarks: three key columns, 2 % of the answers missing.
//!
//! `cargo run --release --example simulate_wai36 -- ROWS [SEED] > wai36.csv`

use std::error::Error;
use std::io::{self, BufWriter, Write};

#[path = "../benches/data/wai36.rs"]
mod wai36;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let rows = args.next().ok_or("give the number of rows")?.parse()?;
    let seed = args.next().map_or(Ok(36), |seed| seed.parse())?;
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    wai36::write(rows, seed, &mut out)?;
    out.flush()?;
    Ok(())
}
