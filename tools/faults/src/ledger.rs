//! What was promised beside what came.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use crate::receiver::Arrival;

/// Most repetitions, as a share of what came once.
const MOST_REPEATED: f64 = 0.01;

/// One round's books.
#[derive(Debug, Default)]
pub(crate) struct Balance {
    /// Changes that are in the database.
    pub(crate) committed: usize,
    /// Acknowledged and not in the database.
    pub(crate) forgotten: usize,
    /// In the database more than once.
    pub(crate) doubled: usize,
    /// Committed, and nobody was told.
    pub(crate) lost: usize,
    /// Told of, and never committed.
    pub(crate) invented: usize,
    /// Came without a good signature.
    pub(crate) unsigned: usize,
    /// Came again with the same id.
    pub(crate) repeated: usize,
    /// Came again with another id, which no receiver could notice.
    pub(crate) renamed: usize,
    /// The longest from an acknowledgement to the first arrival.
    pub(crate) longest: Duration,
}

impl Balance {
    pub(crate) fn draw(
        committed: &[String],
        acknowledged: &HashMap<String, Instant>,
        arrivals: &[Arrival],
        unsigned: usize,
    ) -> Self {
        let there: HashSet<&str> = committed.iter().map(String::as_str).collect();
        let mut told: HashMap<&str, Vec<&Arrival>> = HashMap::new();
        for arrival in arrivals {
            told.entry(&arrival.name).or_default().push(arrival);
        }
        let ids = |arrivals: &[&Arrival]| {
            arrivals.iter().map(|arrival| arrival.message.as_str()).collect::<HashSet<_>>().len()
        };
        let waits = acknowledged.iter().filter_map(|(name, at)| {
            let first = told.get(name.as_str())?.iter().map(|arrival| arrival.at).min()?;
            Some(first.saturating_duration_since(*at))
        });
        Self {
            committed: there.len(),
            forgotten: acknowledged.keys().filter(|name| !there.contains(name.as_str())).count(),
            doubled: committed.len() - there.len(),
            lost: there.iter().filter(|name| !told.contains_key(*name)).count(),
            invented: told.keys().filter(|name| !there.contains(*name)).count(),
            unsigned,
            repeated: told.values().map(|arrivals| arrivals.len() - ids(arrivals)).sum(),
            renamed: told.values().map(|arrivals| ids(arrivals) - 1).sum(),
            longest: waits.max().unwrap_or_default(),
        }
    }

    /// The books of two receivers together.
    pub(crate) fn and(self, other: &Self) -> Self {
        Self {
            committed: self.committed + other.committed,
            forgotten: self.forgotten + other.forgotten,
            doubled: self.doubled + other.doubled,
            lost: self.lost + other.lost,
            invented: self.invented + other.invented,
            unsigned: self.unsigned + other.unsigned,
            repeated: self.repeated + other.repeated,
            renamed: self.renamed + other.renamed,
            longest: self.longest.max(other.longest),
        }
    }

    /// Whether everything that was committed has been told.
    pub(crate) fn is_settled(&self) -> bool {
        self.lost == 0
    }

    /// What did not hold, in words.
    pub(crate) fn broken(&self) -> Vec<String> {
        let never = [
            (self.forgotten, "acknowledged and forgotten"),
            (self.doubled, "committed twice"),
            (self.lost, "never told"),
            (self.invented, "told and never committed"),
            (self.unsigned, "without a good signature"),
            (self.renamed, "told again with another id"),
        ];
        let mut broken: Vec<String> = never
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if self.committed == 0 {
            broken.push("nothing was committed: this proves nothing".to_owned());
        }
        if self.share_repeated() >= MOST_REPEATED {
            broken.push(format!("{} repeated: {:.1} %", self.repeated, self.share_repeated() * 100.0));
        }
        broken
    }

    #[expect(clippy::cast_precision_loss, reason = "thousands at most")]
    pub(crate) fn share_repeated(&self) -> f64 {
        self.repeated as f64 / self.committed.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(name: &str, message: &str) -> Arrival {
        Arrival { name: name.to_owned(), message: message.to_owned(), at: Instant::now() }
    }

    fn draw(committed: &[&str], acknowledged: &[&str], arrivals: &[Arrival]) -> Balance {
        let committed: Vec<String> = committed.iter().map(|name| (*name).to_owned()).collect();
        let acknowledged = acknowledged.iter().map(|name| ((*name).to_owned(), Instant::now())).collect();
        Balance::draw(&committed, &acknowledged, arrivals, 0)
    }

    #[test]
    fn what_was_told_once_is_in_order() {
        let balance = draw(&["a", "b"], &["a"], &[arrival("a", "1"), arrival("b", "2")]);
        assert!(balance.is_settled());
        assert!(balance.broken().is_empty(), "{balance:?}");
    }

    #[test]
    fn each_kind_of_fault_is_named() {
        assert_eq!(draw(&["a", "b"], &[], &[arrival("a", "1")]).lost, 1);
        assert_eq!(draw(&["a", "a"], &[], &[arrival("a", "1")]).doubled, 1);
        assert_eq!(draw(&["a"], &["a", "b"], &[arrival("a", "1")]).forgotten, 1);
        assert_eq!(draw(&["a"], &[], &[arrival("a", "1"), arrival("b", "2")]).invented, 1);
        assert_eq!(draw(&["a"], &[], &[arrival("a", "1"), arrival("a", "2")]).renamed, 1);
        assert_eq!(draw(&["a"], &[], &[arrival("a", "1"), arrival("a", "1")]).repeated, 1);
        assert!(!draw(&[], &[], &[]).broken().is_empty());
    }

    #[test]
    fn repetitions_may_be_few() {
        let names: Vec<String> = (0..300).map(|number| number.to_string()).collect();
        let mut arrivals: Vec<Arrival> = names.iter().map(|name| arrival(name, name)).collect();
        arrivals.extend([arrival("1", "1"), arrival("2", "2")]);
        let acknowledged = HashMap::new();
        assert!(Balance::draw(&names, &acknowledged, &arrivals, 0).broken().is_empty());
        arrivals.push(arrival("3", "3"));
        assert_eq!(Balance::draw(&names, &acknowledged, &arrivals, 0).broken(), ["3 repeated: 1.0 %"]);
        assert_eq!(Balance::draw(&names, &acknowledged, &arrivals, 1).broken().len(), 2);
    }
}
