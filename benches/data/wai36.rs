//! Simulated answers to the 36-item WAI: three key columns, 2 % of the answers missing.

use std::io::{self, Write};
use std::iter;

use alliance_metrics::numeric::random::Stream;

/// Writes a header and `rows` rows.
pub fn write(rows: u64, seed: u64, out: &mut impl Write) -> io::Result<()> {
    let items: Vec<String> = (1..=36).map(|item| format!("wai_{item}")).collect();
    writeln!(out, "client_id,session,rater,{}", items.join(","))?;
    let mut stream = Stream::new(seed, 0);
    let mut line = Vec::new();
    for row in 0..rows {
        line.clear();
        let rater = if row % 2 == 0 { "client" } else { "therapist" };
        write!(line, "{},{},{rater}", 1_000_000 + row / 24, row / 2 % 12 + 1)?;
        let level = 3 + (stream.next_u64() % 3) as u8;
        for _ in 0..36 {
            let draw = stream.next_u64();
            let answer = b'0' + (level + ((draw >> 8) % 4) as u8).clamp(1, 7);
            line.extend(iter::once(b',').chain((!draw.is_multiple_of(50)).then_some(answer)));
        }
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(())
}
