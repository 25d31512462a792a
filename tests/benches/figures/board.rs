//! The figures as a table: what was measured, against which bar.

use std::{fs, time::Duration};

use super::Outcome;

/// The middle one of an odd number of measurements; the lower of the two middle ones of an even number.
pub(crate) fn median<T: PartialOrd + Copy>(values: &[T]) -> Outcome<T> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    let middle = sorted.len().saturating_sub(1) / 2;
    sorted
        .get(middle)
        .copied()
        .ok_or_else(|| "nothing was measured".into())
}

/// The lowest and the highest of measurements.
pub(crate) fn spread(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::MAX, f64::MIN), |(low, high), value| {
            (low.min(*value), high.max(*value))
        })
}

/// What a figure is measured in.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    /// Microseconds.
    Us,
    /// Milliseconds.
    Ms,
    /// Millions of records a second.
    MillionsPerSecond,
    /// Bytes.
    Bytes,
    /// How many.
    Count,
    /// How many a second.
    PerSecond,
    /// How many times another.
    Times,
    /// What part of another, or how many times it.
    Ratio,
    /// Millions of bytes.
    Megabytes,
    /// Hundredths.
    Percent,
}

impl Unit {
    fn write(self, value: f64) -> String {
        match self {
            Self::Us => format!("{value:.2} µs"),
            Self::Ms => format!("{value:.0} ms"),
            Self::MillionsPerSecond => format!("{value:.2} M/s"),
            Self::Bytes => format!("{value:.0} B"),
            Self::Count => format!("{value:.0}"),
            Self::Times => format!("{value:.1} ×"),
            Self::Ratio => format!("{value:.2} ×"),
            Self::Megabytes => format!("{value:.0} MB"),
            Self::Percent => format!("{value:.1} %"),
            Self::PerSecond => format!("{value:.0} /s"),
        }
    }
}

/// A duration in milliseconds.
pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Prints the table line by line.
pub(crate) struct Board {
    missed: usize,
}

impl Board {
    /// Prints the head of the table.
    pub(crate) fn begin() -> Outcome<Self> {
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
        println!(
            "kernel {}, {} processors, load {}\n",
            kernel.trim(),
            std::thread::available_parallelism()?,
            load()?
        );
        println!("| figure | median | lowest to highest | bar | |");
        println!("|---|---:|---:|---:|---|");
        Ok(Self { missed: 0 })
    }

    /// A figure that is held against a bar: it must not be above it.
    pub(crate) fn judge(
        &mut self,
        name: &str,
        unit: Unit,
        values: &[f64],
        bar: f64,
    ) -> Outcome<f64> {
        let value = median(values)?;
        let bar_text = format!("≤ {}", unit.write(bar));
        self.hold(name, unit, values, &bar_text, value <= bar)
    }

    /// A figure that is held against a bar: it must not be below it.
    pub(crate) fn judge_at_least(
        &mut self,
        name: &str,
        unit: Unit,
        values: &[f64],
        bar: f64,
    ) -> Outcome<f64> {
        let value = median(values)?;
        let bar_text = format!("≥ {}", unit.write(bar));
        self.hold(name, unit, values, &bar_text, value >= bar)
    }

    fn hold(
        &mut self,
        name: &str,
        unit: Unit,
        values: &[f64],
        bar: &str,
        passed: bool,
    ) -> Outcome<f64> {
        let value = median(values)?;
        self.missed += usize::from(!passed);
        let verdict = if passed { "PASS" } else { "**MISS**" };
        line(name, unit, value, values, bar, verdict);
        Ok(value)
    }

    /// A figure without a bar.
    pub(crate) fn tell(&self, name: &str, unit: Unit, values: &[f64]) -> Outcome<f64> {
        let value = median(values)?;
        line(name, unit, value, values, "", "");
        Ok(value)
    }

    /// A peer's figure, with how many times ours it is.
    pub(crate) fn compare(
        &self,
        name: &str,
        unit: Unit,
        values: &[f64],
        ours: f64,
    ) -> Outcome<f64> {
        let value = median(values)?;
        let ratio = format!("{:.1} × ours", value / ours);
        line(name, unit, value, values, "", &ratio);
        Ok(value)
    }

    /// Whether all bars were kept.
    pub(crate) fn end(self) -> Outcome<bool> {
        println!("\nload at the end {}", load()?);
        if self.missed > 0 {
            println!("{} missed", self.missed);
        }
        Ok(self.missed == 0)
    }
}

fn line(name: &str, unit: Unit, value: f64, values: &[f64], bar: &str, verdict: &str) {
    let (low, high) = spread(values);
    println!(
        "| {name} | {} | {} to {} | {bar} | {verdict} |",
        unit.write(value),
        unit.write(low),
        unit.write(high)
    );
}

/// How many processes want a processor, over the last minute.
fn load() -> Outcome<String> {
    let load = fs::read_to_string("/proc/loadavg")?;
    Ok(load
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned())
}
