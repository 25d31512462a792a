//! One error rate over many tests.

/// p-values adjusted by Holm's procedure: to reject those that are at most α is to be wrong anywhere with probability α at most, however the tests
/// depend on one another.
pub(super) fn adjust(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|one, other| p_values[*one].total_cmp(&p_values[*other]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (step, index) in order.into_iter().enumerate() {
        let remaining = (p_values.len() - step) as f64;
        largest = largest.max(p_values[index] * remaining).min(1.0);
        adjusted[index] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_adjusted(p_values: &[f64], expected: &[f64]) {
        let adjusted = adjust(p_values);
        assert_eq!(adjusted.len(), expected.len());
        for (one, other) in adjusted.iter().zip(expected) {
            assert!((one - other).abs() < 1e-12, "{adjusted:?}");
        }
    }

    #[test]
    fn values_by_hand() {
        // Sorted 0.005 · 4, 0.01 · 3, 0.03 · 2, 0.04 · 1, which must not fall below the one before.
        assert_adjusted(&[0.01, 0.04, 0.03, 0.005], &[0.03, 0.06, 0.06, 0.02]);
        assert_adjusted(&[0.02, 0.02], &[0.04, 0.04]);
        assert_adjusted(&[0.7, 0.9, 0.001], &[1.0, 1.0, 0.003]);
        assert_adjusted(&[0.2], &[0.2]);
        assert_adjusted(&[], &[]);
    }
}
