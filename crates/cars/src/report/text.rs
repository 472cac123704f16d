//! Numbers and text as the report shows them: escaped, grouped, in units a person reads. Knows no layout.

/// Text with the characters that mean something in HTML replaced.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A coordinate to a tenth: finer than any screen.
pub(super) fn tenth(value: f64) -> f64 {
    // Adding zero takes the sign off a zero.
    (value * 10.0).round_ties_even() / 10.0 + 0.0
}

/// The same as text: one decimal, and none where it would be zero.
pub(super) fn point(value: f64) -> String {
    tenth(value).to_string()
}

/// A fraction as percent, one decimal.
pub(super) fn percent(fraction: f64) -> String {
    format!("{:.1} %", 100.0 * fraction)
}

/// A whole number in groups of three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A count with three significant digits, such as `98.3 k` or `1.24 M`.
pub(super) fn short(number: u64) -> String {
    let (value, unit) = match number {
        0..1_000 => return number.to_string(),
        1_000..1_000_000 => (number as f64 / 1e3, "k"),
        1_000_000..1_000_000_000 => (number as f64 / 1e6, "M"),
        _ => (number as f64 / 1e9, "G"),
    };
    let decimals = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    format!("{value:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_whole() {
        assert_eq!([0.0, -0.04, 1.25, 100.0].map(point), ["0", "0", "1.2", "100"]);
        assert_eq!(
            [7, 1_234, 98_304, 123_456, 1_240_000].map(short),
            ["7", "1.23 k", "98.3 k", "123 k", "1.24 M"]
        );
        assert_eq!([1, 1_234, 1_234_567].map(grouped), ["1", "1\u{202f}234", "1\u{202f}234\u{202f}567"]);
        assert_eq!(percent(0.5), "50.0 %");
    }

    #[test]
    fn markup_is_disarmed() {
        assert_eq!(escape("<a href=\"x\">'&'"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
    }
}
