//! A share with the counts behind it and the interval they allow.

use serde::Serialize;

/// The 97.5 % quantile of the standard normal distribution: both sides together leave out 5 %.
const Z: f64 = 1.959_963_984_540_054;

/// Some of a number of documents. In JSON an object with `count`, `total`, `share` and `interval`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "ProportionRecord")]
pub struct Proportion {
    count: usize,
    total: usize,
}

/// A 95 % confidence interval of a share, in `0.0..=1.0`. In JSON an array of both ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(into = "[f64; 2]")]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl From<Interval> for [f64; 2] {
    fn from(interval: Interval) -> Self {
        [interval.low, interval.high]
    }
}

impl Proportion {
    /// `count` of `total`.
    ///
    /// # Panics
    /// If the count is larger than the total.
    #[must_use]
    pub fn new(count: usize, total: usize) -> Self {
        assert!(count <= total, "{count} of {total} is no share");
        Self { count, total }
    }

    /// How many of the items hold, and how many there are.
    pub fn of<T>(items: impl IntoIterator<Item = T>, holds: impl Fn(T) -> bool) -> Self {
        items.into_iter().fold(Self { count: 0, total: 0 }, |Self { count, total }, item| Self {
            count: count + usize::from(holds(item)),
            total: total + 1,
        })
    }

    /// How many hold.
    #[must_use]
    pub const fn count(self) -> usize {
        self.count
    }

    /// Of how many.
    #[must_use]
    pub const fn total(self) -> usize {
        self.total
    }

    /// The share, in `0.0..=1.0`; `None` of nothing.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.total > 0).then(|| self.count as f64 / self.total as f64)
    }

    /// The 95 % score interval (Wilson 1927); everything from 0 to 1 where nothing was seen.
    ///
    /// ```
    /// use bellwether_batch::evaluation::Proportion;
    /// let interval = Proportion::new(0, 10).interval();
    /// assert!(interval.low == 0.0 && (interval.high - 0.2775).abs() < 1e-4);
    /// ```
    #[must_use]
    pub fn interval(self) -> Interval {
        let Some(share) = self.share() else { return Interval { low: 0.0, high: 1.0 } };
        let total = self.total as f64;
        let weight = 1.0 + Z * Z / total;
        let middle = (share + Z * Z / (2.0 * total)) / weight;
        let spread = Z * (share * (1.0 - share) / total + Z * Z / (4.0 * total * total)).sqrt() / weight;
        // At the ends rounding would leave a trace where the interval is closed.
        Interval {
            low: if self.count == 0 { 0.0 } else { (middle - spread).max(0.0) },
            high: if self.count == self.total { 1.0 } else { (middle + spread).min(1.0) },
        }
    }
}

#[derive(Serialize)]
struct ProportionRecord {
    count: usize,
    total: usize,
    share: Option<f64>,
    interval: Interval,
}

impl From<Proportion> for ProportionRecord {
    fn from(proportion: Proportion) -> Self {
        let Proportion { count, total } = proportion;
        Self { count, total, share: proportion.share(), interval: proportion.interval() }
    }
}
