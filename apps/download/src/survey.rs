//! What is known of futures before anything is paid for.

use vp_databento::futures::{self, Day, Pending, ResolveError, Resolved};
use vp_databento::{Failure, Selection};

use crate::connection::Connection;

/// What is known before anything is paid for.
#[derive(Debug, Default)]
pub(crate) struct Surveyed {
    pub(crate) known: Vec<Resolved>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) failures: Vec<Failure>,
}

/// Asks what is free to ask about every root and date.
pub(crate) async fn survey(
    connection: &Connection,
    selection: &Selection,
) -> anyhow::Result<Surveyed> {
    let mut surveyed = Surveyed::default();
    for (root, date) in selection.days() {
        let Connection { service, lake } = connection;
        match futures::survey(service, lake, selection, root, date).await {
            Ok((day, failure)) => {
                surveyed.failures.extend(failure);
                match day {
                    Day::Known(resolved) => surveyed.known.push(resolved),
                    Day::Pending(pending) => surveyed.pending.push(pending),
                }
            }
            Err(ResolveError::Service(error)) if error.is_fatal() => return Err(error.into()),
            Err(error) => surveyed.failures.push(failure(root, date, &error)),
        }
    }
    Ok(surveyed)
}

/// Says that the definitions that name a date's contract failed.
pub(crate) fn failure(
    root: &str,
    date: vp_market::SessionDate,
    error: &dyn std::error::Error,
) -> Failure {
    Failure {
        what: format!("GLBX.MDP3 definition {root} {date}"),
        why: error.to_string(),
    }
}
