//! The process's limit of open files: it must not be lower than the server's limit of connections.

use super::settings::Limits;

/// Raises the soft limit of open files as far as `limits` need it and the system allows.
///
/// Where connections could use up all descriptors, nothing more could be accepted, and `/health`
/// would not answer.
#[cfg(target_os = "linux")]
pub(super) fn allow(limits: &Limits) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// What a replay may hold open: its files, and what its thread needs.
    const OF_A_REPLAY: usize = 4;
    /// Listener, log, runtime, connections beyond the limit.
    const OF_THE_SERVER: usize = 256;

    let needed = limits.connections + limits.replays * OF_A_REPLAY + OF_THE_SERVER;
    let needed = needed as u64;
    let found = getrlimit(Resource::Nofile);
    let Some(current) = found.current.filter(|current| *current < needed) else {
        return;
    };
    let raised = found.maximum.map_or(needed, |maximum| needed.min(maximum));
    let result = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(raised),
            maximum: found.maximum,
        },
    );
    let allowed = if result.is_ok() { raised } else { current };
    if allowed < needed {
        tracing::warn!(
            allowed,
            needed,
            "the limit of open files is too low for the connection limit; raise it (ulimit -n, \
             LimitNOFILE) or lower --max-connections"
        );
    }
}

/// Other systems are left as they are.
#[cfg(not(target_os = "linux"))]
pub(super) fn allow(_: &Limits) {}
