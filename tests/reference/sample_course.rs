//! What a growth model of the whole sample expects, beside lme4.

use alliance_metrics::session::{Residual, SampleCourse, Series};
use serde_json::Value;

use super::{close, columns, expected};

#[test]
fn sessions_are_expected_where_lme4_expects_them() {
    let theirs = expected("sample_course.json");
    let number = |value: &Value| value.as_f64().unwrap();
    let course = SampleCourse {
        line: [number(&theirs["line"][0]), number(&theirs["line"][1])],
        variances: [number(&theirs["variances"][0]), number(&theirs["variances"][1])],
        covariance: number(&theirs["covariance"]),
        residual_variance: number(&theirs["residual_variance"]),
    };
    let rows = columns("sessions_three_level.csv", &["dyad", "session", "score"]);
    let dyads = theirs["dyads"].as_array().unwrap();
    assert_eq!(dyads.len(), 2);
    for dyad in dyads {
        let own = rows.iter().filter(|row| row[0] == number(&dyad["dyad"]));
        let points: Vec<(i64, f64)> = own.map(|row| (row[1] as i64, row[2])).collect();
        let series = Series::of(&points).unwrap();
        let left_out = course.expected(&series, Residual::Studentised);
        let line = course.expected(&series, Residual::Standardised);
        assert_eq!(left_out.len(), dyad["left_out"].as_array().unwrap().len());
        for (at, (left_out, line)) in left_out.iter().zip(line).enumerate() {
            close("left out", left_out.score, number(&dyad["left_out"][at]), 1e-9);
            close("its SD", left_out.sd, number(&dyad["left_out_sd"][at]), 1e-9);
            // lme4's own line rests on variances found by its own search.
            close("own line", line.score, number(&dyad["own_line"][at]), 1e-7);
        }
    }
}
