//! Wilcoxon's rank-sum test within blocks, the Hodges–Lehmann estimate and its interval, all exact.

use super::side::Sides;

/// Values of both sides that are compared with each other, and with those of no other block.
pub(super) type Block = Sides<Vec<f64>>;

/// An estimate, and the interval that holds the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    pub(super) center: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// The two-sided p-value of the sides being exchangeable in each block: twice the share, among all ways to deal a block's values to the
/// sides, of those in which as few pairs have the larger value on the one side, or on the other. Equal values count for both by half.
pub(super) fn p_value(blocks: &[Block]) -> f64 {
    let larger: usize = blocks.iter().map(twice_larger_after).sum();
    let probabilities = blocks
        .iter()
        .fold(vec![1.0], |all, block| convolve(&all, &dealt(block)));
    let below: f64 = probabilities[..=larger].iter().sum();
    let above: f64 = probabilities[larger..].iter().sum();
    (2.0 * below.min(above)).min(1.0)
}

/// How much the side after is shifted against the side before. The interval misses it with a probability of `error` at most; `None` if
/// there are too few values for such an interval.
pub(super) fn estimate(blocks: &[Block], error: f64) -> Option<Estimate> {
    let mut shifts: Vec<f64> = blocks.iter().flat_map(differences).collect();
    shifts.sort_by(f64::total_cmp);
    let last = shifts.len().checked_sub(1)?;
    let untied = |block: &Block| {
        let numbers = |from: usize, to: usize| (from..to).map(|number| number as f64).collect();
        let (before, after) = (block.before.len(), block.after.len());
        dealt(&Block {
            before: numbers(0, before),
            after: numbers(before, before + after),
        })
    };
    let probabilities = blocks
        .iter()
        .fold(vec![1.0], |all, block| convolve(&all, &untied(block)));
    // Without ties the doubled count is even.
    let tails = probabilities
        .iter()
        .step_by(2)
        .scan(0.0, |tail, probability| {
            *tail += probability;
            Some(*tail)
        });
    let beyond = tails
        .take_while(|tail| 2.0 * tail <= error)
        .count()
        .checked_sub(1)?;
    Some(Estimate {
        center: f64::midpoint(shifts[last / 2], shifts[shifts.len() / 2]),
        low: shifts[beyond],
        high: shifts[last - beyond],
    })
}

/// Of all pairs of a block.
fn differences(block: &Block) -> impl Iterator<Item = f64> {
    block
        .before
        .iter()
        .flat_map(|before| block.after.iter().map(move |after| after - before))
}

/// Twice the number of pairs in which the side after has the larger value.
fn twice_larger_after(block: &Block) -> usize {
    let twice = |difference: f64| match difference {
        difference if difference > 0.0 => 2,
        0.0 => 1,
        _ => 0,
    };
    differences(block).map(twice).sum()
}

/// The probability of each [`twice_larger_after`], over all ways to deal a block's values to its sides.
fn dealt(block: &Block) -> Vec<f64> {
    let mut values: Vec<f64> = block.before.iter().chain(&block.after).copied().collect();
    values.sort_by(f64::total_cmp);
    let after = block.after.len();
    // Ways to choose so many values with such a sum of doubled ranks.
    let most = 2 * values.len() * after;
    let mut ways = vec![vec![0.0; most + 1]; after + 1];
    ways[0][0] = 1.0;
    let mut smaller = 0;
    for equal in values.chunk_by(|one, other| one == other) {
        let rank = 2 * smaller + equal.len() + 1;
        smaller += equal.len();
        for _ in equal {
            for chosen in (1..=after).rev() {
                for sum in rank..=most {
                    ways[chosen][sum] += ways[chosen - 1][sum - rank];
                }
            }
        }
    }
    // The ranks of the side after count the pairs among its own values, too.
    let own = after * (after + 1);
    let pairs = 2 * block.before.len() * after;
    let ways = &ways[after][own..=own + pairs];
    let total: f64 = ways.iter().sum();
    ways.iter().map(|ways| ways / total).collect()
}

/// The distribution of a sum.
fn convolve(one: &[f64], other: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; one.len() + other.len() - 1];
    for (index, first) in one.iter().enumerate() {
        for (offset, second) in other.iter().enumerate() {
            sums[index + offset] += first * second;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::*;

    fn block(before: &[f64], after: &[f64]) -> Block {
        Block {
            before: before.to_vec(),
            after: after.to_vec(),
        }
    }

    #[track_caller]
    fn assert_close(one: f64, other: f64) {
        assert!((one - other).abs() < 1e-12, "{one} is not {other}");
    }

    /// Hollander and Wolfe, Nonparametric Statistical Methods, table 4.1: permeability of placental membranes at term and at 12 to 26
    /// weeks. Examples 4.1, 4.3 and 4.4: p = 0.127 on one side, estimate −0.305, interval (−0.76, 0.15) at 96 %.
    #[test]
    fn a_textbooks_example() {
        let term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let blocks = [block(&term, &[1.15, 0.88, 0.90, 0.74, 1.21])];
        // 382 of the 3003 ways to choose 5 of 15.
        assert_close(p_value(&blocks), 2.0 * 382.0 / 3003.0);
        let Estimate { center, low, high } = estimate(&blocks, 0.04).expect("enough values");
        assert_close(center, -0.305);
        assert_close(low, -0.76);
        assert_close(high, 0.15);
    }

    #[test]
    fn p_values_by_hand() {
        let apart = block(&[1.0, 2.0, 3.0, 4.0], &[5.0, 6.0, 7.0, 8.0]);
        assert_close(p_value(&[]), 1.0);
        assert_close(p_value(&[block(&[1.0], &[2.0])]), 1.0);
        assert_close(p_value(&[block(&[1.0, 1.0], &[1.0, 1.0])]), 1.0);
        assert_close(p_value(std::slice::from_ref(&apart)), 2.0 / 70.0);
        assert_close(p_value(&[apart.clone(), apart.clone()]), 2.0 / 4900.0);
        // One pair the other way round in either block.
        let nearly = block(&[1.0, 2.0, 3.0, 5.0], &[4.0, 6.0, 7.0, 8.0]);
        assert_close(p_value(&[apart.clone(), nearly]), 2.0 * 3.0 / 4900.0);
        let against = block(&[5.0, 6.0, 7.0, 8.0], &[1.0, 2.0, 3.0, 4.0]);
        assert_close(p_value(&[apart, against]), 1.0);
    }

    /// All ways to deal the values of a block to its sides.
    fn deals(block: &Block) -> Vec<Block> {
        let values: Vec<f64> = block.before.iter().chain(&block.after).copied().collect();
        let masks = (0_usize..1 << values.len())
            .filter(|mask| mask.count_ones() as usize == block.after.len());
        let of = |mask: usize, wanted: usize| {
            values
                .iter()
                .enumerate()
                .filter(move |(bit, _)| mask >> bit & 1 == wanted)
                .map(|(_, value)| *value)
                .collect()
        };
        masks
            .map(|mask| Block {
                before: of(mask, 0),
                after: of(mask, 1),
            })
            .collect()
    }

    fn all_deals(blocks: &[Block]) -> Vec<Vec<Block>> {
        blocks.iter().fold(vec![vec![]], |all, block| {
            let deals = deals(block);
            all.iter()
                .flat_map(|before| {
                    deals
                        .iter()
                        .map(|deal| [before.clone(), vec![deal.clone()]].concat())
                })
                .collect()
        })
    }

    #[test]
    fn p_values_are_what_counting_all_deals_gives() {
        let mut random = Rng::with_seed(16);
        for _ in 0..100 {
            let mut values = |count: usize| {
                (0..count)
                    .map(|_| f64::from(random.i32(0..6)))
                    .collect::<Vec<_>>()
            };
            let blocks = [
                block(&values(3), &values(3)),
                block(&values(2), &values(2)),
                block(&values(1), &values(2)),
            ];
            let statistic = |blocks: &[Block]| blocks.iter().map(twice_larger_after).sum::<usize>();
            let deals = all_deals(&blocks);
            let share = |is: &dyn Fn(usize) -> bool| {
                deals.iter().filter(|deal| is(statistic(deal))).count() as f64 / deals.len() as f64
            };
            let seen = statistic(&blocks);
            let tails = share(&|other| other <= seen).min(share(&|other| other >= seen));
            assert_close(p_value(&blocks), (2.0 * tails).min(1.0));
        }
    }

    /// Over all deals the interval holds the truth, which is 0, in as large a share as promised, ties or not; and where there are no ties
    /// it excludes 0 exactly if the test rejects.
    #[test]
    fn intervals_hold_the_truth_as_often_as_promised() {
        let mut random = Rng::with_seed(16);
        for round in 0..40 {
            let tied = round % 2 == 0;
            let mut values = |count: usize| {
                (0..count)
                    .map(|_| {
                        if tied {
                            f64::from(random.i32(0..4))
                        } else {
                            random.f64()
                        }
                    })
                    .collect::<Vec<_>>()
            };
            let blocks = [block(&values(3), &values(3)), block(&values(2), &values(2))];
            let error = 0.03 + 0.3 * random.f64();
            let deals = all_deals(&blocks);
            let mut missed = 0;
            for deal in &deals {
                let Estimate { low, high, .. } =
                    estimate(deal, error).expect("120 deals are enough");
                let misses = low > 0.0 || high < 0.0;
                missed += usize::from(misses);
                assert!(
                    tied || misses == (p_value(deal) <= error),
                    "{deal:?} {error}"
                );
            }
            assert!(
                missed as f64 <= error * deals.len() as f64,
                "{blocks:?}: {missed} missed, {error}"
            );
        }
    }

    #[test]
    fn too_few_values_have_no_interval() {
        assert_eq!(estimate(&[], 0.5), None);
        let blocks = [block(&[1.0, 2.0], &[5.0, 9.0])];
        assert_eq!(estimate(&blocks, 0.3), None);
        assert_eq!(
            estimate(&blocks, 0.34),
            Some(Estimate {
                center: 5.5,
                low: 3.0,
                high: 8.0
            })
        );
    }

    /// Many blocks are as exact as few: their distribution sums to 1 and has the normal one's tail at three deviations.
    #[test]
    fn many_blocks_are_near_the_normal_distribution() {
        let one = dealt(&block(&[1.0, 2.0, 3.0, 4.0], &[5.0, 6.0, 7.0, 8.0]));
        let all = (0..50).fold(vec![1.0], |all, _| convolve(&all, &one));
        assert!((all.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        // Of each block 16 pairs, mean 8, variance 4 · 4 · 9 / 12.
        let (mean, deviation) = (50.0 * 8.0, (50.0 * 12.0_f64).sqrt());
        let bound = (2.0 * (mean - 3.0 * deviation)) as usize;
        let tail: f64 = all[..=bound].iter().sum();
        assert!((tail / 0.001_35 - 1.0).abs() < 0.1, "{tail}");
    }
}
