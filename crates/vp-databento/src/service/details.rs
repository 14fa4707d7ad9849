//! The service's answers about jobs, with the state as text. Bytes come in, values go out.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::instant::Instant;
use crate::tracker::JobState;
use crate::usd::Usd;

/// A job as lists have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedJob {
    /// The service's name of the job.
    pub id: String,
    /// How far it is.
    pub state: JobState,
    /// When the service received it.
    pub received_at: Instant,
}

/// A job with everything that identifies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobDetails {
    /// The service's name of the job.
    pub id: String,
    /// How far it is.
    pub state: JobState,
    /// When the service received it.
    pub received_at: Instant,
    /// The dataset.
    pub dataset: String,
    /// The schema.
    pub schema: String,
    /// What was ordered.
    pub symbols: BTreeSet<String>,
    /// What kind of symbols those are.
    pub stype_in: String,
    /// The first instant of the data.
    pub start: Instant,
    /// The instant after the last.
    pub end: Instant,
    /// What it costs, once that is known.
    pub cost: Option<Usd>,
}

/// What is wrong with an answer about jobs.
#[derive(Debug, thiserror::Error)]
pub(super) enum DetailsError {
    /// It is not JSON of that form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A time is invalid.
    #[error("job {id} has the invalid time {text:?}")]
    Instant {
        /// The job.
        id: String,
        /// The refused text.
        text: String,
    },
}

/// Reads the answer to a request for the list of jobs.
///
/// # Errors
/// [`DetailsError`] for bytes that are not such details.
pub(super) fn read_list(bytes: &[u8]) -> Result<Vec<ListedJob>, DetailsError> {
    #[derive(Deserialize)]
    struct Listed {
        id: String,
        state: String,
        ts_received: String,
    }
    let listed: Vec<Listed> = serde_json::from_slice(bytes)?;
    listed
        .into_iter()
        .map(|job| {
            Ok(ListedJob {
                received_at: instant(&job.id, &job.ts_received)?,
                state: JobState::from_service(&job.state),
                id: job.id,
            })
        })
        .collect()
}

/// Reads the answer to a request for the details of a job.
///
/// # Errors
/// [`DetailsError`] for bytes that are not such details.
pub(super) fn read_details(bytes: &[u8]) -> Result<JobDetails, DetailsError> {
    #[derive(Deserialize)]
    struct Detailed {
        id: String,
        state: String,
        ts_received: String,
        dataset: String,
        schema: String,
        symbols: Symbols,
        stype_in: String,
        start: String,
        end: String,
        cost_usd: Option<f64>,
    }
    let job: Detailed = serde_json::from_slice(bytes)?;
    Ok(JobDetails {
        received_at: instant(&job.id, &job.ts_received)?,
        start: instant(&job.id, &job.start)?,
        end: instant(&job.id, &job.end)?,
        state: JobState::from_service(&job.state),
        dataset: job.dataset,
        schema: job.schema,
        symbols: job.symbols.into_set(),
        stype_in: job.stype_in,
        // A cost that is no amount of money is not known.
        cost: job.cost_usd.and_then(|cost| Usd::try_from(cost).ok()),
        id: job.id,
    })
}

/// Symbols as the service has them: a list, or one text with commas.
#[derive(Deserialize)]
#[serde(untagged)]
enum Symbols {
    Text(String),
    List(Vec<Symbol>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Symbol {
    Text(String),
    Id(u64),
}

impl Symbols {
    fn into_set(self) -> BTreeSet<String> {
        match self {
            Self::Text(text) => text.split(',').map(str::to_owned).collect(),
            Self::List(list) => {
                let texts = list.into_iter().map(|symbol| match symbol {
                    Symbol::Text(text) => text,
                    Symbol::Id(id) => id.to_string(),
                });
                texts.collect()
            }
        }
    }
}

fn instant(id: &str, text: &str) -> Result<Instant, DetailsError> {
    Instant::parse(text).ok_or_else(|| DetailsError::Instant {
        id: id.to_owned(),
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn job() -> Value {
        json!({
            "id": "GLBX-1", "state": "done", "ts_received": "2026-02-06T21:00:00.5Z",
            "dataset": "GLBX.MDP3", "schema": "mbo", "symbols": "MNQM6,MNQH6",
            "stype_in": "raw_symbol", "start": "2026-02-06T00:00:00.000000000Z",
            "end": "2026-02-07 00:00:00+00:00", "cost_usd": null, "something_new": [1]
        })
    }

    fn read(job: &Value) -> Result<JobDetails, DetailsError> {
        read_details(job.to_string().as_bytes())
    }

    #[test]
    fn an_unknown_state_is_kept_as_text() {
        let mut one = job();
        one["state"] = "paused".into();
        assert_eq!(
            read(&one).unwrap().state,
            JobState::Unknown("paused".into())
        );
        let list = read_list(json!([one]).to_string().as_bytes()).unwrap();
        assert_eq!(list[0].state, JobState::Unknown("paused".into()));
    }

    #[test]
    fn the_service_cannot_claim_what_only_this_program_knows() {
        for name in ["downloaded", "submitting", "error"] {
            let mut one = job();
            one["state"] = name.into();
            assert_eq!(read(&one).unwrap().state, JobState::Unknown(name.into()));
        }
    }

    #[test]
    fn symbols_come_in_several_forms() {
        let text = read(&job()).unwrap();
        let mut listed = job();
        listed["symbols"] = json!(["MNQH6", "MNQM6"]);
        assert_eq!(read(&listed).unwrap(), text);
        listed["symbols"] = json!([4711]);
        assert_eq!(
            read(&listed).unwrap().symbols,
            BTreeSet::from(["4711".to_owned()])
        );
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let mut late = job();
        late["ts_received"] = "yesterday".into();
        assert!(read(&late).is_err());
        assert!(read(&json!({})).is_err());
        assert!(read_list(b"{}").is_err());
        let mut odd = job();
        odd["cost_usd"] = json!(-1.0);
        assert_eq!(read(&odd).unwrap().cost, None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (read_list(&bytes), read_details(&bytes));
        }

        #[test]
        fn no_change_to_an_answer_makes_the_readers_panic(at in 0usize..400, byte in any::<u8>()) {
            let mut bytes = job().to_string().into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = read_details(&bytes);
            let _ = read_list(&[b"[", bytes.as_slice(), b"]"].concat());
        }
    }
}
