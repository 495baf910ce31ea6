//! What a text is used for, and in which capacity its author speaks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the five uses of the internet for terrorist purposes named by the working group on
/// countering them of the UN Counter-Terrorism Implementation Task Force (CTITF, 2009).
///
/// A label fires only when the author *does or furthers* the thing, or passes it on approvingly:
/// news about it, analysis, condemnation, satire and fiction carry no label.
///
/// ```
/// use bellwether::Category;
/// assert_eq!("fundraising".parse(), Ok(Category::Fundraising));
/// assert_eq!(Category::ALL.len(), 5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Promotes, justifies or glorifies terrorist or violent-extremist groups, acts or ideology.
    Radicalization,
    /// Invites or presses people to join, support or make contact with such a group.
    Recruitment,
    /// Offers, shares or asks for know-how in the service of such violence.
    Training,
    /// Prepares, coordinates, announces or threatens a concrete violent act.
    Planning,
    /// Asks for, offers or moves money or goods for such groups, fighters or their families.
    Fundraising,
}

impl Category {
    /// How many categories there are: the width of the label output of a model.
    pub const COUNT: usize = 5;

    /// Every category, in the order of a model's label outputs.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Radicalization, Self::Recruitment, Self::Training, Self::Planning, Self::Fundraising];

    /// The name used in JSON, manifests and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Radicalization => "radicalization",
            Self::Recruitment => "recruitment",
            Self::Training => "training",
            Self::Planning => "planning",
            Self::Fundraising => "fundraising",
        }
    }
}

/// The capacity in which the author of a text speaks.
///
/// ```
/// use bellwether::Context;
/// assert_eq!(Context::Counter.to_string(), "counter");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Context {
    /// Does it, or speaks for those who do.
    Advocacy,
    /// News, a report, analysis, or neutral quotation.
    Reporting,
    /// Opposes, mocks or counters extremism.
    Counter,
    /// None of these.
    Unrelated,
}

impl Context {
    /// How many contexts there are: the width of the context output of a model.
    pub const COUNT: usize = 4;

    /// Every context, in the order of a model's context outputs.
    pub const ALL: [Self; Self::COUNT] = [Self::Advocacy, Self::Reporting, Self::Counter, Self::Unrelated];

    /// The name used in JSON and manifests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Advocacy => "advocacy",
            Self::Reporting => "reporting",
            Self::Counter => "counter",
            Self::Unrelated => "unrelated",
        }
    }
}

/// A name that is none of the expected ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    found: String,
    expected: Vec<&'static str>,
}

impl UnknownName {
    /// The one of `all` that is called `found`.
    pub(crate) fn look_up<T: Copy>(found: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, Self> {
        let known = all.iter().copied().find(|&item| name(item) == found);
        known.ok_or_else(|| Self { found: found.to_owned(), expected: all.iter().copied().map(name).collect() })
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not one of {}", self.found, self.expected.join(", "))
    }
}

impl std::error::Error for UnknownName {}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Category {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        UnknownName::look_up(name, &Self::ALL, Self::name)
    }
}
