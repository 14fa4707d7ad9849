//! The position of a replay, sent each second and when it changes.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use vp_replay::Phase;

/// The position of a replay, and the counters of a viewer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "status")]
pub struct Status {
    /// What the replay is doing.
    #[serde(serialize_with = "serialize_phase", deserialize_with = "read_phase")]
    pub phase: Phase,
    /// Records taken in since the beginning of the session.
    pub records: u64,
    /// Events since the beginning of the session.
    pub events: u64,
    /// Events per second of wall time, lately.
    pub event_rate: f64,
    /// How late the replay is against its schedule, in milliseconds.
    pub behind_ms: f64,
    /// Grids that this connection missed because newer ones replaced them.
    pub conflated_total: u64,
    /// What was wrong with the records so far, by kind.
    pub anomalies: BTreeMap<String, u64>,
    /// How much of the session is done, from 0 to 1, if that is known.
    pub progress: Option<f64>,
    /// Something the viewer should read.
    pub notice: Option<String>,
}

impl Status {
    /// Encodes the message.
    pub fn encode(&self) -> Vec<u8> {
        super::named_map(self)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is serde's"
)]
fn serialize_phase<S: Serializer>(phase: &Phase, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(phase.name())
}

fn read_phase<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Phase, D::Error> {
    let name = <&str>::deserialize(deserializer)?;
    [Phase::FastForward, Phase::Live, Phase::Paused, Phase::Ended]
        .into_iter()
        .find(|phase| phase.name() == name)
        .ok_or_else(|| de::Error::custom(format_args!("no phase is called {name:?}")))
}
