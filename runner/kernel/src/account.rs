//! Which hits came in, by number: what is missing of each site, and when it was made.
//!
//! The numbers are compared with what the kernel program counted. Both must agree as soon as no hit is under way.

use goproctor_ebpf::SiteCount;
use model::{Gap, MAX_GAPS, Timestamp, merge_nearest};

/// So many gaps of a site are kept apart until they are reported.
const KEPT: usize = 4 * MAX_GAPS;

/// The numbers that came in, by site.
#[derive(Debug)]
pub(super) struct Account {
    sites: Vec<Site>,
}

/// What is missing of one site.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// How many hits.
    pub(super) lost: u64,
    /// Which, at most [`MAX_GAPS`] gaps.
    pub(super) gaps: Vec<Gap>,
    /// What the kernel program counted, if that is something else: a hit may still be under way.
    pub(super) counted: Option<u64>,
}

#[derive(Debug)]
struct Site {
    /// The number after the highest that came in or was reported as missing.
    next: u64,
    /// The time of the hit that came in with the highest number.
    latest: Option<Timestamp>,
    /// What is missing below `next` and was not reported yet, by number.
    gaps: Vec<Gap>,
    /// How many hits were reported as missing and have not come in since.
    reported: u64,
}

impl Account {
    /// Nothing came in yet of so many sites.
    pub(super) fn new(sites: usize) -> Self {
        let site = || Site {
            next: 1,
            latest: None,
            gaps: Vec::new(),
            reported: 0,
        };
        Self {
            sites: std::iter::repeat_with(site).take(sites).collect(),
        }
    }

    /// A hit came in.
    pub(super) fn take(&mut self, site: u32, number: u64, time: Timestamp) {
        if let Some(site) = self.sites.get_mut(site as usize) {
            site.take(number, time);
        }
    }

    /// What is missing of a site's hits that were made when it was counted, and was not reported yet.
    pub(super) fn missing(&self, site: u32, count: SiteCount) -> Option<Missing> {
        let site = self.sites.get(site as usize)?;
        let mut gaps = site.gaps_to(count.hits);
        let missing: u64 = gaps.iter().map(|gap| gap.lost).sum();
        let counted = count.lost.saturating_sub(site.reported);
        let agree = count.lost == site.reported + missing;
        let lost = missing.max(counted);
        merge_nearest(&mut gaps, MAX_GAPS);
        (lost > 0 || !agree).then_some(Missing {
            lost,
            gaps,
            counted: (!agree).then_some(counted),
        })
    }

    /// What was missing when the site was counted is reported from now on.
    pub(super) fn forget(&mut self, site: u32, count: SiteCount) {
        if let Some(site) = self.sites.get_mut(site as usize) {
            site.forget(count.hits);
        }
    }
}

impl Site {
    fn take(&mut self, number: u64, time: Timestamp) {
        if number >= self.next {
            if number > self.next {
                self.gaps.push(Gap {
                    first: self.next,
                    last: number - 1,
                    lost: number - self.next,
                    after: self.latest,
                    before: Some(time),
                });
                merge_nearest(&mut self.gaps, KEPT);
            }
            self.next = number + 1;
            self.latest = Some(time);
        } else {
            self.take_late(number, time);
        }
    }

    /// A hit came in behind one with a higher number.
    fn take_late(&mut self, number: u64, time: Timestamp) {
        let place = self
            .gaps
            .iter()
            .rposition(|gap| (gap.first..=gap.last).contains(&number));
        let Some(place) = place else {
            // It was reported as missing, for it was under way for too long.
            self.reported = self.reported.saturating_sub(1);
            return;
        };
        let gap = &mut self.gaps[place];
        if gap.lost == 1 {
            self.gaps.remove(place);
        } else if !gap.is_exact() {
            // Which of them it was is not known any more.
            gap.lost -= 1;
        } else if number == gap.first {
            (gap.first, gap.lost, gap.after) = (number + 1, gap.lost - 1, Some(time));
        } else if number == gap.last {
            (gap.last, gap.lost, gap.before) = (number - 1, gap.lost - 1, Some(time));
        } else {
            let rest = Gap {
                first: number + 1,
                last: gap.last,
                lost: gap.last - number,
                after: Some(time),
                before: gap.before,
            };
            (gap.last, gap.lost, gap.before) = (number - 1, number - gap.first, Some(time));
            self.gaps.insert(place + 1, rest);
            merge_nearest(&mut self.gaps, KEPT);
        }
    }

    /// The gaps up to a number, which is that of the last hit that was made.
    fn gaps_to(&self, made: u64) -> Vec<Gap> {
        let below = self.gaps.iter().filter(|gap| gap.first <= made);
        let mut gaps: Vec<Gap> = below.map(|gap| split(gap, made).0).collect();
        if self.next <= made {
            gaps.push(Gap {
                first: self.next,
                last: made,
                lost: made - self.next + 1,
                after: self.latest,
                before: None,
            });
        }
        gaps
    }

    fn forget(&mut self, made: u64) {
        let reported = self.gaps_to(made);
        self.reported += reported.iter().map(|gap| gap.lost).sum::<u64>();
        self.gaps = self
            .gaps
            .iter()
            .filter(|gap| gap.last > made)
            .filter_map(|gap| split(gap, made).1)
            .collect();
        self.next = self.next.max(made + 1);
    }
}

/// What of a gap is up to a number, and what is above. Of gaps that were merged, all is below.
fn split(gap: &Gap, made: u64) -> (Gap, Option<Gap>) {
    if gap.first > made {
        return (Gap { lost: 0, ..*gap }, Some(*gap));
    }
    if gap.last <= made || !gap.is_exact() {
        return (*gap, None);
    }
    let below = Gap {
        last: made,
        lost: made - gap.first + 1,
        ..*gap
    };
    let above = Gap {
        first: made + 1,
        lost: gap.last - made,
        ..*gap
    };
    (below, Some(above))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(numbers: &[u64]) -> Account {
        let mut account = Account::new(1);
        take(&mut account, numbers);
        account
    }

    fn take(account: &mut Account, numbers: &[u64]) {
        for number in numbers {
            account.take(0, *number, Timestamp(number * 10));
        }
    }

    fn count(hits: u64, lost: u64) -> SiteCount {
        SiteCount {
            hits,
            lost,
            class: 0,
        }
    }

    fn gap(first: u64, last: u64, after: u64, before: u64) -> Gap {
        let time = |number: u64| (number > 0).then_some(Timestamp(number * 10));
        Gap {
            first,
            last,
            lost: last - first + 1,
            after: time(after),
            before: time(before),
        }
    }

    #[test]
    fn nothing_is_missing_of_what_came_in_out_of_order() {
        let account = account(&[2, 1, 5, 3, 4, 6]);
        assert_eq!(account.missing(0, count(6, 0)), None);
    }

    #[test]
    fn missing_hits_have_a_place_between_their_neighbours() {
        let account = account(&[3, 4, 8]);
        let missing = account.missing(0, count(10, 7)).unwrap();
        assert_eq!((missing.lost, missing.counted), (7, None));
        assert_eq!(
            missing.gaps,
            [gap(1, 2, 0, 3), gap(5, 7, 4, 8), gap(9, 10, 8, 0)]
        );
    }

    #[test]
    fn a_late_hit_splits_its_gap() {
        let account = account(&[1, 9, 5, 6, 2, 8]);
        let missing = account.missing(0, count(9, 3)).unwrap();
        assert_eq!(missing.gaps, [gap(3, 4, 2, 5), gap(7, 7, 6, 8)]);
    }

    #[test]
    fn hits_behind_the_count_are_of_the_next_one() {
        let mut account = account(&[1, 2, 9]);
        let first = account.missing(0, count(5, 3)).unwrap();
        assert_eq!((first.lost, first.counted), (3, None));
        account.forget(0, count(5, 3));
        let second = account.missing(0, count(9, 6)).unwrap();
        assert_eq!((second.lost, second.counted), (3, None));
        assert_eq!((second.gaps[0].first, second.gaps[0].last), (6, 8));
    }

    #[test]
    fn a_difference_to_what_the_kernel_counted_is_told() {
        let account = account(&[1, 3]);
        let missing = account.missing(0, count(3, 0)).unwrap();
        assert_eq!((missing.lost, missing.counted), (1, Some(0)));
        let missing = account.missing(0, count(3, 4)).unwrap();
        assert_eq!((missing.lost, missing.counted), (4, Some(4)));
    }

    #[test]
    fn a_hit_that_comes_in_after_it_was_told_as_missing_settles_the_account() {
        let mut account = account(&[1, 3]);
        account.forget(0, count(3, 0));
        take(&mut account, &[2, 4]);
        assert_eq!(account.missing(0, count(4, 0)), None);
    }

    #[test]
    fn a_hit_that_is_lost_after_it_was_told_as_missing_is_not_told_again() {
        let mut account = account(&[1, 3]);
        account.forget(0, count(3, 0));
        take(&mut account, &[4]);
        assert_eq!(account.missing(0, count(4, 1)), None);
    }

    #[test]
    fn many_gaps_are_told_as_few_and_none_is_left_out() {
        let numbers: Vec<u64> = (1..=1000).filter(|number| number % 3 != 0).collect();
        let mut account = account(&numbers);
        let missing = account.missing(0, count(1000, 333)).unwrap();
        assert_eq!((missing.lost, missing.counted), (333, None));
        assert_eq!(missing.gaps.len(), MAX_GAPS);
        assert_eq!(missing.gaps.iter().map(|gap| gap.lost).sum::<u64>(), 333);
        account.forget(0, count(1000, 333));
        assert_eq!(account.missing(0, count(1000, 333)), None);
    }

    #[test]
    fn whatever_is_lost_and_however_it_is_shuffled_nothing_is_counted_twice() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut random = |below: u64| random.u64(..below);
        for _ in 0..200 {
            let mut account = Account::new(1);
            let (mut made, mut lost, mut told) = (0, 0, 0);
            for _ in 0..5 {
                let hits = random(60);
                let mut arrived: Vec<u64> = Vec::new();
                for number in made + 1..=made + hits {
                    if random(3) == 0 {
                        lost += 1;
                    } else {
                        let place = arrived.len().saturating_sub(random(4) as usize);
                        arrived.insert(place, number);
                    }
                }
                made += hits;
                take(&mut account, &arrived);
                if let Some(missing) = account.missing(0, count(made, lost)) {
                    assert_eq!(missing.counted, None);
                    told += missing.lost;
                }
                account.forget(0, count(made, lost));
                assert_eq!(told, lost);
            }
        }
    }
}
