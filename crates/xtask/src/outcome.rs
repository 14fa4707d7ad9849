//! How a part of the gate went: the counts, and what was told of the failures among them.

use std::ops::AddAssign;

use crate::tally::Tally;

/// What a number of checks came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Every kind of failure included.
    pub(crate) tally: Tally,
    /// What was told of the failures, line by line.
    pub(crate) account: Vec<String>,
}

impl Outcome {
    /// One check that failed, and why.
    pub(crate) fn failed(why: String) -> Self {
        Self {
            tally: Tally::FAILED,
            account: vec![why],
        }
    }

    /// Prints once more what was told of the failures: the last lines of a long output are read.
    pub(crate) fn tell_failures(&self) {
        if !self.account.is_empty() {
            println!("\n== what failed");
        }
        for line in &self.account {
            println!("{line}");
        }
    }
}

impl From<Tally> for Outcome {
    fn from(tally: Tally) -> Self {
        Self {
            tally,
            account: Vec::new(),
        }
    }
}

impl AddAssign for Outcome {
    fn add_assign(&mut self, other: Self) {
        self.tally += other.tally;
        self.account.extend(other.account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_add_up_in_their_order() {
        let mut sum = Outcome::from(Tally::PASSED);
        sum += Outcome::failed("first".into());
        sum += Outcome::failed("second".into());
        assert_eq!(sum.tally.to_string(), "1 passed, 2 failed, 0 skipped");
        assert_eq!(sum.account, ["first", "second"]);
    }
}
