//! Floats as Go writes them.

use crate::Float;

/// A float as `%v` of Go's `fmt` writes it: the fewest digits that distinguish it from all others of its size, with an
/// exponent below 1e-4 and from 1e6 on (`strconv/ftoa.go`, `%e is used if`; `fmt/print.go`, `fmtFloat`).
pub(super) fn float(number: Float, bits: u32) -> String {
    let number = number.get();
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = if bits == 32 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float32 was widened to be kept"
        )]
        let number = number as f32;
        format!("{number:e}")
    } else {
        format!("{number:e}")
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..EXPONENT).contains(&exponent) {
        return decimal(mantissa, exponent);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// From this exponent on, an exponent is written.
const EXPONENT: i32 = 6;

/// A complex number as `%v` writes it: `(1+2i)`.
pub(super) fn complex(real: Float, imaginary: Float, bits: u32) -> String {
    let (real, imaginary) = (float(real, bits / 2), float(imaginary, bits / 2));
    let plus = if imaginary.starts_with(['+', '-']) {
        ""
    } else {
        "+"
    };
    format!("({real}{plus}{imaginary}i)")
}

/// `d.ddd` × 10^exponent without an exponent.
fn decimal(mantissa: &str, exponent: i32) -> String {
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa),
    };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let Ok(point) = usize::try_from(exponent + 1) else {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{digits}");
    };
    match digits.split_at_checked(point) {
        _ if point == 0 => format!("{sign}0.{digits}"),
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{digits}{}", "0".repeat(point - digits.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Float, complex, float};

    /// Each was printed by `fmt.Println` of Go 1.26.
    #[test]
    fn floats_are_as_go_prints_them() {
        for (number, go) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (2.5, "2.5"),
            (1e5, "100000"),
            (1e6, "1e+06"),
            (123_456_789.0, "1.23456789e+08"),
            (1e21, "1e+21"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (1.0 / 3.0, "0.3333333333333333"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (-1.5e-7, "-1.5e-07"),
            (100.0, "100"),
            (0.012, "0.012"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(float(Float::new(number), 64), go);
        }
        for (number, go) in [
            (0.1_f32, "0.1"),
            (16_777_216.0, "1.6777216e+07"),
            (1.0 / 3.0, "0.33333334"),
            (1e-45, "1e-45"),
        ] {
            assert_eq!(float(Float::new(f64::from(number)), 32), go);
        }
    }

    #[test]
    fn complex_numbers_are_as_go_prints_them() {
        for (real, imaginary, go) in [
            (1.0, 2.0, "(1+2i)"),
            (-1.5, f64::NAN, "(-1.5+NaNi)"),
            (0.0, f64::NEG_INFINITY, "(0-Infi)"),
        ] {
            assert_eq!(complex(Float::new(real), Float::new(imaginary), 128), go);
        }
        let part = |part: f32| Float::new(f64::from(part));
        assert_eq!(complex(part(0.1), part(-0.2), 64), "(0.1-0.2i)");
    }
}
