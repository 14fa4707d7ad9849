//! Whether it may cost that much.

use std::io::{IsTerminal, Write};

use anyhow::{Context, bail};
use vp_databento::Usd;

use crate::args::OrderingArgs;
use crate::log;

/// What has been agreed to in this run.
#[derive(Debug)]
pub(crate) struct Budget {
    is_agreed: bool,
    most: Option<Usd>,
    spent: Usd,
}

impl Budget {
    /// Takes the answer from the command line; without one there must be a terminal to be
    /// asked.
    pub(crate) fn new(args: &OrderingArgs) -> anyhow::Result<Self> {
        let can_ask = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !args.yes && !can_ask {
            bail!("nothing is ordered: there is no terminal to ask for consent; give --yes");
        }
        Ok(Self {
            is_agreed: args.yes,
            most: args.max_cost,
            spent: Usd::default(),
        })
    }

    /// Asks for consent to what costs that much; an error is a no.
    pub(crate) fn agree(&mut self, what: &str, cost: Usd) -> anyhow::Result<()> {
        let total = self.spent + cost;
        if let Some(most) = self.most.filter(|most| total > *most) {
            bail!(
                "{what} for {cost} brings this run to {total}, above --max-cost {most}; nothing of \
                 it is ordered"
            );
        }
        if !self.is_agreed && !is_yes(&format!("Order {what} for {cost}? [y/N] "))? {
            bail!("you declined {what} for {cost}; nothing of it is ordered");
        }
        self.spent = total;
        Ok(())
    }
}

fn is_yes(question: &str) -> anyhow::Result<bool> {
    log::Output
        .write_all(question.as_bytes())
        .context("the question cannot be written to standard error")?;
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .context("the answer cannot be read from standard input")?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_run_stays_below_the_most() {
        let usd = |text: &str| text.parse::<Usd>().unwrap();
        let mut budget = Budget {
            is_agreed: true,
            most: Some(usd("3")),
            spent: Usd::default(),
        };
        budget.agree("a", usd("2")).unwrap();
        let refused = budget.agree("b", usd("1.01")).unwrap_err().to_string();
        assert_eq!(
            refused,
            "b for $1.01 brings this run to $3.01, above --max-cost $3.00; nothing of it is ordered"
        );
        budget.agree("c", usd("1")).unwrap();
    }
}
