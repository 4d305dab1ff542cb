//! Writes simulated answers to the 36-item WAI, for benchmarks: three key columns, 2 % of the answers missing.
//!
//! `cargo run --release --example simulate_wai36 -- ROWS [SEED] > wai36.csv`

use std::error::Error;
use std::io::{self, BufWriter, Write};

use alliance_metrics::numeric::random::Stream;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let rows: u64 = args.next().ok_or("give the number of rows")?.parse()?;
    let seed: u64 = args.next().map_or(Ok(36), |seed| seed.parse())?;
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let items: Vec<String> = (1..=36).map(|item| format!("wai_{item}")).collect();
    writeln!(out, "client_id,session,rater,{}", items.join(","))?;
    let mut stream = Stream::new(seed, 0);
    let mut line = Vec::new();
    for row in 0..rows {
        line.clear();
        let rater = if row % 2 == 0 { "client" } else { "therapist" };
        write!(line, "{},{},{rater}", 1_000_000 + row / 24, row / 2 % 12 + 1)?;
        let bits = stream.next_u64();
        let level = 3 + (bits % 3) as u8;
        for _ in 0..36 {
            line.push(b',');
            let draw = stream.next_u64();
            if draw % 50 != 0 {
                line.push(b'0' + (level + ((draw >> 8) % 4) as u8).clamp(1, 7));
            }
        }
        line.push(b'\n');
        out.write_all(&line)?;
    }
    out.flush()?;
    Ok(())
}
