//! Dates as people write them.

/// A date as a day number, counted from 0000-03-01: 2024-03-15, 15/03/2024, 15.03.2024 or 15-03-2024; the day first
/// unless the year is. A time behind it is passed over.
pub fn day_number(text: &str) -> Option<i64> {
    let day = text.trim().split(['T', ' ']).next()?;
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let [a, b, c] = parts[..] else { return None };
    let number = |text: &str| text.parse::<i64>().ok().filter(|n| *n >= 0);
    let (year, month, day) = match (a.len(), c.len()) {
        (4, _) => (number(a)?, number(b)?, number(c)?),
        (_, 4) => (number(c)?, number(b)?, number(a)?),
        _ => return None,
    };
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    // Years that begin in March put the leap day last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 1)
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_count_days() {
        let day = |text| day_number(text).unwrap();
        assert_eq!(day("2024-03-01") - day("2024-02-28"), 2);
        assert_eq!(day("01/03/2023") - day("2023-02-28"), 1);
        assert_eq!(day("2001-01-01T10:00") - day("01.01.2000"), 366);
        assert_eq!(day_number("2023-02-29"), None);
        assert_eq!(day_number("3/4"), None);
        assert_eq!(day_number("13-13-13"), None);
    }
}
